/**
 * The bytes of a tree, looked at, with a few bytes for each byte of them: is everything named that has to be and once only, in order, and
 * does every node hang on the root or in the trash? What is left is whether the log of moves leads to the tree that stands
 * before it, which only doing them tells (`state-codec.ts`).
 */
import type { Reader } from '../../base/codec.ts';
import { counterMax } from '../../base/limits.ts';
import { compareHybridTime, type HybridTime } from '../../clocks/hybrid-logical-clock.ts';
import { readStamp } from '../op-bytes.ts';
import type { Replicas } from '../replicas.ts';
import { Bits } from '../slots/bits.ts';
import { LookedAtSlots } from '../slots/slots-look.ts';
import { readValue } from '../value.ts';
import { LookedAtParents } from './parents-look.ts';
import { NODE, ROOT, SAME, TRASH, treeVersion } from './state-format.ts';

export function lookAtTree(reader: Reader, replicas: Replicas | undefined): void {
  new TreeLook(reader, replicas).look();
}

/** An id, by the place of its replica. */
interface Id {
  readonly place: number;
  readonly counter: number;
}

class TreeLook {
  readonly #reader: Reader;
  readonly #slots: LookedAtSlots;
  readonly #nodeCount: number;
  readonly #parents: LookedAtParents;
  readonly #isNamed: Bits;

  constructor(reader: Reader, replicas: Replicas | undefined) {
    this.#reader = reader;
    if (reader.byte() !== treeVersion) reader.fail('unknown version');
    this.#slots = new LookedAtSlots(reader, replicas);
    this.#slots.readMoves(reader);
    this.#nodeCount = this.#slots.slotCount - this.#slots.moveCount;
    // A node takes at least a byte, where it says what it is in.
    if (this.#nodeCount > reader.left) reader.fail('short');
    this.#parents = new LookedAtParents(this.#nodeCount);
    this.#isNamed = new Bits(this.#slots.replicaCount);
  }

  look(): void {
    const reader = this.#reader;
    const last = this.#slots.moveCount > 0 ? readStamp(reader, 0) : undefined;
    this.#lookAtParents();
    const isEntered = new Bits(this.#slots.moveCount);
    this.#eachNode(() => {
      if (!isEntered.set(this.#move())) reader.fail('slot of two nodes');
    });
    this.#lookAtEntries();
    const log = reader.byte();
    if (log > 2) reader.fail('malformed log');
    const settled = log === 2 ? readStamp(reader, 0) : undefined;
    if (log > 0) this.#lookAtBefore();
    if (!this.#parents.leadUp()) reader.fail('a ring of nodes');
    if (log > 0) this.#lookAtLog(settled, last);
    for (let place = 0; place < this.#slots.replicaCount; place++)
      if (!this.#slots.hasSlots(place) && !this.#isNamed.has(place)) reader.fail('not the one encoding');
  }

  #lookAtParents(): void {
    const reader = this.#reader;
    /** The code of the parent before, and its counter if it is a node. */
    let before = SAME;
    let beforeCounter = 0;
    for (let node = 0; node < this.#nodeCount; node++) {
      const code = reader.varUint();
      if (code === SAME) {
        if (node === 0) reader.fail('unknown parent');
        this.#parents.push(undefined);
        continue;
      }
      const counter = code < NODE ? 0 : reader.varUint(counterMax);
      if (code === before && counter === beforeCounter) reader.fail('not the one encoding');
      this.#parents.push(this.#parentNode(code, counter));
      before = code;
      beforeCounter = counter;
    }
  }

  #lookAtEntries(): void {
    const reader = this.#reader;
    let wallMs = 0;
    this.#eachNode(() => {
      const count = reader.varUint(reader.left);
      if (count === 0) reader.fail('no values');
      let last: string | undefined;
      for (let i = 0; i < count; i++) {
        const key = reader.varString(reader.left);
        if (last !== undefined && key <= last) reader.fail('values not sorted');
        last = key;
        const { place, counter } = this.#id();
        if (counter >= this.#slots.endOf(place)) reader.fail('counter out of range');
        this.#isNamed.set(place);
        wallMs = readStamp(reader, wallMs).wallMs;
        const has = reader.byte();
        if (has > 1) reader.fail('malformed value');
        if (has === 1) readValue(reader);
      }
    });
  }

  /** Where the nodes that the log moves were before it. */
  #lookAtBefore(): void {
    const reader = this.#reader;
    this.#eachNode(node => {
      this.#parents.override(node, this.#readParent());
      const { place, counter } = this.#id();
      if (this.#slots.nodeAt(place, counter) !== node && this.#slots.moveAt(place, counter) < 0)
        reader.fail('slot of two nodes');
    });
  }

  #lookAtLog(settled: HybridTime | undefined, last: HybridTime | undefined): void {
    const reader = this.#reader;
    const isLogged = new Bits(this.#slots.moveCount);
    const count = reader.varUint(reader.left);
    let before: { readonly stamp: HybridTime; readonly move: number } | undefined;
    for (let i = 0; i < count; i++) {
      const stamp = readStamp(reader, before?.stamp.wallMs ?? 0);
      // Numbers of moves rise by replica, then by counter, as ids do.
      const move = this.#move();
      const node = this.#id();
      if (this.#slots.nodeAt(node.place, node.counter) < 0) reader.fail('unknown node');
      this.#readParent();
      if (before !== undefined && (compareHybridTime(before.stamp, stamp) || before.move - move) >= 0)
        reader.fail('log not sorted');
      if (!isLogged.set(move)) reader.fail('moved twice by one operation');
      if (settled !== undefined && compareHybridTime(stamp, settled) <= 0) reader.fail('log is settled');
      if (last === undefined || compareHybridTime(stamp, last) > 0) reader.fail('stamp out of range');
      before = { stamp, move };
    }
  }

  #id(): Id {
    const place = this.#reader.varUint();
    if (place >= this.#slots.replicaCount) this.#reader.fail('unknown replica');
    return { place, counter: this.#reader.varUint(counterMax) };
  }

  /** The number of the move that made a slot. */
  #move(): number {
    const { place, counter } = this.#id();
    const move = this.#slots.moveAt(place, counter);
    return move < 0 ? this.#reader.fail('moved to no slot of a move') : move;
  }

  #readParent(): number {
    const code = this.#reader.varUint();
    return this.#parentNode(code, code < NODE ? 0 : this.#reader.varUint(counterMax));
  }

  /** The number of the node, -1 for the root and the trash. */
  #parentNode(code: number, counter: number): number {
    if (code === ROOT || code === TRASH) return -1;
    const place = code - NODE;
    if (place < 0 || place >= this.#slots.replicaCount) this.#reader.fail('unknown replica');
    const node = this.#slots.nodeAt(place, counter);
    return node < 0 ? this.#reader.fail('unknown node') : node;
  }

  /** A count, then for as many nodes how many are passed over and what `look` reads. */
  #eachNode(look: (node: number) => void): void {
    const reader = this.#reader;
    const count = reader.varUint(reader.left);
    let next = 0;
    for (let i = 0; i < count; i++) {
      const node = next + reader.varUint();
      if (node >= this.#nodeCount) reader.fail('unknown node');
      look(node);
      next = node + 1;
    }
  }
}
