/**
 * The values of a document as they hang in its maps, and which of them are present.
 *
 * The obvious way to remove a key keeps a tombstone a key for ever, or lets the last writer win and loses what others
 * wrote meanwhile. Instead presence is an observed-remove set without tombstones (Bieniusa et al. 2012, *An optimized
 * conflict-free replicated set*): a container keeps, for each replica, the last of its edits here or further inside
 * that nobody has removed (`live`); a removal names what it had observed. An edit is never delivered after a removal
 * that observed it, so nothing has to be remembered about it. One entry a replica is enough: a replica's edits come
 * in their order, so whoever observed one observed all before it.
 */
import type { ReplicaId } from '../../base/ids.ts';
import type { Context, OpId } from '../context.ts';
import { EditOrder } from './edit-order.ts';
import type { AnyKind } from './kinds.ts';
import { leafKind } from './kinds.ts';
import type { ContainerId, UnreadEntry } from './messages.ts';

/** An entry that waits for a version that can read it, and where it came from. */
export interface Kept {
  readonly id: OpId;
  /** Lamport time of its batch. */
  readonly time: number;
  readonly entry: UnreadEntry;
}

/** A removal that looks at more in vain makes an order of what is inside, so that the next one need not. */
const inVainMax = 64;

/** What has no values inside has them in here. Never written to. */
const nobody = new Map<string, Container | Map<number, Container>>();

/** Told of every container that comes to be present or no longer is. */
export type NotePresence = (container: Container) => void;

export class Container {
  readonly id: ContainerId;
  readonly parent: Container | undefined;
  /** Of a value that is no map. `undefined` for maps and for kinds unknown here. */
  readonly kind: AnyKind | undefined;
  /** Replica to the last counter of its last edit here or further inside that no removal has observed. */
  readonly live = new Map<ReplicaId, number>();
  /** Values inside, by key: mostly one, and if there are several, by kind. */
  readonly children: Map<string, Container | Map<number, Container>>;
  /** This and all that is inside, by edits: made when a removal first looks at much that it leaves as it is. */
  #order: EditOrder<Container> | undefined = undefined;
  /** Entries that this version cannot read, in the order of `compareKept`. */
  readonly unread: Kept[] = [];
  /** Has any entry ever named it or something inside? Whoever only looks creates containers too, which are not saved. */
  edited = false;
  #leaf: unknown = undefined;

  constructor(id: ContainerId, parent: Container | undefined) {
    this.id = id;
    this.parent = parent;
    this.kind = leafKind(id.kind);
    this.children = this.kind === undefined ? new Map<string, Container | Map<number, Container>>() : nobody;
  }

  get present(): boolean {
    return this.live.size > 0;
  }

