/**
 * json-joy: edits through `model.api`, flushed into one patch a transaction; binary patches and models. All replicas
 * begin from one model, since each would otherwise make a value of its own. A counter is its extension `cnt`, an object
 * with one total a writer; a set is an object with its values as keys. It has no trees and moves nothing.
 */
import type { Require } from '../../require.ts';
import type { Edit, Library, Replica, Shared } from '../library.ts';

interface Patch {
  toBinary(): Uint8Array;
}
interface CounterApi {
  inc(amount: number): void;
  view(): number;
}
interface ObjectApi {
  set(entries: Readonly<Record<string, unknown>>): void;
  del(keys: readonly string[]): void;
}
interface ArrayApi {
  ins(index: number, values: readonly unknown[]): void;
  upd(index: number, value: unknown): void;
  del(index: number, length: number): void;
}
interface Model {
  readonly api: {
    in(path: readonly string[]): { asExt(): CounterApi };
    obj(path: readonly string[]): ObjectApi;
    arr(path: readonly string[]): ArrayApi;
    flush(): Patch;
  };
  applyPatch(patch: Patch): void;
  toBinary(): Uint8Array;
  view(): unknown;
}
interface Extensions {
  readonly ModelWithExt: {
    create(schema: unknown, sid: number): Model;
    load(bytes: Uint8Array, sid: number): Model;
  };
  readonly cnt: { readonly new: () => unknown };
}
interface JsonCrdtPatch {
  readonly s: {
    obj(of: object): unknown;
    arr(of: readonly unknown[]): unknown;
    con(value: unknown): unknown;
  };
  readonly Patch: { fromBinary(bytes: Uint8Array): Patch };
}

/** The least session id that is not reserved is 65,536; real ones are random in 53 bits. */
const sessionIds = 5_000_000_000_000_000;

export function jsonJoy(load: Require): Library {
  const { ModelWithExt, cnt } = load('json-joy/lib/json-crdt-extensions') as Extensions;
  const { s, Patch } = load('json-joy/lib/json-crdt-patch') as JsonCrdtPatch;

  class JsonJoyReplica<V> implements Replica<V> {
    readonly value: V;
    readonly #model: Model;
    constructor(model: Model, valueOf: (model: Model) => V) {
      this.#model = model;
      this.value = valueOf(model);
    }
    edit(change: Edit<V>): Uint8Array {
      change(this.value);
      return this.#model.api.flush().toBinary();
    }
    apply(update: Uint8Array): void {
      this.#model.applyPatch(Patch.fromBinary(update));
    }
    save(): Uint8Array {
      return this.#model.toBinary();
    }
  }

  const shared = <V>(schema: unknown, valueOf: (model: Model) => V): Shared<V> => {
    const first = ModelWithExt.create(schema, sessionIds);
    first.api.flush();
    const empty = first.toBinary();
    const loaded = (bytes: Uint8Array, agent: number) =>
      new JsonJoyReplica(ModelWithExt.load(bytes, sessionIds + 1 + agent), valueOf);
    return { open: agent => loaded(empty, agent), load: loaded };
  };

  return {
    counters: () =>
      shared(cnt.new(), model => {
        const counter = model.api.in([]).asExt();
        return {
          add: amount => {
            counter.inc(amount);
          },
          view: () => model.view() as number,
        };
      }),
    sets: () =>
      shared(s.obj({}), model => {
        const object = model.api.obj([]);
        return {
          add: value => {
            object.set({ [value]: true });
          },
          remove: value => {
            object.del([value]);
          },
          view: () => Object.keys(model.view() as object).sort(),
        };
      }),
    maps: () =>
      shared(s.obj({}), model => {
        const object = model.api.obj([]);
        return {
          set: (key, value) => {
            object.set({ [key]: s.con(value) });
          },
          delete: key => {
            object.del([key]);
          },
          view: () =>
            Object.entries(model.view() as Record<string, string>).sort(([a], [b]) => (a < b ? -1 : 1)),
        };
      }),
    lists: () =>
      shared(s.arr([]), model => {
        const array = model.api.arr([]);
        return {
          insert: (index, value) => {
            array.ins(index, [s.con(value)]);
          },
          delete: index => {
            array.del(index, 1);
          },
          set: (index, value) => {
            array.upd(index, s.con(value));
          },
          move: () => {
            throw new Error('json-joy moves nothing');
          },
          view: () => [...(model.view() as string[])],
        };
      }),
  };
}
