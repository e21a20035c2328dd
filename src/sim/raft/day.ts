/**
 * A day of a group of tabs: twelve devices whose tabs are closed and opened, a third of them hidden, and a leader that goes by the policy
 * of voters. It measures what people would: how often a lock can be had, and how long nobody leads after a leader is gone. All that is
 * checked in other worlds is checked here too.
 */
import { SeededRandom } from '../../base/random.ts';
import { VoterPolicy, type Candidate } from '../../consensus/voters/policy.ts';
import { must } from '../checker.ts';
import { violationOf } from '../world.ts';
import type { Device } from './device.ts';
import type { GroupPlan } from './plan.ts';
import type { GroupOutcome } from './play.ts';
import { GroupWorld } from './world.ts';

export interface Day {
  readonly name: string;
  readonly plays: string;
  readonly alwaysOn: boolean;
  /** Mean. */
  readonly absenceMs: number;
  /** Share of locks asked for that must be had; checked where a day is long enough to tell. */
  readonly least: number;
}
const minuteMs = 60_000;
export const days: readonly Day[] = [
  {
    name: 'raft-day',
    plays: 'twelve tabs, median life 8 minutes, mean absence 2',
    alwaysOn: false,
    absenceMs: 2 * minuteMs,
    least: 0.99,
  },
  {
    name: 'raft-day-server',
    plays: 'the same with a replica that is always on',
    alwaysOn: true,
    absenceMs: 2 * minuteMs,
    least: 0.999,
  },
  {
    name: 'raft-day-away',
    plays: 'the same without one, mean absence 8 minutes',
    alwaysOn: false,
    absenceMs: 8 * minuteMs,
    least: 0,
  },
];

const tabs = 12;
const upLeast = 4;
const medianLifeMs = 8 * minuteMs;
/** A lock that is not had within this is not available: as long as a failover may take. */
const patienceMs = 4000;
const failoverMaxMs = 4000;
/** How late others hear that a device has come or gone. */
const presenceMs = 2000;
const warmUpMs = 5 * minuteMs;
const tellingMs = 10 * 60 * minuteMs;

export interface DayCounts {
  locksAsked: number;
  locksHad: number;
  failovers: number;
  failoversSlow: number;
  failoverMsMax: number;
}

function planOf(seed: string, { alwaysOn }: Day, minutes: number): GroupPlan {
  const devices = tabs + (alwaysOn ? 1 : 0);
  return {
    seed,
    devices,
    founders: 1,
    tickMs: 240,
    electionTicks: 5,
    snapshotEveryEntries: 400,
    latencyMs: [15, 60],
    loss: 0.005,
    duplicates: 0,
    late: 0,
    diskMs: [1, 12],
    thinkMs: 1000,
    rates: Array.from({ length: devices }, (_, at) => 1 + ((at % 5) - 2) / 1000),
    safetyMs: minutes * minuteMs,
    faults: [],
    silent: true,
  };
}

class DayOf {
  readonly world: GroupWorld;
  readonly counts: DayCounts = {
    locksAsked: 0,
    locksHad: 0,
    failovers: 0,
    failoversSlow: 0,
    failoverMsMax: 0,
  };
  readonly #day: Day;
  readonly #random: SeededRandom;
  readonly #changedMs = new Map<Device, number>();
  readonly #hidden = new Set<Device>();
  readonly #policies = new Map<Device, VoterPolicy>();
  readonly #failovers: number[] = [];
  #probes = 0;
  #leaderGoneMs: number | undefined = undefined;

