/**
 * Loro (WebAssembly): a commit an edit, its own local updates, shallow snapshots. A set is a LoroMap with its values as
 * keys; lists are movable lists.
 */
import type { Require } from '../../require.ts';
import type { Branch, Edit, Library, Replica, Shared } from '../library.ts';

interface LoroCounter {
  increment(amount: number): void;
  readonly value: number;
}
interface LoroMap {
  set(key: string, value: unknown): void;
  delete(key: string): void;
  keys(): string[];
  entries(): [string, unknown][];
}
interface LoroMovableList {
  insert(index: number, value: unknown): void;
  delete(index: number, length: number): void;
  set(index: number, value: unknown): void;
  move(from: number, to: number): void;
  toJSON(): unknown[];
}
interface LoroNode {
  readonly id: string;
  readonly data: LoroMap;
}
interface NodeJson {
  readonly meta: { readonly label: string };
  readonly children: readonly NodeJson[];
}
interface LoroTree {
  createNode(parent: string | undefined, index: number): LoroNode;
  move(node: string, parent: string | undefined, index: number): void;
  delete(node: string): void;
  toJSON(): readonly NodeJson[];
}
interface Doc {
  setPeerId(id: bigint): void;
  getCounter(name: string): LoroCounter;
  getMap(name: string): LoroMap;
  getMovableList(name: string): LoroMovableList;
  getTree(name: string): LoroTree;
  commit(): void;
  subscribeLocalUpdates(listener: (update: Uint8Array) => void): void;
  import(bytes: Uint8Array): void;
  export(mode: { readonly mode: 'shallow-snapshot'; readonly frontiers: unknown }): Uint8Array;
  oplogFrontiers(): unknown;
}
interface Loro {
  readonly LoroDoc: new () => Doc;
}

/** Real ones are random in 64 bits. */
const peerIds = 5_000_000_000_000_000_000n;

export function loro(load: Require): Library {
  const { LoroDoc } = load('loro-crdt') as Loro;

  class LoroReplica<V> implements Replica<V> {
    readonly value: V;
    readonly #doc = new LoroDoc();
    #update: Uint8Array = new Uint8Array();
    constructor(agent: number, valueOf: (doc: Doc) => V, bytes?: Uint8Array) {
      this.#doc.setPeerId(peerIds + BigInt(agent));
      if (bytes !== undefined) this.#doc.import(bytes);
      this.value = valueOf(this.#doc);
      // A replica that has loaded only to be read makes no updates.
      if (bytes === undefined) this.#doc.subscribeLocalUpdates(update => (this.#update = update));
    }
    edit(change: Edit<V>): Uint8Array {
      change(this.value);
      this.#doc.commit();
      return this.#update;
    }
    apply(update: Uint8Array): void {
      this.#doc.import(update);
    }
    save(): Uint8Array {
      return this.#doc.export({ mode: 'shallow-snapshot', frontiers: this.#doc.oplogFrontiers() });
    }
  }

  const shared = <V>(valueOf: (doc: Doc) => V): Shared<V> => ({
    open: agent => new LoroReplica(agent, valueOf),
    load: (bytes, agent) => new LoroReplica(agent, valueOf, bytes),
  });

  return {
    counters: () =>
      shared(doc => {
        const counter = doc.getCounter('value');
        return {
          add: amount => {
            counter.increment(amount);
          },
          view: () => counter.value,
        };
      }),
    sets: () =>
      shared(doc => {
        const map = doc.getMap('value');
        return {
          add: value => {
            map.set(value, true);
          },
          remove: value => {
            map.delete(value);
          },
          view: () => map.keys().sort(),
        };
      }),
    maps: () =>
      shared(doc => {
        const map = doc.getMap('value');
        return {
          set: (key, value) => {
            map.set(key, value);
          },
          delete: key => {
            map.delete(key);
          },
          view: () => (map.entries() as [string, string][]).sort(([a], [b]) => (a < b ? -1 : 1)),
        };
      }),
    lists: () =>
      shared(doc => {
        const list = doc.getMovableList('value');
        return {
          insert: (index, value) => {
            list.insert(index, value);
          },
          delete: index => {
            list.delete(index, 1);
          },
          set: (index, value) => {
            list.set(index, value);
          },
          move: (from, to) => {
            list.move(from, to);
          },
          view: () => list.toJSON() as string[],
        };
      }),
    trees: () => {
      /** An application holds names; whoever made a node, its name is the same for all. */
      const names = new Map<string, string>();
      const named = (label: string | undefined) => (label === undefined ? undefined : names.get(label));
      const branches = (nodes: readonly NodeJson[]): Branch[] =>
        nodes.map(({ meta, children }) => [meta.label, branches(children)]);
      return shared(doc => {
        const tree = doc.getTree('value');
        return {
          create: (label, parent, index) => {
            const node = tree.createNode(named(parent), index);
            node.data.set('label', label);
            names.set(label, node.id);
          },
          move: (label, parent, index) => {
            tree.move(named(label) as string, named(parent), index);
          },
          delete: label => {
            tree.delete(named(label) as string);
          },
          view: () => branches(tree.toJSON()),
        };
      });
    },
  };
}
