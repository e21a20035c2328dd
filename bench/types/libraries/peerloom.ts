/**
 * Peerloom's documents with the full path on: a subscriber that counts what changes, the version vector, the history
 * of all batches. An update is what a link carries for one batch but for the signature: the author's number on the
 * link, the first counter, the batch.
 */
import { decode, Writer } from '../../../src/base/codec.ts';
import type { ReplicaId } from '../../../src/base/ids.ts';
import type { Context, OpId } from '../../../src/crdt/context.ts';
import { decodeDocumentBatch, encodeDocumentBatch } from '../../../src/crdt/document/batch-codec.ts';
import { Document } from '../../../src/crdt/document/document.ts';
import { decodeDocument, encodeDocument } from '../../../src/crdt/document/state-codec.ts';
import { logContext } from '../../../src/crdt/log-context.ts';
import { replicaIdOf } from '../../replica-ids.ts';
import type { Branch, Edit, Library, Replica, Shared } from '../library.ts';

const ids: ReplicaId[] = [];
const idOf = (agent: number): ReplicaId => (ids[agent] ??= replicaIdOf(agent));

/** Ten edits a second: at the speed of a benchmark all stamps would share one millisecond, and no bytes with life. */
const msPerEdit = 100;
let nowMs = 1_795_000_000_000;

const contextOf = (agent: number): Context => logContext(idOf(agent), () => nowMs);

class PeerloomReplica<V> implements Replica<V> {
  readonly value: V;
  readonly #document: Document;
  readonly #agent: number;
  /** Changes the subscriber was told of. */
  events = 0;

  constructor(document: Document, agent: number, valueOf: (document: Document) => V) {
    this.#document = document;
    this.#agent = agent;
    this.value = valueOf(document);
    document.subscribe(({ changes }) => (this.events += changes.length));
  }

  edit(change: Edit<V>): Uint8Array {
    nowMs += msPerEdit;
    const batch = this.#document.transact(() => {
      change(this.value);
    });
    if (batch === undefined) throw new Error('nothing was edited');
    return new Writer()
      .varUint(this.#agent)
      .varUint(batch.firstCounter)
      .bytes(encodeDocumentBatch(batch))
      .finish();
  }

  apply(update: Uint8Array): void {
    const head = decode(update, reader => {
      const agent = reader.varUint();
      return { agent, first: reader.varUint(), batch: reader.bytes(reader.left) };
    });
    if (!head.ok) throw new Error(head.reason);
    const { agent, first, batch } = head.value;
    const read = decodeDocumentBatch(batch, idOf(agent), first);
    if (!read.ok) throw new Error(read.reason);
    const applied = this.#document.apply(read.value);
    if (!applied.ok) throw new Error(applied.reason);
  }

  save(): Uint8Array {
    return encodeDocument(this.#document);
  }
}

function shared<V>(valueOf: (document: Document) => V): Shared<V> {
  return {
    open: agent => new PeerloomReplica(new Document(contextOf(agent)), agent, valueOf),
    load: (bytes, agent) => {
      const loaded = decodeDocument(bytes, contextOf(agent));
      if (!loaded.ok) throw new Error(loaded.reason);
      return new PeerloomReplica(loaded.value, agent, valueOf);
    },
  };
}

export function peerloom(): Library {
  return {
    counters: () =>
      shared(document => {
        const counter = document.counter('value');
        return { add: amount => void counter.add(amount), view: () => counter.value };
      }),
    sets: () =>
      shared(document => {
        const set = document.orSet('value');
        return {
          add: value => void set.add(value),
          remove: value => void set.remove(value),
          view: () => (set.values() as string[]).toSorted(),
        };
      }),
    maps: () =>
      shared(document => {
        const map = document.map('value');
        return {
          set: (key, value) => void map.set(key, value),
          delete: key => void map.delete(key),
          view: () => map.keys().map(key => [key, map.get(key) as string] as const),
        };
      }),
    lists: () =>
      shared(document => {
        const list = document.list('value');
        return {
          insert: (index, value) => void list.insert(index, value),
          delete: index => void list.delete(index),
          set: (index, value) => void list.set(index, value),
          move: (from, to) => void list.move(from, to),
          view: () => list.toArray() as readonly string[],
        };
      }),
    trees: () => {
      /** An application holds names; whoever made a node, its name is the same for all. */
      const names = new Map<string, OpId>();
      const named = (label: string | undefined) =>
        label === undefined ? 'root' : (names.get(label) as OpId);
      return shared(document => {
        const tree = document.tree('value');
        const inside = (parent: OpId | 'root'): Branch[] =>
          tree.children(parent).map(node => [tree.get(node, 'label') as string, inside(node)]);
        return {
          create: (label, parent, index) =>
            void names.set(label, tree.create({ parent: named(parent), index }, { label })),
          move: (label, parent, index) =>
            void tree.move(named(label) as OpId, { parent: named(parent), index }),
          delete: label => void tree.delete(named(label) as OpId),
          view: () => inside('root'),
        };
      });
    },
  };
}
