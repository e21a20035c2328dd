/**
 * What a text may have beside its characters: marks, restored deletions, operations of newer versions. Made when
 * the first of these comes, so that plain text pays for none of it.
 */
import { assertNever } from '../../base/assert.ts';
import { compareOpIds } from '../context.ts';
import type { OpId } from '../context.ts';
import { idAt } from './id-range.ts';
import { Marks } from './marks.ts';
import type { ExtensionOp, IdRange, MarkChange, RestoreOp, UnknownOp } from './messages.ts';
import { indexOfPoint, pointOf } from './points.ts';
import { Restores } from './restores.ts';
import type { RunTree } from './run-tree.ts';

export class Extras {
  readonly restores = new Restores();
  readonly marks: Marks;
  readonly #unknown = new Map<string, UnknownOp>();
  readonly #tree: RunTree;

  constructor(tree: RunTree) {
    this.#tree = tree;
    this.marks = new Marks(tree, this.restores);
  }

  /** Operations of newer versions, in the order of their ids. */
  unknown(): readonly UnknownOp[] {
    return [...this.#unknown.values()].sort((a, b) => compareOpIds(a.id, b.id));
  }

  /** Takes in a validated operation; what it may have changed to see goes to `redraw`. */
  apply(op: ExtensionOp, redraw?: Redraw): void {
    switch (op.type) {
      case 'mark':
        if (this.marks.add(op)) redraw?.add(() => this.marks.extentOf(op));
        return;
      case 'restore':
        this.#restore(op, redraw);
        return;
      case 'unknown':
        this.#unknown.set(`${op.id.replicaId}.${String(op.id.counter)}`, op);
        return;
      default:
        assertNever(op);
    }
  }

  #restore(op: RestoreOp, redraw: Redraw | undefined): void {
    const marked = this.marks.size > 0 && redraw !== undefined;
    const before = marked ? this.#resolved(op) : [];
    if (!this.restores.add(op)) return;
    this.marks.moved();
    if (!marked) return;
    // An end of a mark moves from where its character was to where it is: only between these may marks differ.
    const after = this.#resolved(op);
    op.ranges.forEach((range, i) => {
      redraw.add(() => this.#hull([range, ...(before[i] ?? []), ...(after[i] ?? [])]));
    });
  }

  #resolved(op: RestoreOp): readonly (readonly IdRange[])[] {
    return op.ranges.map(range => this.restores.resolve(range));
  }

  #hull(ranges: readonly IdRange[]): readonly [number, number] {
    let from = Infinity;
    let to = 0;
    for (const { target, length } of ranges) {
      from = Math.min(from, this.#indexOf(target, 1));
      to = Math.max(to, this.#indexOf(idAt(target, length - 1), -1));
    }
    return [from, to];
  }

  #indexOf(id: OpId, assoc: -1 | 1): number {
    return indexOfPoint(this.#tree, pointOf(this.#tree, { id, assoc }));
  }
}

/** Gathers what one call may have changed to see; positions are those after the call. */
export class Redraw {
  readonly #extents: (() => readonly [number, number])[] = [];

  add(extent: () => readonly [number, number]): void {
    this.#extents.push(extent);
  }

  finish(): readonly MarkChange[] {
    const extents = this.#extents
      .map(extent => extent())
      .filter(([from, to]) => from < to)
      .sort((a, b) => a[0] - b[0]);
    const changes: { from: number; to: number }[] = [];
    for (const [from, to] of extents) {
      const last = changes[changes.length - 1];
      if (last !== undefined && from <= last.to) last.to = Math.max(last.to, to);
      else changes.push({ from, to });
    }
    return changes;
  }
}