  /** The value itself; only where `kind` is known. */
  leaf(context: Context): unknown {
    return (this.#leaf ??= this.kind?.create(context));
  }

  /** Puts a loaded value in place. */
  setLeaf(value: unknown): void {
    this.#leaf = value;
  }

  get hasLeaf(): boolean {
    return this.#leaf !== undefined;
  }

  child(key: string, kind: number): Container | undefined {
    const named = this.children.get(key);
    if (named instanceof Map) return named.get(kind);
    return named?.id.kind === kind ? named : undefined;
  }

  ensureChild(key: string, kind: number): Container {
    const known = this.child(key, kind);
    if (known !== undefined) return known;
    const child = new Container({ parent: this.id, key, kind }, this);
    const named = this.children.get(key);
    if (named === undefined) this.children.set(key, child);
    else if (named instanceof Map) named.set(kind, child);
    else this.children.set(key, new Map([named, child].map(each => [each.id.kind, each])));
    return child;
  }

  /** Takes out a child that nothing was ever done with. */
  discard(key: string, kind: number): void {
    const named = this.children.get(key);
    if (named instanceof Map) named.delete(kind);
    if (named === this.child(key, kind) || (named instanceof Map && named.size === 0))
      this.children.delete(key);
  }

  /** The values under `key`, by kind. */
  under(key: string): readonly Container[] {
    const named = this.children.get(key);
    if (named instanceof Map) return [...named.values()].sort((x, y) => x.id.kind - y.id.kind);
    return named === undefined ? [] : [named];
  }

  /** An edit by `replicaId` that ends at `counter` makes this and every map around it present. */
  touch(replicaId: ReplicaId, counter: number, note: NotePresence | undefined): void {
    const appears = note !== undefined && this.live.size === 0;
    this.edited = true;
    this.live.set(replicaId, counter);
    if (appears) note(this);
    // eslint-disable-next-line @typescript-eslint/no-this-alias
    for (let around: Container | undefined = this; around !== undefined; around = around.parent)
      around.#order?.add(replicaId, counter, this);
    this.parent?.touch(replicaId, counter, note);
  }

  /** What a removal of `key` made now has to observe, rising by replica id. */
  observedUnder(key: string): readonly OpId[] {
    const last = new Map<ReplicaId, number>();
    for (const child of this.under(key)) {
      for (const [replicaId, counter] of child.live)
        if (counter > (last.get(replicaId) ?? -1)) last.set(replicaId, counter);
    }
    return [...last]
      .map(([replicaId, counter]) => ({ replicaId, counter }))
      .sort((a, b) => (a.replicaId < b.replicaId ? -1 : 1));
  }

  /** Takes away the presence that `observed` accounts for, under `key` and everything inside. */
  remove(key: string, observed: readonly OpId[], note: NotePresence | undefined): void {
    for (const child of this.under(key)) child.#forget(observed, note);
  }

  #forget(observed: readonly OpId[], note: NotePresence | undefined): void {
    if (this.#order === undefined) {
      if (this.#look(observed, note) > inVainMax) this.#order = this.#inOrder();
      return;
    }
    for (const id of observed) for (const edited of this.#order.takeUpTo(id)) edited.#drop([id], note);
  }

  /** Goes through all that is present. Returns how much of it there was nothing to take away from. */
  #look(observed: readonly OpId[], note: NotePresence | undefined): number {
    // What is inside was edited no later than this was: without presence here there is none below.
    if (this.live.size === 0) return 0;
    const { size } = this.live;
    let inVain = 0;
    for (const child of this.#inside()) inVain += child.#look(observed, note);
    this.#drop(observed, note);
    return this.live.size === size ? inVain + 1 : inVain;
  }

  /** Takes away from this alone. */
  #drop(observed: readonly OpId[], note: NotePresence | undefined): void {
    if (this.live.size === 0) return;
    for (const { replicaId, counter } of observed)
      if ((this.live.get(replicaId) ?? Infinity) <= counter) this.live.delete(replicaId);
    if (this.live.size === 0) note?.(this);
  }

  /** All values inside, in no order that means anything. */
  *#inside(): IterableIterator<Container> {
    for (const named of this.children.values()) {
      if (named instanceof Map) yield* named.values();
      else yield named;
    }
  }

  #inOrder(): EditOrder<Container> {
    const edits: {
      readonly replicaId: ReplicaId;
      readonly counter: number;
      readonly container: Container;
    }[] = [];
    const visit = (container: Container): void => {
      for (const child of container.#inside()) visit(child);
      for (const [replicaId, counter] of container.live) edits.push({ replicaId, counter, container });
    };
    visit(this);
    const order = new EditOrder<Container>();
    // Sorting keeps what is inside before what is around it.
    edits.sort((a, b) => a.counter - b.counter);
    for (const { replicaId, counter, container } of edits) order.add(replicaId, counter, container);
    return order;
  }

  /** The values of known kinds that are present here and inside, maps left out. */
  *presentLeaves(): IterableIterator<{ readonly container: Container; readonly kind: AnyKind }> {
    if (!this.present) return;
    if (this.kind !== undefined) yield { container: this, kind: this.kind };
    for (const child of this.sortedChildren()) yield* child.presentLeaves();
  }

  /** By key in code units, then by kind: the one order of everything that is written. */
  *sortedChildren(): IterableIterator<Container> {
    for (const key of [...this.children.keys()].sort()) for (const child of this.under(key)) yield child;
  }
}

/** Causes come first, and every replica puts the same entries in the same order. */
export function compareKept(a: Kept, b: Kept): number {
  if (a.time !== b.time) return a.time - b.time;
  if (a.id.replicaId !== b.id.replicaId) return a.id.replicaId < b.id.replicaId ? -1 : 1;
  return a.id.counter - b.id.counter;
}
