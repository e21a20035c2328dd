/**
 * A batch of another replica, applied whole or not at all. Values do not know each other, so all of a batch's
 * operations on one value are checked as one list, and every list before the first entry is applied. A batch with one
 * entry of a value, which is most of them, is checked by applying it.
 */
import { assert } from '../../base/assert.ts';
import { utf8 } from '../../base/bytes.ts';
import type { ReplicaId } from '../../base/ids.ts';
import { counterMax, mapDepthMax, mapKeyBytesMax } from '../../base/limits.ts';
import type { OpId } from '../context.ts';
import { kindMax } from '../map/codec.ts';
import type { MapOp } from '../map/messages.ts';
import { pairsOf } from '../text/surrogates.ts';
import type { ChangeLog } from './change-log.ts';
import { compareKept, type Container } from './container.ts';
import type { Document } from './document.ts';
import { mapCode, type AnyKind, type LeafChange, type LeafOp } from './kinds.ts';
import type { ContainerId, DocumentBatch, EditEntry, Entry, UnreadEntry } from './messages.ts';

/** An entry, where it goes, and its first counter. */
interface Step {
  readonly container: Container;
  readonly entry: Entry;
  readonly first: number;
}

/** What the check found of one value. */
interface Verdict {
  /** Its operations cannot be right without one that could not be read, and are kept with that. */
  readonly unread: boolean;
  /** What the only entry changed, when checking was applying. */
  readonly changes?: readonly LeafChange[];
}

/** Why `batch` is refused; `undefined` when it was applied. `time`: its Lamport time. */
export function applyBatch(
  document: Document,
  batch: DocumentBatch,
  time: number,
  changes: ChangeLog,
): string | undefined {
  const created: Container[] = [];
  const [only] = batch.entries;
  if (batch.entries.length === 1 && only?.type === 'edit' && only.container.kind !== mapCode) {
    const changed = applyOnly(document, batch, only, changes, created);
    if (changed !== undefined) return changed.reason;
  }
  const steps = plan(document, batch, created);
  const verdicts = typeof steps === 'string' ? steps : check(document, steps);
  if (typeof verdicts === 'string' || typeof steps === 'string') {
    discard(created);
    return verdicts as string;
  }
  const note = (container: Container) => changes.notePresence(container);
  const { replicaId } = batch;
  for (const step of steps) {
    const { container, entry, first } = step;
    const last = first + entry.counters - 1;
    // Before its own touch: what a map's operations touch inside it has lower counters.
    if (entry.type === 'edit' && container.id.kind === mapCode)
      applyMapOps(container, entry.ops as readonly MapOp[], note);
    container.touch(replicaId, last, note);
    if (entry.type === 'unread') keep(container, replicaId, first, time, entry);
    else if (container.kind !== undefined)
      applyLeaf(document, step, entry, verdicts, replicaId, time, changes);
  }
  return undefined;
}

/**
 * A batch with one edit of one value, which is most of them: nothing else can be refused after it. `undefined` when
 * it may have to be kept unread, which is decided as for all others.
 */
function applyOnly(
  document: Document,
  { replicaId, firstCounter, step }: DocumentBatch,
  entry: EditEntry,
  changes: ChangeLog,
  created: Container[],
): { readonly reason: string | undefined } | undefined {
  const refused = refuseHead(step, firstCounter, entry.counters);
  if (refused !== undefined) return { reason: refused };
  const container = resolve(document.containers, entry.container, created);
  if (typeof container === 'string') {
    discard(created);
    return { reason: container };
  }
  const { kind } = container;
  if (kind === undefined || container.unread.length > 0) return undefined;
  let reason = refuseIds(kind, entry, replicaId, firstCounter);
  const applied =
    reason === undefined
      ? kind.apply(container.leaf(document.context), entry.ops as readonly LeafOp[])
      : undefined;
  if (applied?.ok === false) ({ reason } = applied);
  if (applied?.ok !== true) {
    discard(created);
    return { reason };
  }
  container.touch(replicaId, firstCounter + entry.counters - 1, container => {
    changes.notePresence(container);
  });
  changes.add(container, applied.changes);
  return { reason: undefined };
}

/** Takes out what was made for a batch that is refused. */
function discard(created: Container[]): void {
  // The outermost are the first: whatever is inside them goes with them.
  for (const { parent, id } of created.reverse()) parent?.discard(id.key, id.kind);
}

function refuseHead(step: number, first: number, counters: number): string | undefined {
  if (!Number.isSafeInteger(step) || step < 1) return 'time stands still';
  if (!Number.isSafeInteger(counters) || counters < 1 || first + counters > counterMax)
    return 'counter out of range';
  return undefined;
}

/** The entries with their containers, made where they are new and then added to `created`. */
function plan(document: Document, batch: DocumentBatch, created: Container[]): readonly Step[] | string {
  if (batch.entries.length === 0) return 'empty batch';
  const steps: Step[] = [];
  let first = batch.firstCounter;
  for (const entry of batch.entries) {
    const { counters } = entry;
    const refused = refuseHead(batch.step, first, counters);
    if (refused !== undefined) return refused;
    const container = resolve(document.containers, entry.container, created);
    if (typeof container === 'string') return container;
    if (entry.type === 'edit') {
      const reason =
        container.id.kind === mapCode
          ? refuseMapOps(document, entry, batch.replicaId, first)
          : refuseIds(container.kind, entry, batch.replicaId, first);
      if (reason !== undefined) return reason;
    }
    steps.push({ container, entry, first });
    first += counters;
  }
  return steps;
}

