/**
 * What became of deleted characters that an undo brought back. A deletion cannot be taken back by showing the
 * tombstone again: others may have dropped its text, and "deleted" would need a clock to flip. So the text comes
 * back as new characters, and a `restore` says which old one each of them is; whatever names the old one (a
 * cursor, the end of a mark, an undo) follows.
 *
 * Of several restores of one character the one whose new id is first in the order of ids counts, so that every
 * replica follows alike. New characters can be deleted and restored in turn: one follows to the end of the chain.
 */
import type { ReplicaId } from '../../base/ids.ts';
import { compareOpIds } from '../context.ts';
import type { OpId } from '../context.ts';
import { idAt, lengthOfRanges } from './id-range.ts';
import type { IdRange, RestoreOp } from './messages.ts';

/** Characters `[start, end)` of one replica are `to`, `to + 1`, … now. Neighbours that go on from each other are one. */
export interface Restored {
  readonly start: number;
  readonly end: number;
  readonly to: OpId;
}

export class Restores {
  readonly #byReplica = new Map<ReplicaId, Restored[]>();
  /** Where chains end, as far as asked for since the last change: a chain is walked once, however long. */
  readonly #ends = new Map<string, OpId>();

  /** False when all of it was known. */
  add(op: RestoreOp): boolean {
    let changed = false;
    let counter = op.id.counter - lengthOfRanges(op.ranges);
    for (const { target, length } of op.ranges) {
      const to = { replicaId: op.id.replicaId, counter };
      if (this.#put(target.replicaId, target.counter, target.counter + length, to)) changed = true;
      counter += length;
    }
    if (changed) this.#ends.clear();
    return changed;
  }

  /** The character that `id` is now: itself if it was never restored. */
  current(id: OpId): OpId {
    if (!this.#byReplica.has(id.replicaId)) return id;
    const passed = new Map<string, OpId>();
    let at = id;
    for (;;) {
      const key = keyOf(at);
      const known = this.#ends.get(key);
      const next = known ?? this.#next(at);
      const circle = passed.has(key);
      if (circle || known !== undefined || next === undefined) {
        // Only replicas that break the rules together can make a circle; then its first id stands for all of it.
        const end = known ?? (circle ? firstOfCircle(passed, key) : at);
        for (const each of passed.keys()) this.#ends.set(each, end);
        return end;
      }
      passed.set(key, at);
      at = next;
    }
  }

  /** The characters of `range` as they are now, in its order, cut where they came to stand apart. */
  resolve({ target, length }: IdRange): readonly IdRange[] {
    const found: IdRange[] = [];
    for (let at = 0; at < length;) {
      const id = { replicaId: target.replicaId, counter: target.counter + at };
      const now = this.current(id);
      let count = this.#reach(id, length - at);
      // All of the chain goes on side by side as far as each of its links does.
      for (let link = this.#next(id); link !== undefined && count > 1; link = this.#next(link)) {
        count = this.#reach(link, count);
        if (compareOpIds(link, now) === 0) break;
      }
      found.push({ target: now, length: count });
      at += count;
    }
    return found;
  }

  /** The piece of restored characters that `id` is in, or `undefined`. */
  pieceOf(id: OpId): Restored | undefined {
    const list = this.#byReplica.get(id.replicaId);
    const restored = list?.[slotOf(list, id.counter)];
    return restored !== undefined && id.counter < restored.end ? restored : undefined;
  }

  get size(): number {
    let size = 0;
    for (const list of this.#byReplica.values()) size += list.length;
    return size;
  }

  /** All of it, in the order of the old ids: alike for replicas that applied the same operations. */
  *all(): IterableIterator<{ readonly replicaId: ReplicaId; readonly restored: readonly Restored[] }> {
    for (const replicaId of [...this.#byReplica.keys()].sort())
      yield { replicaId, restored: this.#byReplica.get(replicaId) ?? [] };
  }

  /** What `id` was restored as. */
  #next(id: OpId): OpId | undefined {
    const piece = this.pieceOf(id);
    return piece === undefined ? undefined : idIn(piece, id.counter);
  }

  /** How many characters from `id` on, `atMost`, are all in one piece, restored or all not. */
  #reach(id: OpId, atMost: number): number {
    const list = this.#byReplica.get(id.replicaId);
    if (list === undefined) return atMost;
    const slot = slotOf(list, id.counter);
    const here = list[slot];
    const end = here !== undefined && id.counter < here.end ? here.end : list[slot + 1]?.start;
    return end === undefined ? atMost : Math.min(atMost, end - id.counter);
  }

  /** Notes that `[start, end)` is `to`, `to + 1`, … now, where nothing better is known. */
  #put(replicaId: ReplicaId, start: number, end: number, to: OpId): boolean {
    let list = this.#byReplica.get(replicaId);
    if (list === undefined) this.#byReplica.set(replicaId, (list = []));
    const pieces: Restored[] = [];
    let changed = false;
    let at = start;
    const fill = (stop: number): boolean => {
      const filled = addPiece(pieces, at, stop, idAt(to, at - start));
      at = Math.max(at, stop);
      return filled;
    };
    // Neighbours that only touch come along, to be joined with what goes on from them.
    const first = Math.max(0, slotOf(list, start - 1));
    let after = first;
    for (let known = list[after]; known !== undefined && known.start <= end; known = list[++after]) {
      addPiece(pieces, known.start, Math.min(known.end, start), known.to);
      if (fill(Math.min(known.start, end))) changed = true;
      const stop = Math.min(known.end, end);
      const better = compareOpIds(idAt(to, at - start), idIn(known, at)) < 0;
      if (better && fill(stop)) changed = true;
      else addPiece(pieces, at, stop, idIn(known, at));
      at = Math.max(at, stop);
      const behind = Math.max(known.start, end);
      addPiece(pieces, behind, known.end, idIn(known, behind));
    }
    if (fill(end)) changed = true;
    if (changed) list.splice(first, after - first, ...pieces);
    return changed;
  }
}

/** Adds `[start, end)`, joined to the last piece if it goes on from it; false when that is empty. */
function addPiece(pieces: Restored[], start: number, end: number, to: OpId): boolean {
  if (start >= end) return false;
  const last = pieces[pieces.length - 1];
  const joins = last?.end === start && compareOpIds(idIn(last, start), to) === 0;
  if (joins) pieces[pieces.length - 1] = { ...last, end };
  else pieces.push({ start, end, to });
  return true;
}

function firstOfCircle(passed: ReadonlyMap<string, OpId>, from: string): OpId {
  const keys = [...passed.keys()];
  const circle = keys.slice(keys.indexOf(from)).map(key => passed.get(key) as OpId);
  return circle.reduce((first, id) => (compareOpIds(id, first) < 0 ? id : first));
}

function idIn(restored: Restored, counter: number): OpId {
  return idAt(restored.to, counter - restored.start);
}

function keyOf(id: OpId): string {
  return `${id.replicaId}.${String(id.counter)}`;
}

/** The last piece that starts at or before `counter`, or -1. */
function slotOf(list: readonly Restored[], counter: number): number {
  let low = -1;
  let high = list.length;
  while (high - low > 1) {
    const middle = (low + high) >> 1;
    if ((list[middle] as Restored).start <= counter) low = middle;
    else high = middle;
  }
  return low;
}
