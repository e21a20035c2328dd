/**
 * The marks of a text: bold, links, comments. Characters that carry their marks would make every keystroke carry
 * them too, and a mark put on while somebody types inside it would miss what they type. So a mark is a span between
 * two places that are tied to characters and a side of them, and lives beside the text (Peritext; Litt, Lim,
 * Kleppmann, van Hardenberg 2022, section 3). A text without marks has none of this.
 *
 * Where spans overlap, each name is a register: the later stamp wins, place by place. All operations are kept, but
 * for those that a later one of the same name with the same two ends replaces: when a deletion is undone the ends
 * move with their characters (`restores.ts`), and what had been covered may show again.
 */
import type { HybridTime } from '../../clocks/hybrid-logical-clock.ts';
import { compareHybridTime } from '../../clocks/hybrid-logical-clock.ts';
import { compareOpIds } from '../context.ts';
import { valueKey } from '../value.ts';
import type { Value } from '../value.ts';
import { Boundaries, winsOver } from './boundaries.ts';
import type { Winners } from './boundaries.ts';
import type { MarkOp, RelativePosition } from './messages.ts';
import { comparePoints, indexOfPoint, pointAfter, pointOf, positionOf } from './points.ts';
import type { Point } from './points.ts';
import type { Restores } from './restores.ts';
import type { RunTree } from './run-tree.ts';

/** Values by name, in the order of the names; what was taken away is not in it. */
export type MarkSet = ReadonlyMap<string, Value>;

/** `[from, to)` of the text has these marks, all of it. */
export interface MarkSpan {
  readonly from: number;
  readonly to: number;
  readonly marks: MarkSet;
}

/** Between two places one operation counts for a name, or none. */
export interface MarkSegment {
  readonly start: RelativePosition;
  readonly end: RelativePosition;
  readonly op: MarkOp | undefined;
}

export class Marks {
  readonly #tree: RunTree;
  readonly #restores: Restores;
  readonly #ops = new Map<string, MarkOp>();
  /** Made when first asked for, and anew when ends of spans have moved. */
  #index: Boundaries | undefined = undefined;

  constructor(tree: RunTree, restores: Restores) {
    this.#tree = tree;
    this.#restores = restores;
  }

  get size(): number {
    return this.#ops.size;
  }

