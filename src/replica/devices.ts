/**
 * Whose the replicas are, by their certificates, and what each device has said its disk holds. The copies of a change
 * are counted in devices: two tabs share one disk, and another tab of ours is no second copy.
 */
import { deviceIdOf, type DeviceId, type ReplicaId } from '../base/ids.ts';
import type { Crypto } from '../base/ports.ts';
import { mergeInto, type ReadonlyVectorClock, type VectorClock } from '../clocks/vector-clock.ts';
import type { OutboxRow } from '../storage/store.ts';
import type { Split } from '../sync/batch-log.ts';

export class Devices {
  readonly ownId: DeviceId;
  readonly #crypto: Crypto;
  readonly #keys = new Map<ReplicaId, Uint8Array>();
  readonly #owners = new Map<ReplicaId, DeviceId>();
  readonly #ownReplicas = new Set<ReplicaId>();
  /** Of batches that this device did not write although it signed them, a copy of its profile did: no outbox row is theirs. */
  readonly #isWrittenHere: (name: ReplicaId) => boolean;
  readonly #ackedByDevice = new Map<DeviceId, VectorClock>();
  readonly #settled: VectorClock = new Map();

  constructor(crypto: Crypto, ownKey: Uint8Array, isWrittenHere: (name: ReplicaId) => boolean = () => true) {
    this.#isWrittenHere = isWrittenHere;
    this.#crypto = crypto;
    this.ownId = deviceIdOf(crypto, ownKey);
  }

  get owners(): ReadonlyMap<ReplicaId, DeviceId> {
    return this.#owners;
  }
  /** By device, what its disk holds at least. Our own is not in it. */
  get ackedByDevice(): ReadonlyMap<DeviceId, ReadonlyVectorClock> {
    return this.#ackedByDevice;
  }
  /** How many batches of each of this device's replicas some other device is known to hold. */
  get settled(): ReadonlyVectorClock {
    return this.#settled;
  }

  certify(replicaId: ReplicaId, deviceKey: Uint8Array): void {
    this.#keys.set(replicaId, deviceKey);
    const owner = deviceIdOf(this.#crypto, deviceKey);
    this.#owners.set(replicaId, owner);
    if (owner === this.ownId) this.#ownReplicas.add(replicaId);
  }

  /** The log that `author` signs has a branch called `name`, which begins with batch number `base`. */
  branched(author: ReplicaId, name: ReplicaId, base: number): void {
    const owner = this.#owners.get(author);
    if (owner === undefined || this.#owners.has(name)) return;
    this.#owners.set(name, owner);
    if (owner !== this.ownId) return;
    this.#ownReplicas.add(name);
    this.#settled.set(name, base);
  }

  /** A log parts: what other devices hold of it may be of either branch, until they say it anew. */
  split({ log, at }: Split): void {
    for (const clock of [this.#settled, ...this.#ackedByDevice.values()])
      if ((clock.get(log) ?? 0) > at) clock.set(log, at);
  }

  keyOf(replicaId: ReplicaId): Uint8Array | undefined {
    return this.#keys.get(replicaId);
  }

  /** From the store: outbox rows are what no other device was known to hold. */
  load(
    clock: ReadonlyVectorClock,
    outbox: readonly OutboxRow[],
    authorOf: (name: ReplicaId) => ReplicaId = name => name,
  ): void {
    for (const name of this.#ownReplicas) {
      const base = this.#settled.get(name) ?? 0;
      const author = authorOf(name);
      const waiting = this.#isWrittenHere(name)
        ? outbox.filter(row => row.replicaId === author && row.sequence >= base).map(row => row.sequence)
        : [];
      this.#settled.set(name, Math.min(clock.get(name) ?? 0, ...waiting));
    }
  }

  /**
   * A peer's disk holds what `acked` covers; `clock` is what we have ourselves. Tells `settle` of every batch of this
   * device that another is now known to hold; `authorOf` says who signed what a clock names. False when the peer's device says nothing about copies: unknown, or ours.
   */
  acknowledged(
    peer: ReplicaId,
    acked: ReadonlyVectorClock,
    clock: ReadonlyVectorClock,
    settle: (row: OutboxRow) => void,
    authorOf: (name: ReplicaId) => ReplicaId = name => name,
  ): boolean {
    const device = this.#owners.get(peer);
    if (device === undefined || device === this.ownId) return false;
    const held: VectorClock = this.#ackedByDevice.get(device) ?? new Map<ReplicaId, number>();
    this.#ackedByDevice.set(device, held);
    mergeInto(held, acked);
    for (const name of this.#ownReplicas) {
      const known = Math.min(held.get(name) ?? 0, clock.get(name) ?? 0);
      const settled = this.#settled.get(name) ?? 1;
      if (this.#isWrittenHere(name)) {
        const replicaId = authorOf(name);
        for (let sequence = settled; sequence < known; sequence++) settle({ replicaId, sequence });
      }
      if (known > settled) this.#settled.set(name, known);
    }
    return true;
  }
}
