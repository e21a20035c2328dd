/**
 * `npm run sim -- [--scenario NAME] [--seeds N] [--from N] [--minutes M] [--json]`: plays seeds of a scenario, on every core.
 * `--seed N` plays one; with `--trace FILE` what happened goes to a file, with `--shrink` the least that breaks becomes a
 * test. `--plant BUG` plants a bug first, `--planted` all of them in turn; `--exhaust` plays small scopes in full; `--list`
 * names scenarios and bugs. docs/simulation.md explains what comes out.
 */
import process from 'node:process';
import { pathToFileURL } from 'node:url';
import { parseArgs } from 'node:util';
import { inSeconds } from './run.mjs';
import { ensureInstalled } from './setup.mjs';
import { bundleSim } from './sim/bundle.mjs';
import { plants } from './sim/plants.mjs';
import { playSeeds, runSim } from './sim/processes.mjs';

/** Within which a planted bug has to be found. */
const plantedSeeds = 200;
/** Of virtual time, in each seed with a planted bug: what a bug needs to show is soon there. */
const plantedMinutes = 2;
/** Share of planted bugs that must be found. */
const foundShare = 0.95;

const say = line => process.stdout.write(`${line}\n`);
const note = line => process.stderr.write(`${line}\n`);

const commandOf = ({ scenario, minutes, seed, plant }) =>
  `npm run sim -- --scenario ${scenario} --minutes ${minutes} --seed ${seed}${plant === undefined ? '' : ` --plant ${plant}`}`;

/** What many seeds did together. */
export function sumUp(outcomes, { scenario, minutes, plant }) {
  const counts = {};
  let [simulatedMs, cpuMs] = [0, 0];
  for (const outcome of outcomes) {
    simulatedMs += outcome.atMs;
    cpuMs += outcome.cpuMs;
    for (const [name, count] of Object.entries(outcome.counts)) counts[name] = (counts[name] ?? 0) + count;
  }
  const violations = outcomes
    .filter(({ invariant }) => invariant !== undefined)
    .sort((a, b) => Number(a.seed) - Number(b.seed))
    .map(({ seed, invariant, message, stack }) => ({
      seed: Number(seed),
      invariant,
      command: commandOf({ scenario, minutes, seed, plant }),
      message,
      stack,
    }));
  return { seeds: outcomes.length, simulatedMs, cpuMs, speed: simulatedMs / cpuMs, counts, violations };
}

/** A run that did nothing shows nothing. */
export function idleness({ seeds, counts }, scenario) {
  const wanted = ['edits', 'messages', 'merges', 'commits'];
  if (scenario === 'sync' && seeds >= 20) wanted.push('faults', 'crashes', 'restarts');
  const missing = wanted.filter(name => !(counts[name] > 0));
  return missing.length === 0 ? undefined : `nothing was shown: no ${missing.join(', no ')}`;
}

function tell(scenario, sum, seconds) {
  const { seeds, simulatedMs, speed, counts, violations } = sum;
  const hours = (simulatedMs / 3_600_000).toFixed(2);
  say(
    `${scenario}: ${seeds} seeds, ${hours} hours simulated in ${inSeconds(seconds)}, ${speed.toFixed(0)} times real time a core`,
  );
  say(
    `  ${Object.entries(counts)
      .map(([name, count]) => `${name} ${count.toLocaleString('en')}`)
      .join(', ')}`,
  );
  for (const { seed, invariant, message, stack, command } of violations.slice(0, 20)) {
    say(`  seed ${seed} breaks "${invariant}": ${message}`);
    if (stack !== undefined) say(`    ${stack.split('\n').slice(0, 8).join('\n    ')}`);
    say(`    again: ${command}`);
  }
  if (violations.length === 0) say('  no violation');
}

function reportOf(sum, plantedBugs = { planted: 0, found: 0, missed: [] }) {
  const { seeds, simulatedMs, speed, counts, violations } = sum;
  return {
    seeds,
    simulatedHours: Math.round(simulatedMs / 36_000) / 100,
    events: counts.events ?? 0,
    speed: Math.round(speed * 10) / 10,
    violations: violations.map(({ seed, invariant, command }) => ({ seed, invariant, command })),
    plantedBugs,
  };
}

