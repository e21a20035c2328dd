/**
 * A text that many replicas edit at once and that ends the same for all of them: an RGA (Roh et al. 2011) whose
 * inserts also record a side, which is Fugue (Weidner and Kleppmann 2023): words typed at one place at the same
 * time are never interleaved, forwards or backwards.
 *
 * A local edit takes effect at once and returns the operations for the log; `apply` takes those of others, in
 * any order in which an operation comes after the ones it builds on. SPEC.md has the rules, `runs.ts` the idea
 * behind the layout.
 */
import { assert, assertNever } from '../../base/assert.ts';
import { utf8 } from '../../base/bytes.ts';
import type { ReplicaId } from '../../base/ids.ts';
import { markNameBytesMax } from '../../base/limits.ts';
import { isLastHybridTime } from '../../clocks/hybrid-logical-clock.ts';
import { opId } from '../context.ts';
import type { Context } from '../context.ts';
import type { Counter } from '../counter.ts';
import type { Value } from '../value.ts';
import { storable } from '../value.ts';
import { ChangeList } from './changes.ts';
import type { KnownText } from './deleted-text.ts';
import { expandOf, spanOver } from './expand.ts';
import type { Expand } from './expand.ts';
import { Extras, Redraw } from './extras.ts';
import { LocalEdits, snap } from './local-edits.ts';
import { insertMarked } from './marked-text.ts';
import type { MarkedText } from './marked-text.ts';
import { noMarks } from './marks.ts';
import type { MarkSet, MarkSpan } from './marks.ts';
import type { MarkOp, RelativePosition, TextApplied, TextOp } from './messages.ts';
import { applyDelete, applyInsert, applyTyped } from './remote-edits.ts';
import { restoreText } from './restore-text.ts';
import { RunTree } from './run-tree.ts';
import { toWellFormed } from './surrogates.ts';
import { Validator } from './validate.ts';

export interface TextOptions {
  /** Needed to write marks: see `Context.stamp`. */
  readonly stamp?: Context['stamp'];
  /** Where marks of a name grow, when not as `expandOf` says. */
  readonly expand?: Readonly<Record<string, Expand>>;
}

export interface LoadedText {
  readonly tree: RunTree;
  readonly extras: Extras | undefined;
}

export class Text {
  /** The state itself, for the modules of this folder (snapshots, checkers): everything outside goes through the methods. */
  readonly tree: RunTree;
  readonly #local: LocalEdits;
  readonly #options: TextOptions;
  /** Marks and the like; `undefined` while there is only text. */
  #extras: Extras | undefined;
  readonly #validator: Validator;

  /** `counter` is shared by all documents of the log that `replicaId` writes. `loaded`: a state read back. */
  constructor(replicaId: ReplicaId, counter: Counter, options: TextOptions = {}, loaded?: LoadedText) {
    this.tree = loaded?.tree ?? new RunTree();
    this.#extras = loaded?.extras;
    this.#local = new LocalEdits(this.tree, this.tree.agents.intern(replicaId), counter);
    this.#options = options;
    this.#validator = new Validator(this.tree.agents, id => this.#extras?.marks.order.has(id) === true);
  }

  /** As `tree`, for the modules of this folder and the undo. */
  get extras(): Extras | undefined {
    return this.#extras;
  }

  /** UTF-16 code units. */
  get length(): number {
    return this.tree.blocks.visible;
  }

  toString(): string {
    return this.tree.text();
  }

  slice(from: number, to: number = this.length): string {
    return this.tree.slice(Math.max(0, from), Math.min(to, this.length));
  }

  /**
   * Inserts at `0 <= position <= length`; inside a surrogate pair, before the pair. A lone surrogate of `text`
   * becomes U+FFFD.
   */
  localInsert(position: number, text: string): readonly TextOp[] {
    return this.#local.insert(position, text, this.#extras);
  }

  /** Deletes `length` code units from `position`; half a surrogate pair at either end goes as a whole. */
  localDelete(position: number, length: number): readonly TextOp[] {
    return this.#local.delete(position, length);
  }

  /**
   * Applies operations, of others or of our own log read back. All or none: what breaks a rule is refused
   * before anything changes. What is already here is skipped.
   */
  apply(ops: readonly TextOp[]): TextApplied {
    const only = ops.length === 1 ? ops[0] : undefined;
    if (only?.type === 'insert' && this.#extras === undefined) {
      const change = applyTyped(this.tree, only);
      if (change !== undefined) return { ok: true, changes: [change] };
    }
    const reason = this.refuse(ops);
    if (reason !== undefined) return { ok: false, reason };
    const changes = new ChangeList();
    let redraw: Redraw | undefined;
    for (let i = 0; i < ops.length; i++) {
      const op = ops[i] as TextOp;
      switch (op.type) {
        case 'insert':
          applyInsert(this.tree, op, changes);
          break;
        case 'delete':
          applyDelete(this.tree, op, changes);
          break;
        case 'mark':
        case 'restore':
        case 'unknown':
          this.#withExtras().apply(op, (redraw ??= new Redraw()));
          break;
        default:
          assertNever(op);
      }
    }
    const marks = redraw?.finish();
    if (marks === undefined || marks.length === 0) return { ok: true, changes: changes.finish() };
    return { ok: true, changes: changes.finish(), marks };
  }

