/**
 * A batch of another replica, applied whole or not at all. Values do not know each other, so all of a batch's
 * operations on one value are one list: every list is checked before the first is applied. A batch of one list, which
 * is most of them, is checked by applying it.
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

/** All operations of the batch on one value. */
interface Group {
  readonly kind: AnyKind;
  readonly ops: LeafOp[];
  state: 'waiting' | 'applied' | 'unread';
  /** What applying them changed, not told yet. */
  changes: readonly LeafChange[];
}

/** Why `batch` is refused; `undefined` when it was applied. `time`: its Lamport time. */
export function applyBatch(
  document: Document,
  batch: DocumentBatch,
  time: number,
  changes: ChangeLog,
): string | undefined {
  const created: Container[] = [];
  const steps = plan(document, batch, created);
  const groups = typeof steps === 'string' ? steps : check(document, steps);
  if (typeof groups === 'string' || typeof steps === 'string') {
    // The outermost are the first: whatever is inside them goes with them.
    for (const { parent, id } of created.reverse()) parent?.discard(id.key, id.kind);
    return groups as string;
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
    else if (container.kind !== undefined) applyLeaf(document, step, entry, groups, replicaId, time, changes);
  }
  return undefined;
}

/** The entries with their containers, made where they are new and then added to `created`. */
function plan(document: Document, batch: DocumentBatch, created: Container[]): readonly Step[] | string {
  if (batch.entries.length === 0) return 'empty batch';
  if (!Number.isSafeInteger(batch.step) || batch.step < 1) return 'time stands still';
  const steps: Step[] = [];
  let first = batch.firstCounter;
  for (const entry of batch.entries) {
    const { counters } = entry;
    if (!Number.isSafeInteger(counters) || counters < 1 || first + counters > counterMax)
      return 'counter out of range';
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

/** The lists of operations by value, each found to be in order, a single one by applying it; or why one is refused. */
function check(document: Document, steps: readonly Step[]): ReadonlyMap<Container, Group> | string {
  const groups = new Map<Container, Group>();
  for (const { container, entry } of steps) {
    if (entry.type === 'unread' || container.kind === undefined) continue;
    const group = groups.get(container);
    const ops = entry.ops as readonly LeafOp[];
    if (group === undefined)
      groups.set(container, { kind: container.kind, ops: [...ops], state: 'waiting', changes: [] });
    else for (const op of ops) group.ops.push(op);
  }
  for (const [container, group] of groups) {
    const value = container.leaf(document.context);
    let reason: string | undefined;
    if (groups.size > 1) reason = group.kind.refuse(value, group.ops);
    else {
      const applied = group.kind.apply(value, group.ops);
      if (applied.ok) {
        group.state = 'applied';
        group.changes = applied.changes;
      } else reason = applied.reason;
    }
    if (reason === undefined) continue;
    // What cannot be right without an operation we could not read waits for whoever can.
    if (container.unread.length === 0) return reason;
    group.state = 'unread';
  }
  return groups;
}

function applyLeaf(
  document: Document,
  step: Step,
  entry: EditEntry,
  groups: ReadonlyMap<Container, Group>,
  replicaId: ReplicaId,
  time: number,
  changes: ChangeLog,
): void {
  const { container, first } = step;
  const group = groups.get(container);
  assert(group !== undefined, 'every list of operations was checked');
  if (group.state === 'unread') {
    const bytes = group.kind.encodeOps(entry.ops as readonly LeafOp[], replicaId, first);
    keep(container, replicaId, first, time, { ...entry, type: 'unread', bytes });
    return;
  }
  if (group.state === 'waiting') {
    group.state = 'applied';
    const applied = group.kind.apply(container.leaf(document.context), group.ops);
    assert(applied.ok, 'operations found in order are applied');
    group.changes = applied.changes;
  }
  changes.add(container, group.changes);
  group.changes = [];
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
