/**
 * What stands in the slots of one replica, by counter. Almost all elements are inserted, stay where they are and are
 * never overwritten: for those a cell is the bare value, eight bytes. Only what was moved or set gets an object.
 *
 * - a value: an element that is where it was inserted, as it was inserted;
 * - an `Element`: the slot it was inserted into (`isBornIn`), or the slot it moved to and is in now;
 * - `left`: a slot that a move made and that holds nothing now;
 * - nothing: an element that was deleted, or no slot of this list.
 *
 * So deleted elements cost nothing here, however many bytes from outside claim there were.
 */
import type { HybridTime } from '../../clocks/hybrid-logical-clock.ts';
import type { OpId } from '../context.ts';
import type { Slot } from '../slots/slots.ts';
import type { Agent } from '../text/agents.ts';
import type { Value } from '../value.ts';

/** What an overwriting write is compared by: the stamp, then the id of the operation. */
export interface Write {
  readonly stamp: HybridTime;
  readonly id: OpId;
}

export class Element {
  /** The slot it was inserted into, which is its id. */
  readonly born: Slot;
  value: Value;
  /** The last set; none: `value` is what was inserted. */
  set: Write | undefined = undefined;
  /** The slot it is in. */
  slot: Slot;
  /** Stamp of the move that put it there; none: it is where it was inserted. */
  moved: HybridTime | undefined = undefined;

  constructor(born: Slot, value: Value) {
    this.born = born;
    this.value = value;
    this.slot = born;
  }

  isBornIn(slot: Slot): boolean {
    return this.born.counter === slot.counter && this.born.agent === slot.agent;
  }
}

export const left = Symbol('left');
export type Cell = Value | Element | typeof left;

/** Counters of one log belong to many values, so pages are small; sixty-four cells share one entry of the map. */
const pageCells = 64;

export class Cells {
  readonly #pages = new Map<number, (Cell | undefined)[]>();
  #hit: (Cell | undefined)[] = [];
  #hitPage = -1;

  get(counter: number): Cell | undefined {
    const page = Math.floor(counter / pageCells);
    if (page !== this.#hitPage) {
      const cells = this.#pages.get(page);
      if (cells === undefined) return undefined;
      this.#hit = cells;
      this.#hitPage = page;
    }
    return this.#hit[counter % pageCells];
  }

  set(counter: number, cell: Cell | undefined): void {
    const page = Math.floor(counter / pageCells);
    if (page !== this.#hitPage) {
      let cells = this.#pages.get(page);
      if (cells === undefined) {
        if (cell === undefined) return;
        this.#pages.set(page, (cells = []));
      }
      this.#hit = cells;
      this.#hitPage = page;
    }
    this.#hit[counter % pageCells] = cell;
  }

  /** Counters of `[start, end)` whose cells are not empty, rising; costs no more than there are such pages. */
  *filled(start: number, end: number): IterableIterator<number> {
    const first = Math.floor(start / pageCells);
    const last = Math.floor((end - 1) / pageCells);
    // A claimed range can be far longer than what is there.
    const pages =
      last - first > this.#pages.size
        ? [...this.#pages.keys()].filter(page => page >= first && page <= last).sort((a, b) => a - b)
        : undefined;
    const count = pages?.length ?? last - first + 1;
    for (let i = 0; i < count; i++) {
      const page = pages === undefined ? first + i : (pages[i] as number);
      const cells = this.#pages.get(page);
      if (cells === undefined) continue;
      const from = Math.max(0, start - page * pageCells);
      const to = Math.min(cells.length, end - page * pageCells);
      for (let at = from; at < to; at++) if (cells[at] !== undefined) yield page * pageCells + at;
    }
  }
}

/** The cells of all replicas. */
export class CellTable {
  readonly #byAgent = new Map<Agent, Cells>();
  #hit: Cells | undefined = undefined;
  #hitAgent: Agent | undefined = undefined;

  get(agent: Agent, counter: number): Cell | undefined {
    return this.of(agent)?.get(counter);
  }

  set(agent: Agent, counter: number, cell: Cell | undefined): void {
    let cells = this.of(agent);
    if (cells === undefined) {
      if (cell === undefined) return;
      this.#byAgent.set(agent, (cells = new Cells()));
      this.#hit = cells;
    }
    cells.set(counter, cell);
  }

  of(agent: Agent): Cells | undefined {
    if (agent !== this.#hitAgent) {
      this.#hit = this.#byAgent.get(agent);
      this.#hitAgent = agent;
    }
    return this.#hit;
  }

  /** The element in the slot it was inserted into or moved to; makes it an object. `undefined`: nothing is in the slot. */
  element(agent: Agent, counter: number): Element | undefined {
    const cell = this.get(agent, counter);
    if (cell === undefined || cell === left) return undefined;
    if (cell instanceof Element) return cell;
    const element = new Element({ agent, counter }, cell);
    this.set(agent, counter, element);
    return element;
  }
}
