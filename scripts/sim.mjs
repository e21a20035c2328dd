/**
 * `npm run sim -- [--scenario NAME] [--seeds N] [--from N] [--minutes M] [--json]`: plays seeds of a scenario, on every core.
 * `--seed N` plays one; with `--trace FILE` what happened goes to a file, with `--shrink` the least that breaks becomes a
 * test. `--record FILE` keeps what was played, and the same command goes on from there; `--for SECONDS` stops after a while and
 * `--processes N` leaves cores to others. `--plant BUG` plants a bug first, `--planted` all of them in turn; `--exhaust` plays small
 * scopes in full; `--list` names scenarios and bugs. docs/simulation.md explains what comes out.
 */
import { availableParallelism } from 'node:os';
import process from 'node:process';
import { parseArgs } from 'node:util';
import { ensureInstalled } from './setup.mjs';
import { bundleSim } from './sim/bundle.mjs';
import { idleness, reportOf, sumUp, tell } from './sim/outcomes.mjs';
import { findPlanted, foundShare, plantedMinutes, plantedSeeds } from './sim/planted.mjs';
import { plantsOf } from './sim/plants-of.mjs';
import { playSeeds, runSim } from './sim/processes.mjs';
import { codeOf, openRecord } from './sim/record.mjs';

const say = line => process.stdout.write(`${line}\n`);
const note = line => process.stderr.write(`${line}\n`);

async function planted(args) {
  const results = await findPlanted({
    ...args,
    onPlant: ({ plant: { area, name }, outcomes, broken }) => {
      const end =
        broken === undefined
          ? `NOT FOUND in ${outcomes.length} seeds`
          : `seed ${broken.seed}: ${broken.invariant}`;
      note(`${(area ?? '').padEnd(8)} ${name.padEnd(34)} ${end}`);
    },
  });
  const missed = results.filter(({ broken }) => broken === undefined).map(({ plant }) => plant.name);
  const counted = { planted: results.length, found: results.length - missed.length, missed };
  if (args.json) {
    const sum = sumUp(
      results.flatMap(({ outcomes }) => outcomes),
      args,
    );
    say(JSON.stringify(reportOf({ ...sum, violations: [] }, counted)));
  } else say(`${counted.found} of ${counted.planted} planted bugs found, each within ${args.seeds} seeds`);
  process.exitCode = counted.found >= foundShare * counted.planted ? 0 : 1;
}

function readArgs() {
  const { values } = parseArgs({
    options: {
      scenario: { type: 'string', default: 'sync' },
      seeds: { type: 'string' },
      seed: { type: 'string' },
      from: { type: 'string' },
      minutes: { type: 'string' },
      record: { type: 'string' },
      for: { type: 'string' },
      processes: { type: 'string' },
      trace: { type: 'string' },
      shrink: { type: 'boolean', default: false },
      plant: { type: 'string' },
      planted: { type: 'boolean', default: false },
      exhaust: { type: 'boolean', default: false },
      list: { type: 'boolean', default: false },
      json: { type: 'boolean', default: false },
    },
  });
  const number = (name, fallback, whole = true) => {
    const value = values[name] === undefined ? fallback : Number(values[name]);
    if (!(value >= 0) || (whole && value !== fallback && !Number.isSafeInteger(value)))
      throw new Error(`--${name} takes a number.`);
    return value;
  };
  const one = values.seed !== undefined;
  return {
    ...values,
    from: one ? number('seed', 0) : number('from', 0),
    seeds: one ? 1 : number('seeds', values.planted ? plantedSeeds : 20),
    minutes: number('minutes', values.planted ? plantedMinutes : 10, false),
    forS: number('for', Infinity),
    processes: Math.max(1, number('processes', availableParallelism())),
  };
}

async function list(script) {
  for (const { name, plays, invariant } of await runSim(script, ['list']))
    say(`${name.padEnd(28)} ${plays}; "${invariant}"`);
  say('\nBugs to plant:');
  for (const { name, area, says } of [...plantsOf('sync'), ...plantsOf('raft')])
    say(`${name.padEnd(34)} ${area}: ${says}`);
}

/** What the simulator says of one seed. */
async function ofOne(script, what, { scenario, minutes, from }, ...more) {
  const args = [what, '--scenario', scenario, '--minutes', String(minutes), '--seed', String(from), ...more];
  const [said] = await runSim(script, args);
  return said;
}

async function trace(script, args) {
  const { trace: file } = args;
  const outcome = await ofOne(script, 'trace', args, '--file', file);
  say(`${file} has what happened until ${(outcome.atMs / 1000).toFixed(3)} s; trace hash ${outcome.hash}`);
  if (outcome.invariant !== undefined) say(`It ends with "${outcome.invariant}": ${outcome.message}`);
}

async function shrink(script, args) {
  const least = await ofOne(script, 'shrink', args);
  if (least.invariant === undefined) {
    say(`Seed ${args.from} breaks nothing.`);
    return;
  }
  const fewer = ([before, after], what) => `${Math.round(before)} → ${after} ${what}`;
  say(`"${least.invariant}": ${least.message}`);
  say(
    `${fewer(least.faults, 'faults')}, ${fewer(least.nodes, 'nodes')}, ${fewer(least.safetyMs, 'ms')} (${least.played} plans played). As a test:\n`,
  );
  say(least.test);
}

async function exhaust(script) {
  for (const { scope, played, invariant, message } of await runSim(script, ['exhaust'])) {
    say(
      `${scope}: ${played} played, ${invariant === undefined ? 'no violation' : `"${invariant}": ${message}`}`,
    );
    if (invariant !== undefined) process.exitCode = 1;
  }
}

async function playMany(script, args) {
  const { scenario, minutes, from, seeds, forS } = args;
  const record =
    args.record === undefined
      ? undefined
      : openRecord(args.record, { scenario, minutes, code: codeOf(script) });
  const before = record?.outcomes ?? [];
  const started = performance.now();
  let played = before.length;
  let toldMs = started;
  const outcomes = await playSeeds(script, {
    ...args,
    played: new Set(before.map(({ seed }) => Number(seed))),
    onSeed: outcome => {
      record?.add(outcome);
      played++;
      if (performance.now() - toldMs < 10_000) return;
      toldMs = performance.now();
      note(`${played} of ${seeds} seeds`);
    },
  });
  const all = [...before, ...outcomes];
  const sum = sumUp(all, args);
  const idle = idleness(sum, scenario);
  if (args.json) say(JSON.stringify(reportOf(sum)));
  else tell(scenario, sum, (performance.now() - started) / 1000);
  if (idle !== undefined) note(idle);
  const wanted = all.filter(({ seed }) => Number(seed) >= from && Number(seed) < from + seeds);
  const missing = seeds - wanted.length;
  if (missing > 0) note(`${missing} seeds are still to be played`);
  const short = missing > 0 && forS === Infinity;
  process.exitCode = sum.violations.length > 0 || idle !== undefined || short ? 1 : 0;
}

async function main() {
  await ensureInstalled();
  const args = readArgs();
  if (args.planted) {
    await planted(args);
    return;
  }
  const { script, remove } = await bundleSim(args.plant, args.scenario);
  try {
    if (args.list) await list(script);
    else if (args.exhaust) await exhaust(script);
    else if (args.trace !== undefined) await trace(script, args);
    else if (args.shrink) await shrink(script, args);
    else await playMany(script, args);
  } finally {
    remove();
  }
}

try {
  await main();
} catch (error) {
  note(error instanceof Error ? error.message : String(error));
  process.exitCode = 1;
}
