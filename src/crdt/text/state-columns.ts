/**
 * The columns of a text's state, read and checked whole before one object is built, so that hostile bytes cost
 * a few numbers a run and leave nothing behind.
 *
 * The reader keeps a stack of the runs that may still get right children: the right-hand edge of the tree so
 * far. A run that hangs on the left begins a subtree whose parent is still to come; it closes what is below it
 * until the parent takes the subtree off. So bytes describe a tree or nothing at all, and what is left to check
 * are the ids: siblings in order, children younger than a parent of the same replica, no id twice.
 */
import { Reader } from '../../base/codec.ts';
import { toHex } from '../../base/bytes.ts';
import { idBytes } from '../../base/ids.ts';
import type { ReplicaId } from '../../base/ids.ts';
import { clockEntriesMax, counterMax } from '../../base/limits.ts';
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

const decoder = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

/** What the bytes say. Run `i` is the `i`-th in text order. */
export class StateColumns {
  readonly count: number;
  /** Sorted, so that places compare as ids do. */
  readonly replicas: readonly ReplicaId[];
  readonly text: string;
  /** Is every character of `text` below U+0080? */
  readonly ascii: boolean;
  readonly headers: Uint8Array;
  /** By run: `CHAIN`, `RIGHT` or `LEFT`. */
  readonly hangs: Uint8Array;
  /** By run: place in `replicas`. */
  readonly authors: Uint16Array;
  readonly starts: Float64Array;
  readonly lengths: Float64Array;
  /** By run: the parent's index, -1 for the root. */
  readonly parents: Int32Array;
  /** By replica: its runs by counter. */
  readonly byCounter: readonly Int32Array[];
  /** Deleted surrogate pairs: place of the replica and counter of the high half, by turns. */
  readonly pairs: number[] = [];

  readonly #reader: Reader;
  readonly #lengthColumn: Reader;
  readonly #startColumn: Reader;
  readonly #authorColumn: Reader;
  readonly #oddColumn: Reader;
  readonly #pairColumn: Reader;
  /** Runs that may still get right children, the root (-1) at the bottom. */
  readonly #open: number[] = [-1];
  /** Of those: left children whose parent is still to come. */
  #waiting = 0;
  /** By replica: the counter after its run before. */
  readonly #ends: Float64Array;
  /** By replica: its runs so far. */
  readonly #counts: Uint32Array;
  #author = 0;
  /** Further runs that are `#author`'s. */
  #authorRuns: number;
  /** The last right child so far where the next run hangs, -1 when there is none. */
  #sibling = -1;

  /** Reads and checks everything; leaves through `reader.fail`. */
  constructor(reader: Reader) {
    this.#reader = reader;
    if (reader.byte() !== textStateVersion) reader.fail('unknown version');
    this.replicas = readReplicas(reader);
    this.count = reader.varUint(reader.left);
    this.headers = reader.bytes(this.count);
    this.#lengthColumn = readColumn(reader);
    this.#startColumn = readColumn(reader);
    this.#authorColumn = readColumn(reader);
    this.#oddColumn = readColumn(reader);
    this.#pairColumn = readColumn(reader);
    const blob = reader.varBytes(reader.left);
    this.text = readUtf8(reader, blob);
    this.ascii = this.text.length === blob.length;
    this.hangs = new Uint8Array(this.count);
    this.authors = new Uint16Array(this.count);
    this.starts = new Float64Array(this.count);
    this.lengths = new Float64Array(this.count);
    this.parents = new Int32Array(this.count).fill(-1);
    this.#ends = new Float64Array(this.replicas.length);
    this.#counts = new Uint32Array(this.replicas.length);
    this.#authorRuns = this.replicas.length === 1 ? Infinity : 0;
    this.#readRuns();
    this.#readPairs();
    this.byCounter = this.#sortByCounter();
  }