/** The container that `id` names. */
function resolve(root: Container, id: ContainerId, created: Container[], depth = 0): Container | string {
  if (id.parent === undefined) return id.kind === mapCode && id.key === '' ? root : 'unknown container';
  if (depth >= mapDepthMax) return 'nested too deeply';
  const parent = resolve(root, id.parent, created, depth + 1);
  if (typeof parent === 'string') return parent;
  const known = parent.child(id.key, id.kind);
  if (known !== undefined) return known;
  if (parent.kind !== undefined) return 'not a map';
  if (!isKey(id.key)) return 'malformed key';
  if (!Number.isInteger(id.kind) || id.kind < 1 || id.kind > kindMax) return 'malformed kind';
  const child = parent.ensureChild(id.key, id.kind);
  created.push(child);
  return child;
}

/** May this be a key of a map? */
export function isKey(key: string): boolean {
  if (pairsOf(key) === undefined) return false;
  // At most three bytes a code unit.
  return (
    3 * key.length <= mapKeyBytesMax || (key.length <= mapKeyBytesMax && utf8(key).length <= mapKeyBytesMax)
  );
}

/** One value's operations: by the batch's author, with its next counters. */
function refuseIds(
  kind: AnyKind | undefined,
  entry: EditEntry,
  replicaId: ReplicaId,
  first: number,
): string | undefined {
  if (kind === undefined) return 'unknown kind';
  let counter = first;
  for (const op of entry.ops as readonly LeafOp[]) {
    if (op.id.replicaId !== replicaId || op.id.counter !== counter) return 'a counter that jumps';
    counter += kind.countersOf(op);
  }
  return counter === first + entry.counters ? undefined : 'counters do not add up';
}

function refuseMapOps(
  document: Document,
  entry: EditEntry,
  replicaId: ReplicaId,
  first: number,
): string | undefined {
  let counter = first;
  for (const op of entry.ops as readonly MapOp[]) {
    if (op.id.replicaId !== replicaId || op.id.counter !== counter) return 'a counter that jumps';
    counter++;
    if (!isKey(op.key)) return 'malformed key';
    if (op.type === 'touch' && (op.kind < 1 || op.kind > kindMax)) return 'malformed kind';
    if (op.type === 'remove' && !isObserved(document, op.observed, op.id)) return 'removes what is not known';
  }
  return counter === first + entry.counters ? undefined : 'counters do not add up';
}

/** Is all of `observed` before the operation `id`? */
function isObserved(document: Document, observed: readonly OpId[], id: OpId): boolean {
  let last = '';
  for (const { replicaId, counter } of observed) {
    const end = replicaId === id.replicaId ? id.counter : (document.version.get(replicaId) ?? 0);
    if (replicaId <= last || counter >= end) return false;
    last = replicaId;
  }
  return observed.length > 0;
}

/** The verdict on each value's operations, or why one list is refused. */
function check(document: Document, steps: readonly Step[]): ReadonlyMap<Container, Verdict> | string {
  const lists = new Map<Container, EditEntry[]>();
  let count = 0;
  for (const { container, entry } of steps) {
    if (entry.type === 'unread' || container.kind === undefined) continue;
    const list = lists.get(container);
    if (list === undefined) lists.set(container, [entry]);
    else list.push(entry);
    count++;
  }
  const verdicts = new Map<Container, Verdict>();
  for (const [container, list] of lists) {
    const verdict = checkList(document, container, list, count === 1);
    if (typeof verdict === 'string') return verdict;
    verdicts.set(container, verdict);
  }
  return verdicts;
}

function checkList(
  document: Document,
  container: Container,
  list: readonly EditEntry[],
  alone: boolean,
): Verdict | string {
  const { kind } = container;
  assert(kind !== undefined, 'only values are checked');
  const value = container.leaf(document.context);
  const ops = list.flatMap(entry => entry.ops as readonly LeafOp[]);
  let reason: string | undefined;
  if (alone) {
    const applied = kind.apply(value, ops);
    if (applied.ok) return { unread: false, changes: applied.changes };
    reason = applied.reason;
  } else reason = kind.refuse(value, ops);
  if (reason === undefined) return { unread: false };
  return container.unread.length > 0 ? { unread: true } : reason;
}

function applyLeaf(
  document: Document,
  { container, first }: Step,
  entry: EditEntry,
  verdicts: ReadonlyMap<Container, Verdict>,
  replicaId: ReplicaId,
  time: number,
  changes: ChangeLog,
): void {
  const { kind } = container;
  const verdict = verdicts.get(container);
  assert(kind !== undefined && verdict !== undefined, 'every list of operations was checked');
  const ops = entry.ops as readonly LeafOp[];
  if (verdict.unread) {
    const bytes = kind.encodeOps(ops, replicaId, first);
    keep(container, replicaId, first, time, { ...entry, type: 'unread', bytes });
    return;
  }
  if (verdict.changes !== undefined) {
    changes.add(container, verdict.changes);
    return;
  }
  const applied = kind.apply(container.leaf(document.context), ops);
  assert(applied.ok, 'operations found in order are applied');
  changes.add(container, applied.changes);
}

function keep(
  container: Container,
  replicaId: ReplicaId,
  first: number,
  time: number,
  { container: id, counters, bytes }: UnreadEntry,
): void {
  const kept = {
    id: { replicaId, counter: first },
    time,
    entry: { type: 'unread' as const, container: id, counters, bytes },
  };
  const { unread } = container;
  let at = unread.length;
  while (at > 0 && compareKept(unread[at - 1] ?? kept, kept) > 0) at--;
  unread.splice(at, 0, kept);
}

function applyMapOps(map: Container, ops: readonly MapOp[], note: (container: Container) => void): void {
  for (const op of ops) {
    if (op.type === 'remove') map.remove(op.key, op.observed, note);
    else map.ensureChild(op.key, op.kind).touch(op.id.replicaId, op.id.counter, note);
  }
}
