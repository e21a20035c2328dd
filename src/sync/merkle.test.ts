import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { toHex } from '../base/bytes.ts';
import { Writer } from '../base/codec.ts';
import { merkleAnswerBytesMax, merkleItemsMax, merkleKeysMax } from '../base/limits.ts';
import { SeededRandom } from '../base/random.ts';
import { nobleCrypto } from './crypto.ts';
import { decodeMerkleItems, encodeMerkleItems, type MerkleItem } from './merkle-messages.ts';
import { bucketKeysMax, MerkleTree, type Key } from './merkle-tree.ts';
import { answerWalk, beginDifferent, keysOf, shortOf } from './merkle-walk.ts';
import { deepKey, keyOf, mutated, treeOf, walk } from './merkle.model.ts';

/** Some spread as hashes are, some that begin alike, so that small sets have deep trees. */
const keys = fc.oneof(
  fc.nat(400).map(keyOf),
  fc.tuple(fc.constantFrom(1, 2, 5, 20), fc.nat(60)).map(([depth, n]) => deepKey(depth, n)),
);
const sets = fc.uniqueArray(keys, { maxLength: 120 });
const shorts = (all: Iterable<Key>) => new Set(Array.from(all, shortOf));
const less = (all: Iterable<Key>, but: ReadonlySet<Key>) => [...all].filter(key => !but.has(key));

describe('the tree', () => {
  test('[SYNC32] is a set: adding, taking away and asking agree with one', () => {
    const steps = fc.array(fc.tuple(fc.boolean(), keys), { maxLength: 200 });
    fc.assert(
      fc.property(steps, all => {
        const tree = new MerkleTree(nobleCrypto);
        const model = new Set<Key>();
        for (const [adds, key] of all) {
          expect(adds ? tree.add(key) : tree.delete(key)).toBe(adds ? !model.has(key) : model.delete(key));
          if (adds) model.add(key);
          expect(tree.has(key)).toBe(adds);
          expect(tree.size).toBe(model.size);
        }
        expect([...tree.keys()]).toEqual([...model].sort());
      }),
    );
  });

  test('[SYNC32] its root follows from the set alone, whatever came and went in which order', () => {
    fc.assert(
      fc.property(sets, sets, fc.infiniteStream(fc.nat()), (kept, gone, draws) => {
        const tree = treeOf(gone);
        tree.root.hash();
        const left = [...kept];
        while (left.length > 0) {
          const [key] = left.splice(draws.next().value % left.length, 1);
          tree.add(key as Key);
          if (left.length % 7 === 0) tree.root.hash();
        }
        for (const key of gone) if (!kept.includes(key)) tree.delete(key);
        expect(tree.root.hash()).toEqual(treeOf([...kept].sort()).root.hash());
      }),
    );
  });

  test('[SYNC32] two sets that differ have roots that differ', () => {
    fc.assert(
      fc.property(sets, sets, (a, b) => {
        const same = [...a].sort().join() === [...b].sort().join();
        expect(toHex(treeOf(a).root.hash()) === toHex(treeOf(b).root.hash())).toBe(same);
      }),
    );
  });

  test('[SYNC32] a part of it is what the tree of that part would be', () => {
    fc.assert(
      fc.property(sets, fc.constantFrom('', 'a', 'aa', 'aaaaa', '0', 'f3', 'a'.repeat(20)), (all, prefix) => {
        const part = all.filter(key => key.startsWith(prefix)).sort();
        const subtree = treeOf(all).at(prefix);
        expect(subtree.count).toBe(part.length);
        expect([...subtree.keys()]).toEqual(part);
        if (part.length > bucketKeysMax) return;
        const writer = new Writer().byte(0);
        for (const key of part) writer.id(key);
        expect(toHex(subtree.hash())).toBe(toHex(nobleCrypto.sha256(writer.finish())));
      }),
    );
  });
});

