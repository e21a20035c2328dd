/**
 * The bytes of a document with its history, looked at: is everything there, in order, and every operation one that can be read? Whether an
 * operation may be applied is another question, which only applying the ones before it answers (`history-codec.ts`). What is kept is a few bytes
 * for each container; columns of one log are gone through side by side.
 */
import type { Reader } from '../../base/codec.ts';
import { idBytes, type ReplicaId } from '../../base/ids.ts';
import { clockEntriesMax, counterMax } from '../../base/limits.ts';
import { readReplicaId } from '../state-codec.ts';
import { decodeEntry } from './batch-codec.ts';
import { lookAtRuns, type RunsCursor } from './columns.ts';
import { nameRow, readContainerTable, type ContainerRows } from './container-table.ts';
import { timeMax } from './document.ts';
import { leafKind } from './kinds.ts';

export const historyVersion = 1;

export function lookAtHistory(reader: Reader): void {
  if (reader.byte() !== historyVersion) reader.fail('unknown version');
  // As many entries as there are bytes, this one among them.
  new HistoryLook(reader, reader.left + 1).look();
}

class HistoryLook {
  readonly #reader: Reader;
  readonly #replicas: readonly ReplicaId[];
  readonly #table: ContainerRows;
  /** The next container to be named. */
  #row = 1;
  /** Entries that there may still be. */
  #room: number;

  constructor(reader: Reader, room: number) {
    this.#reader = reader;
    this.#room = room;
    this.#replicas = readReplicas(reader);
    this.#table = readContainerTable(reader);
  }

  look(): void {
    for (let place = 0; place < this.#replicas.length; place++) this.#lookAtLog(place);
    if (this.#row !== this.#table.length) this.#reader.fail('container named in vain');
  }

  #lookAtLog(place: number): void {
    const reader = this.#reader;
    const count = reader.varUint(reader.left);
    if (count === 0) reader.fail('empty log');
    let entryCount = 0;
    for (let i = 0; i < count; i++) {
      // A batch has its byte here and a further entry a segment of its own: all logs together have no more than the input has
      // bytes. A bound for each log alone would let a thousand logs make a gigabyte out of forty kilobytes.
      const size = reader.varUint(this.#room);
      if (size === 0) reader.fail('empty batch');
      entryCount += size;
      this.#room -= size;
    }
    const { least } = lookAtRuns(reader, count, timeMax);
    if (least === 0) reader.fail('time stands still');
    this.#lookAtDependencies(place, count);
    const counters = lookAtRuns(reader, entryCount, counterMax);
    if (counters.least === 0 || counters.sum > counterMax) reader.fail('counter out of range');
    this.#lookAtSegments(place, entryCount, counters.cursor);
  }

  #lookAtDependencies(author: number, count: number): void {
    const reader = this.#reader;
    const { cursor: counts, sum: total } = lookAtRuns(reader, count, this.#replicas.length);
    if (total > reader.left) reader.fail('short');
    const { cursor: places } = lookAtRuns(reader, total, this.#replicas.length - 1);
    for (let i = 0; i < count; i++) {
      let last = -1;
      for (let left = counts.next(); left > 0; left--) {
        const place = places.next();
        if (place <= last) reader.fail('dependencies not sorted');
        if (place === author) reader.fail('depends on itself');
        last = place;
        reader.varUint(counterMax - 1);
      }
    }
  }

  #lookAtSegments(author: number, entryCount: number, counters: RunsCursor): void {
    const reader = this.#reader;
    const count = reader.varUint(Math.min(reader.left, entryCount));
    const again = reader.again(reader.at);
    let total = 0;
    for (let i = 0; i < count; i++) {
      const place = reader.varUint(this.#table.length - 1);
      this.#row = nameRow(reader, this.#table, place, this.#row);
      const size = reader.varUint(entryCount - total);
      if (size === 0) reader.fail('empty segment');
      total += size;
    }
    if (total !== entryCount) reader.fail('entries without bytes');
    let first = 0;
    for (let i = 0; i < count; i++) {
      const container = this.#table.id(again.varUint());
      const size = again.varUint();
      let sum = 0;
      for (let left = size; left > 0; left--) sum += counters.next();
      const bytes = reader.varBytes(reader.left);
      const entry = decodeEntry(container, sum, bytes, this.#replicas[author] as ReplicaId, first);
      if (!entry.ok) return reader.fail(entry.reason);
      const isJoined = leafKind(container.kind)?.history !== undefined && entry.value.type === 'edit';
      if (size > 1 && !isJoined) reader.fail('entries that cannot be told apart');
      first += sum;
    }
  }
}

function readReplicas(reader: Reader): readonly ReplicaId[] {
  const count = reader.varUint(clockEntriesMax);
  if (count * idBytes > reader.left) reader.fail('short');
  const replicas: ReplicaId[] = [];
  for (let i = 0; i < count; i++) {
    const replicaId = readReplicaId(reader);
    if (i > 0 && replicaId <= (replicas[i - 1] as string)) reader.fail('replicas not sorted');
    replicas.push(replicaId);
  }
  return replicas;
}
