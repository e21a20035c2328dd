/**
 * The containers that bytes name, once each and before what they are named for: a path is not repeated. Each hangs on an
 * earlier one. docs/protocols/document.md describes the bytes.
 */
import { compareBytes } from '../../base/bytes.ts';
import { Reader, type Writer } from '../../base/codec.ts';
import { mapDepthMax, mapKeyBytesMax } from '../../base/limits.ts';
import { kindMax } from '../map/codec.ts';
import { leafKind, mapCode } from './kinds.ts';
import type { ContainerId } from './messages.ts';

/** The root map is nobody's child, and place 0 of the table without being written. */
export const rootId: ContainerId = { parent: undefined, key: '', kind: mapCode };

/** Rows up to here are looked for one by one: a batch names two or three, for which making tables costs more. */
const fewRows = 8;

/** The containers some entries name, each after the one around it, in the order of their first use. */
export class ContainerTable {
  readonly #rows: { readonly parent: number; readonly id: ContainerId }[] = [];
  /** Beyond `fewRows`: by object, since the ids of one document are mostly the very same objects, and by name. */
  #known: Map<ContainerId, number> | undefined = undefined;
  #places: Map<string, number> | undefined = undefined;

  add(id: ContainerId): number {
    if (id.parent === undefined) return 0;
    const known = this.#find(id);
    if (known > 0) return known;
    const parent = this.add(id.parent);
    const place = this.#named(parent, id);
    this.#known?.set(id, place);
    return place;
  }

  placeOf(id: ContainerId): number {
    return this.add(id);
  }

  write(writer: Writer): void {
    writer.varUint(this.#rows.length);
    for (const { parent, id } of this.#rows) writer.varUint(parent).varUint(id.kind).varString(id.key);
  }

  /** Place of the very object `id`, or 0. */
  #find(id: ContainerId): number {
    if (this.#known !== undefined) return this.#known.get(id) ?? 0;
    const rows = this.#rows;
    for (let at = 0; at < rows.length; at++) if (rows[at]?.id === id) return at + 1;
    return 0;
  }

  #named(parent: number, id: ContainerId): number {
    const rows = this.#rows;
    if (this.#places === undefined) {
      for (let at = 0; at < rows.length; at++) {
        const row = rows[at] as (typeof rows)[number];
        if (row.parent === parent && row.id.kind === id.kind && row.id.key === id.key) return at + 1;
      }
      rows.push({ parent, id });
      if (rows.length > fewRows) {
        this.#known = new Map(rows.map((row, at) => [row.id, at + 1]));
        this.#places = new Map(rows.map((row, at) => [nameOf(row.parent, row.id), at + 1]));
      }
      return rows.length;
    }
    const name = nameOf(parent, id);
    const place = this.#places.get(name) ?? rows.push({ parent, id });
    this.#places.set(name, place);
    return place;
  }
}

function nameOf(parent: number, { key, kind }: ContainerId): string {
  return `${String(parent)} ${String(kind)} ${key}`;
}

/** The containers that a table of `count` rows names, by place: 0 is the root, 1 the first row. */
export interface ContainerRows {
  readonly length: number;
  id(place: number): ContainerId;
  /** Place of the map around it. */
  parent(place: number): number;
}

export function readContainerTable(reader: Reader): ContainerRows {
  // A row is three bytes at least.
  const count = reader.varUint(Math.floor(reader.left / 3));
  if (reader.looks) return new LookedAtRows(reader, count);
  const ids: ContainerId[] = [rootId];
  const parents = [0];
  const depths = [0];
  const names = count > fewRows ? new Set<string>() : undefined;
  for (let i = 0; i < count; i++) {
    const { place, kind, key } = readRow(reader, i);
    const parent = ids[place] as ContainerId;
    if (leafKind(parent.kind) !== undefined) reader.fail('not a map');
    const depth = (depths[place] as number) + 1;
    if (depth > mapDepthMax) reader.fail('nested too deeply');
    const id = { parent, key, kind };
    const twice = names?.has(nameOf(place, id)) ?? ids.some(other => sameContainer(other, id));
    if (twice) reader.fail('container named twice');
    names?.add(nameOf(place, id));
    ids.push(id);
    parents.push(place);
    depths.push(depth);
  }
  return {
    length: ids.length,
    id: place => ids[place] as ContainerId,
    parent: place => parents[place] as number,
  };
}

function readRow(
  reader: Reader,
  row: number,
): { readonly place: number; readonly kind: number; readonly key: string } {
  const place = reader.varUint(row);
  const kind = reader.varUint(kindMax);
  if (kind === 0) reader.fail('no kind');
  return { place, kind, key: reader.varString(mapKeyBytesMax) };
}

/**
 * The same for whoever only looks: nine bytes a row, for where it stands, how deep its container is, and to find out whether one
 * is named twice. What else there is to know is read again.
 */
class LookedAtRows implements ContainerRows {
  readonly length: number;
  readonly #bytes: Uint8Array;
  readonly #starts: Uint32Array;
  readonly #depths: Uint8Array;

