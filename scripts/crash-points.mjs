/**
 * `npm run crash-points -- [--kills N] [--fulls N] [--point NAME] [--seed N] [--json]`: at every named wait of the storage path (src/storage/failpoints.ts) the
 * always-on replica's process is killed with SIGKILL, N times each, and at those where a disk can be full the disk is full. After
 * each it is started again on the same folder, and everything that it had sent or acknowledged has to be there, whole.
 * docs/crash-points.md has the figures of a full run.
 */
import { spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import process from 'node:process';
import { pathToFileURL } from 'node:url';
import { ROOT } from './run.mjs';
import { bundle } from './sim/bundle.mjs';

/** As the source names them: this file runs where TypeScript is not read. */
export function pointsOf(source = readFileSync(join(ROOT, 'src/storage/failpoints.ts'), 'utf8')) {
  const list = source.slice(source.indexOf('['), source.indexOf('] as const'));
  return [...list.matchAll(/'([a-z.-]+)'/g)].map(([, name]) => name);
}

/** Where something is written, or a file made. */
const FULL =
  /^(device\.(written|synced|renamed)|store\.opening|commit\.(strict|relaxed)(-done)?|commit\.reopen)/;
/** A folder is used this often, so that what is loaded is more than one run's. */
const RUNS_A_FOLDER = 20;

/** Plays one run to its end. */
function play(script, args) {
  return new Promise(resolve => {
    const child = spawn(process.execPath, [script, ...args.map(String)], {
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    let [output, complaint] = ['', ''];
    child.stdout.on('data', chunk => (output += chunk));
    child.stderr.on('data', chunk => (complaint += chunk));
    child.on('close', (code, signal) => {
      // What was cut off in the middle had not been said.
      const lines = output.split('\n').slice(0, -1);
      resolve({ code, signal, complaint, said: lines.map(line => JSON.parse(line)) });
    });
  });
}

/** What one folder's processes have promised so far. */
class Promises {
  clock = new Map();
  ids = new Set();
  violations = [];

  /** Takes a run's words in order: what it loaded against all that was promised before, then what it promised. */
  take(said, where) {
    for (const line of said) {
      if ('loaded' in line) this.#check(line, where);
      if ('sent' in line) {
        const [replica, sequence, id] = line.sent;
        this.#raise(replica, sequence + 1);
        this.ids.add(id);
      }
      for (const [replica, count] of Object.entries(line.acknowledged ?? {})) this.#raise(replica, count);
    }
  }
  #raise(replica, count) {
    this.clock.set(replica, Math.max(count, this.clock.get(replica) ?? 0));
  }
  #check({ loaded, ids, damaged, incarnation, refusals }, where) {
    const wrong = reason => this.violations.push(`${where}: ${reason}`);
    for (const [replica, count] of this.clock)
      if ((loaded[replica] ?? 0) < count)
        wrong(
          `of ${replica.slice(0, 8)} ${count} batches were promised and ${loaded[replica] ?? 0} are there`,
        );
    const there = new Set(ids);
    for (const id of this.ids) if (!there.has(id)) wrong(`batch ${id.slice(0, 8)} was sent and is not there`);
    if (damaged > 0) wrong(`${damaged} records are damaged`);
    if (incarnation > 0) wrong('its log could not be gone on with');
    if (Object.keys(refusals).length > 0) wrong(`refused when loading: ${JSON.stringify(refusals)}`);
  }
}

/**
 * Plays `kills` crashes at each of `points`, and `fulls` full disks where there can be one. `say` hears of each point as it is done.
 */
export async function crashPoints({
  points = pointsOf(),
  kills = 40,
  fulls = kills,
  seed = 1,
  plant = '',
  say = () => undefined,
}) {
  const { script, remove } = await bundle('headless/crash-subject.model.ts', 'peerloom-crash', undefined, [
    'classic-level',
  ]);
  const root = mkdtempSync(join(tmpdir(), 'peerloom-crash-'));
  const rows = [];
  const violations = [];
  let folders = 0;
  try {
    for (const point of points) {
      for (const [action, strikes] of [
        ['kill', kills],
        ['full', FULL.test(point) ? fulls : 0],
      ]) {
        if (strikes === 0) continue;
        const row = { point, action, runs: 0, struck: 0, promised: 0, violations: 0 };
        const where = `${point} ${action}`;
        // Device keys are made once a folder.
        const runsEach = point.startsWith('device.') ? 1 : RUNS_A_FOLDER;
        // A run that nothing happens to tells how often it comes by.
        let folder = join(root, String(folders++));
        let promises = new Promises();
        const first = await settle(promises, folder, script, row, where, point);
        const most = Math.max(1, first[point] ?? 0);
        for (let run = 0; row.struck < strikes && run < 3 * strikes; run++) {
          if (run % runsEach === 0) {
            if (run > 0) await settle(promises, folder, script, row, where);
            violations.push(...promises.violations);
            [folder, promises] = [join(root, String(folders++)), new Promises()];
          }
          const times = 1 + (run % most);
          const which = `${where} ${times}, run ${run}, seed ${seed}`;
          const { signal, code, complaint, said } = await play(script, [
            folder,
            action,
            point,
            times,
            seed * 1000 + run,
            plant,
          ]);
          row.runs += 1;
          promises.take(said, which);
          const done = said.find(line => 'done' in line)?.done;
          const struck =
            action === 'kill' ? signal === 'SIGKILL' : code !== 0 || (done?.[point] ?? 0) >= times;
          if (struck) row.struck += 1;
          // It ends by the kill, or because the disk was full where it cannot go on, or whole.
          const expected = struck || code === 0;
          if (!expected || (code !== 0 && signal === null && !/No space left/.test(complaint)))
            promises.violations.push(`${which}: ended with ${code ?? signal}: ${complaint.slice(0, 2000)}`);
        }
        await settle(promises, folder, script, row, where);
        violations.push(...promises.violations);
        rows.push(row);
        say(row);
      }
    }
  } finally {
    rmSync(root, { recursive: true, force: true });
    remove();
  }
  return { rows, violations };
}

/**
 * A run that nothing happens to: it finds all that was promised, and goes on to its end. Resolves with how often it came by each
 * point; by those behind a commit that fails only when `point` is one of them.
 */
async function settle(promises, folder, script, row, where, point = '') {
  const { code, signal, complaint, said } = await play(script, [folder, 'none', point]);
  promises.take(said, `${where}, afterwards`);
  if (code !== 0)
    promises.violations.push(`${where}, afterwards: ${code ?? signal}: ${complaint.slice(0, 2000)}`);
  row.promised += [...promises.clock.values()].reduce((sum, count) => sum + count, 0);
  row.violations += promises.violations.length;
  return said.find(line => 'done' in line)?.done ?? {};
}

async function main() {
  const args = process.argv.slice(2);
  const number = (flag, otherwise) =>
    args.includes(flag) ? Number(args[args.indexOf(flag) + 1]) : otherwise;
  const only = args.includes('--point') ? { points: [args[args.indexOf('--point') + 1]] } : {};
  const started = performance.now();
  const { rows, violations } = await crashPoints({
    kills: number('--kills', 40),
    ...(args.includes('--fulls') ? { fulls: number('--fulls', 0) } : {}),
    seed: number('--seed', 1),
    ...only,
    say: ({ point, action, runs, struck, promised, violations: wrong }) => {
      const line = [
        point.padEnd(22),
        action.padEnd(5),
        `${struck} of ${runs} struck`,
        `${promised} promised`,
      ];
      process.stderr.write(`${line.join('  ')}  ${wrong} violations\n`);
    },
  });
  const sum = (action, key) =>
    rows.filter(row => row.action === action).reduce((total, row) => total + row[key], 0);
  const result = {
    points: new Set(rows.map(({ point }) => point)).size,
    kills: sum('kill', 'struck'),
    fullDisks: sum('full', 'struck'),
    promised: sum('kill', 'promised') + sum('full', 'promised'),
    violations,
    seconds: Math.round((performance.now() - started) / 1000),
  };
  for (const violation of violations.slice(0, 20)) process.stderr.write(`${violation}\n`);
  process.stdout.write(`${JSON.stringify(args.includes('--json') ? { ...result, rows } : result)}\n`);
  if (violations.length > 0 || result.kills === 0) process.exitCode = 1;
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href) await main();
