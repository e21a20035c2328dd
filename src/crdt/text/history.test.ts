import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { toHex, utf8 } from '../../base/bytes.ts';
import { damage } from './damage.model.ts';
import { factsOf, roomWithHistories, steps, versionOf } from './editing.model.ts';
import type { Editor } from './editing.model.ts';
import { encodeTextHistory } from './history-codec.ts';
import { decodeTextHistory } from './history-reader.ts';
import { TextHistory } from './history.ts';
import type { TextOp } from './messages.ts';
import { mergeOps } from './op-log.ts';
import { encodeTextState } from './state-codec.ts';
import { Text } from './text.ts';
import { replicaId } from './text.model.ts';
import { checkTree } from './tree-check.model.ts';
import { TextVersions } from './versions.ts';

const alice = replicaId('a');
const bob = replicaId('b');
const reader = { replicaId: replicaId('e'), counter: { next: 5000 } };

describe('a history', () => {
  test('[TEXT16] has every operation that came, once, each after those it builds on', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 5 }), steps, (size, plan) => {
        const { room, histories } = roomWithHistories(size);
        for (const step of plan) room.take(step);
        for (const [editor, history] of histories) {
          expect(factsOf(history.ops())).toEqual(factsOf(editor.arrived));
          const fresh = new Text(replicaId('d'), { next: 0 });
          for (const op of history.ops()) expect(fresh.apply([op]).ok).toBe(true);
          expect(fresh.toString()).toBe(editor.text.toString());
          const version = versionOf(editor);
          for (const [replica, end] of history.version()) expect(version.get(replica)).toBe(end);
        }
      }),
      { numRuns: 100 },
    );
  }, 60_000);

  test('[TEXT16] takes an operation it has the beginning of from where it ends', () => {
    const text = new Text(alice, { next: 0 });
    const ops = [...text.localInsert(0, 'abc'), ...text.localInsert(3, 'def')];
    const deletes = [...text.localDelete(1, 1), ...text.localDelete(1, 2)];
    const history = new TextHistory();
    for (const each of [ops.slice(0, 1), mergeOps(ops), ops, deletes.slice(0, 1), mergeOps(deletes), deletes])
      history.append(each);
    expect(history.ops()).toEqual([...mergeOps(ops), ...mergeOps(deletes)]);
    expect(history.entries).toHaveLength(2);
  });

  test('[TEXT16] what people do in one go is one entry, though others write at the same time', () => {
    const texts = [new Text(alice, { next: 0 }), new Text(bob, { next: 0 })] as const;
    const history = new TextHistory();
    const both = (ops: readonly TextOp[]) => {
      for (const text of texts) expect(text.apply(ops).ok).toBe(true);
      history.append(ops);
    };
    for (let i = 0; i < 1000; i++) {
      both(texts[0].localInsert(i, 'a'));
      both(texts[1].localInsert(texts[1].length, 'b'));
    }
    // The second character of the first is not chained: it was typed before the other's first.
    expect(history.entries).toHaveLength(3);
    for (let i = 0; i < 100; i++) both(texts[0].localDelete(999 - i, 1));
    for (let i = 0; i < 100; i++) both(texts[0].localDelete(10, 1));
    expect(history.entries).toHaveLength(5);
  });
});

