/** One replica of a random run: the engine with its undo, the obvious model, and what an editor would show. */
import fc from 'fast-check';
import { expect } from 'vitest';
import type { ReplicaId } from '../../base/ids.ts';
import type { HybridTime } from '../../clocks/hybrid-logical-clock.ts';
import type { OpId } from '../context.ts';
import { decodeTextOps, encodeTextOps } from '../text/codec.ts';
import { TextHistory } from '../text/history.ts';
import { MarkedModel } from '../text/marks.model.ts';
import type { MarkChange, RelativePosition, TextChange, TextOp } from '../text/messages.ts';
import { mergeOps } from '../text/op-log.ts';
import { Text } from '../text/text.ts';
import { replicaId } from '../text/text.model.ts';
import { checkTree } from '../text/tree-check.model.ts';
import type { Value } from '../value.ts';
import { TextUndo } from './text-undo.ts';

export interface Batch {
  readonly author: ReplicaId;
  readonly firstCounter: number;
  readonly bytes: Uint8Array;
  readonly after: ReadonlySet<number>;
}

type Marks = Record<string, Value>;

export class UndoPeer {
  readonly id: ReplicaId;
  readonly counter = { next: 0 };
  readonly text: Text;
  readonly undo: TextUndo;
  readonly model = new MarkedModel();
  readonly history = new TextHistory();
  readonly known = new Set<number>();
  /** One entry a character: what the screen shows, kept by what `apply` and `undo` report. */
  shown: { unit: string; marks: Marks }[] = [];
  #logical = 0;
  #nowMs = 0;

