/** Some drivers, a network that a test holds in its hands, and disks that answer at once or when told. */
import { SeededRandom } from '../../base/random.ts';
import type { MemberId } from '../entry.ts';
import { MemoryLogStorage, type StoredLog } from '../log-storage.ts';
import { Driver, emptyLog, foundingLog } from './driver.ts';
import type { DriverEffect } from './effects.ts';
import { changeLog } from './log-change.ts';

export interface Sent {
  readonly from: MemberId;
  readonly to: MemberId;
  readonly bytes: Uint8Array;
}
type Persist = Extract<DriverEffect, { type: 'persist' }>;

export class Drivers {
  readonly all = new Map<MemberId, Driver>();
  readonly disks = new Map<MemberId, MemoryLogStorage>();
  readonly told: (DriverEffect & { readonly by: MemberId })[] = [];
  readonly writes = new Map<MemberId, Persist[]>();
  sent: Sent[] = [];
  /** They get, and send, nothing. */
  readonly cut = new Set<MemberId>();
  /** Their disks answer only when `write` is called. */
  readonly slow = new Set<MemberId>();
  nowMs = 0;
  readonly snapshotEveryEntries: number;

  constructor(voters: readonly MemberId[], { joining = [] as MemberId[], snapshotEveryEntries = 1000 } = {}) {
    this.snapshotEveryEntries = snapshotEveryEntries;
    for (const id of voters) this.start(id, foundingLog(voters));
    for (const id of joining) this.start(id, emptyLog());
  }
  get(id: MemberId): Driver {
    const driver = this.all.get(id);
    if (driver === undefined) throw new Error(`no member ${id}`);
    return driver;
  }
  get leader(): Driver | undefined {
    return [...this.all.values()].find(driver => driver.isLeader && !this.cut.has(driver.id));
  }
  start(id: MemberId, stored: StoredLog, life = 0): Driver {
    const random = new SeededRandom(`${id}/${life}`);
    const { snapshotEveryEntries } = this;
    const config = { id, random, tickMs: 100, electionTicks: 10, snapshotEveryEntries };
    const driver = new Driver(config, stored, this.nowMs);
    this.all.set(id, driver);
    this.disks.set(id, MemoryLogStorage.restored(stored));
    return driver;
  }
  stored(id: MemberId): StoredLog {
    return (this.disks.get(id) as MemoryLogStorage).stored();
  }
  do(by: MemberId, effects: readonly DriverEffect[]): void {
    for (const effect of effects) {
      if (effect.type === 'send') this.sent.push({ from: by, to: effect.to, bytes: effect.bytes });
      else if (effect.type !== 'persist') this.told.push({ ...effect, by });
      else {
        this.writes.set(by, [...(this.writes.get(by) ?? []), effect]);
        if (!this.slow.has(by)) this.write(by);
      }
    }
  }
  /** The oldest write of this member reaches its disk, and it is told. */
  write(id: MemberId): void {
    const [first, ...rest] = this.writes.get(id) ?? [];
    if (first === undefined) return;
    this.writes.set(id, rest);
    for (const change of first.changes) changeLog(this.disks.get(id) as MemoryLogStorage, change);
    this.do(id, this.get(id).persisted(first.token));
  }
  /** Until nothing is on its way. */
  deliver(loses: (sent: Sent) => boolean = () => false): void {
    while (this.sent.length > 0) {
      const sent = this.sent;
      this.sent = [];
      for (const one of sent) {
        const { from, to, bytes } = one;
        if (this.cut.has(from) || this.cut.has(to) || loses(one)) continue;
        this.do(to, this.all.get(to)?.receive(from, bytes) ?? []);
      }
    }
  }
  pass(ms: number, loses?: (sent: Sent) => boolean): void {
    for (const untilMs = this.nowMs + ms; this.nowMs < untilMs;) {
      this.nowMs += 50;
      for (const [id, driver] of this.all) this.do(id, driver.pass(this.nowMs));
      this.deliver(loses);
    }
  }
  /** Until somebody leads. */
  elect(): Driver {
    for (let tries = 0; tries < 100 && this.leader === undefined; tries++) this.pass(100);
    const { leader } = this;
    if (leader === undefined) throw new Error('nobody leads');
    return leader;
  }
}