  /**
   * Marks `[from, to)` with `value` under `name`; null takes the mark away. Half a surrogate pair at either end is
   * marked as a whole. Needs `TextOptions.stamp`.
   */
  localMark(from: number, to: number, name: string, value: Value, expand?: Expand): readonly TextOp[] {
    const span = this.spanToMark(from, to, name, value, expand);
    return span === undefined ? [] : this.localMarkSpan(span.start, span.end, name, value);
  }

  /** The ends that `localMark` would choose; `undefined` for an empty range. */
  spanToMark(
    from: number,
    to: number,
    name: string,
    value: Value,
    expand = expandOf(name, this.#options.expand),
  ): Pick<MarkOp, 'start' | 'end'> | undefined {
    const inside = Number.isInteger(from) && Number.isInteger(to) && 0 <= from && to <= this.length;
    assert(inside && from <= to, 'a position inside the text');
    if (from === to) return undefined;
    const restores = this.#extras?.restores;
    return spanOver(
      this.tree,
      restores,
      snap(this.tree, from),
      snap(this.tree, to, -1),
      expand,
      value === null,
    );
  }

  /** Marks from one place that is known here to another. */
  localMarkSpan(
    start: RelativePosition,
    end: RelativePosition,
    name: string,
    value: Value,
  ): readonly TextOp[] {
    const { stamp } = this.#options;
    assert(stamp !== undefined, 'a text that is marked is given stamps');
    assert(name.length > 0 && utf8(name).length <= markNameBytesMax, 'a mark has a name, and no long one');
    const extras = this.#withExtras();
    const wellFormed = toWellFormed(name);
    const id = opId(this.#local.agent.replicaId, this.#local.draw(1));
    const written = { name: wellFormed, value: storable(value) };
    const overwritten = extras.marks.latestIn(start, end, wellFormed);
    const stamped = { type: 'mark', id, start, end, ...written, stamp: stamp(overwritten?.stamp) } as const;
    const follows =
      overwritten !== undefined && isLastHybridTime(overwritten.stamp) ? overwritten.id : undefined;
    const op: TextOp = follows === undefined ? stamped : { ...stamped, follows };
    extras.apply(op);
    return [op];
  }

  /** Inserts text that brings its marks along and takes on none of those around it. */
  localInsertMarked(position: number, pieces: readonly MarkedText[]): readonly TextOp[] {
    return insertMarked(this, position, pieces);
  }

  /**
   * Inserts deleted text again where it was, as new characters, and says which old one each is, so that marks and
   * relative positions follow. What is shown already, because somebody else has restored it, is left out.
   */
  localRestore(deleted: readonly KnownText[]): readonly TextOp[] {
    const restored = restoreText(this.tree, this.#local, this.#extras?.restores, deleted);
    if (restored === undefined) return [];
    this.#withExtras().apply(restored.restore);
    return [...restored.inserts, restored.restore];
  }

  /** The marks of the character at `0 <= index < length`. */
  marksAt(index: number): MarkSet {
    assert(Number.isInteger(index) && index >= 0 && index < this.length, 'a character of the text');
    return this.#extras?.marks.marksAt(index) ?? noMarks;
  }

  /** All of `[from, to)`, cut wherever the marks change. */
  spans(from = 0, to: number = this.length): readonly MarkSpan[] {
    if (this.#extras !== undefined)
      return this.#extras.marks.spans(Math.max(0, from), Math.min(to, this.length));
    return from < to ? [{ from, to, marks: noMarks }] : [];
  }

  /** The marks that text typed at `0 <= position <= length` would have. */
  insertedMarks(position: number): MarkSet {
    assert(
      Number.isInteger(position) && position >= 0 && position <= this.length,
      'a position inside the text',
    );
    return this.#extras?.marks.insertedMarks(snap(this.tree, position)) ?? noMarks;
  }

  /** Why `apply` would refuse `ops`; changes nothing. */
  refuse(ops: readonly TextOp[]): string | undefined {
    return this.#validator.refuse(ops);
  }

  /** The place before (`assoc` 1) or after (-1) the character that stands there now; inside a pair, the place before the pair. */
  relativePosition(index: number, assoc: -1 | 1): RelativePosition {
    assert(Number.isInteger(index) && index >= 0 && index <= this.length, 'a position inside the text');
    const at = snap(this.tree, index) + (assoc === 1 ? 0 : -1);
    if (at < 0 || at === this.length) return { id: null, assoc };
    const { tree } = this;
    const run = tree.blocks.locate(at);
    return { id: tree.idAt(run, at - tree.blocks.cursorStart), assoc };
  }

  /** Where `position` is now; where its character was if that is deleted; `undefined` if it is not known here. */
  indexOf(position: RelativePosition): number | undefined {
    const { assoc } = position;
    if (position.id === null) return assoc === 1 ? this.length : 0;
    const id = this.#extras?.restores.current(position.id) ?? position.id;
    const { agents, blocks, runs } = this.tree;
    const run = agents.get(id.replicaId)?.find(id.counter) ?? -1;
    if (run < 0) return undefined;
    const at = blocks.startOf(run);
    if (runs.visible[run] === 0) return at;
    return snap(this.tree, at + id.counter - (runs.start[run] as number) + (assoc === 1 ? 0 : 1), assoc);
  }

  #withExtras(): Extras {
    return (this.#extras ??= new Extras(this.tree));
  }
}
