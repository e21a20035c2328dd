/**
 * A light world for one group: devices with a clock and a disk each, a network between them, and nothing else that the replica has. So a
 * seed of ten minutes takes a second, and what decides, the drivers and all below them, is the very code that ships.
 */
import { assertNever } from '../../base/assert.ts';
import { SeededRandom } from '../../base/random.ts';
import type { DriverEffect, Outcome } from '../../consensus/driver/effects.ts';
import { emptyLog, foundingLog, type Driver } from '../../consensus/driver/driver.ts';
import { changeLog } from '../../consensus/driver/log-change.ts';
import { emptyConfiguration, isJoint } from '../../consensus/configuration.ts';
import type { MemberId } from '../../consensus/entry.ts';
import type { Command } from '../../consensus/machine/commands.ts';
import { must } from '../checker.ts';
import { EventHeap } from '../event-heap.ts';
import { TraceHash } from '../trace-hash.ts';
import { Client, type ClientWorld } from './client.ts';
import { GroupClock } from './clock.ts';
import { Device, deviceOf, memberOf } from './device.ts';
import { LogChecker } from './log-checker.ts';
import { Operations } from './operations.ts';
import { Oracle } from './oracle.ts';
import type { GroupPlan } from './plan.ts';
import { checkPromise } from './promise-checker.ts';

export type GroupCounts = Record<
  | 'events'
  | 'messages'
  | 'commits'
  | 'faults'
  | 'crashes'
  | 'restarts'
  | 'elections'
  | 'changes'
  | 'operations'
  | 'wishes'
  | 'staleWritesRefused'
  | 'snapshots'
  | 'unjudged',
  number
>;

const lateMs = 6000;
/** A tab in the background: its timers come once a second. */
const hiddenTimerMs = 1000;
const compareEveryMs = 2000;

export class GroupWorld implements ClientWorld {
  readonly plan: GroupPlan;
  readonly devices: readonly Device[];
  readonly oracle = new Oracle();
  readonly logs: LogChecker;
  readonly operations: Operations;
  readonly hash = new TraceHash();
  readonly counts: GroupCounts = {
    events: 0,
    messages: 0,
    commits: 0,
    faults: 0,
    crashes: 0,
    restarts: 0,
    elections: 0,
    changes: 0,
    operations: 0,
    wishes: 0,
    staleWritesRefused: 0,
    snapshots: 0,
    unjudged: 0,
  };
  nowMs = 0;
  isCalm = false;
  /** What whoever leads next is asked in the moment it begins to. */
  ofNextLeader: ((device: Device) => void) | undefined = undefined;
  /** What happens as soon as a leader has applied a joint configuration. */
  ofNextJoint: ((device: Device) => void) | undefined = undefined;
  readonly #heap = new EventHeap();
  readonly #random: SeededRandom;
  readonly #network: SeededRandom;
  readonly #disks: SeededRandom;
  readonly #cuts = new Map<string, number>();
  readonly #asked = new Map<Device, Map<string, (outcome: Outcome | undefined) => void>>();
  /** What was committed anywhere when a read was asked for. */
  readonly #reads = new Map<string, number>();
  readonly #trace: ((line: string) => void) | undefined;
  #lanes = 0;
  #unique = 0;

  constructor(plan: GroupPlan, trace?: (line: string) => void) {
    this.plan = plan;
    this.#trace = trace;
    this.#random = new SeededRandom(`world ${plan.seed}`);
    this.#network = this.#random.split('network');
    this.#disks = this.#random.split('disks');
    const founders = Array.from({ length: plan.founders }, (_, index) => memberOf(index, 0));
    this.devices = Array.from({ length: plan.devices }, (_, index) => {
      const clock = new GroupClock(() => this.nowMs, plan.rates[index] ?? 1);
      return new Device(index, clock, index < plan.founders ? foundingLog(founders) : emptyLog());
    });
    const founded = foundingLog(founders).snapshot?.configuration ?? emptyConfiguration;
    this.logs = new LogChecker(this.devices, founded, entry => {
      this.counts.commits++;
      if (entry.type === 'configuration') this.counts.changes++;
      this.oracle.committed(entry);
    });
    this.operations = new Operations(this.oracle);
    for (const device of this.devices) this.start(device);
    this.#heap.push(compareEveryMs, () => this.#compare());
  }

