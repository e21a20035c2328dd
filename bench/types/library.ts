/** What the suites ask of every library: documents with one value in them, one small handle for each kind of value. */

export interface CounterValue {
  add(amount: number): void;
  view(): number;
}

export interface SetValue {
  add(value: string): void;
  /** `value` is here. */
  remove(value: string): void;
  /** Sorted. */
  view(): readonly string[];
}

export interface MapValue {
  set(key: string, value: string): void;
  /** `key` is here. */
  delete(key: string): void;
  /** Sorted by key. */
  view(): readonly (readonly [key: string, value: string])[];
}

export interface ListValue {
  insert(index: number, value: string): void;
  delete(index: number): void;
  set(index: number, value: string): void;
  /** What is at `from` comes to be at `to`. Only asked of libraries that can. */
  move(from: number, to: number): void;
  view(): readonly string[];
}

/** A node by its label, with what is in it, in order. */
export type Branch = readonly [label: string, inside: readonly Branch[]];

/** A node is called by a label that no other has, and carries it as its only value. */
export interface TreeValue {
  /** `parent`: undefined for the root. */
  create(label: string, parent: string | undefined, index: number): void;
  /** `index` counts the new siblings without the node itself. */
  move(label: string, parent: string | undefined, index: number): void;
  /** With all that is in it. */
  delete(label: string): void;
  view(): readonly Branch[];
}

export interface Values {
  readonly counters: CounterValue;
  readonly sets: SetValue;
  readonly maps: MapValue;
  readonly lists: ListValue;
  readonly trees: TreeValue;
}
export type Kind = keyof Values;
export const kinds: readonly Kind[] = ['counters', 'sets', 'maps', 'lists', 'trees'];

/** Something that is done to a value. */
export type Edit<V> = (value: V) => void;

/** One copy of a document that others have copies of. */
export interface Replica<V> {
  /** Only to be edited inside `edit`. */
  readonly value: V;
  /** One transaction, and the update that tells the others. */
  edit(change: Edit<V>): Uint8Array;
  /** Takes in what another replica's `edit` gave. */
  apply(update: Uint8Array): void;
  /** The document as the library stores it to go on with: without its history where the library can. */
  save(): Uint8Array;
}

/** One value of one kind, the same empty one for all who open it. */
export interface Shared<V> {
  /** `agent` names who writes. */
  open(agent: number): Replica<V>;
  /** From what `save` gave. */
  load(bytes: Uint8Array, agent: number): Replica<V>;
}

/** The kinds a library has, or a stand-in for; bench/README.md says which is which. */
export type Library = { readonly [K in Kind]?: () => Shared<Values[K]> };
