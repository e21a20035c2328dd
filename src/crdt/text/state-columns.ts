/**
 * The columns of a text's state, read and checked whole before one object is built, so that hostile bytes cost
 * a few numbers a run and leave nothing behind.
 *
 * The reader keeps a stack of the runs that may still get right children: the right-hand edge of the tree so
 * far. A run that hangs on the left begins a subtree whose parent is still to come; it closes what is below it
 * until the parent takes the subtree off. So bytes describe a tree or nothing at all, and what is left to check
 * are the ids: siblings in order, children younger than a parent of the same replica, no id twice.
 *
 * One long loop on purpose: it runs once, right after the program has started, when each call still costs as much
 * as ten of its lines.
 */
import type { Reader } from '../../base/codec.ts';
import { toHex } from '../../base/bytes.ts';
import { idBytes } from '../../base/ids.ts';
import type { ReplicaId } from '../../base/ids.ts';
import { clockEntriesMax, counterMax } from '../../base/limits.ts';
import { ColumnReader } from './columns.ts';
import { isLow } from './surrogates.ts';

export const textStateVersion = 1;

/** Bit 0 of a header: shown. */
export const VISIBLE = 1;
/** Bits 1 and 2: how the run hangs; `ODD`: the column of odd places says. */
export const HANG_SHIFT = 1;
export const CHAIN = 0;
export const RIGHT = 1;
export const LEFT = 2;
export const ODD = 3;
/** Bit 3: has one left child. */
export const LEFT_CHILD = 8;
/** Bits 4 to 7: characters, 0 when the column of lengths says. */
export const LENGTH_SHIFT = 4;
export const lengthInlineMax = 15;

/** Runs of one block of a loaded text: two thirds of a full one, which would split at the first edit. */
export const frozenBlockRuns = 32;
/** Runs of one chunk of a loaded index, half a full one. */
export const frozenChunkRuns = 64;

/** The runs of one replica by counter. */
interface Order {
  /** Those that are no chains. What goes on one (`pieces`) stands between it and the next. */
  readonly heads: readonly number[];
  /** Where every `frozenChunkRuns`-th run stands: the index of its head in `heads`, then the run, by turns. */
  readonly cuts: readonly number[];
}

/** What the bytes say, checked. Run `i` is the `i`-th in text order. */
export interface StateColumns {
  /** Sorted, so that places in it compare as ids do. */
  readonly replicas: readonly ReplicaId[];
  readonly headers: Uint8Array;
  readonly text: string;
  /** May `text` have surrogates? */
  readonly astral: boolean;
  /** By run: `CHAIN`, `RIGHT` or `LEFT`. */
  readonly hangs: Uint8Array;
  /** By run: place in `replicas`. */
  readonly authors: Uint16Array;
  /** By run. Not typed arrays: the interpreter would make an object of every number it takes from one of doubles. */
  readonly starts: readonly number[];
  readonly lengths: readonly number[];
  /** By run: the parent's index, -1 for the root. */
  readonly parents: Int32Array;
  /** By run, then the root: its last left and right child, -1 for none. */
  readonly lastLefts: Int32Array;
  readonly lastRights: Int32Array;
  /** By run: the sibling before it, -1 for none. */
  readonly siblings: Int32Array;
  /** Characters shown before each `frozenBlockRuns`-th run, then all. */
  readonly shownAt: readonly number[];
  /** By replica. */
  readonly orders: readonly Order[];
  /** By run: the run that goes on with the next id, 0 for none. */
  readonly pieces: Int32Array;
  /** Deleted surrogate pairs: place of the replica and counter of the high half, by turns. */
  readonly pairs: readonly number[];
  /** What `marks-codec.ts` wrote; empty when there is nothing. */
  readonly extras: Uint8Array;
}

const noExtras = new Uint8Array();