  get thinkMs(): number {
    return this.plan.thinkMs;
  }
  get changes(): Oracle['changes'] {
    return this.oracle.changes;
  }
  get electionMs(): number {
    return this.plan.tickMs * this.plan.electionTicks;
  }
  unique(): number {
    return ++this.#unique;
  }
  say(device: Device | undefined, what: () => string): void {
    this.#trace?.(
      `${(this.nowMs / 1000).toFixed(3)} ${device === undefined ? '-' : String(device.member)} ${what()}`,
    );
  }

  run(untilMs: number): void {
    while (this.#heap.nextMs <= untilMs) {
      const event = this.#heap.pop();
      if (event === undefined) break;
      this.nowMs = event.atMs;
      this.counts.events++;
      event.run();
    }
    this.nowMs = Math.max(this.nowMs, untilMs);
  }
  elsewhere(ms: number, run: () => void): void {
    this.#heap.push(this.nowMs + ms, run);
  }
  /** On this device, in this life of it; when it sleeps, as soon as it wakes. */
  later(device: Device, ms: number, run: () => void): void {
    const { life } = device;
    const now = (): void => {
      if (device.life !== life || !device.isUp) return;
      if (device.asleep) device.deferred.push(now);
      else run();
    };
    this.elsewhere(ms, now);
  }

  // ── Devices ───────────────────────────────────────────────────────────────────────────────────────────────

  start(device: Device): void {
    if (device.isUp) return;
    const driver = device.start(this.plan, this.#random);
    this.counts.restarts++;
    this.say(device, () => `starts, applied ${driver.machine.index}`);
    this.#asked.set(device, new Map());
    this.logs.opened(device);
    if (this.plan.silent !== true)
      device.client = new Client(
        this,
        device,
        this.#random.split(`client ${device.index}/${device.life}`),
        ++this.#lanes,
      );
    this.#tickLater(device, driver);
  }
  /** `keepsWrite`: what was being written reached the disk, and nobody was told. */
  kill(device: Device, keepsWrite: boolean): void {
    if (!device.isUp) return;
    this.counts.crashes++;
    this.say(device, () => 'is killed');
    device.client?.stop();
    if (keepsWrite && device.writing !== undefined) this.#toDisk(device, device.writing.changes);
    device.stop();
  }
  loseStore(device: Device): void {
    this.kill(device, false);
    this.logs.lost(device);
    device.loseStore();
    this.say(device, () => 'has lost its store, and is another member');
  }
  sleep(device: Device, forMs: number, stops: boolean): void {
    if (!device.isUp || device.asleep) return;
    device.asleep = true;
    if (stops) device.clock.stop();
    const { life } = device;
    this.say(device, () => `sleeps for ${forMs}`);
    this.elsewhere(forMs, () => {
      if (device.life === life) this.wake(device);
    });
  }
  wake(device: Device): void {
    if (!device.asleep) return;
    device.asleep = false;
    device.clock.goOn();
    this.say(device, () => 'wakes');
    for (const run of device.deferred.splice(0)) run();
  }
  #tickLater(device: Device, driver: Driver): void {
    const dueMs = Math.max(0, device.clock.timeOf(driver.nextTickMs) - this.nowMs);
    const hidden = this.nowMs < device.hiddenUntilMs;
    this.later(device, hidden ? Math.max(dueMs, hiddenTimerMs) : dueMs + 0.01, () => {
      this.did(device, driver.pass(device.clock.monotonicMs()));
      this.#tickLater(device, driver);
    });
  }

  // ── Effects ───────────────────────────────────────────────────────────────────────────────────────────────

  did(device: Device, effects: readonly DriverEffect[]): void {
    this.logs.after(device);
    for (const effect of effects) this.#do(device, effect);
    const { driver } = device;
    if (driver?.isLeader !== true) return;
    if (this.ofNextJoint !== undefined && !this.isCalm && isJoint(driver.configuration)) {
      this.ofNextJoint(device);
      this.ofNextJoint = undefined;
    }
    if (driver.status().term === device.ledTerm) return;
    device.ledTerm = driver.status().term;
    const ask = this.ofNextLeader;
    this.ofNextLeader = undefined;
    if (!this.isCalm) ask?.(device);
  }
  #do(device: Device, effect: DriverEffect): void {
    switch (effect.type) {
      case 'persist': {
        const { token, changes } = effect;
        device.writing = { token, changes };
        const [least, most] = this.nowMs < device.slowDiskUntilMs ? [500, 3000] : this.plan.diskMs;
        this.later(device, least + this.#disks.below(most - least + 1), () => {
          this.#toDisk(device, changes);
          device.writing = undefined;
          // Between the disk and the tab there is a moment, too.
          this.later(device, this.#disks.below(3), () => {
            if (device.driver !== undefined) this.did(device, device.driver.persisted(token));
          });
        });
        return;
      }
      case 'send':
        checkPromise(device, effect.bytes);
        this.#send(device, effect.to, effect.bytes);
        return;
      case 'answered': {
        this.counts.operations++;
        const waiting = this.#asked.get(device);
        const done = waiting?.get(`request ${effect.request}`);
        waiting?.delete(`request ${effect.request}`);
        done?.(effect.outcome);
        return;
      }
      case 'readable': {
        const name = `read ${effect.read}`;
        const atLeast = this.#reads.get(`${device.index}/${device.life} ${name}`) ?? 0;
        must(
          (device.driver?.machine.index ?? 0) >= atLeast,
          'reads are not below what was acknowledged before',
          () => `${device.member} reads at ${device.driver?.machine.index ?? 0}, ${atLeast} was committed`,
        );
        const waiting = this.#asked.get(device);
        const done = waiting?.get(name);
        waiting?.delete(name);
        this.#reads.delete(`${device.index}/${device.life} ${name}`);
        done?.(undefined);
        return;
      }
      case 'store-lost':
        must(device.cleared, 'no store is thought lost that is not', () => `of ${device.member}`);
        // As its interface would: it comes back as another member.
        this.elsewhere(0, () => {
          if (!device.cleared) return;
          this.loseStore(device);
          this.start(device);
        });
        return;
      default:
        assertNever(effect);
    }
  }
  #toDisk(device: Device, changes: readonly Parameters<typeof changeLog>[1][]): void {
    for (const change of changes) {
      if (change.kept !== undefined) this.counts.snapshots++;
      changeLog(device.disk, change);
    }
    this.logs.written(device, changes);
  }

  request(device: Device, command: Command, done: (outcome: Outcome) => void): void {
    const { driver } = device;
    if (driver === undefined) return;
    const { request, effects } = driver.request(command);
    if (request !== undefined)
      this.#asked.get(device)?.set(`request ${request}`, outcome => {
        if (outcome !== undefined) done(outcome);
      });
    this.did(device, effects);
  }
  read(device: Device, done: () => void): void {
    const { driver } = device;
    if (driver === undefined) return;
    const atLeast = this.logs.committedIndex;
    const { read, effects } = driver.read();
    if (read !== undefined) {
      this.#reads.set(`${device.index}/${device.life} read ${read}`, atLeast);
      this.#asked.get(device)?.set(`read ${read}`, done);
    }
    this.did(device, effects);
  }

  // ── Network ───────────────────────────────────────────────────────────────────────────────────────────────

  cut(from: number, to: number, untilMs: number): void {
    const name = `${from}>${to}`;
    this.#cuts.set(name, Math.max(untilMs, this.#cuts.get(name) ?? 0));
  }
  heal(): void {
    this.#cuts.clear();
  }
  #send(device: Device, to: MemberId, bytes: Uint8Array): void {
    const random = this.#network;
    const { latencyMs, loss, duplicates, late } = this.plan;
    const chance = (share: number): boolean => !this.isCalm && random.fraction() < share;
    const cutUntilMs = this.#cuts.get(`${device.index}>${deviceOf(to)}`) ?? 0;
    if (cutUntilMs > this.nowMs || chance(loss)) return;
    const copies = chance(duplicates) ? 2 : 1;
    for (let n = 0; n < copies; n++) {
      const [least, most] = latencyMs;
      let delayMs = least + random.below(most - least + 1) + random.fraction();
      if (chance(late)) delayMs += random.below(lateMs);
      this.elsewhere(delayMs, () => this.#arrive(device.index, device.member, to, bytes));
    }
  }
  #arrive(index: number, from: MemberId, to: MemberId, bytes: Uint8Array): void {
    const device = this.devices[deviceOf(to)];
    if (device?.member !== to || (this.#cuts.get(`${index}>${device.index}`) ?? 0) > this.nowMs) return;
    const { driver, life } = device;
    if (driver === undefined) return;
    if (device.asleep) {
      // What a frozen tab has in its buffers it hears when it wakes, as far as they reach.
      if (device.deferred.length < 500)
        device.deferred.push(() => {
          if (device.life === life) this.#arrive(index, from, to, bytes);
        });
      return;
    }
    this.counts.messages++;
    this.hash.time(this.nowMs);
    this.hash.bytes(bytes);
    this.did(device, driver.receive(from, bytes));
  }

  // ── Now and then ──────────────────────────────────────────────────────────────────────────────────────────

  #compare(): void {
    for (const device of this.devices) this.oracle.compare(device);
    this.elsewhere(compareEveryMs, () => this.#compare());
  }
  get leader(): Device | undefined {
    let best: Device | undefined;
    for (const device of this.devices) {
      if (device.driver?.isLeader !== true) continue;
      if (best === undefined || device.driver.status().term > (best.driver?.status().term ?? 0))
        best = device;
    }
    return best;
  }
}
