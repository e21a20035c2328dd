/**
 * A document: named values of any kind, in maps, that many replicas edit at once and that end the same for all.
 *
 * The obvious document hands out an id when a value is created, and two people who open a new page at once create two,
 * of which one is lost or both are shown. Here a value's identity is its name: the keys that lead to it and its kind
 * (`ContainerId`). Whoever names it has it; nothing is created, so nothing is doubled.
 *
 * One document is one log: it takes up the counters of its `Context` alone and without gaps, so a version vector names
 * exactly what it knows. Local edits take effect at once and come out as a batch; `apply` takes those of others, after
 * the ones they depend on, whole or not at all. SPEC.md has the rules.
 */
import { assert } from '../../base/assert.ts';
import type { ReplicaId } from '../../base/ids.ts';
import type { ReadonlyVectorClock, VectorClock } from '../../clocks/vector-clock.ts';
import type { Applied, Context, OpId } from '../context.ts';
import { applyBatch } from './apply.ts';
import { ChangeLog } from './change-log.ts';
import { Container, type NotePresence } from './container.ts';
import type { DocumentCounter } from './handles/counter.ts';
import { DocumentMap } from './handles/map.ts';
import type { DocumentList } from './handles/list.ts';
import type { DocumentRegister } from './handles/registers.ts';
import type { DocumentSet } from './handles/sets.ts';
import type { DocumentText } from './handles/text.ts';
import type { DocumentTree } from './handles/tree.ts';
import { History } from './history.ts';
import { mapCode, type LeafChange, type LeafOp } from './kinds.ts';
import type { MapOp } from '../map/messages.ts';
import { countersOfBatch, type DocumentBatch, type DocumentChange, type DocumentEvent } from './messages.ts';
import { Transaction } from './transaction.ts';

/** A Lamport time stays exact in a double. */
export const timeMax = Number.MAX_SAFE_INTEGER;

export interface DocumentOptions {
  /** Keep all batches, for `batchesSince` and for saving with the history. True unless said otherwise. */
  readonly history?: boolean;
}

export class Document {
  readonly context: Context;
  /** The map of everything. The methods beside it that are called alike are short for it. */
  readonly root: DocumentMap;
  /** The state itself, for the modules of this folder: everything outside goes through the methods. */
  readonly containers = new Container({ parent: undefined, key: '', kind: mapCode }, undefined);
  readonly history: History | undefined;
  readonly #version: VectorClock = new Map();
  /** Lamport time of each replica's last batch. */
  readonly #times = new Map<ReplicaId, number>();
  #time = 0;
  /** What the next local batch depends on: the last operation of each replica that nothing else here accounts for. */
  readonly #frontier = new Map<ReplicaId, number>();
  readonly #listeners = new Set<(event: DocumentEvent) => void>();
  #open: Transaction | undefined = undefined;

  constructor(context: Context, options: DocumentOptions = {}) {
    this.context = context;
    this.history = options.history === false ? undefined : new History();
    this.root = new DocumentMap(this, this.containers);
  }

  text(key: string): DocumentText {
    return this.root.text(key);
  }

  counter(key: string): DocumentCounter {
    return this.root.counter(key);
  }

  register(key: string): DocumentRegister {
    return this.root.register(key);
  }

  list(key: string): DocumentList {
    return this.root.list(key);
  }

  tree(key: string): DocumentTree {
    return this.root.tree(key);
  }

  orSet(key: string): DocumentSet {
    return this.root.orSet(key);
  }

  map(key: string): DocumentMap {
    return this.root.map(key);
  }

  keys(): readonly string[] {
    return this.root.keys();
  }

  /** For each replica, the first counter not seen. */
  get version(): ReadonlyVectorClock {
    return this.#version;
  }

  /** Lamport time of each replica's last batch. */
  get times(): ReadonlyMap<ReplicaId, number> {
    return this.#times;
  }