  constructor(id: ReplicaId) {
    this.id = id;
    const stamp = (overwritten?: HybridTime): HybridTime => {
      this.#logical = Math.max(this.#logical, overwritten?.logical ?? 0) + 1;
      return { wallMs: 1, logical: this.#logical };
    };
    this.text = new Text(id, this.counter, { stamp });
    this.undo = new TextUndo(this.text);
  }

  /** Does one thing of its own, `afterMs` after the last, and puts it in the list of batches. */
  act(step: Step, batches: Batch[]): void {
    this.#nowMs += step.afterMs;
    const first = this.counter.next;
    const at = step.position % (this.text.length + 1);
    const length = Math.min(step.length, this.text.length - at);
    const place = this.text.relativePosition(at, -1);
    let ops: readonly TextOp[] = [];
    let reverted: ReturnType<TextUndo['undo']>;
    switch (step.kind) {
      case 'insert': {
        const expected = this.text.insertedMarks(at);
        ops = this.undo.localInsert(at, step.text, this.#nowMs);
        const id = ops[0]?.id;
        const now = id === undefined ? undefined : this.text.indexOf({ id, assoc: 1 });
        if (now !== undefined) expect(this.text.marksAt(now)).toEqual(expected);
        break;
      }
      case 'delete':
        ops = this.undo.localDelete(at, length, this.#nowMs);
        break;
      case 'mark': {
        const expand = step.text.length % 2 === 0 ? undefined : step.expand;
        ops = this.undo.localMark(at, at + length, step.name, step.value, this.#nowMs, expand);
        this.#expectMarked(at, at + length, step);
        break;
      }
      case 'paste': {
        const marks: [string, Value][] = step.value === null ? [] : [[step.name, step.value]];
        const pieces = [
          { text: step.text, marks },
          { text: 'p', marks: [] },
        ];
        ops = this.undo.localInsertMarked(at, pieces, this.#nowMs);
        const from = this.text.indexOf({ id: ops[0]?.id ?? null, assoc: 1 }) ?? 0;
        const read = this.text.spans(from, from + step.text.length + 1).map(span => [...span.marks]);
        const wanted = step.text.length === 0 || marks.length === 0 ? [[]] : [marks, []];
        expect(read).toEqual(wanted);
        break;
      }
      case 'undo':
        reverted = this.undo.undo();
        break;
      case 'redo':
        reverted = this.undo.redo();
        break;
      default:
        break;
    }
    if (reverted !== undefined) {
      ops = reverted.ops;
      this.#show(reverted.changes, reverted.marks);
    } else this.shown = this.#read();
    for (const op of ops) this.model.apply(op);
    this.history.append(ops);
    this.check();
    expect(this.text.indexOf(place)).toBe(this.model.indexOf(place));
    if (ops.length === 0) return;
    const sent = batches.length % 2 === 0 ? mergeOps(ops) : ops;
    const bytes = encodeTextOps(sent, this.id, first);
    expect(decodeTextOps(bytes, this.id, first)).toEqual({ ok: true, value: sent });
    batches.push({ author: this.id, firstCounter: first, bytes, after: new Set(this.known) });
    this.known.add(batches.length - 1);
  }

  /** The range has the mark now and nothing else has changed; at both ends half a pair may be marked with it. */
  #expectMarked(from: number, to: number, { name, value }: Step): void {
    for (const [i, { marks }] of this.#read().entries()) {
      if (i >= from && i < to) expect(marks[name] ?? null).toBe(value);
      else if (i < from - 1 || i > to || from === to) expect(marks).toEqual(this.shown[i]?.marks);
    }
  }

  receive(index: number, batch: Batch): void {
    const ops = decodeTextOps(batch.bytes, batch.author, batch.firstCounter);
    if (!ops.ok) throw new Error(ops.reason);
    const applied = this.text.apply(ops.value);
    if (!applied.ok) throw new Error(applied.reason);
    this.history.append(ops.value);
    const repeated = this.known.has(index);
    this.known.add(index);
    if (repeated) expect(applied).toEqual({ ok: true, changes: [] });
    else for (const op of ops.value) this.model.apply(op);
    this.#show(applied.changes, applied.marks ?? []);
    this.check();
  }

  /** Receives something it does not have whose causes it has; false when there is none. */
  deliver(batches: readonly Batch[], pick: number): boolean {
    const ready = batches.flatMap((batch, i) =>
      this.known.has(i) || [...batch.after].some(cause => !this.known.has(cause)) ? [] : [i],
    );
    const index = ready[pick % Math.max(1, ready.length)];
    if (index === undefined) return false;
    this.receive(index, batches[index] as Batch);
    return true;
  }

  /** Text and marks together. */
  view(): string {
    return JSON.stringify(this.shown);
  }

  /** Shown characters by their ids, the marks left out. */
  shownIds(): readonly OpId[] {
    return this.model.shown().map(node => node.id as OpId);
  }

  /** Did another bring `id` back in place of a character that was first ours? */
  restoresOwn(id: OpId): boolean {
    const origin = this.model.origin(id);
    return origin.replicaId === this.id;
  }

  check(): void {
    const text = this.text.toString();
    expect(text).toBe(this.model.toString());
    const marks = this.model.marks();
    const wanted = marks.map((each, i) => ({ unit: text.charAt(i), marks: each }));
    expect(this.view()).toBe(JSON.stringify(wanted));
    expect(JSON.stringify(this.#read())).toBe(this.view());
    for (let i = 0; i < text.length; i += 3)
      expect(Object.fromEntries(this.text.marksAt(i))).toEqual(marks[i]);
    checkTree(this.text.tree);
  }

  #show(changes: readonly TextChange[], marks: readonly MarkChange[]): void {
    const now = this.#read();
    const shown: (UndoPeer['shown'][number] | undefined)[] = [...this.shown];
    for (const { from, to, insert } of changes)
      shown.splice(from, to - from, ...Array<undefined>(insert.length).fill(undefined));
    for (const { from, to } of marks) shown.fill(undefined, from, to);
    this.shown = shown.map((each, i) => each ?? (now[i] as UndoPeer['shown'][number]));
  }

  #read(): UndoPeer['shown'] {
    return this.text.spans().flatMap(({ from, to, marks }) => {
      const record = Object.fromEntries(marks);
      return [...Array(to - from).keys()].map(i => ({
        unit: this.text.slice(from + i, from + i + 1),
        marks: record,
      }));
    });
  }
}

export const position = fc.nat(1000);
export const relative = fc.tuple(position, fc.constantFrom(-1 as const, 1 as const));

const own = {
  position,
  length: fc.oneof({ weight: 3, arbitrary: fc.integer({ min: 1, max: 4 }) }, fc.nat(12)),
  text: fc.constantFrom('a', 'b', 'xy', 'word', '', '😀', 'a😀b'),
  name: fc.constantFrom('bold', 'link', 'comment:1', 'comment:2'),
  value: fc.constantFrom(true, true, null, 'x'),
  expand: fc.constantFrom('after' as const, 'before' as const, 'both' as const, 'none' as const),
  afterMs: fc.constantFrom(0, 100, 1000),
};
const kinds = [
  'insert',
  'insert',
  'insert',
  'delete',
  'delete',
  'mark',
  'mark',
  'paste',
  'undo',
  'redo',
] as const;

export const steps = fc.array(
  fc.record({
    ...own,
    kind: fc.constantFrom(...kinds, 'undo' as const, 'receive', 'receive', 'receive', 'again'),
    peer: fc.nat(3),
    pick: fc.nat(1000),
  }),
  { maxLength: 40, size: 'max' },
);
export const edits = fc.array(
  fc.record({ ...own, kind: fc.constantFrom(...kinds.filter(kind => kind !== 'undo' && kind !== 'redo')) }),
  { minLength: 1, maxLength: 20, size: 'max' },
);
type Of<T> = T extends fc.Arbitrary<readonly (infer E)[]> ? E : never;
export type Step = Pick<Of<typeof steps>, keyof typeof own> & { readonly kind: string };

export const names = ['c', '1', 'f', '07'].map(replicaId);

/** Plays `plan` and then gives everybody the rest, each in another order. */
export function play(peers: readonly UndoPeer[], plan: readonly Of<typeof steps>[]): Batch[] {
  const batches: Batch[] = [];
  for (const step of plan) {
    const peer = peers[step.peer % peers.length] as UndoPeer;
    if (step.kind === 'receive') peer.deliver(batches, step.pick);
    else if (step.kind === 'again') {
      const index = [...peer.known][step.pick % Math.max(1, peer.known.size)];
      if (index !== undefined) peer.receive(index, batches[index] as Batch);
    } else peer.act(step, batches);
  }
  settle(peers, batches);
  return batches;
}

export function settle(peers: readonly UndoPeer[], batches: readonly Batch[]): void {
  for (const [i, peer] of peers.entries())
    for (let pick = i * 7; peer.deliver(batches, pick); pick += 13 * i + 5);
}

export function positionsOf(
  peer: UndoPeer,
  places: readonly (readonly [number, -1 | 1])[],
): RelativePosition[] {
  return places.map(([at, assoc]) => peer.text.relativePosition(at % (peer.text.length + 1), assoc));
}
