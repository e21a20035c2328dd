/**
 * Which marks hold where. A mark covers all between two places, so the marks of a text change only at the places
 * where some mark begins or ends: those are kept in text order, each with the marks that hold from there to the
 * next. A character typed later is not in here at all and still has its marks: those of the place before it.
 *
 * Peritext (Litt, Lim, Kleppmann, van Hardenberg 2022, section 4) keeps every operation at every place it covers and
 * compares them when read; here a place keeps only the one that wins, since what lost once has lost for good.
 */
import type { MarkOrder } from './mark-order.ts';
import type { MarkOp } from './messages.ts';
import { comparePoints, indexOfPoint } from './points.ts';
import type { Point } from './points.ts';
import type { RunTree } from './run-tree.ts';

/** The operation that counts, by name; those that took a mark away are among them. */
export type Winners = ReadonlyMap<string, MarkOp>;

export interface Boundary {
  readonly point: Point;
  readonly winners: Winners;
}

interface OwnBoundary extends Boundary {
  readonly winners: Map<string, MarkOp>;
}

export class Boundaries {
  readonly #tree: RunTree;
  readonly #order: MarkOrder;
  readonly #list: OwnBoundary[] = [];

  constructor(tree: RunTree, order: MarkOrder) {
    this.#tree = tree;
    this.#order = order;
  }

  get list(): readonly Boundary[] {
    return this.#list;
  }

  /** `op` holds from `start` to `end` wherever it wins; nowhere if `end` does not come after `start`. */
  cover(start: Point, end: Point, op: MarkOp): void {
    if (comparePoints(this.#tree, start, end) >= 0) return;
    const from = this.#ensure(start);
    const to = this.#ensure(end);
    for (let i = from; i < to; i++) {
      const { winners } = this.#list[i] as OwnBoundary;
      const known = winners.get(op.name);
      if (known === undefined || this.#order.isLater(op, known)) winners.set(op.name, op);
    }
  }

  /** The last place that is not after `point`, as an index of `list`; -1 when `point` is before them all. */
  slotOf(point: Point): number {
    return this.#lastWhere(boundary => comparePoints(this.#tree, boundary.point, point) <= 0);
  }

  /** The last place with at most `index` characters shown before it: the one whose marks the character there has. */
  slotAt(index: number): number {
    return this.#lastWhere(boundary => indexOfPoint(this.#tree, boundary.point) <= index);
  }

  #lastWhere(holds: (boundary: Boundary) => boolean): number {
    let low = -1;
    let high = this.#list.length;
    while (high - low > 1) {
      const middle = (low + high) >> 1;
      if (holds(this.#list[middle] as Boundary)) low = middle;
      else high = middle;
    }
    return low;
  }

  /** The index of `point` in the list, where it is put if it is not there. */
  #ensure(point: Point): number {
    const slot = this.slotOf(point);
    const before = this.#list[slot];
    if (before !== undefined && comparePoints(this.#tree, before.point, point) === 0) return slot;
    this.#list.splice(slot + 1, 0, { point, winners: new Map(before?.winners) });
    return slot + 1;
  }
}
