/**
 * Whether a list of operations may be applied, decided before anything changes, so that a refused list leaves
 * no trace.
 *
 * Operations of one list build on each other (a word, then its correction), so the check keeps the ids that
 * earlier operations of the list will bring in a `Pending` beside those the tree holds.
 *
 * What is checked depends on the operations alone and on what they build on, never on what this replica
 * happens to have deleted meanwhile: otherwise one replica would refuse what another had applied, and the two
 * would differ for ever. That is why a repeated id is compared by its place in the tree and not by its text
 * (tombstones have none), and why pairs of surrogates outlive their text (`Agent.pairs`).
 */
import { assertNever } from '../../base/assert.ts';
import { isId } from '../../base/ids.ts';
import type { ReplicaId } from '../../base/ids.ts';
import { opId } from '../context.ts';
import type { OpId } from '../context.ts';
import type { DeleteOp, InsertOp, TextOp } from './messages.ts';
import type { Agents } from './agents.ts';
import { isRange } from './id-range.ts';
import { CHAIN, LEFT } from './runs.ts';
import { pairsOf } from './surrogates.ts';
import { refuseExtension } from './validate-extension.ts';

/** Known characters `[start, end)` of one replica, each the right child of the one before; `start` may hang anywhere. */
interface Stretch {
  readonly start: number;
  readonly end: number;
  /** Is the first the right child of the id before it? */
  readonly chained: boolean;
  /** Where the first hangs otherwise. */
  readonly parent: OpId | null;
  readonly side: 'left' | 'right';
}

/** What the list itself will have inserted of one replica, by counter. */
class Pending {
  readonly stretches: Stretch[] = [];
  readonly pairs = new Set<number>();

  floor(counter: number): Stretch | undefined {
    const slot = this.#slotOf(counter);
    return slot < 0 ? undefined : this.stretches[slot];
  }

  add(stretch: Stretch): void {
    this.stretches.splice(this.#slotOf(stretch.start) + 1, 0, stretch);
  }

  #slotOf(counter: number): number {
    let low = -1;
    let high = this.stretches.length;
    // Honest lists come in the order of their counters.
    if (high > 0 && (this.stretches[high - 1] as Stretch).start <= counter) return high - 1;
    while (high - low > 1) {
      const middle = (low + high) >> 1;
      if ((this.stretches[middle] as Stretch).start <= counter) low = middle;
      else high = middle;
    }
    return low;
  }
}

export class Validator {
  readonly #agents: Agents;
  /** Made when first needed: most lists are one keystroke. */
  #pending: Map<ReplicaId, Pending> | undefined = undefined;
  /** May a later operation of the list build on this one? */
  #more = false;

  constructor(agents: Agents) {
    this.#agents = agents;
  }

  /** The reason to refuse the whole list, or `undefined`. */
  refuse(ops: readonly TextOp[]): string | undefined {
    this.#more = ops.length > 1;
    this.#pending = undefined;
    for (let i = 0; i < ops.length; i++) {
      const reason = this.#refuseOp(ops[i] as TextOp);
      if (reason !== undefined) return reason;
    }
    return undefined;
  }

