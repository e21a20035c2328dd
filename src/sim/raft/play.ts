/**
 * Plays the plan of a group in two phases. Safety: anything goes, and nothing that is checked may break. Liveness: nothing fails any
 * more, and within ten election timeouts a leader is found and every member's request answered; soon after, all have the same.
 */
import { membersOf } from '../../consensus/configuration.ts';
import { must, type Violation } from '../checker.ts';
import { violationOf } from '../world.ts';
import type { DayCounts } from './day.ts';
import type { Device } from './device.ts';
import { scheduleFaults } from './faults.ts';
import type { GroupPlan } from './plan.ts';
import { GroupWorld, type GroupCounts } from './world.ts';

export interface GroupOutcome {
  readonly seed: string;
  readonly violation: Violation | undefined;
  readonly atMs: number;
  readonly counts: GroupCounts & Partial<DayCounts>;
  readonly hash: string;
}

/** Election timeouts, each at its longest. */
const progressTimeouts = 10;
const agreeTimeouts = 30;

export function playGroup(plan: GroupPlan, trace?: (line: string) => void): GroupOutcome {
  let world: GroupWorld | undefined;
  const violation = violationOf(() => {
    world = new GroupWorld(plan, trace);
    scheduleFaults(world);
    world.run(plan.safetyMs);
    live(world);
    world.operations.judge();
  });
  if (world === undefined) throw violation ?? new Error('a world that does not begin');
  if (violation !== undefined)
    world.say(undefined, () => `VIOLATION ${violation.invariant}: ${violation.message}`);
  const { counts, nowMs, hash, operations, logs } = world;
  counts.wishes = operations.wishes.length;
  counts.staleWritesRefused = operations.refused;
  counts.elections = logs.leaders;
  counts.unjudged = operations.unknown;
  for (const key of ['messages', 'commits', 'crashes', 'operations'] as const) hash.word(counts[key]);
  return { seed: plan.seed, violation, atMs: nowMs, counts, hash: hash.toString() };
}

function live(world: GroupWorld): void {
  world.isCalm = true;
  world.heal();
  world.say(undefined, () => 'heals');
  for (const device of world.devices) {
    device.slowDiskUntilMs = device.hiddenUntilMs = 0;
    device.priority = undefined;
    device.driver?.setPriority(undefined);
    world.wake(device);
    world.start(device);
  }
  const timeoutMs = 2 * world.electionMs;
  const healedMs = world.nowMs;
  const isMember = (device: Device): boolean => {
    const { leader } = world;
    return leader?.driver !== undefined && membersOf(leader.driver.configuration).has(device.member);
  };
  const members = (): Device[] => world.devices.filter(isMember);
  // A client that was asking when it healed may have to give up first; so a request of its own tells.
  const answered = new Set<number>();
  for (const device of world.devices)
    world.request(device, { type: 'nothing' }, () => answered.add(device.index));
  waitFor(world, progressTimeouts * timeoutMs, 'progress after healing', () => {
    const all = members();
    return all.length > 0 && all.every(({ index }) => answered.has(index));
  });
  world.run(world.nowMs + timeoutMs);
  const isSame = (): boolean => {
    const all = members();
    return all.length > 0 && all.every(device => world.oracle.compare(device));
  };
  waitFor(world, healedMs + agreeTimeouts * timeoutMs - world.nowMs, 'all come to the same', isSame);
}

function waitFor(world: GroupWorld, withinMs: number, invariant: string, holds: () => boolean): void {
  const untilMs = world.nowMs + withinMs;
  while (!holds()) {
    must(world.nowMs < untilMs, invariant, () => describe(world));
    world.run(world.nowMs + 10);
  }
}

function describe({ devices, logs }: GroupWorld): string {
  const told = devices.map(({ member, driver }) => {
    if (driver === undefined) return `${member} down`;
    const { role, term, commitIndex, lastIndex, configuration } = driver.status();
    const voters = [configuration.incoming, configuration.outgoing].map(half => half.join()).join('|');
    return `${member} ${role} ${term} ${driver.machine.index}/${commitIndex}/${lastIndex} [${voters}]`;
  });
  return `committed ${logs.committedIndex}: ${told.join('; ')}`;
}