  #readRuns(): void {
    const { count, headers, text } = this;
    let shown = 0;
    for (let i = 0; i < count; i++) {
      const header = headers[i] as number;
      const hang = (header >> HANG_SHIFT) & 3;
      if (hang === ODD) this.#readOddPlace(i, header);
      else this.#place(i, hang, (header & LEFT_CHILD) === 0 ? 0 : 1, 0);
      const length = this.#readLength(header);
      this.lengths[i] = length;
      this.#readId(i);
      if ((header & VISIBLE) === 0) continue;
      if (!this.ascii && isLow(text.charCodeAt(shown))) this.#reader.fail('splits a surrogate pair');
      shown += length;
    }
    if (this.#waiting > 0) this.#reader.fail('malformed tree');
    if (shown !== text.length) this.#reader.fail('text of another length');
    if (this.#authorRuns > 0 && this.replicas.length > 1) this.#reader.fail('malformed authors');
    for (const column of [this.#lengthColumn, this.#startColumn, this.#authorColumn, this.#oddColumn])
      column.end();
  }

  #readLength(header: number): number {
    const inline = header >> LENGTH_SHIFT;
    if (inline > 0) return inline;
    const length = this.#lengthColumn.varUint(counterMax);
    if (length <= lengthInlineMax) this.#reader.fail('not the shortest form');
    return length;
  }

  #readOddPlace(i: number, header: number): void {
    if ((header & LEFT_CHILD) !== 0) this.#reader.fail('not the shortest form');
    const hang = this.#oddColumn.varUint(LEFT);
    const leftChildren = this.#oddColumn.varUint(this.count);
    const up = hang === LEFT ? 0 : this.#oddColumn.varUint(this.count);
    if (leftChildren < 2 && up === 0) this.#reader.fail('not the shortest form');
    this.#place(i, hang, leftChildren, up);
  }

  /** Run `i` takes off its left children, then `up` runs that get no more right children, and is put on top. */
  #place(i: number, hang: number, leftChildren: number, up: number): void {
    const { hangs, parents } = this;
    const open = this.#open;
    if (leftChildren > this.#waiting) this.#reader.fail('malformed tree');
    let following = -1;
    for (let left = leftChildren; left > 0; left--) {
      let child = open.pop() as number;
      while (hangs[child] !== LEFT) child = open.pop() as number;
      parents[child] = i;
      if (following >= 0 && !this.#isBefore(child, following)) this.#reader.fail('siblings out of order');
      following = child;
    }
    this.#waiting -= leftChildren;
    hangs[i] = hang;
    if (hang === LEFT) this.#waiting++;
    else {
      for (let left = up; left > 0; left--) {
        const closed = open.pop() as number;
        if (closed < 0 || hangs[closed] === LEFT) this.#reader.fail('malformed tree');
        this.#sibling = closed;
      }
      parents[i] = open[open.length - 1] as number;
    }
    open.push(i);
  }

  /** Run `i` gets its author and counters; its place is known. */
  #readId(i: number): void {
    const { authors, starts, lengths } = this;
    const parent = this.parents[i] as number;
    const length = lengths[i] as number;
    let author: number;
    let start: number;
    if (this.hangs[i] === CHAIN) {
      if (parent < 0) this.#reader.fail('malformed tree');
      author = authors[parent] as number;
      start = (starts[parent] as number) + (lengths[parent] as number);
    } else {
      author = this.#readAuthor();
      start = (this.#ends[author] as number) + this.#readDelta();
    }
    if (start < 0 || start + length > counterMax) this.#reader.fail('counter out of range');
    authors[i] = author;
    starts[i] = start;
    this.#ends[author] = start + length;
    (this.#counts[author] as number)++;
    if (this.#sibling >= 0 && !this.#isBefore(this.#sibling, i)) this.#reader.fail('siblings out of order');
    this.#sibling = -1;
  }

  #readAuthor(): number {
    if (this.#authorRuns === 0) {
      const author = this.#authorColumn.varUint(this.replicas.length - 1);
      this.#authorRuns = this.#authorColumn.varUint(this.count);
      if (this.#authorRuns === 0) this.#reader.fail('malformed authors');
      this.#author = author;
    }
    this.#authorRuns--;
    return this.#author;
  }

  #readDelta(): number {
    const zigzag = this.#startColumn.varUint();
    return zigzag % 2 === 0 ? zigzag / 2 : -(zigzag + 1) / 2;
  }

  /** Siblings stand by replica, then by counter. */
  #isBefore(a: number, b: number): boolean {
    const byReplica = (this.authors[a] as number) - (this.authors[b] as number);
    return byReplica !== 0 ? byReplica < 0 : (this.starts[a] as number) < (this.starts[b] as number);
  }

  /** Each is given by the tombstones since the one before: a pair never lies in two runs, nor is half a pair one. */
  #readPairs(): void {
    const column = this.#pairColumn;
    let left = column.left > 0 ? column.varUint(counterMax) : Infinity;
    for (let i = 0; i < this.count && left < Infinity; i++) {
      if (((this.headers[i] as number) & VISIBLE) !== 0) continue;
      const length = this.lengths[i] as number;
      let offset = 0;
      for (; offset + left < length; left = column.left > 0 ? column.varUint(counterMax) : Infinity) {
        offset += left;
        if (offset + 2 > length) this.#reader.fail('splits a surrogate pair');
        this.pairs.push(this.authors[i] as number, (this.starts[i] as number) + offset);
        offset += 2;
      }
      left -= length - offset;
    }
    if (left < Infinity) this.#reader.fail('malformed pairs');
  }

  /** Checks that no id is there twice and that a child of its own replica's character is younger. */
  #sortByCounter(): readonly Int32Array[] {
    const { count, authors, starts, lengths, parents, hangs } = this;
    for (let i = 0; i < count; i++) {
      const parent = parents[i] as number;
      if (parent < 0 || hangs[i] === CHAIN || authors[i] !== authors[parent]) continue;
      const least = (starts[parent] as number) + (hangs[i] === LEFT ? 0 : (lengths[parent] as number));
      // A right child with the very next id would be a chain.
      if ((starts[i] as number) <= least) this.#reader.fail('parent is not older');
    }
    const sorted = sortRuns(authors, starts, this.#counts);
    for (const runs of sorted) {
      if (runs.length === 0) this.#reader.fail('a replica without text');
      for (let at = 1; at < runs.length; at++) {
        const before = runs[at - 1] as number;
        if ((starts[before] as number) + (lengths[before] as number) > (starts[runs[at] as number] as number))
          this.#reader.fail('id already used');
      }
    }
    return sorted;
  }
}

/** By author: the indexes of its runs by start. */
function sortRuns(authors: Uint16Array, starts: Float64Array, counts: Uint32Array): readonly Int32Array[] {
  const total = authors.length;
  const keys = Array.from(counts, count => new Float64Array(count));
  const filled = new Uint32Array(counts.length);
  let last = 0;
  for (const start of starts) if (start > last) last = start;
  // One number holds start and index, unless counters are beyond anything people type.
  if ((last + 1) * total > Number.MAX_SAFE_INTEGER) {
    const byAuthor = Array.from(counts, (): number[] => []);
    authors.forEach((author, i) => byAuthor[author]?.push(i));
    return byAuthor.map(runs =>
      Int32Array.from(runs.sort((a, b) => (starts[a] as number) - (starts[b] as number))),
    );
  }
  for (let i = 0; i < total; i++) {
    const author = authors[i] as number;
    const slot = filled[author] as number;
    (keys[author] as Float64Array)[slot] = (starts[i] as number) * total + i;
    filled[author] = slot + 1;
  }
  return keys.map(each => {
    const runs = new Int32Array(each.length);
    each.sort().forEach((key, at) => (runs[at] = key % total));
    return runs;
  });
}

function readReplicas(reader: Reader): readonly ReplicaId[] {
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

function readColumn(reader: Reader): Reader {
  return new Reader(reader.varBytes(reader.left));
}

function readUtf8(reader: Reader, bytes: Uint8Array): string {
  try {
    return decoder.decode(bytes);
  } catch {
    return reader.fail('ill-formed UTF-8');
  }
}
