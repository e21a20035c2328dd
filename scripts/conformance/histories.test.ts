/**
 * The command on histories written here, and on recorded ones (ahorn/linearizability-checker and
 * anishathalye/porcupine, MIT), which are read from where they lie and never copied.
 */
import { spawnSync } from 'node:child_process';
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import process from 'node:process';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { ROOT } from '../run.mjs';
import { findHistories } from './history-files.ts';
import { judge } from './judge-history.ts';

function conformance(...args: string[]) {
  const { status, stdout, stderr } = spawnSync(process.execPath, ['scripts/conformance.mjs', ...args], {
    cwd: ROOT,
    encoding: 'utf8',
  });
  return { status, stdout, stderr, last: stdout.trimEnd().split('\n').at(-1) ?? '' };
}

const jepsen = (...lines: string[]) =>
  lines.map(line => `INFO  jepsen.util - ${line.replaceAll(' :', '\t:')}\n`).join('');
const stale = jepsen('0 :invoke :write\t1', '0 :ok :write\t1', '1 :invoke :read\tnil', '1 :ok :read\tnil');
const fine = jepsen(
  '0 :invoke :write\t1',
  '0 :info :write\t:timed-out',
  '1 :invoke :read\tnil',
  '1 :ok :read\tnil',
);

describe('npm run conformance -- histories', () => {
  let folder = '';
  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), 'histories-'));
    mkdirSync(join(folder, 'register'));
    mkdirSync(join(folder, 'kv'));
    writeFileSync(
      join(folder, 'register', 'verdicts.txt'),
      'a.log linearizable\nb.log not-linearizable\nc.log linearizable\nd.log linearizable\ngone.log linearizable\n',
    );
    writeFileSync(join(folder, 'register', 'a.log'), fine);
    writeFileSync(join(folder, 'register', 'b.log'), stale);
    writeFileSync(join(folder, 'register', 'c.log'), stale);
    writeFileSync(join(folder, 'register', 'd.log'), `${fine}INFO  jepsen.util - 3\t:inv`);
    writeFileSync(join(folder, 'register', 'e.log'), fine);
    writeFileSync(
      join(folder, 'kv', 'small-ok.txt'),
      '{:process 0, :type :invoke, :f :get, :key "0", :value nil}\n',
    );
    writeFileSync(join(folder, 'kv', 'empty-ok.txt'), '\n');
  });
  afterAll(() => rmSync(folder, { recursive: true }));

  test('tells each wrong, malformed or unexplained file with its line, as one JSON object in the last line', () => {
    const pictures = join(folder, 'pictures');
    const { status, last } = conformance('histories', folder, '--json', '--svg', pictures);
    expect(status).toBe(1);
    expect(JSON.parse(last)).toEqual({
      suite: 'histories',
      cases: 7,
      passed: 3,
      failed: [
        {
          file: 'kv/empty-ok.txt',
          line: 1,
          expected: 'linearizable',
          actual: 'malformed: no operation in it',
        },
        { file: 'register/c.log', line: 4, expected: 'linearizable', actual: 'not-linearizable' },
        {
          file: 'register/d.log',
          line: 5,
          expected: 'linearizable',
          actual: 'malformed: no line of this format, or only the beginning of one',
        },
        {
          file: 'register/e.log',
          line: 1,
          expected: 'a verdict in verdicts.txt or in the name',
          actual: 'linearizable',
        },
      ],
    });
    expect(readdirSync(pictures)).toEqual([
      'register-b.log.svg',
      'register-b.log.table.txt',
      'register-c.log.svg',
      'register-c.log.table.txt',
    ]);
    expect(findHistories(folder).histories).toHaveLength(7);
    expect(readFileSync(join(pictures, 'register-b.log.svg'), 'utf8')).toContain('✕ read ⇒ null');
  }, 60_000);

  test('ends well only where every verdict is as expected, and says so to a person', () => {
    const good = mkdtempSync(join(tmpdir(), 'histories-'));
    writeFileSync(join(good, 'x-bad.log'), stale);
    const { status, last } = conformance('histories', good);
    expect(last).toMatch(/^1 of 1 histories judged as expected, in /);
    expect(status).toBe(0);
    // A search that gave up is no verdict, and so never the expected one.
    const few = conformance('histories', good, '--budget', '1', '--json');
    expect(JSON.parse(few.last)).toMatchObject({ passed: 0, failed: [{ actual: 'unknown' }] });
    rmSync(good, { recursive: true });
  }, 60_000);

  test('refuses what it does not know, and a folder without histories', () => {
    expect(conformance()).toMatchObject({
      status: 1,
      stderr: expect.stringContaining('npm run conformance -- SUITE'),
    });
    expect(conformance('stories')).toMatchObject({
      status: 1,
      stderr: expect.stringContaining('no suite called "stories"'),
    });
    expect(conformance('histories', '--budget', 'x')).toMatchObject({
      status: 1,
      stderr: expect.stringContaining('--budget'),
    });
    expect(conformance('histories', join(ROOT, 'public'))).toMatchObject({
      status: 1,
      stderr: expect.stringContaining('no history'),
    });
  }, 60_000);
});

const data = join(process.env.PEERLOOM_CONFORMANCE ?? '../shared/conformance', 'histories');
const present = existsSync(data);
if (!present) console.log(`skipped: no recorded histories in ${data}`);

describe.skipIf(!present)('recorded histories', () => {
  const { histories } = present ? findHistories(data) : { histories: [] };

  test.each(histories.map(({ file, text, expected }) => ({ file, text, expected })))(
    '$file is $expected',
    ({ text, expected }) => {
      expect(expected).toBeDefined();
      expect(judge(text, undefined).type).toBe(expected);
    },
  );

  test.each(histories.filter(({ expected }) => expected === 'not-linearizable'))(
    '$file, made small, fails still',
    ({ text }) => {
      const judged = judge(text, undefined);
      if (judged.type !== 'not-linearizable') throw new Error(judged.type);
      const { operations } = judged.story();
      expect(operations.filter(({ role }) => role.type === 'blocked')).toHaveLength(1);
      // Those there are shrink from some ninety operations to a handful that a person can follow.
      expect(operations.length).toBeLessThan(20);
    },
  );
});