export function readColumns(reader: Reader): StateColumns {
  if (reader.byte() !== textStateVersion) reader.fail('unknown version');
  const replicas = readReplicas(reader);
  const count = reader.varUint(reader.left);
  const headers = reader.bytes(count);
  const lengthColumn = new ColumnReader(reader);
  const startColumn = new ColumnReader(reader);
  const authorColumn = new ColumnReader(reader);
  const oddColumn = new ColumnReader(reader);
  const pairColumn = new ColumnReader(reader);
  const blob = reader.varBytes(reader.left);
  const text = readUtf8(reader, blob);
  const hasExtras = reader.left > 0;
  const extras = hasExtras ? reader.varBytes(reader.left) : noExtras;
  if (hasExtras && extras.length === 0) reader.fail('not the shortest form');
  // Without any character beyond U+007F there are no surrogates, and most texts of some length are searched in vain.
  const astral = text.length < blob.length;

  const hangs = new Uint8Array(count);
  const authors = new Uint16Array(count);
  const starts = new Array<number>(count);
  const lengths = new Array<number>(count);
  const parents = new Int32Array(count);
  const lastLefts = new Int32Array(count + 1).fill(-1);
  const lastRights = new Int32Array(count + 1).fill(-1);
  const siblings = new Int32Array(count).fill(-1);
  const shownAt: number[] = [];
  const pieces = new Int32Array(count);
  /** Runs that may still get right children: `open[0 .. top]`, the root (-1) at the bottom. */
  const open: number[] = [-1];
  let top = 0;
  /** Of those: left children whose parent is still to come. */
  let waiting = 0;
  /** By replica: the counter after its run before. */
  const ends = replicas.map(() => 0);
  const heads = replicas.map((): number[] => []);
  /** The highest start of all. */
  let last = 0;
  let author = 0;
  let authorRuns = replicas.length === 1 ? Infinity : 0;
  let shown = 0;

  for (let i = 0; i < count; i++) {
    const header = headers[i] as number;
    if (i % frozenBlockRuns === 0) shownAt.push(shown);
    let length = header >> LENGTH_SHIFT;
    if (length === 0) {
      length = lengthColumn.varUint(counterMax);
      if (length <= lengthInlineMax) reader.fail('not the shortest form');
    }
    let hang = (header >> HANG_SHIFT) & 3;
    let leftChildren = header & LEFT_CHILD ? 1 : 0;
    let up = 0;
    if (hang === ODD) {
      if (leftChildren > 0) reader.fail('not the shortest form');
      hang = oddColumn.varUint(LEFT);
      leftChildren = oddColumn.varUint(count);
      if (hang !== LEFT) up = oddColumn.varUint(count);
      if (leftChildren < 2 && up === 0) reader.fail('not the shortest form');
    }

    // The left subtrees of this run stand just before it, the last one on top.
    if (leftChildren > waiting) reader.fail('malformed tree');
    waiting -= leftChildren;
    for (let following = -1; leftChildren > 0; leftChildren--) {
      let child = open[top--] as number;
      while (hangs[child] !== LEFT) child = open[top--] as number;
      parents[child] = i;
      if (following < 0) lastLefts[i] = child;
      else {
        if (!isBefore(child, following, authors, starts)) reader.fail('siblings out of order');
        siblings[following] = child;
      }
      following = child;
    }
    let parent = -1;
    let sibling = -1;
    if (hang === LEFT) waiting++;
    else {
      for (; up > 0; up--) {
        sibling = open[top--] as number;
        if (sibling < 0 || hangs[sibling] === LEFT) reader.fail('malformed tree');
      }
      parent = open[top] as number;
      siblings[i] = sibling;
      lastRights[parent < 0 ? count : parent] = i;
    }
    parents[i] = parent;
    hangs[i] = hang;
    open[++top] = i;

    let start: number;
    let by: number;
    if (hang === CHAIN) {
      if (parent < 0) reader.fail('malformed tree');
      by = authors[parent] as number;
      start = (starts[parent] as number) + (lengths[parent] as number);
      pieces[parent] = i;
    } else {
      if (authorRuns === 0) {
        if (replicas.length === 0) reader.fail('unknown replica');
        author = authorColumn.varUint(replicas.length - 1);
        authorRuns = authorColumn.varUint(count);
        if (authorRuns === 0) reader.fail('not the shortest form');
      }
      authorRuns--;
      by = author;
      start = (ends[by] as number) + startColumn.varInt(counterMax);
      (heads[by] as number[]).push(i);
      if (start > last) last = start;
      // A right child with the very next id would be a chain.
      if (parent >= 0 && by === authors[parent]) {
        if (start <= (starts[parent] as number) + (lengths[parent] as number))
          reader.fail('parent is not older');
      }
    }
    const end = start + length;
    if (start < 0 || end > counterMax) reader.fail('counter out of range');
    authors[i] = by;
    starts[i] = start;
    lengths[i] = length;
    ends[by] = end;
    if (sibling >= 0 && !isBefore(sibling, i, authors, starts)) reader.fail('siblings out of order');
    if (header & VISIBLE) {
      if (astral && isLow(text.charCodeAt(shown))) reader.fail('splits a surrogate pair');
      shown += length;
    }
  }
  shownAt.push(shown);
  if (waiting > 0) reader.fail('malformed tree');
  if (shown !== text.length) reader.fail('text of another length');
  if (replicas.length > 1 && authorRuns > 0) reader.fail('malformed authors');
  for (const column of [lengthColumn, startColumn, authorColumn, oddColumn]) column.end();

  for (let i = 0; i < count; i++) {
    const parent = parents[i] as number;
    if (hangs[i] !== LEFT || authors[i] !== authors[parent]) continue;
    if ((starts[i] as number) <= (starts[parent] as number)) reader.fail('parent is not older');
  }
  const places = { parents, lastLefts, lastRights, siblings, shownAt };
  const columns = { replicas, headers, text, astral, hangs, authors, starts, lengths, ...places };
  const orders = heads.map(own => {
    if (own.length === 0) reader.fail('a replica without text');
    const sorted = sortedByStart(own, starts, last);
    return { heads: sorted, cuts: cut(reader, sorted, columns, pieces) };
  });
  return { ...columns, orders, pieces, pairs: readPairs(reader, pairColumn, columns), extras };
}

