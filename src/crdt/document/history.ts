/**
 * All batches a document knows, by author, as bytes. They are handed on to whoever lacks them, and saved with the
 * document when its history is wanted.
 */
import { assert } from '../../base/assert.ts';
import type { ReplicaId } from '../../base/ids.ts';
import type { ReadonlyVectorClock } from '../../clocks/vector-clock.ts';
import { decodeDocumentBatch, bytesOf } from './batch-codec.ts';
import { inCausalOrder, type Dated } from './causal-order.ts';
import { ByteLog } from './byte-log.ts';
import { countersOfBatch, type DocumentBatch } from './messages.ts';

class Log {
  readonly bytes = new ByteLog();
  /** First counter of each batch. */
  readonly firsts: number[] = [];
  readonly times: number[] = [];
  /** Counter before which nothing is kept. */
  begin: number;

  constructor(begin: number) {
    this.begin = begin;
  }
}

export class History {
  readonly #logs = new Map<ReplicaId, Log>();

  /** The document began with a snapshot: what is before these is not kept here. */
  beginAt(version: ReadonlyVectorClock): void {
    for (const [replicaId, begin] of version) this.#logs.set(replicaId, new Log(begin));
  }

  /** Drops the batches that end before `stable`, each log from its beginning on. */
  forget(stable: ReadonlyVectorClock, version: ReadonlyVectorClock): void {
    for (const [replicaId, log] of this.#logs) {
      const end = Math.min(stable.get(replicaId) ?? 0, version.get(replicaId) ?? 0);
      if (end <= log.begin) continue;
      const { firsts, times, bytes } = log;
      // The batch that `end` lies in is kept.
      let count = firstAtOrAfter(firsts, end);
      if (count < firsts.length ? firsts[count] !== end : version.get(replicaId) !== end) count--;
      if (count <= 0) continue;
      log.begin = firsts[count] ?? end;
      firsts.splice(0, count);
      times.splice(0, count);
      bytes.dropFirst(count);
    }
  }

  append(batch: DocumentBatch, time: number): void {
    const { replicaId, firstCounter } = batch;
    let log = this.#logs.get(replicaId);
    if (log === undefined) this.#logs.set(replicaId, (log = new Log(0)));
    log.bytes.push(bytesOf(batch));
    log.firsts.push(firstCounter);
    log.times.push(time);
  }

  /** Is nothing missing from the first operation on? */
  get complete(): boolean {
    for (const log of this.#logs.values()) if (log.begin > 0) return false;
    return true;
  }

  /** What `version` lacks, causes first; `undefined` when some of it is not kept. */
  since(version: ReadonlyVectorClock): readonly DocumentBatch[] | undefined {
    const lacking: Dated[] = [];
    for (const [replicaId, log] of this.#logs) {
      const from = version.get(replicaId) ?? 0;
      if (from < log.begin) return undefined;
      for (let i = firstAtOrAfter(log.firsts, from); i < log.firsts.length; i++)
        lacking.push({
          batch: read(log.bytes.at(i), replicaId, log.firsts[i] ?? 0),
          time: log.times[i] ?? 0,
        });
    }
    return inCausalOrder(lacking, version);
  }
}

function read(bytes: Uint8Array, replicaId: ReplicaId, first: number): DocumentBatch {
  const decoded = decodeDocumentBatch(bytes, replicaId, first);
  assert(decoded.ok && countersOfBatch(decoded.value) > 0, 'what was encoded can be decoded');
  return decoded.value;
}

/** Index of the first of the rising `numbers` that is `from` or more. */
function firstAtOrAfter(numbers: readonly number[], from: number): number {
  let low = 0;
  let high = numbers.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((numbers[middle] as number) < from) low = middle + 1;
    else high = middle;
  }
  return low;
}
