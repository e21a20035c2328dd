/**
 * One run of one library at one size: for each number of missing items, the bytes of all messages both ways until the one who lacks
 * some knows which, and the round trips. What is found is compared with what was left out. Items themselves do not count, but in
 * y-protocols, whose answer to a state vector is the items.
 */
import process from 'node:process';
import { utf8, toHex } from '../../src/base/bytes.ts';
import { Writer } from '../../src/base/codec.ts';
import type { ReplicaId } from '../../src/base/ids.ts';
import { SeededRandom } from '../../src/base/random.ts';
import { countAhead, stateHash, type VectorClock } from '../../src/clocks/vector-clock.ts';
import { nobleCrypto } from '../../src/sync/crypto.ts';
import { decodeMerkleItems, encodeMerkleItems, type Short } from '../../src/sync/merkle-messages.ts';
import { MerkleTree, type Key } from '../../src/sync/merkle-tree.ts';
import { answerWalk, beginWalk, shortOf } from '../../src/sync/merkle-walk.ts';
import { encodeSyncMessage } from '../../src/sync/messages.ts';

const [library = '', sizeText = '', seed = ''] = process.argv.slice(2);
const size = Number(sizeText);
const writers = 16;
const shapes = [
  { missing: 0, shape: '' },
  { missing: 10, shape: ', clustered' },
  { missing: 10, shape: ', uniform' },
  { missing: 1000, shape: ', clustered' },
  { missing: 1000, shape: ', uniform' },
] as const;

interface Cost {
  readonly bytes: number;
  readonly roundTrips: number;
}

const result: Record<string, number> = {};

/** Clustered: the last that were written; uniform: any. */
function missingOf({ missing, shape }: (typeof shapes)[number]): Set<number> {
  const chosen = new Set<number>();
  const random = new SeededRandom(`${seed} ${String(size)} ${String(missing)}`);
  while (chosen.size < missing)
    chosen.add(shape === ', uniform' ? random.below(size) : size - 1 - chosen.size);
  return chosen;
}

function note(of: (typeof shapes)[number], cost: () => Cost): void {
  const subject = `${String(size)} items, ${String(of.missing)} missing${of.shape}`;
  const before = performance.now();
  const { bytes, roundTrips } = cost();
  result[`${subject}: bytes`] = bytes;
  result[`${subject}: round trips`] = roundTrips;
  result[`${subject}: time`] = performance.now() - before;
}

function measureMerkle(): void {
  const keys = Array.from({ length: size }, (_, n) =>
    toHex(nobleCrypto.sha256(utf8(`${seed} ${String(n)}`))),
  );
  const [mine, theirs] = [new MerkleTree(nobleCrypto), new MerkleTree(nobleCrypto)];
  for (const key of keys) {
    mine.add(key);
    theirs.add(key);
  }
  for (const of of shapes) {
    const gone = Array.from(missingOf(of), n => keys[n] as Key);
    for (const key of gone) mine.delete(key);
    // Replicas hash as they go; what a walk takes is what comes on top of it.
    mine.root.hash();
    theirs.root.hash();
    note(of, () => walk([mine, theirs], new Set(gone.map(shortOf))));
    for (const key of gone) mine.add(key);
  }
}

/** The first lacks exactly `gone`. */
function walk(trees: readonly [MerkleTree, MerkleTree], gone: ReadonlySet<Short>): Cost {
  const found = new Set<Short>();
  let [bytes, messages] = [0, 0];
  let message = encodeMerkleItems(beginWalk(trees[0]));
  for (let turn = 1; ; turn = 1 - turn) {
    // A byte says what kind of message it is.
    bytes += 1 + message.length;
    messages++;
    const items = decodeMerkleItems(message);
    if (!items.ok) throw new Error(items.reason);
    // Whoever began is told that it is over; nobody answers that.
    if (items.value.length === 0) break;
    const answer = answerWalk(trees[turn as 0 | 1], items.value);
    if (answer.isCut) throw new Error('an answer did not fit');
    if (turn === 0) for (const key of answer.lacks) found.add(key);
    else if (answer.lacks.length > 0) throw new Error('it is said to lack what it has');
    message = encodeMerkleItems(answer.items);
  }
  if (found.size !== gone.size || [...gone].some(key => !found.has(key)))
    throw new Error('not all was found');
  return { bytes, roundTrips: Math.ceil(messages / 2) };
}

