/**
 * Programs that are no npm packages: Debian's, where root may install them. A list of packages that is missing or old makes
 * an installation fail, so that it is fetched first.
 */
import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import process from 'node:process';

/** Far more than a slow mirror takes; a lock that somebody else holds is not waited for longer. */
const minutesMax = 8;

/**
 * Installs `name`. What was wrong comes back, or undefined.
 * @param {string} name
 * @returns {string | undefined}
 */
export function installWithApt(name) {
  if (process.getuid?.() !== 0 || !existsSync('/usr/bin/apt-get')) return `${name} is for root on Debian.`;
  const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive' };
  return (
    quietly('apt-get', ['update', '-qq'], env) ?? quietly('apt-get', ['install', '-y', '-qq', name], env)
  );
}

/**
 * Runs a program without its output; what it said comes back if it failed.
 * @param {string} program
 * @param {readonly string[]} args
 * @param {NodeJS.ProcessEnv} env
 * @returns {string | undefined}
 */
export function quietly(program, args, env) {
  const run = spawnSync(program, args, {
    env,
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'pipe'],
    timeout: minutesMax * 60_000,
  });
  if (run.status === 0) return undefined;
  const said = (run.error?.message ?? `${run.stdout}${run.stderr}`).trim().split('\n').slice(-10).join('\n');
  return `${program} ${args.join(' ')} failed:\n${said}`;
}