/** Plants each bug in turn and plays until it is found. */
export async function findPlanted({
  seeds = plantedSeeds,
  minutes = plantedMinutes,
  from = 0,
  onPlant = () => undefined,
} = {}) {
  const found = [];
  for (const plant of plants) {
    const { script, remove } = await bundleSim(plant.name);
    try {
      // The first few at once; most show there. A miss costs all of them.
      const outcomes = await playSeeds(script, { scenario: 'sync', minutes, from, seeds, stop: true });
      const broken = outcomes
        .filter(({ invariant }) => invariant !== undefined)
        .sort((a, b) => a.seed - b.seed)[0];
      const result = {
        ...plant,
        seeds: outcomes.length,
        outcomes,
        seed: broken?.seed,
        invariant: broken?.invariant,
        message: broken?.message,
      };
      found.push(result);
      onPlant(result);
    } finally {
      remove();
    }
  }
  return found;
}

async function planted(args) {
  const results = await findPlanted({
    ...args,
    onPlant: ({ name, area, invariant, seed, seeds }) => {
      const end = invariant === undefined ? `NOT FOUND in ${seeds} seeds` : `seed ${seed}: ${invariant}`;
      note(`${area.padEnd(8)} ${name.padEnd(34)} ${end}`);
    },
  });
  const missed = results.filter(({ invariant }) => invariant === undefined).map(({ name }) => name);
  const counted = { planted: results.length, found: results.length - missed.length, missed };
  if (args.json) {
    const sum = sumUp(
      results.flatMap(({ outcomes }) => outcomes),
      { scenario: 'sync', minutes: args.minutes },
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
    if (!(value >= 0) || (whole && !Number.isSafeInteger(value)))
      throw new Error(`--${name} takes a number.`);
    return value;
  };
  const one = values.seed !== undefined;
  return {
    ...values,
    from: one ? number('seed', 0) : number('from', 0),
    seeds: one ? 1 : number('seeds', values.planted ? plantedSeeds : 20),
    minutes: number('minutes', values.planted ? plantedMinutes : 10, false),
  };
}

async function list(script) {
  for (const { name, plays, invariant } of await runSim(script, ['list']))
    say(`${name.padEnd(28)} ${plays}; "${invariant}"`);
  say('\nBugs to plant:');
  for (const { name, area, says } of plants) say(`${name.padEnd(34)} ${area}: ${says}`);
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
  const fewer = ([before, after], what) => `${before} → ${after} ${what}`;
  say(`"${least.invariant}": ${least.message}`);
  say(
    `${fewer(least.faults, 'faults')}, ${fewer(least.nodes, 'nodes')}, ${fewer(least.safetyMs, 'ms')} (${least.played} plans played). As a test:\n`,
  );
  say(least.test);
}

async function main() {
  await ensureInstalled();
  const args = readArgs();
  if (args.planted) {
    await planted(args);
    return;
  }
  const { script, remove } = await bundleSim(args.plant);
  try {
    if (args.list) await list(script);
    else if (args.exhaust) {
      for (const { scope, played, invariant, message } of await runSim(script, ['exhaust'])) {
        say(
          `${scope}: ${played} played, ${invariant === undefined ? 'no violation' : `"${invariant}": ${message}`}`,
        );
        if (invariant !== undefined) process.exitCode = 1;
      }
    } else if (args.trace !== undefined) await trace(script, args);
    else if (args.shrink) await shrink(script, args);
    else {
      const started = performance.now();
      let played = 0;
      let toldMs = started;
      const outcomes = await playSeeds(script, {
        ...args,
        onSeed: () => {
          played++;
          if (performance.now() - toldMs < 10_000) return;
          toldMs = performance.now();
          note(`${played} of ${args.seeds} seeds`);
        },
      });
      const sum = sumUp(outcomes, args);
      const idle = idleness(sum, args.scenario);
      if (args.json) say(JSON.stringify(reportOf(sum)));
      else tell(args.scenario, sum, (performance.now() - started) / 1000);
      if (idle !== undefined) note(idle);
      process.exitCode =
        sum.violations.length > 0 || idle !== undefined || outcomes.length < args.seeds ? 1 : 0;
    }
  } finally {
    remove();
  }
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href) {
  try {
    await main();
  } catch (error) {
    note(error instanceof Error ? error.message : String(error));
    process.exitCode = 1;
  }
}
