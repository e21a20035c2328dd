import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { fromHex, toHex, utf8 } from '../../base/bytes.ts';
import { counterMax } from '../../base/limits.ts';
import { SeededRandom } from '../../base/random.ts';
import { damage } from './damage.model.ts';
import { play, Room, steps } from './editing.model.ts';
import type { Editor } from './editing.model.ts';
import type { TextOp } from './messages.ts';
import { decodeTextState, encodeTextState } from './state-codec.ts';
import { Text } from './text.ts';
import { replicaId } from './text.model.ts';
import { checkTree } from './tree-check.model.ts';

const alice = replicaId('a');
const bob = replicaId('b');

function load(bytes: Uint8Array, name = 'e'): Text {
  const decoded = decodeTextState(bytes, { replicaId: replicaId(name), counter: { next: 5000 } });
  if (!decoded.ok) throw new Error(decoded.reason);
  return decoded.value;
}

/** Runs of every form: two replicas, siblings on both sides, tombstones with and without pairs. */
function example(): Text {
  const room = new Room(2);
  room.edit(0, 0, 0, 'one two 😀😀 three');
  room.settle();
  room.edit(0, 3, 0, ' A');
  room.edit(1, 3, 0, ' B');
  room.edit(0, 0, 0, '<');
  room.edit(1, 0, 0, '{');
  room.settle();
  room.edit(1, 12, 4, '');
  room.edit(0, 5, 2, 'é');
  room.edit(0, 0, 0, 'a beginning longer than sixteen');
  room.settle();
  return (room.editors[0] as Editor).text;
}

