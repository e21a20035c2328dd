/**
 * `npm run conformance -- etcd-raft [DIR] [--json]`: plays every script of etcd's raft below a folder (interaction scripts, quorum and
 * configuration tables), and says for each whether our Raft did the same: same messages, same readies, same states. What counts as a
 * log line, and is not compared, stands in etcd-raft/interaction.ts.
 */
import { readdirSync, readFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import process from 'node:process';
import { parseArgs } from 'node:util';
import { play } from './etcd-raft/play.ts';

export function findScripts(folder: string): readonly { readonly file: string; readonly text: string }[] {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter(entry => entry.isFile() && entry.name.endsWith('.txt'))
    .map(entry => join(entry.parentPath, entry.name))
    .sort()
    .map(path => ({ file: relative(folder, path), text: readFileSync(path, 'utf8') }));
}

function main(): void {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: { json: { type: 'boolean' } },
  });
  if (positionals.length > 1) throw new Error('One folder at a time.');
  const data = process.env.PEERLOOM_CONFORMANCE ?? '../shared/conformance';
  const folder = positionals[0] ?? join(data, 'etcd-raft');
  const scripts = findScripts(folder);
  if (scripts.length === 0) throw new Error(`There is no script (*.txt) in ${folder}.`);
  let commands = 0;
  const failed = [];
  for (const { file, text } of scripts) {
    const played = play(text);
    commands += played.commands;
    const { difference } = played;
    if (difference !== undefined) failed.push({ file, ...difference });
    if (values.json === true) continue;
    const told =
      difference === undefined ? `ok    ${file}  ${played.commands} commands` : describe(file, difference);
    process.stdout.write(`${told}\n`);
  }
  const passed = scripts.length - failed.length;
  if (values.json === true) {
    process.stdout.write(
      `${JSON.stringify({ suite: 'etcd-raft', cases: scripts.length, passed, commands, failed })}\n`,
    );
  } else
    process.stdout.write(`${passed} of ${scripts.length} scripts went as expected (${commands} commands).\n`);
  process.exitCode = failed.length === 0 ? 0 : 1;
}

function describe(
  file: string,
  { line, command, expected, actual }: NonNullable<ReturnType<typeof play>['difference']>,
): string {
  return `WRONG ${file}:${line}  ${command}\n--- expected\n${expected}\n--- but was\n${actual}\n---`;
}

try {
  main();
} catch (error) {
  process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
  process.exitCode = 1;
}
