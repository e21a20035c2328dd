/**
 * What the bytes of operations have in common: ids of other replicas named once in a table, ids of the author as
 * distances, stamps as differences. Operations of one section come from one replica and take up its counters
 * densely, so an operation's own id is not written at all.
 */
import { concatBytes, fromHex } from '../base/bytes.ts';
import { Writer, type Reader } from '../base/codec.ts';
import type { ReplicaId } from '../base/ids.ts';
import { counterMax, stampLogicalMax, stampWallMsMax } from '../base/limits.ts';
import type { HybridTime } from '../clocks/hybrid-logical-clock.ts';
import type { OpId } from './context.ts';
import type { Place } from './text/gap.ts';
import { readReplicaTable, type ReplicaIds } from './replica-table.ts';

/** Three bits of a header that say where a slot hangs: two for the parent, one for the side. */
const PARENT_PREVIOUS = 0;
const PARENT_ROOT = 1;
const PARENT_OWN = 2;
const PARENT_FOREIGN = 3;
const LEFT = 4;

export class OpWriter {
  /** The operations; the table goes before it. */
  readonly body = new Writer();
  readonly #author: ReplicaId;
  readonly #table = new Map<ReplicaId, number>();
  #wallMs = 0;

  constructor(author: ReplicaId) {
    this.#author = author;
  }

  isForeign(id: OpId): boolean {
    return id.replicaId !== this.#author;
  }

  /** `id` as seen from the operation with the author's counter `from`; whether it is foreign stands elsewhere. */
  reference(id: OpId, from: number): this {
    if (!this.isForeign(id)) {
      this.body.varUint(from - id.counter);
      return this;
    }
    let place = this.#table.get(id.replicaId);
    if (place === undefined) this.#table.set(id.replicaId, (place = this.#table.size));
    this.body.varUint(place).varUint(id.counter);
    return this;
  }

  /** The three bits for `place` in the header of the operation with the author's counter `from`. */
  placeBits({ parent, side }: Place, from: number): number {
    if (parent === null) return PARENT_ROOT;
    const left = side === 'left' ? LEFT : 0;
    if (this.isForeign(parent)) return PARENT_FOREIGN | left;
    return parent.counter === from - 1 && left === 0 ? PARENT_PREVIOUS : PARENT_OWN | left;
  }

  /** What those bits leave open. */
  place(place: Place, from: number): this {
    const kind = this.placeBits(place, from) & 3;
    if (place.parent !== null && kind !== PARENT_PREVIOUS) this.reference(place.parent, from);
    return this;
  }

  stamp(stamp: HybridTime): this {
    writeStamp(this.body, stamp, this.#wallMs);
    this.#wallMs = stamp.wallMs;
    return this;
  }

  finish(version: number): Uint8Array<ArrayBuffer> {
    const head = new Writer().byte(version).varUint(this.#table.size);
    for (const replicaId of this.#table.keys()) head.bytes(fromHex(replicaId));
    return concatBytes(head.finish(), this.body.finish());
  }
}

export class OpReader {
  readonly reader: Reader;
  readonly #author: ReplicaId;
  readonly #table: ReplicaIds;
  #wallMs = 0;

  /** Reads the version and the table. */
  constructor(reader: Reader, author: ReplicaId, version: number) {
    this.reader = reader;
    this.#author = author;
    if (reader.byte() !== version) reader.fail('unknown version');
    this.#table = readReplicaTable(reader, author);
  }

  reference(foreign: boolean, from: number): OpId {
    return foreign ? this.#foreign() : this.own(from, this.reader.varUint());
  }

  /** The author's id `back` counters before `from`. */
  own(from: number, back: number): OpId {
    if (back === 0 || back > from) this.reader.fail('counter out of range');
    return { replicaId: this.#author, counter: from - back };
  }

  place(bits: number, from: number): Place {
    const kind = bits & 3;
    const side = (bits & LEFT) === 0 ? 'right' : 'left';
    // The one form of each: the previous id on the right has its own kind, and the root has no left.
    if (side === 'left' && (kind === PARENT_PREVIOUS || kind === PARENT_ROOT))
      this.reader.fail('malformed header');
    if (kind === PARENT_ROOT) return { parent: null, side };
    if (kind === PARENT_PREVIOUS) return { parent: this.own(from, 1), side };
    return { parent: this.reference(kind === PARENT_FOREIGN, from), side };
  }

  stamp(): HybridTime {
    const stamp = readStamp(this.reader, this.#wallMs);
    this.#wallMs = stamp.wallMs;
    return stamp;
  }

  #foreign(): OpId {
    const replicaId = this.#table.at(this.reader.varUint());
    if (replicaId === undefined) return this.reader.fail('unknown replica');
    return { replicaId, counter: this.reader.varUint(counterMax - 1) };
  }
}

/** The milliseconds as their distance from `lastWallMs`, zig-zag: writes of one moment take two bytes. */
export function writeStamp(writer: Writer, stamp: HybridTime, lastWallMs: number): void {
  const delta = stamp.wallMs - lastWallMs;
  writer.varUint(delta < 0 ? -2 * delta - 1 : 2 * delta).varUint(stamp.logical);
}

export function readStamp(reader: Reader, lastWallMs: number): HybridTime {
  const zigzag = reader.varUint(2 * stampWallMsMax);
  const wallMs = lastWallMs + (zigzag % 2 === 0 ? zigzag / 2 : -(zigzag + 1) / 2);
  if (wallMs < 0 || wallMs > stampWallMsMax) reader.fail('stamp out of range');
  return { wallMs, logical: reader.varUint(stampLogicalMax) };
}
