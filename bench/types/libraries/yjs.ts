/**
 * Yjs: `transact` an edit, `update` events (version 1, the smaller one for single edits), state as version 2. A set is
 * a Y.Map with its values as keys; an array's element is replaced by deleting and inserting. It has no counters or trees.
 */
import type { Require } from '../../require.ts';
import type { Edit, Library, Replica, Shared } from '../library.ts';

interface YMap {
  set(key: string, value: unknown): void;
  delete(key: string): void;
  keys(): Iterable<string>;
  entries(): Iterable<[string, unknown]>;
}
interface YArray {
  insert(index: number, values: readonly unknown[]): void;
  delete(index: number, length: number): void;
  toArray(): unknown[];
}
interface YDoc {
  clientID: number;
  getMap(name: string): YMap;
  getArray(name: string): YArray;
  transact(edit: () => void): void;
  on(event: 'update', listener: (update: Uint8Array) => void): void;
}
interface Yjs {
  readonly Doc: new () => YDoc;
  applyUpdate(doc: YDoc, update: Uint8Array): void;
  applyUpdateV2(doc: YDoc, update: Uint8Array): void;
  encodeStateAsUpdateV2(doc: YDoc): Uint8Array;
}

/** Real ones are random in 32 bits; small ones would make the bytes smaller than anybody sees. */
const clientIds = 3_000_000_000;

export function yjs(load: Require): Library {
  const Y = load('yjs') as Yjs;

  class YReplica<V> implements Replica<V> {
    readonly value: V;
    readonly doc = new Y.Doc();
    #update: Uint8Array = new Uint8Array();
    constructor(agent: number, valueOf: (doc: YDoc) => V, bytes?: Uint8Array) {
      this.doc.clientID = clientIds + agent;
      if (bytes !== undefined) Y.applyUpdateV2(this.doc, bytes);
      this.value = valueOf(this.doc);
      // A replica that has loaded only to be read makes no updates.
      if (bytes === undefined) this.doc.on('update', update => (this.#update = update));
    }
    edit(change: Edit<V>): Uint8Array {
      this.doc.transact(() => {
        change(this.value);
      });
      return this.#update;
    }
    apply(update: Uint8Array): void {
      Y.applyUpdate(this.doc, update);
    }
    save(): Uint8Array {
      return Y.encodeStateAsUpdateV2(this.doc);
    }
  }

  const shared = <V>(valueOf: (doc: YDoc) => V): Shared<V> => ({
    open: agent => new YReplica(agent, valueOf),
    load: (bytes, agent) => new YReplica(agent, valueOf, bytes),
  });

  return {
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
          view: () => [...map.keys()].sort(),
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
          view: () => ([...map.entries()] as [string, string][]).sort(([a], [b]) => (a < b ? -1 : 1)),
        };
      }),
    lists: () =>
      shared(doc => {
        const array = doc.getArray('value');
        return {
          insert: (index, value) => {
            array.insert(index, [value]);
          },
          delete: index => {
            array.delete(index, 1);
          },
          set: (index, value) => {
            array.delete(index, 1);
            array.insert(index, [value]);
          },
          move: () => {
            throw new Error('Yjs moves nothing');
          },
          view: () => array.toArray() as string[],
        };
      }),
  };
}
