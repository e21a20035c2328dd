/**
 * The command on scripts written here, and on those of etcd (etcd-io/raft, Apache 2.0), which are read from where they lie and never
 * copied.
 */
import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import process from 'node:process';
import { describe, expect, test } from 'vitest';
import { ROOT } from '../run.mjs';
import { play } from './etcd-raft/play.ts';

const script = (...blocks: string[]) => blocks.map(block => `${block}\n`).join('\n');
const setUp = 'log-level none\nadd-nodes 2 voters=(1,2) index=2\ncampaign 1\nstabilize\n----\nok';
const state =
  'raft-state\n----\n1: StateLeader (Voter) Term:1 Lead:1\n2: StateFollower (Voter) Term:1 Lead:1';

describe('scripts', () => {
  test('one that goes as expected passes, and log lines are not compared', () => {
    const logged = 'log-level debug\n----\nok\n\nforget-leader 2\n----\nINFO 2 in whatever words';
    const text = script('# A comment.', setUp, logged, 'raft-log 2\n----\n1/3 EntryNormal ""');
    expect(play(text)).toEqual({ commands: 4, difference: undefined });
  });

  test('one line that differs fails, at its command', () => {
    const text = script(setUp, 'log-level info\n----\nok', state.replace('Lead:1', 'Lead:2'));
    expect(play(text).difference).toMatchObject({ line: 12, command: 'raft-state' });
    // A line too few and a line too many, too.
    expect(
      play(script(setUp, 'log-level info\n----\nok', state.split('\n').slice(0, 3).join('\n'))).difference,
    ).toBeDefined();
    expect(play(script(setUp, 'log-level info\n----\nok', `${state}\n3: none`)).difference).toBeDefined();
  });

  test.each([
    ['frobnicate 1\n----\nok', 'unknown command "frobnicate"'],
    ['add-nodes 1 voters=(1) index=2 colour=red\n----\nok', 'unknown option "colour=red"'],
    ['stabilize speed=1\n----\nok', 'unknown option "speed"'],
    ['deliver-msgs 1 type=MsgNone\n----\nok', 'unknown message type "MsgNone"'],
    ['campaign 7\n----\nok', 'there is no node 7'],
    ['committed cfg=(1) idx=(1) more=1\n----\n1', 'unknown option "more"'],
    ['campaign 1', 'no ---- after this command'],
    ['', 'no command in it'],
  ])('what it does not know fails with a clear line: %s', (block, reason) => {
    expect(play(block === '' ? '' : script(block)).difference?.actual).toContain(reason);
  });

  test('a table differs by one space', () => {
    const table = 'committed cfg=(1) idx=(12)\n----\n     idx\n>     12    (id=1)\n12';
    expect(play(script(table)).difference).toBeUndefined();
    expect(play(script(table.replace('     idx', '    idx'))).difference).toBeDefined();
    expect(
      play(script('vote cfg=(1,2) cfgj=(3) votes=(y,y,_)\n----\nVotePending')).difference,
    ).toBeUndefined();
    expect(
      play(script('simple\nv1\n----\nvoters=(1)\n1: StateProbe match=0 next=1')).difference,
    ).toBeUndefined();
  });

  test('expected text may contain blank lines between two pairs of separators', () => {
    expect(play('simple\nl1\n----\n----\nremoved all voters\n----\n----\n').difference).toBeUndefined();
  });

  test('the command tells each wrong script with its line, as one JSON object', () => {
    const folder = mkdtempSync(join(tmpdir(), 'etcd-raft-'));
    writeFileSync(join(folder, 'good.txt'), script(setUp));
    writeFileSync(join(folder, 'bad.txt'), script(setUp, 'raft-log 1\n----\nsomething else'));
    const run = (...args: string[]) =>
      spawnSync(process.execPath, ['scripts/conformance.mjs', 'etcd-raft', ...args], {
        cwd: ROOT,
        encoding: 'utf8',
      });
    const { status, stdout } = run(folder, '--json');
    const told = JSON.parse(stdout.trimEnd().split('\n').at(-1) ?? '') as unknown;
    expect(told).toMatchObject({
      suite: 'etcd-raft',
      cases: 2,
      passed: 1,
      failed: [{ file: 'bad.txt', line: 8 }],
    });
    expect(status).toBe(1);
    rmSync(join(folder, 'bad.txt'));
    expect(run(folder)).toMatchObject({
      status: 0,
      stdout: expect.stringContaining('1 of 1 scripts went as expected'),
    });
    rmSync(join(folder, 'good.txt'));
    expect(run(folder)).toMatchObject({ status: 1, stderr: expect.stringContaining('There is no script') });
    rmSync(folder, { recursive: true });
  }, 60_000);
});

const data = join(process.env.PEERLOOM_CONFORMANCE ?? '../shared/conformance', 'etcd-raft');
const present = existsSync(data);
if (!present) console.log(`skipped: no scripts of etcd in ${data}`);

describe.skipIf(!present)('the scripts of etcd', () => {
  const files = present
    ? readdirSync(data, { recursive: true, encoding: 'utf8' }).filter(name => name.endsWith('.txt'))
    : [];
  test.each(files)('%s goes as expected', file => {
    const { commands, difference } = play(readFileSync(join(data, file), 'utf8'));
    expect(difference).toBeUndefined();
    expect(commands).toBeGreaterThan(0);
  });
});
