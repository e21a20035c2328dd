/**
 * Automerge (WebAssembly): a change an edit; what it saves is always the full history. Strings are immutable ones, as
 * plain ones would each be a text. A set is a map with its values as keys. It has no trees and moves nothing.
 */
import type { Require } from '../../require.ts';
import type { Edit, Library, Replica, Shared } from '../library.ts';

interface Counter {
  increment(amount: number): void;
  readonly value: number;
}
interface List {
  [index: number]: unknown;
  insertAt(index: number, value: unknown): void;
  deleteAt(index: number): void;
  map<T>(of: (value: unknown) => T): T[];
}
interface State<C> {
  value: C;
}
interface Automerge {
  readonly Counter: new (value: number) => Counter;
  readonly ImmutableString: new (value: string) => { toString(): string };
  init<C>(options: { actor: string }): State<C>;
  change<C>(doc: State<C>, edit: (draft: State<C>) => void): State<C>;
  change<C>(doc: State<C>, options: { time: number }, edit: (draft: State<C>) => void): State<C>;
  getAllChanges<C>(doc: State<C>): Uint8Array[];
  getLastLocalChange<C>(doc: State<C>): Uint8Array | undefined;
  applyChanges<C>(doc: State<C>, changes: readonly Uint8Array[]): [State<C>];
  load<C>(bytes: Uint8Array, options: { actor: string }): State<C>;
  save<C>(doc: State<C>): Uint8Array;
}

/** Real ones are 16 random bytes. */
const actorOf = (agent: number): string => (agent + 1).toString(16).padStart(8, '0').repeat(4);

/** What a handle reads and, inside a change, edits. */
interface Held<C> {
  doc: State<C>;
  draft: State<C> | undefined;
}
const draftOf = <C>({ draft }: Held<C>): C => {
  if (draft === undefined) throw new Error('edited outside of a change');
  return draft.value;
};

export function automerge(load: Require): Library {
  const A = load('@automerge/automerge') as Automerge;
  const kept = (value: string): unknown => new A.ImmutableString(value);

  class AutomergeReplica<C, V> implements Replica<V> {
    readonly value: V;
    readonly #held: Held<C>;
    constructor(doc: State<C>, valueOf: (held: Held<C>) => V) {
      this.#held = { doc, draft: undefined };
      this.value = valueOf(this.#held);
    }
    edit(change: Edit<V>): Uint8Array {
      const held = this.#held;
      held.doc = A.change(held.doc, draft => {
        held.draft = draft;
        change(this.value);
        held.draft = undefined;
      });
      const update = A.getLastLocalChange(held.doc);
      if (update === undefined) throw new Error('no change was made');
      return update;
    }
    apply(update: Uint8Array): void {
      [this.#held.doc] = A.applyChanges(this.#held.doc, [update]);
    }
    save(): Uint8Array {
      return A.save(this.#held.doc);
    }
  }

  const shared = <C, V>(empty: () => C, valueOf: (held: Held<C>) => V): Shared<V> => {
    // The same change in every process, so with a time that does not vary.
    const first = A.getAllChanges(
      A.change(A.init<C>({ actor: 'ff'.repeat(16) }), { time: 0 }, draft => {
        draft.value = empty();
      }),
    );
    return {
      open: agent =>
        new AutomergeReplica(A.applyChanges(A.init<C>({ actor: actorOf(agent) }), first)[0], valueOf),
      load: (bytes, agent) => new AutomergeReplica(A.load<C>(bytes, { actor: actorOf(agent) }), valueOf),
    };
  };

  return {
    counters: () =>
      shared(
        () => new A.Counter(0),
        held => ({
          add: amount => {
            draftOf(held).increment(amount);
          },
          view: () => held.doc.value.value,
        }),
      ),
    sets: () =>
      shared(
        (): Record<string, boolean> => ({}),
        held => ({
          add: value => {
            draftOf(held)[value] = true;
          },
          remove: value => {
            // eslint-disable-next-line @typescript-eslint/no-dynamic-delete -- how Automerge takes a key away
            delete draftOf(held)[value];
          },
          view: () => Object.keys(held.doc.value).sort(),
        }),
      ),
    maps: () =>
      shared(
        (): Record<string, unknown> => ({}),
        held => ({
          set: (key, value) => {
            draftOf(held)[key] = kept(value);
          },
          delete: key => {
            // eslint-disable-next-line @typescript-eslint/no-dynamic-delete -- how Automerge takes a key away
            delete draftOf(held)[key];
          },
          view: () =>
            Object.entries(held.doc.value)
              .map(([key, value]) => [key, String(value)] as const)
              .sort(([a], [b]) => (a < b ? -1 : 1)),
        }),
      ),
    lists: () =>
      shared(
        () => [] as unknown as List,
        held => ({
          insert: (index, value) => {
            draftOf(held).insertAt(index, kept(value));
          },
          delete: index => {
            draftOf(held).deleteAt(index);
          },
          set: (index, value) => {
            draftOf(held)[index] = kept(value);
          },
          move: () => {
            throw new Error('Automerge moves nothing');
          },
          view: () => held.doc.value.map(String),
        }),
      ),
  };
}