/** Siblings stand by replica, then by counter. */
function isBefore(a: number, b: number, authors: Uint16Array, starts: readonly number[]): boolean {
  if (authors[a] !== authors[b]) return (authors[a] as number) < (authors[b] as number);
  return (starts[a] as number) < (starts[b] as number);
}

type Ids = Pick<StateColumns, 'headers' | 'authors' | 'starts' | 'lengths'>;

/** `Order.cuts`. No id may be there twice: each of `heads`, with what goes on it, ends before the next begins. */
function cut(reader: Reader, heads: readonly number[], ids: Ids, pieces: Int32Array): readonly number[] {
  const { starts, lengths } = ids;
  const cuts: number[] = [];
  let end = 0;
  let left = 0;
  for (let at = 0; at < heads.length; at++) {
    let piece = heads[at] as number;
    if ((starts[piece] as number) < end) reader.fail('id already used');
    let next = piece;
    do {
      piece = next;
      if (left === 0) {
        cuts.push(at, piece);
        left = frozenChunkRuns;
      }
      left--;
      next = pieces[piece] as number;
    } while (next !== 0);
    end = (starts[piece] as number) + (lengths[piece] as number);
  }
  return cuts;
}

/** `last`: the highest start of all. */
function sortedByStart(runs: number[], starts: readonly number[], last: number): readonly number[] {
  const count = starts.length;
  // Numbers alone sort several times as fast, so start and index make one, unless counters are beyond what people type.
  if ((last + 1) * count > Number.MAX_SAFE_INTEGER)
    return runs.sort((a, b) => (starts[a] as number) - (starts[b] as number));
  const keys = new Float64Array(runs.length);
  for (let at = 0; at < runs.length; at++) {
    const run = runs[at] as number;
    keys[at] = (starts[run] as number) * count + run;
  }
  keys.sort();
  for (let at = 0; at < runs.length; at++) runs[at] = (keys[at] as number) % count;
  return runs;
}

/** Each is given by the tombstones since the one before: a pair never lies in two runs, nor is half a pair one. */
function readPairs(reader: Reader, column: ColumnReader, ids: Ids): readonly number[] {
  const { headers, authors, starts, lengths } = ids;
  const pairs: number[] = [];
  if (column.left === 0) return pairs;
  let gap = column.varUint(counterMax);
  for (let i = 0; i < headers.length && gap < Infinity; i++) {
    if ((headers[i] as number) & VISIBLE) continue;
    const length = lengths[i] as number;
    let offset = 0;
    while (offset + gap < length) {
      offset += gap;
      if (offset + 2 > length) reader.fail('splits a surrogate pair');
      pairs.push(authors[i] as number, (starts[i] as number) + offset);
      offset += 2;
      gap = column.left > 0 ? column.varUint(counterMax) : Infinity;
    }
    gap -= length - offset;
  }
  if (gap < Infinity) reader.fail('unknown pair');
  return pairs;
}

export function readReplicas(reader: Reader): readonly ReplicaId[] {
  const size = reader.varUint(clockEntriesMax);
  if (size * idBytes > reader.left) reader.fail('short');
  const replicas: ReplicaId[] = [];
  for (let i = 0; i < size; i++) {
    const replicaId = toHex(reader.bytes(idBytes)) as ReplicaId;
    if (i > 0 && replicaId <= (replicas[i - 1] as ReplicaId)) reader.fail('replicas out of order');
    replicas.push(replicaId);
  }
  return replicas;
}

const decoder = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

export function readUtf8(reader: Reader, bytes: Uint8Array): string {
  try {
    return decoder.decode(bytes);
  } catch {
    return reader.fail('ill-formed UTF-8');
  }
}
