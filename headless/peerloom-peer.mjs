#!/usr/bin/env node
/** The command: installs what is missing and runs `main.ts` from its sources, as `npm start` runs the server. */
import { spawn } from 'node:child_process';
import { dirname, join } from 'node:path';
import process from 'node:process';
import { fileURLToPath } from 'node:url';
import { ensureInstalled, nodeTooOld } from '../scripts/setup.mjs';

const folder = dirname(fileURLToPath(import.meta.url));

const refusal = nodeTooOld();
if (refusal) {
  process.stderr.write(`${refusal}\n`);
  process.exit(1);
}
await ensureInstalled();
// tsx is a package of this project, wherever the command is called from.
const child = spawn(
  process.execPath,
  ['--import', import.meta.resolve('tsx'), join(folder, 'main.ts'), ...process.argv.slice(2)],
  { stdio: 'inherit' },
);
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(signal, () => child.kill(signal));
child.on('exit', (code, signal) => {
  process.exitCode = code ?? (signal === null ? 0 : 1);
});
