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
import {
  CHAIN,
  frozenBlockRuns,
  HANG_SHIFT,
  LEFT,
  LEFT_CHILD,
  lengthInlineMax,
  LENGTH_SHIFT,
  ODD,
  textStateVersion,
  VISIBLE,
} from './state-format.ts';
import type { StateColumns } from './state-format.ts';
import { orderOf, readPairs } from './state-order.ts';
import { isLow } from './surrogates.ts';

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
  const orders = heads.map(own => orderOf(reader, own, last, columns, pieces));
  return { ...columns, orders, pieces, pairs: readPairs(reader, pairColumn, columns), extras };
}

/** Siblings stand by replica, then by counter. */
function isBefore(a: number, b: number, authors: Uint16Array, starts: readonly number[]): boolean {
  if (authors[a] !== authors[b]) return (authors[a] as number) < (authors[b] as number);
  return (starts[a] as number) < (starts[b] as number);
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
