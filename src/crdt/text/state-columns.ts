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
import { CHAIN, LEFT, ROOT, Runs } from './runs.ts';
import {
  HANG_SHIFT,
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
const spareRuns = 32;

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

  // A few more than there are: the first edits would copy all columns.
  const runs = new Runs(count + 1 + spareRuns);
  runs.add(0, 0, 1, -1, CHAIN, 0, 0);
  runs.count = count + 1;
  const { agent, start, length, visible, textAt, hang, parentAgent, parentCounter } = runs;
  const pieces = new Int32Array(count + 1);
  /** Runs that may still get right children: `open[0 .. top]`. */
  const open: number[] = [ROOT];
  let top = 0;
  /** Of those: left children whose parent is still to come. */
  let waiting = 0;
  /** By agent: the counter after its run before, and its runs that are no chains. */
  const ends = [0, ...replicas.map(() => 0)];
  const heads = replicas.map((): number[] => []);
  /** The highest start of all. */
  let last = 0;
  let author = 1;
  let authorRuns = replicas.length === 1 ? Infinity : 0;
  let shown = 0;

  for (let run = 1; run <= count; run++) {
    const header = headers[run - 1] as number;
    let characters = header >> LENGTH_SHIFT;
    if (characters === 0) {
      characters = lengthColumn.varUint(counterMax);
      if (characters <= lengthInlineMax) reader.fail('not the shortest form');
    }
    let hangs = (header >> HANG_SHIFT) & 3;
    let leftChildren = header & LEFT_CHILD ? 1 : 0;
    let up = 0;
    if (hangs === ODD) {
      if (leftChildren > 0) reader.fail('not the shortest form');
      hangs = oddColumn.varUint(LEFT);
      leftChildren = oddColumn.varUint(count);
      if (hangs !== LEFT) up = oddColumn.varUint(count);
      if (leftChildren < 2 && up === 0) reader.fail('not the shortest form');
    }

    // The left subtrees of this run stand just before it, the last one on top.
    if (leftChildren > waiting) reader.fail('malformed tree');
    waiting -= leftChildren;
    if (leftChildren > 0) {
      const family: number[] = [];
      for (; leftChildren > 0; leftChildren--) {
        let child = open[top--] as number;
        while (hang[child] !== LEFT) child = open[top--] as number;
        parentCounter[child] = run;
        if (family.length > 0 && !isBefore(child, family[family.length - 1] as number, agent, start))
          reader.fail('siblings out of order');
        family.push(child);
      }
      runs.left[run] = runs.columnOf(family.reverse());
    }
    let parent = ROOT;
    let sibling = ROOT;
    if (hangs === LEFT) waiting++;
    else {
      for (; up > 0; up--) {
        sibling = open[top--] as number;
        if (sibling === ROOT || hang[sibling] === LEFT) reader.fail('malformed tree');
      }
      parent = open[top] as number;
    }
    hang[run] = hangs;
    open[++top] = run;

    let from: number;
    let by: number;
    if (hangs === CHAIN) {
      if (parent === ROOT) reader.fail('malformed tree');
      by = agent[parent] as number;
      from = (start[parent] as number) + (length[parent] as number);
      pieces[parent] = run;
      parentCounter[run] = 0;
    } else {
      if (authorRuns === 0) {
        if (replicas.length === 0) reader.fail('unknown replica');
        author = 1 + authorColumn.varUint(replicas.length - 1);
        authorRuns = authorColumn.varUint(count);
        if (authorRuns === 0) reader.fail('not the shortest form');
      }
      authorRuns--;
      by = author;
      from = (ends[by] as number) + startColumn.varInt(counterMax);
      (heads[by - 1] as number[]).push(run);
      if (from > last) last = from;
      const parentEnd = (start[parent] as number) + (length[parent] as number);
      // A right child with the very next id would be a chain.
      if (by === agent[parent] && from <= parentEnd) reader.fail('parent is not older');
      parentAgent[run] = agent[parent] as number;
      parentCounter[run] = parentEnd - 1;
    }
    const end = from + characters;
    if (from < 0 || end > counterMax) reader.fail('counter out of range');
    agent[run] = by;
    start[run] = from;
    length[run] = characters;
    ends[by] = end;
    if (hangs !== LEFT) {
      if (sibling !== ROOT && !isBefore(sibling, run, agent, start)) reader.fail('siblings out of order');
      runs.right[parent] = sibling === ROOT ? run : runs.appended(runs.right[parent] as number, run);
    }
    textAt[run] = -1;
    if (header & VISIBLE) {
      if (astral && isLow(text.charCodeAt(shown))) reader.fail('splits a surrogate pair');
      textAt[run] = shown;
      visible[run] = characters;
      shown += characters;
    }
  }
  if (waiting > 0) reader.fail('malformed tree');
  if (shown !== text.length) reader.fail('text of another length');
  if (replicas.length > 1 && authorRuns > 0) reader.fail('malformed authors');
  for (const column of [lengthColumn, startColumn, authorColumn, oddColumn]) column.end();

  for (let run = 1; run <= count; run++) {
    if (hang[run] !== LEFT) continue;
    // Until now its parent's number stood there: where that begins was still to come.
    const parent = parentCounter[run] as number;
    parentAgent[run] = agent[parent] as number;
    parentCounter[run] = start[parent] as number;
    if (agent[run] === agent[parent] && (start[run] as number) <= (start[parent] as number))
      reader.fail('parent is not older');
  }
  const orders = heads.map(own => orderOf(reader, own, last, runs, pieces));
  return { replicas, runs, text, astral, orders, pairs: readPairs(reader, pairColumn, runs), extras };
}

/** Siblings stand by replica, then by counter. */
function isBefore(a: number, b: number, agent: Int32Array, start: readonly number[]): boolean {
  if (agent[a] !== agent[b]) return (agent[a] as number) < (agent[b] as number);
  return (start[a] as number) < (start[b] as number);
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
