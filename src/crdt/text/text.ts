/**
 * A text that many replicas edit at once and that ends the same for all of them: an RGA (Roh et al. 2011) whose
 * inserts also record a side, which is Fugue (Weidner and Kleppmann 2023): words typed at one place at the same
 * time are never interleaved, forwards or backwards.
 *
 * A local edit takes effect at once and returns the operations for the log; `apply` takes those of others, in
 * any order in which an operation comes after the ones it builds on. SPEC.md has the rules, `run.ts` the idea
 * behind the layout.
 */
import { assert, assertNever } from '../../base/assert.ts';
import { utf8 } from '../../base/bytes.ts';
import type { ReplicaId } from '../../base/ids.ts';
import { counterMax, markNameBytesMax } from '../../base/limits.ts';
import { isLastHybridTime } from '../../clocks/hybrid-logical-clock.ts';
import { opId } from '../context.ts';
import type { Context, OpId } from '../context.ts';
import type { Counter } from '../counter.ts';
import type { Value } from '../value.ts';
import { storable } from '../value.ts';
import type { Agent } from './agents.ts';
import { ChangeList } from './changes.ts';
import type { KnownText } from './deleted-text.ts';
import { expandOf, spanOver } from './expand.ts';
import type { Expand } from './expand.ts';
import { Extras, Redraw } from './extras.ts';
import { insertBehind } from './gap.ts';
import type { Place } from './gap.ts';
import { insertMarked } from './marked-text.ts';
import type { MarkedText } from './marked-text.ts';
import { noMarks } from './marks.ts';
import type { MarkSet, MarkSpan } from './marks.ts';
import { deleteOp, insertOp } from './messages.ts';
import type {
  DeleteOp,
  InsertOp,
  MarkOp,
  RelativePosition,
  TextChange,
  TextApplied,
  TextOp,
} from './messages.ts';
import { mergeOps } from './op-log.ts';
import { restoreText } from './restore-text.ts';
import type { Author } from './restore-text.ts';
import { RunTree } from './run-tree.ts';
import type { Run } from './run.ts';
import { isSurrogate, pairsOf, splitsPair, toWellFormed } from './surrogates.ts';
import { isChained, Validator } from './validate.ts';

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
  readonly #self: Agent;
  readonly #counter: Counter;
  readonly #options: TextOptions;
  /** Marks and the like; `undefined` while there is only text. */
  #extras: Extras | undefined;
  readonly #validator: Validator;
  /** The id of the character typed last: what is typed next hangs on it. */
  #typed: OpId | undefined = undefined;

  /** `counter` is shared by all documents of the log that `replicaId` writes. `loaded`: a state read back. */
  constructor(replicaId: ReplicaId, counter: Counter, options: TextOptions = {}, loaded?: LoadedText) {
    this.tree = loaded?.tree ?? new RunTree();
    this.#extras = loaded?.extras;
    this.#self = this.tree.agents.intern(replicaId);
    this.#counter = counter;
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
    return this.tree.blocks.text();
  }

  slice(from: number, to: number = this.length): string {
    return this.tree.blocks.slice(Math.max(0, from), Math.min(to, this.length));
  }

  /**
   * Inserts at `0 <= position <= length`; inside a surrogate pair, before the pair. A lone surrogate of `text`
   * becomes U+FFFD.
   */
  localInsert(position: number, text: string): readonly TextOp[] {
    if (text.length === 1) {
      const run = this.#typedOn(position, text);
      if (run !== undefined) return this.#typeOn(run, text);
    }
    assert(Number.isInteger(position) && position >= 0 && position <= this.length, 'insert inside the text');
    if (text.length === 0) return [];
    const counter = this.#draw(text.length);
    const id = opId(this.#self.replicaId, counter);
    const wellFormed = this.#notePairs(this.#self, counter, text);
    const { parent, side } = this.#insertAt(position, counter, wellFormed);
    return [insertOp(id, parent, side, wellFormed)];
  }

  /** Deletes `length` code units from `position`; half a surrogate pair at either end goes as a whole. */
  localDelete(position: number, length: number): readonly TextOp[] {
    const inside =
      Number.isInteger(position) && position >= 0 && length >= 0 && position + length <= this.length;
    assert(Number.isInteger(length) && inside, 'delete inside the text');
    if (length === 0) return [];
    const { blocks } = this.tree;
    const only = blocks.locate(position);
    // Backspace and the like: characters of one run without pairs, so there is nothing to widen and nothing to join.
    if (position + length <= blocks.cursorStart + only.visible && only.agent.pairs.size === 0) {
      return [this.#deleteFrom(only, position - blocks.cursorStart, length)];
    }
    const ops: DeleteOp[] = [];
    let from = position;
    let left = length;
    while (left > 0) {
      const run = blocks.locate(from);
      let offset = from - blocks.cursorStart;
      // Both halves of a pair are always in one run. Only the two ends of the range can lie inside one.
      const astral = run.agent.pairs.size > 0;
      if (astral && splitsPair(run.text, offset)) {
        from--;
        offset--;
        left++;
      }
      let count = Math.min(left, run.visible - offset);
      if (astral && splitsPair(run.text, offset + count)) count++;
      ops.push(this.#deleteFrom(run, offset, count));
      left -= count;
    }
    return ops.length === 1 ? ops : mergeOps(ops);
  }

  /**
   * Applies operations, of others or of our own log read back. All or none: what breaks a rule is refused
   * before anything changes. What is already here is skipped.
   */
  apply(ops: readonly TextOp[]): TextApplied {
    const only = ops.length === 1 ? ops[0] : undefined;
    if (only?.type === 'insert' && this.#extras === undefined) {
      const run = this.#typedOnBy(only);
      if (run !== undefined) return this.#applyTyped(run, only.text);
    }
    const reason = this.refuse(ops);
    if (reason !== undefined) return { ok: false, reason };
    const changes = new ChangeList();
    let redraw: Redraw | undefined;
    for (let i = 0; i < ops.length; i++) {
      const op = ops[i] as TextOp;
      switch (op.type) {
        case 'insert':
          this.#applyInsert(op, changes);
          break;
        case 'delete':
          this.#applyDelete(op, changes);
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
    assert(inside && from <= to, 'mark inside the text');
    if (from === to) return undefined;
    const restores = this.#extras?.restores;
    return spanOver(this.tree, restores, this.#snap(from), this.#snap(to, -1), expand, value === null);
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
    const id = { replicaId: this.#self.replicaId, counter: this.#draw(1) };
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
    const author: Author = {
      agent: this.#self,
      draw: count => this.#draw(count),
      notePairs: (counter, text) => this.#notePairs(this.#self, counter, text),
    };
    const restored = restoreText(this.tree, author, this.#extras?.restores, deleted);
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
    return this.#extras?.marks.insertedMarks(this.#snap(position)) ?? noMarks;
  }

  /** Why `apply` would refuse `ops`; changes nothing. */
  refuse(ops: readonly TextOp[]): string | undefined {
    return this.#validator.refuse(ops);
  }

  /** The place before (`assoc` 1) or after (-1) the character that stands there now; inside a pair, the place before the pair. */
  relativePosition(index: number, assoc: -1 | 1): RelativePosition {
    assert(Number.isInteger(index) && index >= 0 && index <= this.length, 'a position inside the text');
    const at = this.#snap(index) + (assoc === 1 ? 0 : -1);
    if (at < 0 || at === this.length) return { id: null, assoc };
    const run = this.tree.blocks.locate(at);
    const counter = run.start + at - this.tree.blocks.cursorStart;
    return { id: { replicaId: run.agent.replicaId, counter }, assoc };
  }

  /** Where `position` is now; where its character was if that is deleted; `undefined` if it is not known here. */
  indexOf(position: RelativePosition): number | undefined {
    const { assoc } = position;
    if (position.id === null) return assoc === 1 ? this.length : 0;
    const id = this.#extras?.restores.current(position.id) ?? position.id;
    const run = this.tree.agents.get(id.replicaId)?.find(id.counter);
    if (run === undefined) return undefined;
    const start = this.tree.blocks.startOf(run);
    return run.visible === 0
      ? start
      : this.#snap(start + id.counter - run.start + (assoc === 1 ? 0 : 1), assoc);
  }

  /**
   * The run that goes on when `text`, one unit, is typed after one's own last character. Most keystrokes are that: they need no
   * look-up, no new run and no check of the position, which is that of the cursor.
   */
  #typedOn(position: number, text: string): Run | undefined {
    const { blocks } = this.tree;
    const run = blocks.cursor;
    if (position !== blocks.cursorStart + run.visible || run.agent !== this.#self) return undefined;
    const { next } = this.#counter;
    if (run.start + run.length !== next || this.#self.end !== next || next >= counterMax) return undefined;
    return !isSurrogate(text.charCodeAt(0)) && this.tree.appends(run) ? run : undefined;
  }

  #typeOn(run: Run, text: string): readonly TextOp[] {
    const { replicaId } = this.#self;
    const counter = this.#counter.next++;
    this.tree.append(run, text);
    const parent = this.#typed?.counter === counter - 1 ? this.#typed : opId(replicaId, counter - 1);
    const id = (this.#typed = opId(replicaId, counter));
    return [insertOp(id, parent, 'right', text)];
  }

  #deleteFrom(run: Run, offset: number, length: number): DeleteOp {
    const target = opId(run.agent.replicaId, run.start + offset);
    const id = opId(this.#self.replicaId, this.#draw(length));
    this.tree.delete(run, offset, length);
    return deleteOp(id, target, length);
  }

  #insertAt(position: number, counter: number, text: string): Pick<InsertOp, 'parent' | 'side'> {
    const { blocks, root } = this.tree;
    if (this.#extras !== undefined) {
      const place = this.#insertAmongMarks(this.#extras, this.#snap(position), counter, text);
      if (place !== undefined) return place;
    }
    // The left neighbour: a run and how much of it stands before the new text. The root when that is nothing.
    let at = position;
    let run = at === 0 ? root : blocks.locate(at - 1);
    let offset = at === 0 ? 1 : at - blocks.cursorStart;
    if (run.agent.pairs.size > 0 && splitsPair(run.text, offset)) {
      at--;
      offset--;
      if (offset === 0) {
        run = at === 0 ? root : blocks.locate(at - 1);
        offset = run.length;
      }
    }
    const side = offset === run.length && run.right === undefined ? 'right' : 'left';
    if (side === 'right') {
      const parent = run === root ? null : opId(run.agent.replicaId, run.end - 1);
      const inserted = this.tree.insert(this.#self, counter, text, run, run.end - 1, 'right');
      if (inserted !== run) blocks.setCursor(inserted, at);
      return { parent, side };
    }
    // The left neighbour has right children, so what follows it is the first of them and has no left child.
    const next = offset < run.length ? this.tree.split(run, offset) : blocks.nextOf(run);
    assert(next !== undefined && next.left === undefined, 'right children follow their parent');
    const parent = opId(next.agent.replicaId, next.start);
    blocks.setCursor(this.tree.insert(this.#self, counter, text, next, next.start, 'left'), at);
    return { parent, side };
  }

  /** Where marks end at a deleted character, new text may have to go behind that one instead. */
  #insertAmongMarks(extras: Extras, position: number, counter: number, text: string): Place | undefined {
    const gap = extras.marks.gapAt(position);
    if (gap === undefined) return undefined;
    const id = { replicaId: gap.agent.replicaId, counter: gap.counter };
    return insertBehind(this.tree, this.#self, counter, text, id);
  }

  #withExtras(): Extras {
    return (this.#extras ??= new Extras(this.tree));
  }

  /**
   * The run that `op` goes on, when it is one more character after the author's last one: the operation of nearly
   * every batch. What is tested here is all that `validate.ts` asks of such an operation.
   */
  #typedOnBy(op: InsertOp): Run | undefined {
    const { counter } = op.id;
    if (op.text.length !== 1 || isSurrogate(op.text.charCodeAt(0)) || !isChained(op)) return undefined;
    const agent = this.tree.agents.get(op.id.replicaId);
    // Nothing is known at or after the counter, so this is neither a repeat nor a clash.
    if (agent?.end !== counter || counter >= counterMax) return undefined;
    const run = agent.find(counter - 1);
    return run !== undefined && this.tree.appends(run) ? run : undefined;
  }

  #applyTyped(run: Run, text: string): TextApplied {
    const { blocks } = this.tree;
    const at = blocks.startOf(run) + run.visible;
    this.tree.append(run, text);
    const change: TextChange = { from: at, to: at, insert: text };
    // Not one literal in another: until it is compiled, V8 copies such a one by a call out of the interpreter.
    const changes = [change];
    return { ok: true, changes };
  }

  #applyInsert(op: InsertOp, changes: ChangeList): void {
    const { agents, blocks, root } = this.tree;
    const { replicaId, counter } = op.id;
    const agent = agents.intern(replicaId);
    const end = counter + op.text.length;
    let known = counter;
    // Beyond all that is known of its author nothing of it can be here.
    if (agent.end > counter) {
      for (let run = agent.find(known); run !== undefined && known < end; run = agent.find(known))
        known = run.end;
      if (known >= end) return;
    }
    const rest = known > counter;
    const text = rest ? op.text.slice(known - counter) : op.text;
    this.#notePairs(agent, known, text);
    const parentAgent = rest ? agent : op.parent === null ? undefined : agents.get(op.parent.replicaId);
    const parentCounter = rest ? known - 1 : (op.parent?.counter ?? 0);
    const parent = parentAgent === undefined ? root : parentAgent.find(parentCounter);
    assert(parent !== undefined, 'a validated parent is known');
    const run = this.tree.insert(agent, known, text, parent, parentCounter, rest ? 'right' : op.side);
    changes.insert(blocks.startOf(run) + run.visible - text.length, text);
  }

  #applyDelete(op: DeleteOp, changes: ChangeList): void {
    const { agents, blocks } = this.tree;
    const agent = agents.get(op.target.replicaId);
    const end = op.target.counter + op.length;
    for (let counter = op.target.counter; counter < end;) {
      const run: Run | undefined = agent?.find(counter);
      assert(run !== undefined, 'a validated target is known');
      const stop = Math.min(end, run.end);
      if (run.visible > 0) {
        const offset = counter - run.start;
        changes.delete(blocks.startOf(run) + offset, stop - counter);
        this.tree.delete(run, offset, stop - counter);
      }
      counter = stop;
    }
  }

  /** `at`, or when that is inside a surrogate pair, the place before it (after it for `assoc` -1). */
  #snap(at: number, assoc: -1 | 1 = 1): number {
    if (at <= 0 || at >= this.length) return at;
    const run = this.tree.blocks.locate(at);
    // A pair is never cut, so both halves are in one run.
    const offset = at - this.tree.blocks.cursorStart;
    if (offset === 0 || !splitsPair(run.text, offset)) return at;
    return assoc === 1 ? at - 1 : at + 1;
  }

  /** Remembers the pairs of `text`; returns it well formed. */
  #notePairs(agent: Agent, counter: number, text: string): string {
    const pairs = pairsOf(text);
    if (pairs === undefined) return this.#notePairs(agent, counter, toWellFormed(text));
    for (const at of pairs) agent.pairs.add(counter + at);
    return text;
  }

  #draw(count: number): number {
    const first = this.#counter.next;
    assert(first >= this.#self.end, 'the counter is past every id of our own log');
    assert(first + count <= counterMax, 'the log has counters left');
    this.#counter.next = first + count;
    return first;
  }
}
