/**
 * What has really happened, as nobody in the world can know it: every batch that was ever closed, what its author had
 * seen by then, which disks hold it, and whether its author was told that it is kept. Checkers compare what replicas
 * do with it, and faults ask it what they may still take away (the atlas).
 */
import type { BatchId, ReplicaId } from '../base/ids.ts';

export interface Entry {
  id: BatchId;
  /** Of each replica, by index, how many batches the author had delivered; undefined for what only came from outside. */
  past: readonly number[] | undefined;
  wallMs: number;
  logical: number;
  /** Devices whose disk holds it: one bit each. */
  holders: number;
  /** Its author heard that the disk has it: it must never be lost. */
  promised: boolean;
  /** Somebody was sent it. */
  sent: boolean;
  /** Devices whose disk held it at some time. */
  everHeld: number;
}

export interface Log {
  readonly index: number;
  readonly replicaId: ReplicaId;
  readonly entries: Entry[];
  /** Of how many batches the author heard that they are kept. */
  promised: number;
  /** The device that writes it and can be expected to know it after a restart. */
  device: number | undefined;
}

export class Ledger {
  readonly logs: Log[] = [];
  /** Batches whose author heard that they are kept, branches of forks included: but for faults that take disks away, none may be lost. */
  readonly promisedIds = new Set<BatchId>();
  readonly #byId = new Map<ReplicaId, Log>();
  /** By the first six bytes of the replica id, as they stand in messages. */
  readonly #byBytes = new Map<number, Log>();

  log(replicaId: ReplicaId): Log {
    let log = this.#byId.get(replicaId);
    if (log === undefined) {
      log = { index: this.logs.length, replicaId, entries: [], promised: 0, device: undefined };
      this.logs.push(log);
      this.#byId.set(replicaId, log);
      this.#byBytes.set(parseInt(replicaId.slice(0, 12), 16), log);
    }
    return log;
  }

  /** The log whose id stands in `bytes` at `at`; undefined when nobody here ever had it. */
  logIn(bytes: Uint8Array, at: number): Log | undefined {
    let key = 0;
    for (let i = 0; i < 6; i++) key = key * 256 + (bytes[at + i] as number);
    return this.#byBytes.get(key);
  }

  entry(replicaId: ReplicaId, sequence: number): Entry | undefined {
    return this.#byId.get(replicaId)?.entries[sequence];
  }

  /** Notes a batch, instead of one that was never kept nor sent. */
  note(replicaId: ReplicaId, sequence: number, entry: Pick<Entry, 'id' | 'past'>): Entry {
    const { entries } = this.log(replicaId);
    const noted: Entry = {
      ...entry,
      wallMs: 0,
      logical: 0,
      holders: 0,
      promised: false,
      sent: false,
      everHeld: 0,
    };
    entries[sequence] = noted;
    return noted;
  }
}