describe('the state of a text as bytes', () => {
  test('[TEXT13] what is loaded is the same text, sound inside, and every later operation ends the same', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 5 }), steps, steps, (size, plan, more) => {
        const room = play(size, plan);
        for (const editor of room.editors) {
          const before = editor.text;
          editor.text = load(encodeTextState(before), 'e');
          checkTree(editor.text.tree);
          expect(editor.text.toString()).toBe(before.toString());
          expect(editor.text.length).toBe(before.length);
          for (let at = 0; at <= before.length; at++) {
            const position = before.relativePosition(at, 1);
            expect(editor.text.indexOf(position)).toBe(before.indexOf(position));
          }
          const bytes = encodeTextState(before);
          const decoded = decodeTextState(bytes, { replicaId: editor.id, counter: editor.counter });
          if (decoded.ok) editor.text = decoded.value;
        }
        for (const step of more) room.take(step);
        room.settle();
        const fresh = new Text(replicaId('d'), { next: 0 });
        for (const batch of room.batches) expect(fresh.apply(batch.ops).ok).toBe(true);
        for (const editor of room.editors) {
          checkTree(editor.text.tree);
          expect(editor.text.toString()).toBe(fresh.toString());
        }
      }),
      { numRuns: 100 },
    );
  }, 60_000);

  test('[TEXT13] an edit after loading is the operation that it would have been without', () => {
    fc.assert(
      fc.property(steps, fc.nat(), (plan, at) => {
        const room = play(3, plan);
        for (const editor of room.editors) {
          const next = editor.counter.next;
          const decoded = decodeTextState(encodeTextState(editor.text), {
            replicaId: editor.id,
            counter: { next },
          });
          const position = at % (editor.text.length + 1);
          if (!decoded.ok) throw new Error(decoded.reason);
          expect(decoded.value.localInsert(position, 'x')).toEqual(editor.text.localInsert(position, 'x'));
        }
      }),
      { numRuns: 100 },
    );
  }, 60_000);

  test('[TEXT13] a text of many blocks is the same wherever it is touched first after loading', () => {
    for (let seed = 0; seed < 10; seed++) {
      const random = new SeededRandom(seed);
      const texts = ['c', '1', 'f'].map((name, index) => {
        const counter = { next: 100 * index };
        return { counter, id: replicaId(name), text: new Text(replicaId(name), counter) };
      });
      const edit = (text: Text): TextOp[] => {
        const at = random.below(text.length + 1);
        const ops = text.localDelete(at, Math.min(random.below(5), text.length - at));
        return [...ops, ...text.localInsert(at, 'abcdef'.slice(random.below(6)))];
      };
      for (let round = 0; round < 150; round++) {
        const written = texts.map(({ text }) => edit(text));
        for (const [reader, { text }] of texts.entries())
          for (const [writer, ops] of written.entries())
            if (reader !== writer) expect(text.apply(ops).ok).toBe(true);
      }
      const [{ text, id, counter }, other] = texts as [(typeof texts)[0], (typeof texts)[0]];
      const writer = { replicaId: id, counter: { next: counter.next } };
      const decoded = decodeTextState(encodeTextState(text), writer);
      if (!decoded.ok) throw new Error(decoded.reason);
      const loaded = decoded.value;
      for (let i = 0; i < 60; i++) {
        const at = random.below(text.length);
        const character = { replicaId: other.id, counter: random.below(other.counter.next) };
        const what = random.below(5);
        if (what === 0) expect(loaded.localInsert(at, 'xyz')).toEqual(text.localInsert(at, 'xyz'));
        else if (what === 1) {
          const length = Math.min(1 + random.below(9), text.length - at);
          expect(loaded.localDelete(at, length)).toEqual(text.localDelete(at, length));
        } else if (what === 2) expect(loaded.relativePosition(at, 1)).toEqual(text.relativePosition(at, 1));
        else if (what === 3)
          expect(loaded.indexOf({ id: character, assoc: 1 })).toBe(text.indexOf({ id: character, assoc: 1 }));
        else {
          const ops = [...edit(other.text), ...edit(other.text)];
          expect(loaded.apply(ops)).toEqual(text.apply(ops));
        }
        expect(loaded.toString()).toBe(text.toString());
      }
      checkTree(loaded.tree);
      expect(encodeTextState(loaded)).toEqual(encodeTextState(text));
    }
  }, 60_000);

  test('[TEXT14] replicas with the same operations write the same bytes, in whatever order they came and however often saved', () => {
    fc.assert(
      fc.property(fc.integer({ min: 2, max: 5 }), steps, (size, plan) => {
        const room = play(size, plan);
        room.settle();
        const hex = room.editors.map(({ text }) => toHex(encodeTextState(text)));
        expect(new Set(hex).size).toBe(1);
        expect(toHex(encodeTextState(load(fromHex(hex[0] ?? ''))))).toBe(hex[0]);
        const fresh = new Text(replicaId('d'), { next: 0 });
        fresh.apply(room.batches.flatMap(({ ops }) => ops));
        expect(toHex(encodeTextState(fresh))).toBe(hex[0]);
      }),
      { numRuns: 150 },
    );
  }, 60_000);

  test('[TEXT14] a run typed in one go is one run in the bytes, whatever its length', () => {
    const text = new Text(alice, { next: 0 });
    for (let at = 0; at < 2000; at++) text.localInsert(at, 'x');
    const once = new Text(alice, { next: 0 });
    once.localInsert(0, 'x'.repeat(2000));
    expect(encodeTextState(text)).toEqual(encodeTextState(once));
    expect(encodeTextState(text).length).toBeLessThan(2000 + 40);
  });

  test('[TEXT15] deleted text is not in the bytes; its ids cost what a run costs', () => {
    const text = new Text(alice, { next: 0 });
    text.localInsert(0, 'secret '.repeat(1000));
    text.localInsert(7000, 'shown');
    text.localDelete(0, 7000);
    const bytes = encodeTextState(text);
    expect(bytes.length).toBeLessThan(50);
    expect(new TextDecoder().decode(bytes)).not.toContain('secret');
  });

  test('[TEXT11] the released bytes of version 1 stay what they are', () => {
    expect(toHex(encodeTextState(new Text(alice, { next: 0 })))).toMatchInlineSnapshot(
      `"010000000000000000"`,
    );
    expect(toHex(encodeTextState(example()))).toMatchInlineSnapshot(
      `"010210000000000000000000000000000000c00000000000000000000000000000000a051d1537152c25374081011f0830cc01452928050b0a01010001010300010101060102000002000104356120626567696e6e696e67206c6f6e676572207468616e207369787465656e7b3c6f6e65c3a92041207477f09f9880207468726565"`,
    );
  });

  test('[TEXT11] the example of docs/protocols/text-state.md is right', () => {
    const text = new Text(alice, { next: 100 });
    text.localInsert(0, 'to day');
    text.localDelete(2, 1);
    const other = new Text(bob, { next: 7 });
    other.apply([
      { type: 'insert', id: { replicaId: alice, counter: 100 }, parent: null, side: 'right', text: 'to day' },
    ]);
    text.apply(other.localInsert(2, '-'));
    expect(toHex(encodeTextState(text))).toBe(
      `0102${alice}${bob}04231518310003c8010e0400010101000006746f2d646179`,
    );
  });
});

