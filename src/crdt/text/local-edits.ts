/**
 * What is typed and deleted here: an edit takes effect at once, and comes back as the operations that tell the others.
 *
 * Most keystrokes go on one's own last character. They need no look-up, no new run and no check of the position, which
 * is that of the cursor.
 */
import { assert } from '../../base/assert.ts';
import { counterMax } from '../../base/limits.ts';
import { opId } from '../context.ts';
import type { OpId } from '../context.ts';
import type { Counter } from '../counter.ts';
import type { Agent } from './agents.ts';
import type { Extras } from './extras.ts';
import { insertAfter, insertBehind } from './gap.ts';
import type { Place } from './gap.ts';
import { deleteOp, insertOp } from './messages.ts';
import type { DeleteOp, TextOp } from './messages.ts';
import { mergeOps } from './op-log.ts';
import type { RunTree } from './run-tree.ts';
import { ROOT } from './runs.ts';
import { isSurrogate, notePairs } from './surrogates.ts';

export class LocalEdits {
  readonly agent: Agent;
  readonly #tree: RunTree;
  readonly #counter: Counter;
  /** The id of the character typed last: what is typed next hangs on it. */
  #typed: OpId | undefined = undefined;

  constructor(tree: RunTree, agent: Agent, counter: Counter) {
    this.#tree = tree;
    this.agent = agent;
    this.#counter = counter;
  }

  /** As `Text.localInsert`. */
  insert(position: number, text: string, extras: Extras | undefined): readonly TextOp[] {
    const { agent } = this;
    const { blocks, runs } = this.#tree;
    const { length } = text;
    if (length === 1 && runs.agent[blocks.cursor] === agent.place) {
      const op = this.#typeOn(position, text);
      if (op !== undefined) return [op];
    }
    assert(
      Number.isInteger(position) && position >= 0 && position <= blocks.visible,
      'a position inside the text',
    );
    if (length === 0) return [];
    const counter = this.draw(length);
    const wellFormed = notePairs(agent, counter, text);
    const place =
      (extras === undefined ? undefined : this.#insertAmongMarks(extras, position, counter, wellFormed)) ??
      this.#insertAt(position, counter, wellFormed);
    return [insertOp(opId(agent.replicaId, counter), place.parent, place.side, wellFormed)];
  }

  /** As `Text.localDelete`. */
  delete(position: number, length: number): readonly TextOp[] {
    const { blocks, runs } = this.#tree;
    const inside = Number.isInteger(position) && position >= 0 && length >= 0;
    assert(
      inside && Number.isInteger(length) && position + length <= blocks.visible,
      'a position inside the text',
    );
    // An empty array makes room for seventeen when it gets its first; nearly all deletes are one operation.
    let ops: DeleteOp[] | undefined;
    let from = position;
    let left = length;
    while (left > 0) {
      const run = blocks.locate(from);
      let offset = from - blocks.cursorStart;
      // Both halves of a pair are always in one run. Only the two ends of the range can lie inside one.
      if (runs.astral && this.#tree.splitsPair(run, offset)) {
        from--;
        offset--;
        left++;
      }
      let count = Math.min(left, (runs.visible[run] as number) - offset);
      if (runs.astral && this.#tree.splitsPair(run, offset + count)) count++;
      const target = this.#tree.idAt(run, offset);
      const id = opId(this.agent.replicaId, this.draw(count));
      this.#tree.delete(run, offset, count);
      const op = deleteOp(id, target, count);
      if (ops === undefined) ops = [op];
      else ops.push(op);
      left -= count;
    }
    return ops === undefined ? [] : ops.length === 1 ? ops : mergeOps(ops);
  }

  /** Takes `count` counters of our own log. */
  draw(count: number): number {
    const first = this.#counter.next;
    assert(first >= this.agent.end, 'the counter is past every id of our own log');
    assert(first + count <= counterMax, 'the log has counters left');
    this.#counter.next = first + count;
    return first;
  }

  /** The cursor is on a run of one's own. */
  #typeOn(position: number, text: string): TextOp | undefined {
    const { agent } = this;
    const { blocks, runs } = this.#tree;
    const run = blocks.cursor;
    const { next } = this.#counter;
    if (agent.end !== next || next >= counterMax) return undefined;
    if (position !== blocks.cursorStart + (runs.visible[run] as number)) return undefined;
    if ((runs.start[run] as number) + (runs.length[run] as number) !== next) return undefined;
    if (isSurrogate(text.charCodeAt(0)) || !this.#tree.appends(run)) return undefined;
    this.#counter.next = next + 1;
    this.#tree.append(run, text);
    const { replicaId } = agent;
    const parent = this.#typed?.counter === next - 1 ? this.#typed : opId(replicaId, next - 1);
    const id = (this.#typed = opId(replicaId, next));
    return insertOp(id, parent, 'right', text);
  }

  #insertAt(position: number, counter: number, text: string): Place {
    const tree = this.#tree;
    const { blocks, runs } = tree;
    // The left neighbour: a run and how much of it stands before the new text. The root when that is nothing.
    let at = position;
    let run = at === 0 ? ROOT : blocks.locate(at - 1);
    let offset = at === 0 ? 1 : at - blocks.cursorStart;
    if (runs.astral && tree.splitsPair(run, offset)) {
      at--;
      offset--;
      if (offset === 0) {
        run = at === 0 ? ROOT : blocks.locate(at - 1);
        offset = runs.length[run] as number;
      }
    }
    return insertAfter(tree, this.agent, counter, text, run, offset, at);
  }

  /** Where marks end at a deleted character, new text may have to go behind that one instead. */
  #insertAmongMarks(extras: Extras, position: number, counter: number, text: string): Place | undefined {
    const gap = extras.marks.gapAt(snap(this.#tree, position));
    if (gap === undefined) return undefined;
    return insertBehind(this.#tree, this.agent, counter, text, opId(gap.agent.replicaId, gap.counter));
  }
}

/** `at`, or when that is inside a surrogate pair, the place before it (after it for `assoc` -1). */
export function snap(tree: RunTree, at: number, assoc: -1 | 1 = 1): number {
  if (at <= 0 || at >= tree.blocks.visible) return at;
  const run = tree.blocks.locate(at);
  // A pair is never cut, so both halves are in one run.
  if (!tree.splitsPair(run, at - tree.blocks.cursorStart)) return at;
  return assoc === 1 ? at - 1 : at + 1;
}