  #refuseOp(op: TextOp): string | undefined {
    switch (op.type) {
      case 'insert':
        return this.#refuseInsert(op);
      case 'delete':
        return this.#refuseDelete(op);
      case 'mark':
      case 'restore':
      case 'unknown':
        return refuseExtension(op, {
          knownEnd: (replicaId, counter) => this.#knownEnd(replicaId, counter),
          cutsPair: (replicaId, counter) => this.#cutsPair(replicaId, counter),
        });
      default:
        return assertNever(op);
    }
  }

  #refuseInsert(op: InsertOp): string | undefined {
    const { id, parent, side, text } = op;
    const { replicaId, counter } = id;
    const agent = this.#agents.get(replicaId);
    if (text.length === 0) return 'empty text';
    if (!isRange(counter, text.length)) return 'counter out of range';
    const pairs = pairsOf(text);
    if (pairs === undefined) return 'lone surrogate';
    if (agent === undefined && !isId(replicaId)) return 'malformed replica id';
    if (parent === null) {
      if (side !== 'right') return 'left of the root';
    } else {
      if (parent.replicaId === replicaId && parent.counter >= counter) return 'parent is not older';
      if (this.#knownEnd(parent.replicaId, parent.counter) === 0) return 'unknown parent';
      if (this.#cutsPair(parent.replicaId, side === 'right' ? parent.counter + 1 : parent.counter))
        return 'splits a surrogate pair';
    }
    // One operation, beyond all that is known of its author: neither a repeat nor a clash.
    if (!this.#more && (agent === undefined || agent.end <= counter)) return undefined;
    const end = counter + text.length;
    const known = this.#knownPrefix(op);
    if (known === undefined || (known < end && this.#knowsAny(replicaId, known, end)))
      return 'id already used';
    if (known === end) return undefined;
    // The rest would begin with half a pair whose other half is already there, alone.
    if (known > counter && pairs.includes(known - counter - 1)) return 'id already used';
    if (!this.#more) return undefined;
    const pending = this.#pendingOf(replicaId);
    pending.add({ start: known, end, chained: known > counter || isChained(op), parent, side });
    for (const at of pairs) if (counter + at >= known) pending.pairs.add(counter + at);
    return undefined;
  }

  #refuseDelete(op: DeleteOp): string | undefined {
    const { id, target, length } = op;
    if (!isRange(id.counter, length)) return 'counter out of range';
    if (!isRange(target.counter, length)) return 'target out of range';
    const end = target.counter + length;
    if (target.replicaId === id.replicaId && end > id.counter) return 'target is not older';
    // Each step passes one stretch of known ids, so a length from outside cannot make this longer than our own text.
    for (let counter = target.counter; counter < end;) {
      counter = this.#knownEnd(target.replicaId, counter);
      if (counter === 0) return 'unknown target';
    }
    if (this.#cutsPair(target.replicaId, target.counter) || this.#cutsPair(target.replicaId, end))
      return 'splits a surrogate pair';
    return undefined;
  }

  /** How far the known part of the insert reaches; `undefined` when it hangs elsewhere than `op` says. */
  #knownPrefix(op: InsertOp): number | undefined {
    const { replicaId, counter } = op.id;
    const end = counter + op.text.length;
    let known = counter;
    while (known < end) {
      const stretch = this.#find(replicaId, known);
      if (stretch === undefined) break;
      if (!this.#hangsAlike(stretch, known, op)) return undefined;
      known = stretch.end;
    }
    return Math.min(known, end);
  }

  /** Does the known character `counter` hang where `op` puts it? */
  #hangsAlike(stretch: Stretch, counter: number, op: InsertOp): boolean {
    const wantsChain = counter > op.id.counter || isChained(op);
    const isChain = counter > stretch.start || stretch.chained;
    if (wantsChain || isChain) return wantsChain === isChain;
    const { parent, side } = stretch;
    if (parent === null || op.parent === null) return parent === op.parent;
    return (
      side === op.side && parent.counter === op.parent.counter && parent.replicaId === op.parent.replicaId
    );
  }

  /** The stretch that holds the id, from the tree or from the list. */
  #find(replicaId: ReplicaId, counter: number): Stretch | undefined {
    const run = this.#agents.get(replicaId)?.find(counter) ?? -1;
    if (run >= 0) {
      const { runs } = this.#agents;
      const agent = this.#agents.at(runs.parentAgent[run] as number);
      return {
        start: runs.start[run] as number,
        end: runs.end(run),
        chained: runs.hang[run] === CHAIN,
        // Nobody's is the root alone.
        parent: agent.place === 0 ? null : opId(agent.replicaId, runs.parentCounter[run] as number),
        side: runs.hang[run] === LEFT ? 'left' : 'right',
      };
    }
    const stretch = this.#pending?.get(replicaId)?.floor(counter);
    return stretch !== undefined && counter < stretch.end ? stretch : undefined;
  }

  /** Counter after the last one of the known stretch that holds `counter`; 0 when it is unknown. */
  #knownEnd(replicaId: ReplicaId, counter: number): number {
    const end = this.#agents.get(replicaId)?.endAt(counter) ?? 0;
    if (end > 0) return end;
    const stretch = this.#pending?.get(replicaId)?.floor(counter);
    return stretch !== undefined && counter < stretch.end ? stretch.end : 0;
  }

  #knowsAny(replicaId: ReplicaId, start: number, end: number): boolean {
    if (this.#agents.get(replicaId)?.knowsAny(start, end) === true) return true;
    const stretch = this.#pending?.get(replicaId)?.floor(end - 1);
    return stretch !== undefined && stretch.end > start;
  }

  /** Are the ids `counter - 1` and `counter` one character? */
  #cutsPair(replicaId: ReplicaId, counter: number): boolean {
    const pairs = this.#agents.get(replicaId)?.pairs;
    return (
      (pairs !== undefined && pairs.size > 0 && pairs.has(counter - 1)) ||
      this.#pending?.get(replicaId)?.pairs.has(counter - 1) === true
    );
  }

  #pendingOf(replicaId: ReplicaId): Pending {
    this.#pending ??= new Map<ReplicaId, Pending>();
    let pending = this.#pending.get(replicaId);
    if (pending === undefined) this.#pending.set(replicaId, (pending = new Pending()));
    return pending;
  }
}

/** Is the first character the right child of the id just before it? Then its parent goes without saying. */
export function isChained(op: InsertOp): boolean {
  const { id, parent } = op;
  return (
    op.side === 'right' &&
    parent !== null &&
    parent.counter === id.counter - 1 &&
    parent.replicaId === id.replicaId
  );
}