describe('bytes that are no state', () => {
  const writer = { replicaId: replicaId('e'), counter: { next: 5000 } };

  interface Parts {
    version?: number;
    replicas?: number;
    headers?: number[];
    lengths?: number[];
    starts?: number[];
    authors?: number[];
    odd?: number[];
    pairs?: number[];
    text?: string;
    rest?: number[];
  }
  /** Unless said otherwise: one replica, one shown run, its first character the id 1. */
  function state(parts: Parts): Uint8Array {
    const { version = 1, replicas = 1, headers = [0x13], starts = [2], text = 'a', rest = [] } = parts;
    const { lengths = [], authors = [], odd = [], pairs = [] } = parts;
    const ids = Array.from({ length: replicas }, (_, i) => [i + 1, ...Array<number>(15).fill(0)]);
    const columns = [lengths, starts, authors, odd, pairs, [...utf8(text)]];
    const sections = columns.flatMap(column => [column.length, ...column]);
    return Uint8Array.from([
      version,
      replicas,
      ...ids.flat(),
      headers.length,
      ...headers,
      ...sections,
      ...rest,
    ]);
  }
  /** A counter that is `counterMax`, zig-zag. */
  const huge = [0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 1];
  // Headers: `n3` a shown run of n right of the root, `n2` a tombstone; `n5`/`n4` left; `n1`/`n0` a chain; 8 more: a left child.

  const good: Parts[] = [
    {},
    { headers: [0x12], text: '' },
    { headers: [], replicas: 0, starts: [], text: '' },
    { headers: [0x13, 0x15, 0x19], starts: [2, 4], text: 'abc' },
    { headers: [0x03], lengths: [16], text: 'x'.repeat(16) },
    { replicas: 2, headers: [0x13, 0x13], starts: [2, 2], authors: [0, 1, 1, 1], text: 'ab' },
    { replicas: 2, headers: [0x13, 0x17], starts: [2, 2], authors: [0, 1, 1, 1], odd: [1, 0, 1], text: 'ab' },
    { headers: [0x23, 0x40, 0x21], pairs: [1], text: '😀😀' },
  ];
  const bad: [reason: string, Parts][] = [
    ['unknown version', { version: 2 }],
    ['a replica without text', { replicas: 2, headers: [], starts: [], text: '' }],
    ['not the shortest form', { rest: [0] }],
    ['trailing bytes', { rest: [1, 0, 0] }],
    ['trailing bytes', { starts: [2, 2] }],
    ['short', { starts: [] }],
    ['a replica without text', { headers: [], starts: [], text: '' }],
    ['unknown replica', { replicas: 0 }],
    ['not the shortest form', { headers: [0x03], lengths: [15], text: 'x'.repeat(15) }],
    ['not the shortest form', { starts: [0x82, 0] }],
    ['not the shortest form', { headers: [0x17], odd: [1, 0, 0] }],
    ['not the shortest form', { headers: [0x1f], odd: [1, 0, 1] }],
    ['number too large', { headers: [0x17], odd: [3, 0, 0] }],
    ['counter out of range', { starts: [1] }],
    ['counter out of range', { starts: huge }],
    ['number too large', { starts: [...huge.slice(0, 7), 2] }],
    ['malformed tree', { headers: [0x15] }],
    ['malformed tree', { headers: [0x11], starts: [] }],
    ['malformed tree', { headers: [0x1b] }],
    ['malformed tree', { headers: [0x17], odd: [1, 0, 1] }],
    [
      'malformed tree',
      { headers: [0x13, 0x15, 0x17, 0x1b], odd: [1, 0, 3], starts: [2, 2, 2, 2], text: 'abcd' },
    ],
    ['siblings out of order', { headers: [0x13, 0x17], starts: [8, 9], odd: [1, 0, 1], text: 'ab' }],
    [
      'siblings out of order',
      { headers: [0x13, 0x15, 0x15, 0x17], starts: [2, 8, 5], odd: [0, 2, 0], text: 'abcd' },
    ],
    ['parent is not older', { headers: [0x13, 0x13], starts: [2, 0], text: 'ab' }],
    ['parent is not older', { headers: [0x23, 0x13], starts: [2, 1], text: 'abc' }],
    ['parent is not older', { headers: [0x13, 0x15, 0x1b], starts: [2, 2, 6], text: 'abc' }],
    [
      'id already used',
      {
        replicas: 2,
        headers: [0x13, 0x13, 0x13],
        starts: [2, 2, 1],
        authors: [0, 1, 1, 1, 0, 1],
        text: 'abc',
      },
    ],
    [
      'malformed authors',
      { replicas: 2, headers: [0x13, 0x13], starts: [2, 2], authors: [0, 1, 1, 2], text: 'ab' },
    ],
    ['text of another length', { text: 'ab' }],
    ['text of another length', { text: '' }],
    ['text of another length', { headers: [0x12] }],
    ['splits a surrogate pair', { headers: [0x13, 0x15, 0x19], starts: [2, 4], text: '😀a' }],
    ['splits a surrogate pair', { headers: [0x22, 0x11], text: 'a', pairs: [1] }],
    ['unknown pair', { headers: [0x22, 0x11], text: 'a', pairs: [2] }],
    ['unknown pair', { pairs: [0] }],
  ];

  test('[TEXT12] are refused with a reason', () => {
    for (const parts of good) {
      const decoded = decodeTextState(state(parts), writer);
      expect(decoded, JSON.stringify(parts)).toMatchObject({ ok: true });
      if (decoded.ok) expect(decoded.value.toString()).toBe(parts.text ?? 'a');
      if (decoded.ok) checkTree(decoded.value.tree);
    }
    for (const [reason, parts] of bad)
      expect(decodeTextState(state(parts), writer), JSON.stringify(parts)).toEqual({ ok: false, reason });
    const bytes = state({});
    for (let length = 0; length < bytes.length; length++)
      expect(decodeTextState(bytes.slice(0, length), writer).ok).toBe(false);
    bytes[bytes.length - 1] = 0xff;
    expect(decodeTextState(bytes, writer)).toEqual({ ok: false, reason: 'ill-formed UTF-8' });
    const unsorted = state({
      replicas: 2,
      headers: [0x13, 0x13],
      starts: [2, 2],
      authors: [0, 1, 1, 1],
      text: 'ab',
    });
    unsorted[2] = 9;
    expect(decodeTextState(unsorted, writer)).toEqual({ ok: false, reason: 'replicas out of order' });
  });

  test('[TEXT12] counters too high to be sorted the fast way are sorted all the same', () => {
    const text = new Text(alice, { next: counterMax - 2000 });
    for (let at = 0; at < 300; at++) text.localInsert((at * 7) % (at + 1), 'x');
    const loaded = load(encodeTextState(text));
    checkTree(loaded.tree);
    expect(encodeTextState(loaded)).toEqual(encodeTextState(text));
  });

  test('[TEXT12] a run claims any length in seven bytes, and nothing is counted up to it', () => {
    const claimed = decodeTextState(
      state({ headers: [0x02], lengths: [...huge.slice(0, 6), 0x20], pairs: [5], text: '' }),
      writer,
    );
    expect(claimed).toMatchObject({ ok: true });
    if (!claimed.ok) return;
    expect(decodeTextState(encodeTextState(claimed.value), writer)).toMatchObject({ ok: true });
    claimed.value.localInsert(0, 'x');
    checkTree(claimed.value.tree);
  });

  test('[TEXT12] a hundred thousand damaged states are refused or load sound, none throws', () => {
    const good = encodeTextState(example());
    let loaded = 0;
    damage(good, 100_000, bytes => {
      const decoded = decodeTextState(bytes, writer);
      if (!decoded.ok || ++loaded % 50 > 0) return;
      checkTree(decoded.value.tree);
      expect(decodeTextState(encodeTextState(decoded.value), writer)).toMatchObject({ ok: true });
    });
    expect(loaded).toBeGreaterThan(1000);
  }, 60_000);
});
