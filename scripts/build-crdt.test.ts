import { execFile } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import process from 'node:process';
import { promisify } from 'node:util';
import ts from 'typescript';
import { beforeAll, describe, expect, test } from 'vitest';
import { buildCrdt } from './build-crdt.mjs';
import { ROOT } from './run.mjs';

const runFile = promisify(execFile);

beforeAll(async () => {
  const { ok, output } = await buildCrdt();
  if (!ok) throw new Error(output);
}, 60_000);

/** What the compiler says of a module in this package, with no library but the language's own. */
function complaintsAbout(source: string): string[] {
  const file = join(ROOT, 'consumer.mts');
  const options: ts.CompilerOptions = {
    lib: ['lib.es2023.d.ts'],
    types: [],
    target: ts.ScriptTarget.ES2023,
    module: ts.ModuleKind.NodeNext,
    moduleResolution: ts.ModuleResolutionKind.NodeNext,
    strict: true,
    exactOptionalPropertyTypes: true,
    skipLibCheck: false,
    noEmit: true,
  };
  const host = ts.createCompilerHost(options);
  const { getSourceFile, fileExists, readFile } = host;
  host.fileExists = path => path === file || fileExists(path);
  host.readFile = path => (path === file ? source : readFile(path));
  host.getSourceFile = (path, ...rest) =>
    path === file
      ? ts.createSourceFile(path, source, { ...options, languageVersion: ts.ScriptTarget.ES2023 })
      : getSourceFile(path, ...rest);
  const program = ts.createProgram([file], options, host);
  return ts
    .getPreEmitDiagnostics(program)
    .map(({ messageText }) => ts.flattenDiagnosticMessageText(messageText, '\n'));
}

/** The first example of the front page, so that it never says what does not run. */
function example(folder: 'crdt' | 'consensus'): string {
  const readme = readFileSync(join(ROOT, 'src', folder, 'README.md'), 'utf8');
  const code = /```js\n([\s\S]*?)```/.exec(readme)?.[1];
  if (code === undefined) throw new Error('the front page has an example');
  return code;
}

async function runsAsShown(folder: 'crdt' | 'consensus'): Promise<void> {
  const code = example(folder);
  const { stdout } = await runFile(process.execPath, ['--input-type=module', '--eval', code], { cwd: ROOT });
  const shown = [...code.matchAll(/console\.log\(.*\); \/\/ (.*)/g)].map(([, says]) => says);
  expect(shown.length).toBeGreaterThan(2);
  expect(stdout.trim().split('\n')).toEqual(shown);
}

describe('peerloom/consensus', () => {
  test('three members agree in plain Node, as the front page says', async () => {
    await runsAsShown('consensus');
  }, 30_000);

  test('its declarations are typed and need neither the DOM nor Node', () => {
    expect(
      complaintsAbout(`
        import { Driver, foundingLog, put, type DriverEffect } from 'peerloom/consensus';
        const config = { id: 1, random: { below: () => 0 }, tickMs: 100, electionTicks: 10, snapshotEveryEntries: 100 };
        const driver = new Driver(config, foundingLog([1]), 0);
        const effects: readonly DriverEffect[] = driver.request(put('key', new Uint8Array(1))).effects;
        export const both = [effects.length, driver.machine.revision] as const;
      `),
    ).toEqual([]);
  }, 30_000);
});

describe('peerloom/crdt', () => {
  test('the built library runs in plain Node under its own name, as the front page says', async () => {
    await runsAsShown('crdt');
  }, 30_000);

  test('its declarations are typed and need neither the DOM nor Node', () => {
    expect(
      complaintsAbout(`
        import { Document, decodeDocument, encodeDocument, logContext, type Decoded } from 'peerloom/crdt';
        const document = new Document(logContext('0123456789abcdef'.repeat(2), () => 0));
        const length: number = document.map('meta').text('title').length;
        const decoded: Decoded<Document> = decodeDocument(encodeDocument(document), document.context);
        export const both = [length, decoded.ok] as const;
      `),
    ).toEqual([]);
  }, 30_000);

  test('the check of the declarations can fail', () => {
    const complaints = complaintsAbout(`
      import { Document } from 'peerloom/crdt';
      export const element: HTMLElement = new Document(1);
    `);
    expect(complaints.join('\n')).toContain('HTMLElement');
    expect(complaints.join('\n')).toContain('Context');
  }, 30_000);
});
