/**
 * A sequence of slots: places in a line that many replicas add to at once. A list keeps its elements in slots, and
 * moving an element is giving it a fresh one (Kleppmann 2020); a tree orders siblings by the slots they are in.
 *
 * The obvious positions are fractions or strings between two neighbours. They interleave what two people insert at
 * one place, or carry the author in every key and then grow with every change of author. A slot is instead what a
 * character is in a text, and the text's own tree of runs (../text/runs.ts, rules TEXT2 and TEXT3) keeps them: one
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
import { ROOT } from '../text/runs.ts';

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
    const { blocks, runs } = this.tree;
    const run = blocks.locate(index);
    const counter = (runs.start[run] as number) + index - blocks.cursorStart;
    return { agent: this.tree.agentOf(run), counter };
  }

  /** The shown slots from `index` on that are consecutive ids of one agent: the first, and how many, at most `limit`. */
  stretchAt(index: number, limit: number): Slot & { readonly count: number } {
    const { blocks, runs } = this.tree;
    const run = blocks.locate(index);
    const offset = index - blocks.cursorStart;
    return {
      agent: this.tree.agentOf(run),
      counter: (runs.start[run] as number) + offset,
      count: Math.min(limit, (runs.visible[run] as number) - offset),
    };
  }

  has(agent: Agent, counter: number): boolean {
    return agent.find(counter) >= 0;
  }

  /** How many shown slots stand before this one. */
  indexOf(agent: Agent, counter: number): number {
    const { blocks, runs } = this.tree;
    const run = agent.find(counter);
    assert(run >= 0, 'the slot is known');
    const at = blocks.startOf(run);
    return runs.visible[run] === 0 ? at : at + counter - (runs.start[run] as number);
  }

  /** The slot just before this one, hidden ones too; `undefined` when it is not at hand, which says nothing. */
  previous({ agent, counter }: Slot): Slot | undefined {
    const { blocks, runs } = this.tree;
    const run = agent.find(counter);
    if (run < 0) return undefined;
    if (counter > (runs.start[run] as number)) return { agent, counter: counter - 1 };
    const previous = blocks.previousInBlock(run);
    return previous < 0 ? undefined : { agent: this.tree.agentOf(previous), counter: runs.end(previous) - 1 };
  }

  /** Makes the slots `counter`, … of `agent` just behind the shown slot `index - 1`; returns where that hung them. */
  insertAt(index: number, agent: Agent, counter: number, count: number): Place {
    const { blocks, runs } = this.tree;
    const run = index === 0 ? ROOT : blocks.locate(index - 1);
    const offset = index === 0 ? 1 : index - blocks.cursorStart;
    const length = runs.length[run] as number;
    const marks = marksOf(count);
    if (offset === length && runs.right[run] === 0) {
      const last = runs.end(run) - 1;
      const parent = run === ROOT ? null : this.tree.idAt(run, length - 1);
      const inserted = this.tree.insert(agent, counter, marks, run, last, 'right');
      if (inserted !== run) blocks.setCursor(inserted, index);
      return { parent, side: 'right' };
    }
    // The left neighbour has right children, so what follows it is the first of them and has no left child.
    const next = offset < length ? this.tree.split(run, offset) : blocks.nextOf(run);
    assert(next >= 0 && runs.left[next] === 0, 'right children follow their parent');
    const parent = this.tree.idAt(next, 0);
    blocks.setCursor(this.tree.insert(agent, counter, marks, next, parent.counter, 'left'), index);
    return { parent, side: 'left' };
  }

  /** How many of the slots `counter`, …, from the first on, are here already. */
  knownOf(agent: Agent, counter: number, count: number): number {
    const end = counter + count;
    let known = counter;
    for (let to = agent.endAt(known); to > 0 && known < end; to = agent.endAt(known)) known = to;
    return Math.min(known, end) - counter;
  }

  /** Makes slots that another replica placed; all are new and `place` is known. Returns the index of the first. */
  insert(agent: Agent, counter: number, count: number, place: Place): number {
    const { agents, blocks, runs } = this.tree;
    const parentCounter = place.parent?.counter ?? 0;
    const parent =
      place.parent === null ? ROOT : (agents.get(place.parent.replicaId)?.find(parentCounter) ?? -1);
    assert(parent >= 0, 'a validated parent is known');
    const run = this.tree.insert(agent, counter, marksOf(count), parent, parentCounter, place.side);
    return blocks.startOf(run) + (runs.visible[run] as number) - count;
  }

  /** Hides slots that are shown, consecutive ids of one agent; `hidden` is told each stretch as it goes. */
  hide(agent: Agent, counter: number, count: number, hidden?: (index: number, count: number) => void): void {
    const { runs } = this.tree;
    const end = counter + count;
    for (let at = counter; at < end;) {
      const run = agent.find(at);
      assert(run >= 0 && (runs.visible[run] as number) > 0, 'only a shown slot is hidden');
      const stop = Math.min(end, runs.end(run));
      const offset = at - (runs.start[run] as number);
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
    const { blocks, runs } = this.tree;
    for (const run of blocks.all()) {
      const count = runs.visible[run] as number;
      if (count > 0) yield { agent: this.tree.agentOf(run), counter: runs.start[run] as number, count };
    }
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

/** What stands for `count` slots in a run. */
export function marksOf(count: number): string {
  return count === 1 ? '.' : '.'.repeat(count);
}