  /** In the order of their ids: alike for replicas that applied the same operations. */
  ops(): readonly MarkOp[] {
    return [...this.#ops.values()].sort((a, b) => compareOpIds(a.id, b.id));
  }

  /** False when it was known or a later one has replaced it. */
  add(op: MarkOp): boolean {
    const key = spanKey(op);
    const known = this.#ops.get(key);
    if (known !== undefined && !winsOver(op, known)) return false;
    this.#ops.set(key, op);
    this.#index?.cover(this.#point(op.start), this.#point(op.end), op);
    return true;
  }

  /** Characters were restored: ends of spans may have moved. */
  moved(): void {
    this.#index = undefined;
  }

  marksAt(index: number): MarkSet {
    const { list } = this.#boundaries();
    return markSetOf(list[this.#boundaries().slotAt(index)]?.winners);
  }

  /** Cuts `[from, to)` wherever the marks change. */
  spans(from: number, to: number): readonly MarkSpan[] {
    const boundaries = this.#boundaries();
    const spans: MarkSpan[] = [];
    let slot = boundaries.slotAt(from);
    let start = from;
    while (start < to) {
      const marks = markSetOf(boundaries.list[slot]?.winners);
      const next = boundaries.list[++slot];
      const end = next === undefined ? to : Math.min(to, indexOfPoint(this.#tree, next.point));
      if (end <= start) continue;
      const last = spans[spans.length - 1];
      if (last !== undefined && sameMarks(last.marks, marks)) spans[spans.length - 1] = { ...last, to: end };
      else spans.push({ from: start, to: end, marks });
      start = end;
    }
    return spans;
  }

  /**
   * Behind which character text typed at `index` goes when that is not the one shown before it: behind a deleted
   * one after which a mark ends that does not grow, or begins that grows to its left (Peritext, section 4.4).
   */
  gapAt(index: number): NonNullable<Point> | undefined {
    const { list } = this.#boundaries();
    for (let slot = this.#boundaries().slotAt(index); slot >= 0; slot--) {
      const point = list[slot]?.point;
      if (point === undefined) continue;
      if (indexOfPoint(this.#tree, point) < index) return undefined;
      if (point.assoc === -1) {
        const shown = pointAfter(this.#tree, index);
        return comparePoints(this.#tree, point, shown) > 0 ? point : undefined;
      }
    }
    return undefined;
  }

  /** The marks that text typed at `index` would have. */
  insertedMarks(index: number): MarkSet {
    const boundaries = this.#boundaries();
    const behind = this.gapAt(index) ?? pointAfter(this.#tree, index);
    return markSetOf(boundaries.list[boundaries.slotOf(behind)]?.winners);
  }

  /** What counts for `name` from `start` to `end`, piece by piece. Nothing when they are not in that order. */
  segments(start: RelativePosition, end: RelativePosition, name: string): readonly MarkSegment[] {
    const boundaries = this.#boundaries();
    const last = this.#point(end);
    const segments: MarkSegment[] = [];
    if (comparePoints(this.#tree, this.#point(start), last) >= 0) return segments;
    let slot = boundaries.slotOf(this.#point(start));
    let from = start;
    for (;;) {
      const op = boundaries.list[slot]?.winners.get(name);
      const next = boundaries.list[++slot];
      const stops = next === undefined || comparePoints(this.#tree, next.point, last) >= 0;
      const to = stops ? end : positionOf(next.point);
      const before = segments[segments.length - 1];
      if (before !== undefined && before.op === op) segments[segments.length - 1] = { ...before, end: to };
      else segments.push({ start: from, end: to, op });
      if (stops) return segments;
      from = to;
    }
  }

  /** The latest stamp that counts anywhere in the span: a write must be later. */
  latestStamp(start: RelativePosition, end: RelativePosition, name: string): HybridTime | undefined {
    let latest: HybridTime | undefined;
    for (const { op } of this.segments(start, end, name))
      if (op !== undefined && (latest === undefined || compareHybridTime(op.stamp, latest) > 0))
        latest = op.stamp;
    return latest;
  }

  /** Positions between which `op` is now. */
  extentOf(op: MarkOp): readonly [number, number] {
    return [indexOfPoint(this.#tree, this.#point(op.start)), indexOfPoint(this.#tree, this.#point(op.end))];
  }

  #boundaries(): Boundaries {
    if (this.#index !== undefined) return this.#index;
    const index = new Boundaries(this.#tree);
    for (const op of this.#ops.values()) index.cover(this.#point(op.start), this.#point(op.end), op);
    this.#index = index;
    return index;
  }

  #point({ id, assoc }: RelativePosition): Point {
    return pointOf(this.#tree, { id: id === null ? null : this.#restores.current(id), assoc });
  }
}

function spanKey({ start, end, name }: MarkOp): string {
  return `${anchorKey(start)} ${anchorKey(end)} ${name}`;
}

function anchorKey({ id, assoc }: RelativePosition): string {
  return id === null ? '' : `${id.replicaId}.${String(id.counter)}.${String(assoc)}`;
}

export const noMarks: MarkSet = new Map();

function markSetOf(winners: Winners | undefined): MarkSet {
  if (winners === undefined || winners.size === 0) return noMarks;
  const marks = new Map<string, Value>();
  for (const name of [...winners.keys()].sort()) {
    const value = winners.get(name)?.value ?? null;
    if (value !== null) marks.set(name, value);
  }
  return marks;
}

export function sameMarks(a: MarkSet, b: MarkSet): boolean {
  if (a.size !== b.size) return false;
  for (const [name, value] of a) {
    const other = b.get(name);
    if (other === undefined || (other !== value && valueKey(other) !== valueKey(value))) return false;
  }
  return true;
}
