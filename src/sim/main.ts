/**
 * One process of `npm run sim` (scripts/sim.mjs starts several): plays seeds, or shrinks or traces one, and says on standard
 * output what came of it, one JSON object a line. The only module of the simulator that knows Node.
 */
import { createWriteStream } from 'node:fs';
import process from 'node:process';
import { createInterface } from 'node:readline';
import { parseArgs } from 'node:util';
import { play } from './play.ts';
import { days, playDay } from './raft/day.ts';
import { drawGroup } from './raft/plan.ts';
import { playGroup } from './raft/play.ts';
import { shrinkGroupPlan } from './raft/shrink.ts';
import type { Violation } from './checker.ts';
import { scenarioOf, scenarios, type Scenario } from './scenarios.ts';
import { asTest, shrinkPlan } from './shrink.ts';
import { exhaust } from './small-scope.ts';

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    scenario: { type: 'string', default: 'sync' },
    minutes: { type: 'string', default: '10' },
    seed: { type: 'string', default: '0' },
    file: { type: 'string', default: '' },
  },
});

const say = (line: object): void => {
  process.stdout.write(`${JSON.stringify(line)}\n`);
};

function chosen(): Scenario {
  const scenario = scenarioOf(values.scenario);
  if (scenario === undefined)
    throw new Error(`There is no scenario called "${values.scenario}"; --list names them.`);
  return scenario;
}

/** The scenario that has a world of its own: src/sim/raft. */
const raft = {
  name: 'raft',
  plays: 'a group that agrees, whatever happens to its members, networks and disks',
  invariant: 'histories are linearizable',
};

const planOf = (seed: string) => chosen().plan(seed, Number(values.minutes));

interface Outcome {
  readonly seed: string;
  readonly violation: Violation | undefined;
  readonly atMs: number;
  readonly counts: object;
  readonly hash: string;
}
/** Plays a seed of the chosen scenario. */
function playSeed(seed: string, trace?: (line: string) => void): Outcome {
  if (values.scenario === raft.name) return playGroup(drawGroup(seed, Number(values.minutes)), trace);
  const day = days.find(({ name }) => name === values.scenario);
  if (day !== undefined) return playDay(seed, day, Number(values.minutes), trace);
  return play(planOf(seed), trace === undefined ? {} : { trace });
}

function told({ seed, violation, atMs, counts, hash }: Outcome, cpuMs: number): object {
  const broken =
    violation === undefined
      ? {}
      : {
          invariant: violation.invariant,
          message: violation.message,
          stack: violation.invariant === 'nothing throws' ? violation.stack : undefined,
        };
  return { seed, ...broken, atMs, counts, hash, cpuMs };
}

/** The seeds that come in, one a line; the next comes when this one is told. */
async function playSeeds(): Promise<void> {
  for await (const seed of createInterface({ input: process.stdin })) {
    const before = process.cpuUsage();
    const outcome = playSeed(seed);
    // Of all its threads: on a busy machine the clock on the wall says more about the others.
    const { user, system } = process.cpuUsage(before);
    say(told(outcome, (user + system) / 1000));
  }
}

function shrink(): void {
  if (values.scenario === raft.name) {
    shrinkGroup();
    return;
  }
  const plan = planOf(values.seed);
  const first = play(plan);
  if (first.violation === undefined) {
    say({ shrunk: undefined });
    return;
  }
  const { invariant, message } = first.violation;
  const { plan: least, played } = shrinkPlan(
    plan,
    candidate => play(candidate).violation?.invariant === invariant,
  );
  const name = `${invariant} (${values.scenario}, seed ${values.seed})`;
  say({
    invariant,
    message,
    played,
    faults: [plan.faults.length, least.faults.length],
    nodes: [plan.nodes.length, least.nodes.length],
    safetyMs: [plan.safetyMs, least.safetyMs],
    test: asTest(least, name),
  });
}

function shrinkGroup(): void {
  const plan = drawGroup(values.seed, Number(values.minutes));
  const first = playGroup(plan);
  if (first.violation === undefined) {
    say({ shrunk: undefined });
    return;
  }
  const { invariant, message } = first.violation;
  const { plan: least, played } = shrinkGroupPlan(
    plan,
    candidate => playGroup(candidate).violation?.invariant === invariant,
  );
  say({
    invariant,
    message,
    played,
    faults: [plan.faults.length, least.faults.length],
    nodes: [plan.devices, least.devices],
    safetyMs: [plan.safetyMs, least.safetyMs],
    test: JSON.stringify(least),
  });
}

function trace(): void {
  const file = createWriteStream(values.file);
  const outcome = playSeed(values.seed, line => file.write(`${line}\n`));
  file.end();
  say(told(outcome, 0));
}

switch (positionals[0]) {
  case 'play':
    await playSeeds();
    break;
  case 'shrink':
    shrink();
    break;
  case 'trace':
    trace();
    break;
  case 'exhaust':
    for (const result of exhaust()) say(result);
    break;
  case 'list':
    for (const { name, plays, invariant } of [
      ...scenarios,
      raft,
      ...days.map(({ name, plays }) => ({ name, plays, invariant: 'locks can be had' })),
    ])
      say({ name, plays, invariant });
    break;
  default:
    throw new Error('Say one of play, shrink, trace, exhaust, list.');
}