  /**
   * Runs `edits`, which edits this document, and closes what it did as one batch; `undefined` when that is nothing.
   * Inside another transaction it is part of that one and returns `undefined`. What was done before `edits` throws
   * stays done and is closed too.
   */
  transact(edits: () => void): DocumentBatch | undefined {
    if (this.#open !== undefined) {
      edits();
      return undefined;
    }
    const { replicaId, counter } = this.context;
    const first = this.#version.get(replicaId) ?? 0;
    assert(counter.next === first, 'the counter of a document is drawn from by that document alone');
    this.#open = new Transaction(replicaId, first, this.#listeners.size > 0);
    let batch: DocumentBatch | undefined;
    try {
      edits();
    } finally {
      const open = this.#open;
      this.#open = undefined;
      if (open.end > first) {
        batch = this.#close(open);
        if (this.#listeners.size > 0) this.#tell({ local: true, batch, changes: open.changes.finish() });
      }
    }
    return batch;
  }

  /** Notes operations that `container` has just taken. For the handles. */
  edit(
    container: Container,
    run: () => readonly (LeafOp | MapOp)[],
    changes?: () => readonly LeafChange[],
  ): DocumentBatch | undefined {
    if (this.#open === undefined) return this.transact(() => this.edit(container, run, changes));
    this.#open.note(container, run(), this.context.counter.next, changes);
    return undefined;
  }

  /** Makes `container` present though nothing in it is edited. For the handles. */
  touch(container: Container): DocumentBatch | undefined {
    const { parent, id } = container;
    assert(parent !== undefined, 'the root map is always there');
    return this.edit(parent, () => {
      const { counter, replicaId } = this.context;
      const op: MapOp = {
        type: 'touch',
        id: { replicaId, counter: counter.next++ },
        key: id.key,
        kind: id.kind,
      };
      container.touch(replicaId, op.id.counter, this.presence);
      return [op];
    });
  }

  /** Told of what appears or vanishes by the local edit under way; `undefined` when nobody wants to know. */
  get presence(): NotePresence | undefined {
    return this.#open?.presence;
  }

  /**
   * Applies what another replica did, or our own log read back: all of it or, with a reason, nothing. What is here
   * already is skipped. Refused: a batch that is not next in its author's log, that depends on operations not here yet,
   * or that breaks a rule of a value it edits.
   */
  apply(batch: DocumentBatch): Applied<DocumentChange> {
    assert(this.#open === undefined, 'nothing is applied inside a transaction');
    const { replicaId, firstCounter } = batch;
    const known = this.#version.get(replicaId) ?? 0;
    const end = firstCounter + countersOfBatch(batch);
    if (end <= known && firstCounter < end) return { ok: true, changes: [] };
    if (firstCounter !== known) return { ok: false, reason: 'a counter that jumps' };
    for (const { replicaId: author, counter } of batch.dependencies)
      if ((this.#version.get(author) ?? 0) <= counter) return { ok: false, reason: 'missing dependency' };
    const changes = new ChangeLog();
    const time = Math.min(timeMax, (this.#times.get(replicaId) ?? 0) + batch.step);
    const reason = applyBatch(this, batch, time, changes);
    if (reason !== undefined) return { ok: false, reason };
    this.#advance(batch, end, time);
    const finished = changes.finish();
    this.#tell({ local: false, batch, changes: finished });
    return { ok: true, changes: finished };
  }

  /** Is everything here that `batch` builds on? */
  isReady(batch: DocumentBatch): boolean {
    const before = (id: OpId) => (this.#version.get(id.replicaId) ?? 0) > id.counter;
    return (
      (this.#version.get(batch.replicaId) ?? 0) >= batch.firstCounter && batch.dependencies.every(before)
    );
  }

  /**
   * The batches that whoever knows `version` lacks, in an order in which they can be applied; `undefined` when the
   * history needed is not kept here.
   */
  batchesSince(version: ReadonlyVectorClock): readonly DocumentBatch[] | undefined {
    return this.history?.since(version);
  }

  /**
   * Garbage collection: drops the batches that `stable` covers, which everybody has who may still ask. The caller knows who that
   * is. What is shown, what comes later and the encoding without history are the same with them and without.
   */
  forgetHistory(stable: ReadonlyVectorClock): void {
    this.history?.forget(stable, this.#version);
  }

  /** Calls `listener` once for each transaction, local or applied, until the function returned is called. */
  subscribe(listener: (event: DocumentEvent) => void): () => void {
    this.#listeners.add(listener);
    return () => void this.#listeners.delete(listener);
  }

  /** Takes over what a snapshot says, in a document nothing was applied to yet. For the codecs. */
  restore(version: ReadonlyVectorClock, times: ReadonlyMap<ReplicaId, number>): void {
    for (const [replicaId, end] of version) {
      this.#version.set(replicaId, end);
      if (replicaId === this.context.replicaId) this.#drawFrom(end);
      else this.#frontier.set(replicaId, end - 1);
    }
    for (const [replicaId, time] of times) {
      this.#times.set(replicaId, time);
      this.#time = Math.max(this.#time, time);
    }
    this.history?.beginAt(this.#version);
  }

  #close(open: Transaction): DocumentBatch {
    const { replicaId } = this.context;
    const time = Math.min(timeMax, this.#time + 1);
    const dependencies = [...this.#frontier]
      .map(([author, counter]) => ({ replicaId: author, counter }))
      .sort((a, b) => (a.replicaId < b.replicaId ? -1 : 1));
    const batch: DocumentBatch = {
      replicaId,
      firstCounter: open.first,
      step: Math.max(1, time - (this.#times.get(replicaId) ?? 0)),
      dependencies,
      entries: open.finish(),
    };
    this.#advance(batch, open.end, time);
    return batch;
  }

  #advance(batch: DocumentBatch, end: number, time: number): void {
    const { replicaId } = batch;
    this.#version.set(replicaId, end);
    this.#times.set(replicaId, time);
    this.#time = Math.max(this.#time, time);
    if (replicaId === this.context.replicaId) this.#drawFrom(end);
    else this.#frontier.set(replicaId, end - 1);
    // What this batch was made after goes without saying for whoever depends on it.
    for (const { replicaId: author, counter } of batch.dependencies)
      if ((this.#frontier.get(author) ?? Infinity) <= counter) this.#frontier.delete(author);
    this.history?.append(batch, time);
  }

  #drawFrom(end: number): void {
    const { counter } = this.context;
    if (counter.next < end) counter.next = end;
  }

  #tell(event: DocumentEvent): void {
    for (const listener of this.#listeners) listener(event);
  }
}