describe('a history as bytes', () => {
  test('[TEXT17] comes back as it was, with its text', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 5 }), steps, (size, plan) => {
        const { room, histories } = roomWithHistories(size);
        for (const step of plan) room.take(step);
        for (const [editor, history] of histories) {
          const bytes = encodeTextHistory(history);
          const decoded = decodeTextHistory(bytes, reader);
          if (!decoded.ok) throw new Error(decoded.reason);
          const back = decoded.value;
          expect(factsOf(back.history.ops())).toEqual(factsOf(history.ops()));
          expect(back.history.version()).toEqual(new Map([...history.version()].sort()));
          checkTree(back.text.tree);
          expect(back.text.toString()).toBe(editor.text.toString());
          expect(encodeTextState(back.text)).toEqual(encodeTextState(editor.text));
          expect(toHex(encodeTextHistory(back.history))).toBe(toHex(bytes));
        }
      }),
      { numRuns: 150 },
    );
  }, 60_000);

  test('[TEXT17] which way a delete went comes back too', () => {
    const text = new Text(alice, { next: 0 });
    const history = new TextHistory();
    history.append(text.localInsert(0, 'abcdefghij'));
    for (let at = 9; at > 6; at--) history.append(text.localDelete(at, 1));
    for (let i = 0; i < 3; i++) history.append(text.localDelete(0, 1));
    const decoded = decodeTextHistory(encodeTextHistory(history), reader);
    expect(
      decoded.ok && decoded.value.history.entries.map(({ type, flag, length }) => [type, flag, length]),
    ).toEqual([
      ['insert', false, 10],
      ['delete', true, 3],
      ['delete', false, 3],
    ]);
  });

  test('[TEXT17] [TEXT18] versions between deletes that stand side by side are there, whichever way each went', () => {
    // Deleted forwards, backwards, one or several in a go: each pair of neighbours meets once.
    const goes: readonly (readonly [at: number, length: number])[] = [
      [9, 1],
      [9, 1],
      [8, 1],
      [7, 1],
      [7, 2],
      [5, 2],
      [4, 1],
      [4, 1],
      [2, 2],
      [1, 1],
      [0, 1],
    ];
    const text = new Text(alice, { next: 0 });
    const history = new TextHistory();
    history.append(text.localInsert(0, 'abcdefghijklmnop'));
    const seen = [{ version: history.version(), text: text.toString() }];
    for (const [at, length] of goes) {
      history.append(text.localDelete(at, length));
      seen.push({ version: history.version(), text: text.toString() });
    }
    const decoded = decodeTextHistory(encodeTextHistory(history), reader);
    if (!decoded.ok) throw new Error(decoded.reason);
    for (const { history: kept, text: now } of [{ history, text }, decoded.value]) {
      const versions = new TextVersions(now, kept);
      for (const then of seen) expect(versions.checkout(then.version)).toEqual({ ok: true, text: then.text });
    }
  });

  test('[TEXT17] typing and correcting where one is takes one or two bytes an event beside the text', () => {
    const text = new Text(alice, { next: 0 });
    const history = new TextHistory();
    let inserted = 0;
    for (let i = 0; i < 500; i++) {
      const word = `word${String(i)} `;
      history.append(text.localInsert(text.length, word));
      history.append(text.localDelete(text.length - 3, 3));
      inserted += word.length;
    }
    expect(encodeTextHistory(history).length).toBeLessThan(inserted + 1500 + 50);
  });

  /** Every kind of event: concurrent places, pairs, deletes both ways and of what is gone, counters of other documents. */
  function example(): TextHistory {
    const { room, histories } = roomWithHistories(2);
    const [one, two] = room.editors as [Editor, Editor];
    room.edit(0, 0, 0, 'one 😀 three');
    room.settle();
    room.edit(0, 3, 0, 'A');
    room.edit(1, 3, 0, 'BC');
    room.edit(1, 8, 4, '');
    room.edit(0, 8, 3, '');
    room.settle();
    one.counter.next += 7;
    room.edit(0, 2, 1, '');
    room.edit(0, 1, 1, '');
    room.edit(0, 0, 0, 'a beginning longer than thirty-one characters');
    two.counter.next += 300;
    room.edit(1, 1, 0, 'Z');
    room.settle();
    return histories.get(one) as TextHistory;
  }

  test('[TEXT11] the released bytes of version 1 stay what they are', () => {
    expect(toHex(encodeTextHistory(new TextHistory()))).toMatchInlineSnapshot(`"01000000000000000000"`);
    expect(toHex(encodeTextHistory(example()))).toMatchInlineSnapshot(
      `"010210000000000000000000000000000000c0000000000000000000000000000000003f6f6e6520f09f98802074687265654142436120626567696e6e696e67206c6f6e676572207468616e207468697274792d6f6e6520636861726163746572735a0960091c120c1f160109012d0611081209014a0405030207080103000301020001070364030702ac02"`,
    );
  });

  test('[TEXT11] the example of docs/protocols/text-history.md is right', () => {
    const text = new Text(alice, { next: 100 });
    const history = new TextHistory();
    history.append(text.localInsert(0, 'helo'));
    history.append(text.localDelete(3, 1));
    history.append(text.localInsert(3, 'lo'));
    history.append(text.localInsert(0, '>'));
    expect(toHex(encodeTextHistory(history))).toBe(
      `0101${alice}000768656c6f6c6f3e04200d10090001090000020064`,
    );
  });

  interface Parts {
    version?: number;
    replicas?: number;
    base?: number[];
    ends?: number[];
    text?: string;
    headers?: number[];
    lengths?: number[];
    positions?: number[];
    ids?: number[];
    authors?: number[];
    gaps?: number[];
    rest?: number[];
  }
  /** Unless said otherwise: one replica that inserted one character. */
  function bytesOf(parts: Parts): Uint8Array {
    const {
      version = 1,
      replicas = 1,
      base = [],
      ends = [],
      text = 'a',
      headers = [0x08],
      rest = [],
    } = parts;
    const { lengths = [], positions = [], ids = [], authors = [], gaps = [] } = parts;
    const names = Array.from({ length: replicas }, (_, i) => [i + 1, ...Array<number>(15).fill(0)]);
    const section = (bytes: number[]) => [bytes.length, ...bytes];
    const columns = [[...utf8(text)], headers, lengths, positions, ids, authors, gaps];
    return Uint8Array.from([
      version,
      replicas,
      ...names.flat(),
      ...section(base),
      ...ends,
      ...columns.flatMap(section),
      ...rest,
    ]);
  }
  const base = (() => {
    const text = new Text(replicaId('01'), { next: 0 });
    text.localInsert(0, 'ab');
    return [...encodeTextState(text)];
  })();
  const huge = [0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x40];
  const good: [shows: string, Parts][] = [
    ['a', {}],
    ['', { headers: [], text: '', replicas: 0 }],
    ['x'.repeat(32), { headers: [0], lengths: [32], text: 'x'.repeat(32) }],
    ['acb', { base, ends: [2], text: 'c', headers: [0x09], positions: [2] }],
    ['b', { base, ends: [2], text: '', headers: [0x0b] }],
    ['a', { base, ends: [2], text: '', headers: [0x0e], positions: [4] }],
    ['ab', { base, ends: [2], text: '', headers: [], replicas: 1 }],
    ['b', { base, ends: [2], text: '', headers: [0x0b, 0x0f], ids: [0, 0] }],
  ];
  const bad: [reason: string, Parts][] = [
    ['unknown version', { version: 2 }],
    ['not the shortest form', { rest: [0] }],
    ['short', { rest: [1, 0, 0] }],
    ['trailing bytes', { positions: [2] }],
    ['unknown replica', { replicas: 0 }],
    ['a replica without operations', { headers: [], text: '' }],
    ['unknown version', { base: [9], ends: [2] }],
    ['a base beyond its version', { base, ends: [1] }],
    ['text of another length', { text: 'ab' }],
    ['text of another length', { text: '' }],
    ['not the shortest form', { headers: [0], lengths: [31], text: 'x'.repeat(31) }],
    ['number too large', { headers: [0], lengths: [...huge.slice(0, 6), 0x41] }],
    [
      'counter out of range',
      { headers: [3], lengths: huge.map((byte, i) => (i < 6 ? 0xff : byte - 1)), gaps: [0, 127] },
    ],
    ['position outside the text', { headers: [0x09], positions: [2] }],
    ['position outside the text', { headers: [0x09], positions: [1] }],
    ['position outside the text', { headers: [0x0b], text: '' }],
    ['position outside the text', { headers: [0x0d], text: '' }],
    ['not the shortest form', { headers: [0x09], positions: [0] }],
    ['unknown parent', { headers: [0x0a], ids: [2, 5], gaps: [0, 9] }],
    ['parent is not older', { headers: [0x0a], ids: [2, 5] }],
    ['left of the root', { headers: [0x0a], ids: [1] }],
    ['unknown target', { headers: [0x0f], ids: [0, 5], text: '', gaps: [0, 9] }],
    ['splits a surrogate pair', { headers: [0x10, 0x0e], positions: [1], text: '😀' }],
    ['splits a surrogate pair', { headers: [0x10, 0x09], positions: [1], text: '😀a' }],
    ['lone surrogate', { headers: [0x08, 0x08], text: '😀' }],
    ['number too large', { replicas: 2, headers: [0x08], authors: [0, 2] }],
    ['malformed gaps', { gaps: [1, 5] }],
    ['not the shortest form', { gaps: [0, 0] }],
    ['not the shortest form', { headers: [0x08, 0x08], text: 'ab', gaps: [0, 1, 0, 1] }],
  ];

  test('[TEXT12] that are wrong are refused with a reason', () => {
    for (const [shows, parts] of good) {
      const decoded = decodeTextHistory(bytesOf(parts), reader);
      expect(decoded, JSON.stringify(parts)).toMatchObject({ ok: true });
      if (decoded.ok) expect(decoded.value.text.toString()).toBe(shows);
    }
    for (const [reason, parts] of bad)
      expect(decodeTextHistory(bytesOf(parts), reader), JSON.stringify(parts)).toEqual({ ok: false, reason });
  });

  test('[TEXT12] deletions by id do not touch the same runs without end', () => {
    const text = new Text(replicaId('01'), { next: 0 });
    text.localInsert(0, 'x'.repeat(200));
    for (let at = 1; at < 100; at++) text.localDelete(at, 1);
    const state = encodeTextState(text);
    const rounds = 1000;
    const ids = Array.from({ length: rounds }, () => [0, 0]).flat();
    const lengths = Array.from({ length: rounds }, () => [0xc8, 1]).flat();
    const varint = (value: number) => [0x80 | (value & 127), 0x80 | ((value >> 7) & 127), value >> 14];
    const bytes = Uint8Array.from([
      ...[1, 1, 1, ...Array<number>(15).fill(0)],
      ...[0x80 | (state.length & 127), state.length >> 7, ...state, 0xac, 2],
      ...[
        0,
        ...varint(rounds).slice(0, 0),
        0x80 | (rounds & 127),
        rounds >> 7,
        ...Array<number>(rounds).fill(7),
      ],
      ...[0x80 | (lengths.length & 127), lengths.length >> 7, ...lengths],
      ...[0, 0x80 | (ids.length & 127), ids.length >> 7, ...ids, 0, 0],
    ]);
    expect(decodeTextHistory(bytes, reader)).toEqual({ ok: false, reason: 'too many deletions by id' });
  });

  test('[TEXT12] that were damaged fifty thousand times are refused or read sound, never with an exception', () => {
    const whole = encodeTextHistory(example());
    let read = 0;
    damage(whole, 50_000, bytes => {
      const decoded = decodeTextHistory(bytes, reader);
      if (!decoded.ok || ++read % 50 > 0) return;
      checkTree(decoded.value.text.tree);
      const again = decodeTextHistory(encodeTextHistory(decoded.value.history), reader);
      expect(again.ok && again.value.text.toString()).toBe(decoded.value.text.toString());
    });
    expect(read).toBeGreaterThan(1000);
  });
});
