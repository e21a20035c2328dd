import { describe, expect, test } from 'vitest';
import { toHex } from '../../base/bytes.ts';
import { SeededRandom } from '../../base/random.ts';
import { lastHybridTime, type HybridTime } from '../../clocks/hybrid-logical-clock.ts';
import { decodeTextOps, encodeTextOps } from './codec.ts';
import { MarkedModel } from './marks.model.ts';
import type { MarkOp, TextOp } from './messages.ts';
import { decodeTextState, encodeTextState } from './state-codec.ts';
import { contextOf, replicaIdOf } from '../testing/world.model.ts';
import { Text } from './text.ts';

/** A text whose clock somebody has driven to its end, unless it overwrites nothing: then it says 5 now and then. */
function textOf(name: string, early: () => boolean = () => false): Text {
  const stamp = (over?: HybridTime) =>
    over === undefined && early() ? { wallMs: 5, logical: 0 } : lastHybridTime;
  return new Text(replicaIdOf(name), { next: 0 }, { stamp });
}

function marksOf(text: Text): Record<string, unknown>[] {
  return Array.from({ length: text.length }, (_, at) => Object.fromEntries(text.marksAt(at)));
}

describe('marks with the last stamp there is', () => {
  test('[MARK4] whoever sees one can replace it, and it stays replaced, whatever the ids', () => {
    for (const [forger, other] of [
      ['a', 'b'],
      ['b', 'a'],
    ] as const) {
      const [a, b] = [textOf(forger), textOf(other)];
      const typed = a.localInsert(0, 'word');
      const forged = a.localMark(0, 4, 'bold', true);
      b.apply([...typed, ...forged]);
      const taken = b.localMark(0, 4, 'bold', null);
      expect(taken).toMatchObject([{ stamp: lastHybridTime, follows: forged[0]?.id }]);
      const late = textOf('c');
      for (const text of [a, late]) expect(text.apply([...typed, ...forged, ...taken]).ok).toBe(true);
      for (const text of [a, b, late]) expect(marksOf(text)).toEqual([{}, {}, {}, {}]);
      // And again, on a part of it.
      b.apply(a.localMark(1, 2, 'bold', true));
      for (const text of [a, b]) expect(marksOf(text)).toEqual([{}, { bold: true }, {}, {}]);
      expect(encodeTextState(a)).toEqual(encodeTextState(b));
    }
  });

  test('[MARK4] what follows nothing that is known, follows itself or has another stamp is refused whole', () => {
    const a = textOf('a');
    const typed = a.localInsert(0, 'ab');
    const [mark] = a.localMark(0, 2, 'bold', true) as [MarkOp];
    const b = textOf('b');
    b.apply(typed);
    const wrong: [string, MarkOp][] = [
      ['unknown mark', { ...mark, follows: { replicaId: replicaIdOf('c'), counter: 0 } }],
      ['unknown mark', { ...mark, follows: { replicaId: replicaIdOf('a'), counter: 0 } }],
      ['mark is not older', { ...mark, follows: mark.id }],
      [
        'follows another without the last stamp',
        { ...mark, stamp: { wallMs: 9, logical: 0 }, follows: mark.id },
      ],
    ];
    const before = encodeTextState(b);
    for (const [reason, op] of wrong) expect(b.apply([op])).toEqual({ ok: false, reason });
    expect(encodeTextState(b)).toEqual(before);
    // One that stands before it in the list is known.
    const next: MarkOp = {
      ...mark,
      id: { ...mark.id, counter: mark.id.counter + 1 },
      value: null,
      follows: mark.id,
    };
    expect(b.apply([mark, next]).ok).toBe(true);
    expect(marksOf(b)).toEqual([{}, {}]);
  });

  test('[MARK4] [TEXT13] [TEXT14] three replicas, any order: the marks are the obvious ones, in every copy and after loading', () => {
    let overwritten = 0;
    for (let run = 0; run < 300; run++) {
      const random = new SeededRandom('last marks').split(String(run));
      const texts = ['a', 'b', 'c'].map(name => textOf(name, () => random.below(3) === 0));
      const model = new MarkedModel();
      const all: (readonly TextOp[])[] = [texts[0]?.localInsert(0, 'abcdef') ?? []];
      const known: number[] = texts.map((_, i) => (i === 0 ? 1 : 0));
      const deliver = (to: number, count: number): void => {
        for (; (known[to] as number) < count; known[to] = (known[to] as number) + 1)
          expect(texts[to]?.apply(all[known[to] as number] as TextOp[]).ok).toBe(true);
      };
      for (let step = 0; step < 12; step++) {
        const at = random.below(3);
        // Everything so far, or what was known already: then two write at once.
        if (random.below(2) === 0 || known[at] === 0) deliver(at, all.length);
        const from = random.below(6);
        const value = [true, null, 'x'][random.below(3)] as boolean | null | string;
        const ops = texts[at]?.localMark(from, from + 1 + random.below(6 - from), 'n', value) ?? [];
        all.push(ops);
        if ((ops[0] as MarkOp).follows !== undefined) overwritten++;
      }
      for (const [i, text] of texts.entries()) {
        deliver(i, all.length);
        expect(encodeTextState(text)).toEqual(encodeTextState(texts[0] as Text));
      }
      for (const op of all.flat()) model.apply(op);
      const loaded = decodeTextState(encodeTextState(texts[0] as Text), contextOf(replicaIdOf('d')));
      if (!loaded.ok) throw new Error(loaded.reason);
      for (const text of [...texts, loaded.value]) expect(marksOf(text)).toEqual(model.marks());
      expect(toHex(encodeTextState(loaded.value))).toBe(toHex(encodeTextState(texts[0] as Text)));
      for (const ops of all) {
        const { replicaId, counter } = (ops[0] as TextOp).id;
        const bytes = encodeTextOps(ops, replicaId, counter);
        expect(decodeTextOps(bytes, replicaId, counter)).toEqual({ ok: true, value: ops });
      }
    }
    expect(overwritten).toBeGreaterThan(500);
  });
});
