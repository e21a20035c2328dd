/** What the outcomes of many seeds come to, for a person and for a program. */
import process from 'node:process';
import { inSeconds } from '../run.mjs';

const say = line => process.stdout.write(`${line}\n`);

/** Plays this seed again. */
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
  const wanted =
    scenario === 'raft'
      ? ['messages', 'commits', 'elections', 'operations', 'wishes', 'snapshots']
      : ['edits', 'messages', 'merges', 'commits'];
  if (scenario === 'raft' && seeds >= 20) wanted.push('faults', 'crashes', 'changes', 'staleWritesRefused');
  if (scenario === 'sync' && seeds >= 20) wanted.push('faults', 'crashes', 'restarts');
  const missing = wanted.filter(name => !(counts[name] > 0));
  return missing.length === 0 ? undefined : `nothing was shown: no ${missing.join(', no ')}`;
}

/** What a person reads. */
export function tell(scenario, sum, seconds) {
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

/** What `--json` says. */
export function reportOf(sum, plantedBugs = { planted: 0, found: 0, missed: [] }) {
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
