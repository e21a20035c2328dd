/**
 * The bytes of a document without its history, looked at: all that a reader would refuse is found with a few bytes for each byte, before one
 * container is made (docs/protocols/bounds.md). Rows stand in the order of a walk, so what is asked of one concerns the maps around
 * it, of which there are few, and the row before; columns that belong to the same rows are gone through side by side.
 */
import type { Reader } from '../../base/codec.ts';
import { idBytes, type ReplicaId } from '../../base/ids.ts';
import { clockEntriesMax, counterMax, mapDepthMax, mapKeyBytesMax } from '../../base/limits.ts';
import type { Context } from '../context.ts';
import { kindMax } from '../map/codec.ts';
import { Replicas } from '../replicas.ts';
import { readReplicaId } from '../state-codec.ts';
import { lookAtRuns } from './columns.ts';
import { timeMax } from './document.ts';
import { leafKind, mapCode } from './kinds.ts';

export const documentVersion = 2;

export function lookAtDocument(reader: Reader, context: Context): void {
  if (reader.byte() !== documentVersion) reader.fail('unknown version');
  const replicas = readReplicas(reader, () => undefined);
  const count = reader.varUint(reader.left);
  const from = reader.at;
  const rows = new RowCursor(reader);
  for (let i = 0; i < count; i++) rows.next();
  lookAtLive(reader, new RowCursor(reader.again(from)), count, replicas);
  lookAtUnread(reader, count, replicas);
  const again = new RowCursor(reader.again(from));
  for (let i = 0; i < count; i++) {
    const kind = leafKind(again.next().kind);
    if (kind === undefined) continue;
    const value = kind.decode(reader.varBytes(reader.left), context, replicas);
    if (!value.ok) reader.fail(value.reason);
  }
}

/** `take` is told the time of each one's last batch. */
export function readReplicas(reader: Reader, take: (replicaId: ReplicaId, time: number) => void): Replicas {
  const count = reader.varUint(clockEntriesMax);
  if (count * idBytes > reader.left) reader.fail('short');
  const version = new Map<ReplicaId, number>();
  let last = '';
  for (let i = 0; i < count; i++) {
    const replicaId = readReplicaId(reader);
    if (replicaId <= last) reader.fail('replicas not sorted');
    last = replicaId;
    const end = reader.varUint(counterMax);
    const time = reader.varUint(timeMax);
    if (end === 0 || time === 0) reader.fail('empty clock entry');
    version.set(replicaId, end);
    take(replicaId, time);
  }
  return new Replicas(version);
}

/** A container, one of those around the row that was read last or that one itself. */
interface Open {
  readonly place: number;
  readonly kind: number;
  /** The name of the row read last that is in it. */
  lastKey: string | undefined;
  lastKind: number;
  /** Who made it present: places, rising, and counters. */
  live: { readonly places: Uint16Array; readonly counters: Float64Array } | undefined;
}

/** Goes through the rows and knows what each is in. */
class RowCursor {
  readonly #reader: Reader;
  /** The root first. */
  readonly #open: Open[] = [{ place: 0, kind: mapCode, lastKey: undefined, lastKind: 0, live: undefined }];
  #place = 0;

  constructor(reader: Reader) {
    this.#reader = reader;
  }

  /** What the row that was read last is in; `undefined` when that is the root. */
  get around(): Open | undefined {
    return this.#open.length > 2 ? this.#open[this.#open.length - 2] : undefined;
  }

  next(): Open {
    const reader = this.#reader;
    const parentPlace = reader.varUint(this.#place);
    while (this.#open.length > 1 && this.#open[this.#open.length - 1]?.place !== parentPlace)
      this.#open.pop();
    const parent = this.#open[this.#open.length - 1] as Open;
    if (parent.place !== parentPlace) reader.fail('containers out of order');
    const kind = reader.varUint(kindMax);
    const key = reader.varString(mapKeyBytesMax);
    if (leafKind(parent.kind) !== undefined) reader.fail('not a map');
    if (kind === 0) reader.fail('no kind');
    const { lastKey, lastKind } = parent;
    if (lastKey !== undefined && (key === lastKey ? kind <= lastKind : key < lastKey))
      reader.fail('containers out of order');
    if (this.#open.length > mapDepthMax) reader.fail('nested too deeply');
    parent.lastKey = key;
    parent.lastKind = kind;
    const row = { place: ++this.#place, kind, lastKey: undefined, lastKind: 0, live: undefined };
    this.#open.push(row);
    return row;
  }
}

/** Whatever is present inside a map makes the map present, at least as late. */
function lookAtLive(reader: Reader, rows: RowCursor, count: number, { ids, ends }: Replicas): void {
  const { cursor: counts, sum: total } = lookAtRuns(reader, count, ids.length);
  if (total > reader.left) reader.fail('short');
  const { cursor: replicas } = lookAtRuns(reader, total, ids.length - 1);
  for (let i = 0; i < count; i++) {
    const row = rows.next();
    const size = counts.next();
    const live = { places: new Uint16Array(size), counters: new Float64Array(size) };
    for (let at = 0; at < size; at++) {
      const place = replicas.next();
      if (at > 0 && place <= (live.places[at - 1] as number)) reader.fail('replicas not sorted');
      const counter = reader.varUint((ends[place] as number) - 1);
      live.places[at] = place;
      live.counters[at] = counter;
      if (rows.around !== undefined && !isPresent(rows.around, place, counter))
        reader.fail('present in what is not');
    }
    row.live = live;
  }
}

/** Did the replica make it present with `counter` or later? */
function isPresent({ live }: Open, place: number, counter: number): boolean {
  if (live === undefined) return false;
  let low = 0;
  let high = live.places.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((live.places[middle] as number) < place) low = middle + 1;
    else high = middle;
  }
  return live.places[low] === place && (live.counters[low] as number) >= counter;
}

function lookAtUnread(reader: Reader, count: number, { ids, ends }: Replicas): void {
  const { cursor: counts } = lookAtRuns(reader, count, reader.left);
  for (let i = 0; i < count; i++) {
    let last: readonly number[] | undefined;
    for (let left = counts.next(); left > 0; left--) {
      const place = reader.varUint(ids.length - 1);
      const end = ends[place] ?? reader.fail('unknown replica');
      const counter = reader.varUint(end - 1);
      const time = reader.varUint(timeMax);
      const counters = reader.varUint(end - counter);
      if (counters === 0) reader.fail('counter out of range');
      reader.varBytes(reader.left);
      const here = [time, place, counter];
      if (last !== undefined && !isBefore(last, here)) reader.fail('entries out of order');
      last = here;
    }
  }
}

function isBefore(a: readonly number[], b: readonly number[]): boolean {
  for (const [i, number] of a.entries()) {
    const other = b[i] as number;
    if (number !== other) return number < other;
  }
  return false;
}
