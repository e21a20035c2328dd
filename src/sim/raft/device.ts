/** One device of a group: its clock, its disk, and the member that runs on it, if one does. */
import type { SeededRandom } from '../../base/random.ts';
import { Driver } from '../../consensus/driver/driver.ts';
import type { LogChange } from '../../consensus/driver/log-change.ts';
import type { MemberId } from '../../consensus/entry.ts';
import { MemoryLogStorage, type StoredLog } from '../../consensus/log-storage.ts';
import type { Client } from './client.ts';
import type { GroupClock } from './clock.ts';
import type { GroupPlan } from './plan.ts';

/** Members of one device: another store is another member. */
const membersOfDevice = 1000;
export const memberOf = (device: number, store: number): MemberId => 1 + device + membersOfDevice * store;
export const deviceOf = (member: MemberId): number => (member - 1) % membersOfDevice;

export class Device {
  readonly index: number;
  readonly clock: GroupClock;
  member: MemberId;
  /** What is on it for good. */
  disk: MemoryLogStorage;
  driver: Driver | undefined = undefined;
  client: Client | undefined = undefined;
  /** Counts starts, so that what was meant for an earlier one is known. */
  life = 0;
  #stores = 0;
  writing: { readonly token: number; readonly changes: readonly LogChange[] } | undefined = undefined;
  asleep = false;
  /** What came while it slept. */
  readonly deferred: (() => void)[] = [];
  slowDiskUntilMs = 0;
  hiddenUntilMs = 0;
  priority: number | undefined = undefined;
  lost = false;
  /** It was removed, and has forgotten its log; what comes late may still count on that. */
  cleared = false;
  /** The last term it was seen to lead in. */
  ledTerm = 0;
  /** The life in which its policy of voters began. */
  policyLife = 0;

  constructor(index: number, clock: GroupClock, stored: StoredLog) {
    this.index = index;
    this.clock = clock;
    this.member = memberOf(index, 0);
    this.disk = MemoryLogStorage.restored(stored);
  }
  get isUp(): boolean {
    return this.driver !== undefined;
  }
  start(plan: GroupPlan, random: SeededRandom): Driver {
    this.life++;
    const config = {
      id: this.member,
      random: random.split(`${this.index}/${this.life}`),
      tickMs: plan.tickMs,
      electionTicks: plan.electionTicks,
      snapshotEveryEntries: plan.snapshotEveryEntries,
      ...(this.priority === undefined ? {} : { priority: this.priority }),
    };
    this.driver = new Driver(config, this.disk.stored(), this.clock.monotonicMs());
    return this.driver;
  }
  stop(): void {
    this.driver = undefined;
    this.client = undefined;
    this.writing = undefined;
    this.deferred.length = 0;
    this.asleep = false;
    this.clock.goOn();
  }
  /** All that was stored is gone, and the member with it: it comes back as another. */
  loseStore(): void {
    this.disk = new MemoryLogStorage();
    this.member = memberOf(this.index, ++this.#stores);
    this.lost = true;
    this.cleared = false;
  }
}