  constructor(reader: Reader, count: number) {
    this.length = count + 1;
    this.#starts = new Uint32Array(count + 1);
    this.#depths = new Uint8Array(count + 1);
    const from = reader.at;
    for (let i = 0; i < count; i++) {
      this.#starts[i] = reader.at - from;
      const { place } = readRow(reader, i);
      const depth = (this.#depths[place] as number) + 1;
      if (depth > mapDepthMax) reader.fail('nested too deeply');
      this.#depths[i + 1] = depth;
    }
    this.#starts[count] = reader.at - from;
    this.#bytes = reader.since(from);
    for (let place = 1; place <= count; place++)
      if (leafKind(this.#row(this.parent(place)).kind) !== undefined) reader.fail('not a map');
    const sorted = Uint32Array.from({ length: count }, (_, row) => row + 1);
    sortInPlace(sorted, (a, b) => compareBytes(this.#rowBytes(a), this.#rowBytes(b)));
    for (let i = 1; i < count; i++)
      if (compareBytes(this.#rowBytes(sorted[i - 1] as number), this.#rowBytes(sorted[i] as number)) === 0)
        reader.fail('container named twice');
  }

  id(place: number): ContainerId {
    if (place === 0) return rootId;
    const { kind, key } = this.#row(place);
    // Nobody asks what an entry is in that is thrown away.
    return { parent: rootId, kind, key };
  }

  parent(place: number): number {
    return place === 0 ? 0 : this.#row(place).place;
  }

  #rowBytes(place: number): Uint8Array {
    return this.#bytes.subarray(this.#starts[place - 1], this.#starts[place]);
  }

  #row(place: number): { readonly place: number; readonly kind: number; readonly key: string } {
    if (place === 0) return { place: 0, kind: mapCode, key: '' };
    return readRow(new Reader(this.#rowBytes(place)), place - 1);
  }
}

/** Heapsort (Williams 1964): the platform's sort of typed arrays copies them into twice the room when it is told how to compare. */
function sortInPlace(items: Uint32Array, compare: (a: number, b: number) => number): void {
  const sink = (from: number, end: number): void => {
    for (let at = from, below = 2 * at + 1; below < end; at = below, below = 2 * at + 1) {
      if (below + 1 < end && compare(items[below + 1] as number, items[below] as number) > 0) below++;
      if (compare(items[at] as number, items[below] as number) >= 0) return;
      swap(items, at, below);
    }
  };
  for (let from = (items.length >> 1) - 1; from >= 0; from--) sink(from, items.length);
  for (let end = items.length - 1; end > 0; end--) {
    swap(items, 0, end);
    sink(0, end);
  }
}

function swap(items: Uint32Array, a: number, b: number): void {
  const item = items[a] as number;
  items[a] = items[b] as number;
  items[b] = item;
}

/** Are they the same in one table, where a map has one object? */
function sameContainer(a: ContainerId, b: ContainerId): boolean {
  return a.parent === b.parent && a.kind === b.kind && a.key === b.key;
}

/** Rows are named in their order, each map before what is in it: one batch has one encoding. Returns the next row to be named. */
export function nameRow(reader: Reader, rows: ContainerRows, place: number, next: number): number {
  let row = place;
  let at = place;
  for (; at >= next; at = rows.parent(at)) if (at !== row--) reader.fail('containers out of order');
  if (place >= next && row !== next - 1) reader.fail('containers out of order');
  return Math.max(next, place + 1);
}
