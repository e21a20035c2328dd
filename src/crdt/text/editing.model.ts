/**
 * People editing one text, for property tests: random edits, random delivery in causal order, repeats. What a
 * replica keeps beside its text (a history, a saved state) is the test's own affair: it sees each replica's operations
 * as they arrive.
 */
import fc from 'fast-check';
import type { ReplicaId } from '../../base/ids.ts';
import type { TextOp } from './messages.ts';
import type { OpId } from '../context.ts';
import { TextHistory } from './history.ts';
import { countersOf, mergeOps } from './op-log.ts';
import { Text } from './text.ts';
import { replicaId } from './text.model.ts';

export interface Batch {
  readonly author: number;
  readonly ops: readonly TextOp[];
  /** Indexes of the batches its author had when it was written. */
  readonly after: ReadonlySet<number>;
}

export interface Step {
  readonly kind: 'edit' | 'type' | 'receive' | 'again';
  readonly peer: number;
  readonly position: number;
  readonly deleted: number;
  readonly inserted: string;
  readonly pick: number;
}

export const steps: fc.Arbitrary<readonly Step[]> = fc.array(
  fc.record({
    kind: fc.constantFrom('edit', 'type', 'receive', 'receive', 'again'),
    peer: fc.nat(7),
    position: fc.nat(1000),
    deleted: fc.oneof({ weight: 2, arbitrary: fc.constant(0) }, fc.nat(6)),
    inserted: fc.oneof(
      { weight: 4, arbitrary: fc.constantFrom('a', 'b', 'xy', 'a long word, longer than sixteen', '') },
      { weight: 2, arbitrary: fc.constantFrom('😀', 'é', '👩‍💻', 'a😀b', '漢字') },
    ),
    pick: fc.nat(1000),
  }),
  { maxLength: 50, size: 'max' },
);

const names = ['c', '1', 'f', '07', 'c1', 'a9', '2', '3'].map(replicaId);

export class Editor {
  readonly id: ReplicaId;
  /** Counters may begin anywhere: other documents of the log draw from them too. */
  readonly counter: { next: number };
  text: Text;
  readonly known = new Set<number>();
  /** All operations here, in the order in which they came. */
  readonly arrived: TextOp[] = [];
  cursor = 0;

  constructor(index: number) {
    this.id = names[index] as ReplicaId;
    this.counter = { next: 100 * index };
    this.text = new Text(this.id, this.counter);
  }
}

export class Room {
  readonly editors: readonly Editor[];
  readonly batches: Batch[] = [];
  readonly #onOps: (editor: Editor, ops: readonly TextOp[]) => void;

  /** `onOps` is told what each editor wrote or received, once it is in its text; repeats too. */
  constructor(size: number, onOps: (editor: Editor, ops: readonly TextOp[]) => void = () => undefined) {
    this.editors = names.slice(0, size).map((_, index) => new Editor(index));
    this.#onOps = onOps;
  }

  take(step: Step): void {
    const index = step.peer % this.editors.length;
    const editor = this.editors[index] as Editor;
    switch (step.kind) {
      case 'edit':
        this.edit(index, step.position, step.deleted, step.inserted);
        break;
      case 'type': {
        // Goes on where it was, now and then with a backspace: what people do.
        const at = Math.min(editor.cursor, editor.text.length);
        const erases = step.deleted > 4 && at > 0;
        this.edit(index, erases ? at - 1 : at, erases ? 1 : 0, erases ? '' : step.inserted);
        editor.cursor = Math.max(0, at + (erases ? -1 : step.inserted.length));
        break;
      }
      case 'receive':
        this.deliver(index, step.pick);
        break;
      case 'again': {
        const known = [...editor.known];
        const batch = known[step.pick % Math.max(1, known.length)];
        if (batch !== undefined) this.receive(index, batch);
      }
    }
  }

  edit(index: number, position: number, deleted: number, inserted: string): void {
    const editor = this.editors[index] as Editor;
    const { text } = editor;
    const at = position % (text.length + 1);
    const ops = [...text.localDelete(at, Math.min(deleted, text.length - at))];
    ops.push(...text.localInsert(Math.min(at, text.length), inserted));
    if (ops.length === 0) return;
    const batch = { author: index, ops: mergeOps(ops), after: new Set(editor.known) };
    editor.known.add(this.batches.push(batch) - 1);
    editor.arrived.push(...batch.ops);
    this.#onOps(editor, batch.ops);
  }

  receive(index: number, batchIndex: number): void {
    const editor = this.editors[index] as Editor;
    const { ops } = this.batches[batchIndex] as Batch;
    const applied = editor.text.apply(ops);
    if (!applied.ok) throw new Error(applied.reason);
    if (!editor.known.has(batchIndex)) editor.arrived.push(...ops);
    editor.known.add(batchIndex);
    this.#onOps(editor, ops);
  }

  /** Hands over one of the batches whose predecessors are there; false when there is none. */
  deliver(index: number, pick: number): boolean {
    const { known } = this.editors[index] as Editor;
    const ready = this.batches.flatMap(({ after }, batch) =>
      !known.has(batch) && [...after].every(before => known.has(before)) ? [batch] : [],
    );
    const batch = ready[pick % Math.max(1, ready.length)];
    if (batch === undefined) return false;
    this.receive(index, batch);
    return true;
  }

  /** Everyone gets the rest, each in another order. */
  settle(): void {
    for (const index of this.editors.keys())
      for (let pick = index * 7; this.deliver(index, pick); pick += 13 * index + 5);
  }
}

/** What `editor` has seen: the counter after its last operation, by replica. */
export function versionOf(editor: Editor): Map<ReplicaId, number> {
  const version = new Map<ReplicaId, number>();
  for (const op of editor.arrived) {
    const end = op.id.counter + countersOf([op]);
    if (end > (version.get(op.id.replicaId) ?? 0)) version.set(op.id.replicaId, end);
  }
  return version;
}

/** What each id did, one character a line: the same list of facts however operations were cut and joined. */
export function factsOf(ops: readonly TextOp[]): string[] {
  const name = (id: OpId | null, i = 0) =>
    id === null ? 'root' : `${id.replicaId.slice(0, 2)}.${String(id.counter + i)}`;
  const facts: string[] = [];
  for (const op of ops) {
    if (op.type === 'insert')
      for (let i = 0; i < op.text.length; i++) {
        const place = i === 0 ? `${op.side} of ${name(op.parent)}` : `right of ${name(op.id, i - 1)}`;
        facts.push(`${name(op.id, i)} is ${op.text.charAt(i)} ${place}`);
      }
    // Operations do not say which way a delete went.
    else if (op.type === 'delete')
      for (let i = 0; i < op.length; i++) facts.push(`${op.id.replicaId} deletes ${name(op.target, i)}`);
  }
  return facts.sort();
}

/** A room whose editors each keep a history. */
export function roomWithHistories(size: number): { room: Room; histories: Map<Editor, TextHistory> } {
  const histories = new Map<Editor, TextHistory>();
  const room = new Room(size, (editor, ops) => histories.get(editor)?.append(ops));
  for (const editor of room.editors) histories.set(editor, new TextHistory());
  return { room, histories };
}

export function play(size: number, plan: readonly Step[]): Room {
  const room = new Room(size);
  for (const step of plan) room.take(step);
  return room;
}