describe('a walk', () => {
  test('[SYNC33] tells each side exactly what it lacks', () => {
    fc.assert(
      fc.property(sets, sets, sets, (both, mine, theirs) => {
        const [a, b] = [treeOf([...both, ...mine]), treeOf([...both, ...theirs])];
        const { lacks, isCut } = walk([a, b]);
        expect(isCut).toBe(false);
        expect(lacks[0]).toEqual(shorts(less(b.keys(), new Set(a.keys()))));
        expect(lacks[1]).toEqual(shorts(less(a.keys(), new Set(b.keys()))));
      }),
    );
  });

  test('[SYNC33] also when its first word is what a differing heartbeat already told', () => {
    const [a, b] = [treeOf([1, 2, 3].map(keyOf)), treeOf([2, 3, 4].map(keyOf))];
    expect(answerWalk(b, beginDifferent(a))).toEqual({
      items: [{ type: 'surplus', keys: [shortOf(keyOf(4))] }],
      lacks: [shortOf(keyOf(1))],
      isCut: false,
    });
  });

  test('[SYNC34] between equal sets it is one round of a hundred bytes, whatever their size', () => {
    for (const size of [0, 1, 16, 17, 5000]) {
      const all = Array.from({ length: size }, (_, n) => keyOf(n));
      const { bytes, roundTrips, lacks } = walk([treeOf(all), treeOf(all.reverse())]);
      expect(bytes).toBeLessThanOrEqual(100);
      expect(roundTrips).toBe(1);
      expect(lacks[0].size + lacks[1].size).toBe(0);
    }
  });

  test('[SYNC34] costs what the differences and the logarithm of the size cost', () => {
    const all = Array.from({ length: 20_000 }, (_, n) => keyOf(n));
    const whole = treeOf(all);
    for (const differences of [1, 10, 100]) {
      const { bytes, roundTrips, lacks } = walk([treeOf(all.slice(differences)), whole]);
      expect(lacks[0].size).toBe(differences);
      // Four levels of at most sixteen hashes for each, and a bucket.
      expect(bytes).toBeLessThanOrEqual(differences * 5 * 280 + 300);
      expect(roundTrips).toBeLessThanOrEqual(4);
    }
  });

  test('[SYNC35] what does not fit into an answer is found by the next walk', () => {
    const all = Array.from({ length: 3 * merkleKeysMax }, (_, n) => keyOf(n));
    const [few, many] = [treeOf(all.slice(0, 40)), treeOf(all)];
    let walks = 0;
    for (; ; walks++) {
      const { lacks, isCut, messages } = walk([few, many]);
      for (const message of messages) expect(message.length).toBeLessThan(merkleAnswerBytesMax + 100);
      for (const key of keysOf(many, [...lacks[0]])) few.add(key);
      if (!isCut) break;
    }
    expect(few.size).toBe(all.length);
    expect(walks).toBeLessThan(10);
  });
});

describe('released bytes', () => {
  const items: MerkleItem[] = [
    { type: 'hash', prefix: '', hash: 'ab'.repeat(16) },
    {
      type: 'children',
      prefix: 'a1c',
      hashes: Array.from({ length: 16 }, (_, n) => (n === 15 || n === 0 ? 'cd'.repeat(16) : undefined)),
    },
    { type: 'keys', prefix: 'ee', keys: ['ee00'.repeat(8), 'ee01'.repeat(8)] },
    { type: 'keys', prefix: '0', keys: [] },
    { type: 'surplus', keys: ['77'.repeat(16)] },
  ];

  test('[SYNC36] items', () => {
    const hex = toHex(encodeMerkleItems(items));
    expect(hex).toBe(
      [
        '05',
        `0000${'ab'.repeat(16)}`,
        `0103a1c08001${'cd'.repeat(32)}`,
        `0202ee02${'ee00'.repeat(8)}${'ee01'.repeat(8)}`,
        '02010000',
        `0301${'77'.repeat(16)}`,
      ].join(''),
    );
    expect(decodeMerkleItems(encodeMerkleItems(items))).toEqual({ ok: true, value: items });
  });

  test('[SYNC32] roots: of nothing, of one key, of seventeen', () => {
    const root = (count: number) =>
      toHex(treeOf(Array.from({ length: count }, (_, n) => keyOf(n))).root.hash());
    expect([root(0), root(1), root(17)]).toEqual([
      '6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d',
      '13a77175e35eb1d9da91ee14df0d7772cea71289800206e2b45c882ecb06efbf',
      '4f1317f2aa069ea51f104ce81d7ca606961a4123253f06a57c46d530418b25f6',
    ]);
  });
});

