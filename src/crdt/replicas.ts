/**
 * The replicas that a document names, once each: whatever is in it names them by their places among these, in a byte or two
 * and not in sixteen. A map of a thousand registers would be sixteen thousand bytes of ids otherwise.
 *
 * A value that stands alone has no such table and writes ids whole; then `undefined` stands for it.
 */
import { fromHex } from '../base/bytes.ts';
import type { Reader, Writer } from '../base/codec.ts';
import { idBytes, type ReplicaId } from '../base/ids.ts';
import { counterMax } from '../base/limits.ts';
import type { ReadonlyVectorClock } from '../clocks/vector-clock.ts';
import { readReplicaId } from './state-codec.ts';

export class Replicas {
  /** Rising. */
  readonly ids: readonly ReplicaId[];
  /** Of each, the first counter that the document has not seen: ids at and beyond it are still to be given out. */
  readonly ends: readonly number[];
  readonly #places: ReadonlyMap<ReplicaId, number>;

  constructor(version: ReadonlyVectorClock) {
    this.ids = [...version.keys()].sort();
    this.ends = this.ids.map(replicaId => version.get(replicaId) ?? 0);
    this.#places = new Map(this.ids.map((replicaId, place) => [replicaId, place]));
  }

  /** The first counter not seen of any replica: 0 when it is not named. */
  endOf(replicaId: ReplicaId): number {
    return this.ends[this.#places.get(replicaId) ?? -1] ?? 0;
  }

  /** Of a replica that is named. */
  placeOf(replicaId: ReplicaId): number {
    return this.#places.get(replicaId) as number;
  }
}

export function writeReplica(writer: Writer, replicaId: ReplicaId, replicas: Replicas | undefined): void {
  if (replicas === undefined) writer.bytes(fromHex(replicaId));
  else writer.varUint(replicas.placeOf(replicaId));
}

/** Reads the ids of a list in which they rise, with the counter before which each one's ids are. */
export class ReplicaReader {
  replicaId = '' as ReplicaId;
  end = counterMax;
  readonly #reader: Reader;
  readonly #replicas: Replicas | undefined;
  #place = -1;

  constructor(reader: Reader, replicas: Replicas | undefined) {
    this.#reader = reader;
    this.#replicas = replicas;
  }

  /** How many the bytes left can hold. */
  get countMax(): number {
    return this.#replicas?.ids.length ?? Math.floor(this.#reader.left / idBytes);
  }

  next(): void {
    if (this.#replicas === undefined) {
      const replicaId = readReplicaId(this.#reader);
      if (replicaId <= this.replicaId) this.#reader.fail('replicas not sorted');
      this.replicaId = replicaId;
      return;
    }
    const place = this.#reader.varUint();
    if (place >= this.#replicas.ids.length) this.#reader.fail('unknown replica');
    if (place <= this.#place) this.#reader.fail('replicas not sorted');
    this.#place = place;
    this.replicaId = this.#replicas.ids[place] as ReplicaId;
    this.end = this.#replicas.ends[place] as number;
  }
}

/** One entry a replica, rising by replica id. */
export function writeEntries<T>(
  writer: Writer,
  entries: ReadonlyMap<ReplicaId, T>,
  replicas: Replicas | undefined,
  write: (entry: T, replicaId: ReplicaId) => void,
): void {
  writer.varUint(entries.size);
  // Most values have one writer.
  const sorted = entries.size < 2 ? entries : [...entries].sort(([a], [b]) => (a < b ? -1 : 1));
  for (const [replicaId, entry] of sorted) {
    writeReplica(writer, replicaId, replicas);
    write(entry, replicaId);
  }
}

/** The entries are in a map in the order read, which is that of the replica ids. `end`: counters of the replica are below it. */
export function readEntries<T>(
  reader: Reader,
  replicas: Replicas | undefined,
  read: (replicaId: ReplicaId, end: number) => T,
): Map<ReplicaId, T> {
  const entries = new Map<ReplicaId, T>();
  const names = new ReplicaReader(reader, replicas);
  for (let left = reader.varUint(names.countMax); left > 0; left--) {
    names.next();
    const entry = read(names.replicaId, names.end);
    if (!reader.looks) entries.set(names.replicaId, entry);
  }
  return entries;
}

/** The first counter of a replica not seen: at least 1, since an entry is there for an operation. */
export function readNext(reader: Reader, end: number): number {
  const next = reader.varUint(counterMax);
  if (next > end) reader.fail('counter out of range');
  return next > 0 ? next : reader.fail('empty entry');
}
