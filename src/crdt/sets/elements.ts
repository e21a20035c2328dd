/**
 * A map whose keys are values, equal when their encodings are, and read in the order of those: the same on every
 * replica, and what makes a state's encoding canonical. JavaScript's own maps compare objects by identity.
 */
import { compareBytes } from '../../base/bytes.ts';
import type { Reader, Writer } from '../../base/codec.ts';
import { readValue, valueKey, writeValue, type Value } from '../value.ts';

export interface Element {
  /** As `storable` makes it. */
  readonly value: Value;
}

/** Keys are `valueKey(value)`: whoever asks twice computes it once. */
export class Elements<E extends Element> {
  readonly #byKey = new Map<string, E>();
  /** As they are read; `undefined` after one came or went. */
  #sorted: readonly E[] | undefined = [];

  get size(): number {
    return this.#byKey.size;
  }

  get(key: string): E | undefined {
    return this.#byKey.get(key);
  }

  has(key: string): boolean {
    return this.#byKey.has(key);
  }

  /** `key` must not be here yet. */
  add(key: string, element: E): void {
    this.#byKey.set(key, element);
    this.#sorted = undefined;
  }

  delete(key: string): void {
    if (this.#byKey.delete(key)) this.#sorted = undefined;
  }

  values(): readonly Value[] {
    return this.inOrder().map(({ value }) => value);
  }

  inOrder(): readonly E[] {
    this.#sorted ??= [...this.#byKey].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, element]) => element);
    return this.#sorted;
  }

  /** How many, then each value and what `write` adds to it. */
  write(writer: Writer, write?: (element: E) => void): void {
    writer.varUint(this.size);
    for (const element of this.inOrder()) {
      writeValue(writer, element.value);
      write?.(element);
    }
  }
}

/**
 * The inverse of `Elements.write`: values must rise by key, so that there is one encoding. `read` gets the value's own bytes,
 * too; of whoever only looks there is no key.
 */
export function readElements<E extends Element>(
  reader: Reader,
  read: (value: Value, key: string, bytes: Uint8Array) => E,
): Elements<E> {
  const elements = new Elements<E>();
  const count = reader.varUint(reader.left);
  if (reader.looks) {
    lookAtElements(reader, count, read);
    return elements;
  }
  let last = '';
  for (let i = 0; i < count; i++) {
    const from = reader.at;
    const value = readValue(reader);
    const bytes = reader.since(from);
    const key = valueKey(value);
    if (key <= last) reader.fail('values not sorted');
    last = key;
    elements.add(key, read(value, key, bytes));
  }
  return elements;
}

/** The same for whoever only looks. A value has one encoding, and a key is that: so the bytes themselves are compared. */
function lookAtElements(
  reader: Reader,
  count: number,
  read: (value: Value, key: string, bytes: Uint8Array) => Element,
): void {
  let last = new Uint8Array();
  for (let i = 0; i < count; i++) {
    const from = reader.at;
    const value = readValue(reader);
    const bytes = reader.since(from);
    if (compareBytes(bytes, last) <= 0) reader.fail('values not sorted');
    last = bytes as Uint8Array<ArrayBuffer>;
    read(value, '', bytes);
  }
}