  constructor(seed: string, day: Day, minutes: number, trace?: (line: string) => void) {
    this.#day = day;
    this.#random = new SeededRandom(`day ${seed}`);
    this.world = new GroupWorld(planOf(seed, day, minutes), trace);
    for (const device of this.world.devices) {
      this.#begin(device);
      if (!this.#isAlwaysOn(device)) this.#lives(device);
    }
    this.world.elsewhere(1000, () => this.#second());
  }
  finish(): void {
    const slow = this.#failovers.filter(ms => ms > failoverMaxMs).length;
    this.counts.failovers = this.#failovers.length;
    this.counts.failoversSlow = slow;
    this.counts.failoverMsMax = Math.round(Math.max(0, ...this.#failovers));
    if (this.world.nowMs < tellingMs) return;
    const { locksAsked, locksHad } = this.counts;
    must(locksHad >= this.#day.least * locksAsked, 'locks can be had', () => `${locksHad} of ${locksAsked}`);
    if (this.#day.least > 0)
      must(
        slow <= 0.01 * this.#failovers.length,
        'a failover takes 4 s at most',
        () => `${slow} of ${this.#failovers.length}`,
      );
  }

  #isAlwaysOn({ index }: Device): boolean {
    return index === tabs;
  }
  /** Exponential, out of exact arithmetic: the first of many short turns at which it happens. */
  #wait(meanMs: number): number {
    const turnMs = meanMs / 128;
    let ms = this.#random.fraction() * turnMs;
    while (this.#random.below(128) !== 0) ms += turnMs;
    return ms;
  }
  #begin(device: Device): void {
    this.#changedMs.set(device, this.world.nowMs);
    const isHidden = !this.#isAlwaysOn(device) && this.#random.below(3) === 0;
    if (isHidden) this.#hidden.add(device);
    else this.#hidden.delete(device);
    device.hiddenUntilMs = isHidden ? Infinity : 0;
    device.priority = this.#isAlwaysOn(device) ? undefined : isHidden ? 1 : undefined;
    device.driver?.setPriority(device.priority);
  }
  #lives(device: Device): void {
    // A median of eight minutes is a mean of 1.4427 times as much.
    this.world.elsewhere(this.#wait(1.4427 * medianLifeMs), () => this.#ends(device));
  }
  #ends(device: Device): void {
    const { devices, nowMs } = this.world;
    if (devices.filter(({ isUp }) => isUp).length <= upLeast) {
      this.world.elsewhere(5000, () => this.#ends(device));
      return;
    }
    const led = device.driver?.isLeader === true && this.world.leader === device;
    const configuration = device.driver?.configuration;
    this.world.kill(device, this.#random.below(2) === 0);
    this.#changedMs.set(device, nowMs);
    if (led && configuration !== undefined && this.#isVisibleMajority(configuration.incoming))
      this.#leaderGoneMs ??= nowMs;
    this.world.elsewhere(this.#wait(this.#day.absenceMs), () => {
      this.world.start(device);
      this.#begin(device);
      this.#lives(device);
    });
  }
  #isVisibleMajority(voters: readonly number[]): boolean {
    const visible = this.world.devices.filter(
      device => device.isUp && !this.#hidden.has(device) && voters.includes(device.member),
    );
    return 2 * visible.length > voters.length;
  }

  #second(): void {
    this.world.elsewhere(1000, () => this.#second());
    if (this.world.nowMs > warmUpMs) this.#probe();
    const { leader } = this.world;
    if (leader?.driver === undefined) return;
    if (this.#hidden.has(leader)) this.world.did(leader, leader.driver.handOver());
    this.#govern(leader);
  }
  #govern(leader: Device): void {
    const { driver } = leader;
    if (driver === undefined) return;
    const { configuration, lastIndex, progress, applied } = driver.status();
    let policy = this.#policies.get(leader);
    if (policy === undefined || leader.policyLife !== leader.life) {
      const founder = this.world.devices[0]?.member ?? 0;
      policy = new VoterPolicy(founder);
      this.#policies.set(leader, policy);
      leader.policyLife = leader.life;
    }
    const { nowMs } = this.world;
    const candidates = this.world.devices.map((device): Candidate => {
      const heard = nowMs - (this.#changedMs.get(device) ?? 0) >= presenceMs;
      const known = progress.get(device.member);
      return {
        member: device.member,
        device: String(device.index),
        isUp: device === leader || device.isUp === heard,
        lag: known === undefined ? Infinity : lastIndex - known.matchIndex,
        isAlwaysOn: this.#isAlwaysOn(device),
        isVisible: !this.#hidden.has(device),
        isPersisted: device.index % 2 === 0,
        isInstalled: false,
        isMobile: false,
      };
    });
    const isPending = driver
      .logEntries(applied + 1, lastIndex + 1)
      .some(({ type }) => type === 'configuration');
    const change = policy.decide(nowMs, configuration, candidates, isPending);
    if (change === undefined) return;
    this.world.say(
      leader,
      () => `proposes ${change.changes.map(({ type, id }) => `${type} ${id}`).join(', ')}`,
    );
    this.world.did(leader, driver.proposeChange(change).effects);
  }

  /** Somebody who is there wants a lock. */
  #probe(): void {
    const there = this.world.devices.filter(device => device.isUp && !this.#hidden.has(device));
    const device = there[this.#random.below(Math.max(1, there.length))];
    if (device === undefined) return;
    const { world } = this;
    const askedMs = world.nowMs;
    const { life } = device;
    this.counts.locksAsked++;
    let isOver = false;
    world.elsewhere(patienceMs, () => {
      // Whoever closed the tab meanwhile does not count.
      if (!isOver && device.life !== life) this.counts.locksAsked--;
      isOver = true;
    });
    const lock = `lock ${this.#probes++ % 16}`;
    world.request(device, { type: 'grant', ttlMs: 2000 }, granted => {
      if (!granted.ok || granted.result.type !== 'granted') return;
      const { lease } = granted.result;
      world.request(device, { type: 'acquire', lock, lease }, acquired => {
        if (!acquired.ok || acquired.result.type !== 'acquired') return;
        if (!isOver && device.life === life) {
          isOver = true;
          this.counts.locksHad++;
        }
        if (this.#leaderGoneMs !== undefined && askedMs >= this.#leaderGoneMs) this.#foundLeader();
        world.request(device, { type: 'revoke', lease }, () => undefined);
      });
    });
  }
  #foundLeader(): void {
    if (this.#leaderGoneMs === undefined) return;
    // Until the first that was asked afterwards is answered, which is later than when it might have been.
    this.#failovers.push(this.world.nowMs - this.#leaderGoneMs);
    this.#leaderGoneMs = undefined;
  }
}

export function playDay(
  seed: string,
  day: Day,
  minutes: number,
  trace?: (line: string) => void,
): GroupOutcome {
  let played: DayOf | undefined;
  const violation = violationOf(() => {
    played = new DayOf(seed, day, minutes, trace);
    played.world.run(minutes * minuteMs);
    played.finish();
  });
  if (played === undefined) throw violation ?? new Error('a day that does not begin');
  const { world, counts } = played;
  world.counts.elections = world.logs.leaders;
  return {
    seed,
    violation,
    atMs: world.nowMs,
    counts: { ...world.counts, ...counts },
    hash: world.hash.toString(),
  };
}