describe('whoever sends anything', () => {
  test('[SYNC36] items that break a rule are refused', () => {
    const bad = (...bytes: number[]) => decodeMerkleItems(Uint8Array.from(bytes));
    expect(bad(1, 9)).toEqual({ ok: false, reason: 'unknown item' });
    expect(bad(1, 0, 65)).toEqual({ ok: false, reason: 'prefix too long' });
    expect(bad(1, 1, 1, 0xa1, 0, 0)).toEqual({ ok: false, reason: 'prefix not padded with zero' });
    expect(bad(1, 2, 0, 17)).toEqual({ ok: false, reason: 'number too large' });
    expect(bad(1, 2, 2, 0xee, 1, ...new Array<number>(16).fill(0))).toEqual({
      ok: false,
      reason: 'key out of place',
    });
    expect(bad(1, 3, 2, ...new Array<number>(32).fill(7))).toEqual({ ok: false, reason: 'keys not sorted' });
    expect(bad(1, 3, 200, 1)).toEqual({ ok: false, reason: 'short' });
    const many = new Writer().varUint(merkleItemsMax + 1).finish();
    expect(decodeMerkleItems(many)).toEqual({ ok: false, reason: 'number too large' });
  });

  test('[SYNC36] a hundred thousand changed messages: none throws, none has an answer beyond its bound', () => {
    const all = Array.from({ length: 3000 }, (_, n) => keyOf(n));
    const [a, b] = [treeOf(all.slice(60)), treeOf(all.slice(0, -60))];
    const { messages } = walk([a, b]);
    const random = new SeededRandom('changed messages');
    const outcomes = { refused: 0, answered: 0 };
    for (let n = 0; n < 100_000; n++) {
      const message = messages[n % messages.length] as Uint8Array;
      // Long ones rarely: the short ones have all kinds of items, too.
      const bytes = mutated(n % 50 === 0 ? message : message.subarray(0, 300), random);
      const decoded = decodeMerkleItems(bytes);
      if (!decoded.ok) {
        outcomes.refused++;
        continue;
      }
      outcomes.answered++;
      const answer = answerWalk(random.below(2) === 0 ? a : b, decoded.value);
      expect(answer.items.length).toBeLessThanOrEqual(merkleItemsMax);
      expect(answer.lacks.length).toBeLessThanOrEqual(bytes.length / 16);
    }
    expect(a.size).toBe(all.length - 60);
    expect(outcomes.refused).toBeGreaterThan(1000);
    expect(outcomes.answered).toBeGreaterThan(1000);
  });

  test('[SYNC36] a short message that asks for everything gets no more than one answer holds', () => {
    const tree = treeOf(Array.from({ length: 30_000 }, (_, n) => keyOf(n)));
    const nothing = {
      type: 'children' as const,
      prefix: '',
      hashes: new Array<undefined>(16).fill(undefined),
    };
    const answer = answerWalk(tree, new Array<MerkleItem>(merkleItemsMax).fill(nothing));
    expect(answer.isCut).toBe(true);
    expect(encodeMerkleItems(answer.items).length).toBeLessThan(merkleAnswerBytesMax + 100);
  });
});