/** Logs without gaps: what is missing is at their ends. Of what is missing anywhere else clocks see nothing. */
function measureClocks(): void {
  const names = Array.from({ length: writers }, (_, n) =>
    toHex(nobleCrypto.sha256(utf8(`${seed} ${String(n)}`)).subarray(0, 16)),
  ) as ReplicaId[];
  const clockOf = (items: number): VectorClock =>
    new Map(names.map((name, n) => [name, Math.floor((items + writers - 1 - n) / writers)]));
  for (const of of shapes.filter(({ shape }) => shape !== ', uniform')) {
    const [mine, theirs] = [clockOf(size - of.missing), clockOf(size)];
    note(of, () => {
      const beat = (clock: VectorClock) =>
        encodeSyncMessage({
          type: 'heartbeat',
          sentMs: 1e6,
          echoMs: 1e6,
          heldMs: 100,
          stateHash: stateHash(nobleCrypto, clock, new Uint8Array(32)),
        }).length;
      const clock = (of: VectorClock, asks: boolean) =>
        encodeSyncMessage({ type: 'clock', partial: false, asks, clock: of, root: new Uint8Array(16) })
          .length;
      if (countAhead(theirs, mine) !== of.missing) throw new Error('not all was found');
      if (of.missing === 0) return { bytes: beat(mine) + beat(theirs), roundTrips: 1 };
      return { bytes: beat(mine) + beat(theirs) + clock(mine, true) + clock(theirs, false), roundTrips: 2 };
    });
  }
}

interface Y {
  readonly Doc: new () => YDoc;
  encodeStateVector(doc: YDoc): Uint8Array;
  encodeStateAsUpdate(doc: YDoc, vector?: Uint8Array): Uint8Array;
  applyUpdate(doc: YDoc, update: Uint8Array): void;
}
interface YDoc {
  clientID: number;
  getArray(name: string): { readonly length: number; push(items: readonly number[]): void };
  transact(run: () => void): void;
}

/** As y-protocols/sync does it: step 1 is a state vector, step 2 what that lacks; a byte or two each for kind and length. */
async function measureY(): Promise<void> {
  // Their types are not needed to check this project.
  const name = 'yjs';
  const Y = (await import(/* @vite-ignore */ name)) as Y;
  for (const of of shapes.filter(({ shape }) => shape !== ', uniform')) {
    const mine = new Y.Doc();
    const theirs = new Y.Doc();
    for (let n = 0; n < writers; n++) {
      const writer = new Y.Doc();
      writer.clientID = 1_000_000_000 + n;
      const items = (missing: number) =>
        Array.from({ length: Math.floor((size - missing + writers - 1 - n) / writers) }, (_, i) => i);
      const first = items(of.missing);
      writer.getArray('items').push(first);
      Y.applyUpdate(mine, Y.encodeStateAsUpdate(writer));
      writer.getArray('items').push(items(0).slice(first.length));
      Y.applyUpdate(theirs, Y.encodeStateAsUpdate(writer));
    }
    note(of, () => {
      const framed = (payload: Uint8Array) => new Writer().byte(0).byte(0).varBytes(payload).finish().length;
      const [one, other] = [Y.encodeStateVector(mine), Y.encodeStateVector(theirs)];
      const update = Y.encodeStateAsUpdate(theirs, one);
      const bytes = [one, other, update, Y.encodeStateAsUpdate(mine, other)].map(framed);
      Y.applyUpdate(mine, update);
      if (mine.getArray('items').length !== size) throw new Error('they are not equal afterwards');
      return { bytes: bytes.reduce((sum, length) => sum + length, 0), roundTrips: 1 };
    });
  }
}

try {
  if (library === 'peerloom merkle') measureMerkle();
  else if (library === 'peerloom clocks') measureClocks();
  else await measureY();
  process.stdout.write(`${JSON.stringify({ result })}\n`);
} catch (error) {
  process.stdout.write(
    `${JSON.stringify({ failed: error instanceof Error ? error.message : String(error) })}\n`,
  );
}
