/**
 * A sequence of slots: places in a line that many replicas add to at once. A list keeps its elements in slots, and
 * moving an element is giving it a fresh one (Kleppmann 2020); a tree orders siblings by the slots they are in.
 *
 * The obvious positions are fractions or strings between two neighbours. They interleave what two people insert at
 * one place, or carry the author in every key and then grow with every change of author. A slot is instead what a
 * character is in a text, and the text's own tree of runs (../text/run.ts, rules TEXT2 and TEXT3) keeps them: one
 * run for a thousand elements inserted at once, a slot named by an id, its index found in O(log n). The characters
 * themselves mean nothing here. A slot that was hidden is never shown again; its id stays, since others hang on it.
 */
import { assert } from '../../base/assert.ts';
import type { ReplicaId } from '../../base/ids.ts';
import { counterMax } from '../../base/limits.ts';
import type { Context, OpId } from '../context.ts';
import type { Agent } from '../text/agents.ts';
import type { InsertOp } from '../text/messages.ts';
import { RunTree } from '../text/run-tree.ts';
import type { Run } from '../text/run.ts';

/** Where slots hang in the tree of slots, as characters of a text do; `parent` null is the root, always `right`. */
export interface Place {
  readonly parent: OpId | null;
  readonly side: 'left' | 'right';
}

/** A slot as this replica holds it: no string is hashed to find it. */
export interface Slot {
  readonly agent: Agent;
  readonly counter: number;
}

export class Slots {
  /** For the modules of this folder and checkers. */
  readonly tree = new RunTree();

  /** Slots shown. */
  get length(): number {
    return this.tree.blocks.visible;
  }

  /** The slot shown at `index`, `0 <= index < length`. */
  at(index: number): Slot {
    const run = this.tree.blocks.locate(index);
    return { agent: run.agent, counter: run.start + index - this.tree.blocks.cursorStart };
  }

  /** The shown slots from `index` on that are consecutive ids of one agent: the first, and how many, at most `limit`. */
  stretchAt(index: number, limit: number): Slot & { readonly count: number } {
    const run = this.tree.blocks.locate(index);
    const offset = index - this.tree.blocks.cursorStart;
    return {
      agent: run.agent,
      counter: run.start + offset,
      count: Math.min(limit, run.visible - offset),
    };
  }

  has(agent: Agent, counter: number): boolean {
    return agent.find(counter) !== undefined;
  }

  /** How many shown slots stand before this one. */
  indexOf(agent: Agent, counter: number): number {
    const run = agent.find(counter);
    assert(run !== undefined, 'the slot is known');
    const start = this.tree.blocks.startOf(run);
    return run.visible === 0 ? start : start + counter - run.start;
  }

  /** The slot just before this one, hidden ones too; `undefined` when it is not at hand, which says nothing. */
  previous({ agent, counter }: Slot): Slot | undefined {
    const run = agent.find(counter);
    if (run === undefined) return undefined;
    if (counter > run.start) return { agent, counter: counter - 1 };
    const previous = this.tree.blocks.previousInBlock(run);
    return previous === undefined ? undefined : { agent: previous.agent, counter: previous.end - 1 };
  }

  /** Makes the slots `counter`, … of `agent` just behind the shown slot `index - 1`; returns where that hung them. */
  insertAt(index: number, agent: Agent, counter: number, count: number): Place {
    const { blocks, root } = this.tree;
    const run = index === 0 ? root : blocks.locate(index - 1);
    const offset = index === 0 ? 1 : index - blocks.cursorStart;
    const marks = marksOf(count);
    if (offset === run.length && run.right === undefined) {
      const parent = run === root ? null : idOf(run, run.end - 1);
      const inserted = this.tree.insert(agent, counter, marks, run, run.end - 1, 'right');
      if (inserted !== run) blocks.setCursor(inserted, index);
      return { parent, side: 'right' };
    }
    // The left neighbour has right children, so what follows it is the first of them and has no left child.
    const next = offset < run.length ? this.tree.split(run, offset) : blocks.nextOf(run);
    assert(next !== undefined && next.left === undefined, 'right children follow their parent');
    const parent = idOf(next, next.start);
    blocks.setCursor(this.tree.insert(agent, counter, marks, next, next.start, 'left'), index);
    return { parent, side: 'left' };
  }

  /** How many of the slots `counter`, …, from the first on, are here already. */
  knownOf(agent: Agent, counter: number, count: number): number {
    const end = counter + count;
    let known = counter;
    for (let run = agent.find(known); run !== undefined && known < end; run = agent.find(known))
      known = run.end;
    return Math.min(known, end) - counter;
  }

  /** Makes slots that another replica placed; all are new and `place` is known. Returns the index of the first. */
  insert(agent: Agent, counter: number, count: number, place: Place): number {
    const { agents, blocks, root } = this.tree;
    const parentAgent = place.parent === null ? undefined : agents.get(place.parent.replicaId);
    const parentCounter = place.parent?.counter ?? 0;
    const parent = place.parent === null ? root : parentAgent?.find(parentCounter);
    assert(parent !== undefined, 'a validated parent is known');
    const run = this.tree.insert(agent, counter, marksOf(count), parent, parentCounter, place.side);
    return blocks.startOf(run) + run.visible - count;
  }

  /** Hides slots that are shown, consecutive ids of one agent; `hidden` is told each stretch as it goes. */
  hide(agent: Agent, counter: number, count: number, hidden?: (index: number, count: number) => void): void {
    const end = counter + count;
    for (let at = counter; at < end;) {
      const run = agent.find(at);
      assert(run !== undefined && run.visible > 0, 'only a shown slot is hidden');
      const stop = Math.min(end, run.end);
      const offset = at - run.start;
      if (hidden !== undefined) hidden(this.tree.blocks.startOf(run) + offset, stop - at);
      this.tree.delete(run, offset, stop - at);
      at = stop;
    }
  }

  /** Draws `count` counters of our own log. */
  draw(self: Agent, context: Context, count: number): number {
    const first = context.counter.next;
    assert(first >= self.end, 'the counter is past every id of our own log');
    assert(first + count <= counterMax, 'the log has counters left');
    context.counter.next = first + count;
    return first;
  }

  agent(replicaId: ReplicaId): Agent {
    return this.tree.agents.intern(replicaId);
  }

  known(replicaId: ReplicaId): Agent | undefined {
    return this.tree.agents.get(replicaId);
  }

  /** All shown slots in order, as stretches of consecutive ids. */
  *shown(): IterableIterator<Slot & { readonly count: number }> {
    for (const run of this.tree.blocks.all())
      if (run.visible > 0) yield { agent: run.agent, counter: run.start, count: run.length };
  }
}

export function slotId(slot: Slot): OpId {
  return { replicaId: slot.agent.replicaId, counter: slot.counter };
}

/**
 * New slots as the insert of a text, which `../text/validate.ts` can check: same tree, same rules (TEXT6).
 */
export function slotsAsInsert(id: OpId, place: Place, count: number): InsertOp {
  return { type: 'insert', id, parent: place.parent, side: place.side, text: marksOf(count) };
}

function idOf(run: Run, counter: number): OpId {
  return { replicaId: run.agent.replicaId, counter };
}

/** What stands for `count` slots in a run. */
export function marksOf(count: number): string {
  return count === 1 ? '.' : '.'.repeat(count);
}
