import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { counterMax } from '../../base/limits.ts';
import type { OpId } from '../context.ts';
import type { TextOp } from './messages.ts';
import { countersOf, mergeOps } from './op-log.ts';
import { Text } from './text.ts';
import { replicaId } from './text.model.ts';
import { checkTree } from './tree-check.model.ts';

const alice = replicaId('a');
const bob = replicaId('b');
const carol = replicaId('c');

function textOf(name = alice, next = 0): Text {
  return new Text(name, { next });
}
function insert(id: OpId, parent: OpId | null, side: 'left' | 'right', text: string): TextOp {
  return { type: 'insert', id, parent, side, text };
}
const at = (counter: number, who = bob): OpId => ({ replicaId: who, counter });
const remove = (id: OpId, target: OpId, length: number): TextOp => ({ type: 'delete', id, target, length });

describe('placing', () => {
  test('[TEXT2] words typed at one place at the same time are not interleaved, forwards or backwards', () => {
    const way = fc.constantFrom('forwards', 'backwards');
    fc.assert(
      fc.property(
        fc.constantFrom('', 'before and after'),
        fc.nat(16),
        fc.array(way, { minLength: 2, maxLength: 4 }),
        (base, place, ways) => {
          const founder = textOf(replicaId('0'));
          const first = founder.localInsert(0, base);
          const where = place % (base.length + 1);
          const written = ways.map((direction, i) => {
            const writer = textOf(replicaId(String(9 - i)));
            writer.apply(first);
            const word = String.fromCharCode(65 + i).repeat(5) + String(i);
            const ops: TextOp[] = [];
            [...word].forEach((character, n) =>
              ops.push(...writer.localInsert(direction === 'forwards' ? where + n : where, character)),
            );
            return { ops, word: direction === 'forwards' ? word : [...word].reverse().join('') };
          });
          const reader = textOf(replicaId('f'));
          reader.apply(first);
          // One character of each in turn: the worst delivery for keeping words together.
          for (let n = 0; n < 6; n++)
            for (const { ops } of written) expect(reader.apply([ops[n] as TextOp]).ok).toBe(true);
          for (const { word } of written) expect(reader.toString()).toContain(word);
          expect(reader.length).toBe(base.length + 6 * ways.length);
        },
      ),
      { numRuns: 100 },
    );
  });

  test('[TEXT3] siblings stand in the order of their replica ids, whichever came first', () => {
    for (const order of [
      [alice, bob, carol],
      [carol, bob, alice],
      [bob, carol, alice],
    ]) {
      const text = textOf(replicaId('f'));
      for (const who of order) text.apply([insert(at(7, who), null, 'right', who.charAt(0))]);
      expect(text.toString()).toBe('abc');
    }
  });

  test('[TEXT3] siblings of one replica stand in the order of their counters', () => {
    const text = textOf();
    text.apply([
      insert(at(5), null, 'right', 'y'),
      insert(at(10), null, 'right', 'z'),
      insert(at(2), null, 'right', 'x'),
    ]);
    expect(text.toString()).toBe('xyz');
  });

  test('[TEXT3] two thousand replicas may insert at the start at once', () => {
    const text = textOf();
    const started = performance.now();
    for (let i = 0; i < 2000; i++) {
      const who = replicaId(((i * 7919) % 2000).toString(16).padStart(4, '0'));
      expect(text.apply([insert(at(0, who), null, 'right', 'hi')]).ok).toBe(true);
    }
    expect(text.length).toBe(4000);
    expect(performance.now() - started).toBeLessThan(2000);
    checkTree(text.tree);
  });
});

describe('counters', () => {
  test('[TEXT4] every operation takes as many counters as characters it inserts or deletes', () => {
    const counter = { next: 40 };
    const text = new Text(alice, counter);
    const other = new Text(alice, counter);
    expect(text.localInsert(0, 'hello')[0]?.id.counter).toBe(40);
    expect(other.localInsert(0, '😀')[0]?.id.counter).toBe(45);
    expect(text.localDelete(1, 3)[0]?.id.counter).toBe(47);
    expect(counter.next).toBe(50);
    expect(text.localInsert(0, '')).toEqual([]);
    expect(text.localDelete(0, 0)).toEqual([]);
    expect(counter.next).toBe(50);
  });

  test('[TEXT4] a counter behind the own log is a programmer’s error, not a second use of an id', () => {
    const text = textOf(bob, 0);
    text.apply([insert(at(0), null, 'right', 'mine')]);
    expect(() => text.localInsert(0, 'x')).toThrow('counter is past');
  });

  test('[TEXT10] a batch of five hundred typed characters is one operation, and so is deleting them again', () => {
    const text = textOf();
    const typed: TextOp[] = [];
    for (let i = 0; i < 500; i++) typed.push(...text.localInsert(i, 'x'));
    expect(mergeOps(typed)).toHaveLength(1);
    const backspaced: TextOp[] = [];
    for (let i = 500; i > 250; i--) backspaced.push(...text.localDelete(i - 1, 1));
    expect(mergeOps(backspaced)).toHaveLength(1);
    const forward: TextOp[] = [];
    for (let i = 0; i < 250; i++) forward.push(...text.localDelete(0, 1));
    expect(mergeOps(forward)).toHaveLength(1);
    const other = textOf();
    other.localInsert(0, 'abcde');
    const meeting = [other.localDelete(1, 1), other.localDelete(2, 1), other.localDelete(1, 1)].flat();
    expect(mergeOps(meeting)).toMatchObject([{ type: 'delete', length: 3, target: { counter: 1 } }]);
    const all = [...typed, ...backspaced, ...forward];
    expect(countersOf(mergeOps(all))).toBe(countersOf(all));
    expect([...text.tree.blocks.all()]).toHaveLength(2);
  });
});

describe('surrogates', () => {
  test('[TEXT5] an insert inside a pair goes before it, and a delete of half a pair takes all of it', () => {
    const text = textOf();
    text.localInsert(0, 'a😀b');
    text.localInsert(2, '-');
    expect(text.toString()).toBe('a-😀b');
    text.localDelete(3, 1);
    expect(text.toString()).toBe('a-b');
    text.localInsert(0, '😀😁');
    text.localDelete(1, 2);
    expect(text.toString()).toBe('a-b');
    text.localInsert(0, '😀');
    text.localInsert(1, '^');
    expect(text.toString()).toBe('^😀a-b');
    text.localDelete(1, 1);
    expect(text.toString()).toBe('^a-b');
  });

  test('[TEXT5] a lone surrogate becomes U+FFFD', () => {
    const text = textOf();
    const [op] = text.localInsert(0, 'x\ud83dy\ude00\ud83d');
    expect(text.toString()).toBe('x\ufffdy\ufffd\ufffd');
    expect(op).toMatchObject({ text: 'x\ufffdy\ufffd\ufffd' });
  });

  test('[TEXT5] whoever cuts a pair is refused, also when its text is gone', () => {
    for (const deleted of [false, true]) {
      const text = textOf();
      text.apply([insert(at(0), null, 'right', 'a😀b')]);
      if (deleted) text.apply([remove(at(4), at(1), 2)]);
      const refused = [
        insert(at(9), at(1), 'right', 'x'),
        insert(at(9), at(2), 'left', 'x'),
        remove(at(9), at(0), 2),
        remove(at(9), at(2), 1),
      ];
      for (const op of refused)
        expect(text.apply([op])).toEqual({ ok: false, reason: 'splits a surrogate pair' });
    }
  });
});

describe('refusing', () => {
  const base: TextOp[] = [insert(at(0), null, 'right', 'hello'), insert(at(8), at(3), 'left', 'XY')];
  const bad: [string, TextOp][] = [
    ['unknown parent', insert(at(20), at(11), 'right', 'x')],
    ['unknown parent', insert(at(20), at(0, carol), 'right', 'x')],
    ['parent is not older', insert(at(20), at(20), 'right', 'x')],
    ['left of the root', insert(at(20), null, 'left', 'x')],
    ['empty text', insert(at(20), null, 'right', '')],
    ['lone surrogate', insert(at(20), null, 'right', '\ud83d')],
    ['lone surrogate', insert(at(20), null, 'right', '\ude00\ud83d')],
    ['counter out of range', insert(at(counterMax), null, 'right', 'x')],
    ['counter out of range', insert(at(-1), null, 'right', 'x')],
    ['counter out of range', insert(at(0.5), null, 'right', 'x')],
    ['counter out of range', insert(at(NaN), null, 'right', 'x')],
    ['malformed replica id', insert({ replicaId: '' as typeof bob, counter: 1 }, null, 'right', 'x')],
    ['parent is not older', insert(at(0), at(8), 'left', 'hello')],
    ['id already used', insert(at(3), null, 'right', 'lo')],
    ['id already used', insert(at(8), at(3), 'right', 'XY')],
    ['id already used', insert(at(1), null, 'right', 'x')],
    ['id already used', insert(at(8), at(2), 'left', 'XY')],
    ['id already used', insert(at(6), null, 'right', 'abcdef')],
    ['unknown target', remove(at(20), at(3), 4)],
    ['unknown target', remove(at(0, carol), at(3), 2 ** 40)],
    ['target is not older', remove(at(20), at(3), 2 ** 40)],
    ['unknown target', remove(at(20), at(0, carol), 1)],
    ['counter out of range', remove(at(20), at(0), 0)],
    ['counter out of range', remove(at(20), at(0), Infinity)],
    ['target is not older', remove(at(9), at(8), 2)],
  ];

  test('[TEXT6] a list with one operation that breaks a rule is refused as a whole and changes nothing', () => {
    for (const [reason, op] of bad) {
      const text = textOf();
      text.apply(base);
      const runs = [...text.tree.blocks.all()].length;
      const applied = text.apply([insert(at(12), at(9), 'right', 'good'), remove(at(16), at(0), 2), op]);
      expect(applied).toEqual({ ok: false, reason });
      expect(text.apply([op])).toEqual({ ok: false, reason });
      expect(text.toString()).toBe('helXYlo');
      expect([...text.tree.blocks.all()]).toHaveLength(runs);
      checkTree(text.tree);
    }
  });

  test('[TEXT7] what is here already is skipped, alone, in a longer list and in part', () => {
    const text = textOf();
    expect(text.apply([...base, ...base])).toMatchObject({ ok: true });
    expect(text.apply(base)).toEqual({ ok: true, changes: [] });
    expect(text.apply([remove(at(10), at(0), 2), remove(at(10), at(0), 2)])).toEqual({
      ok: true,
      changes: [{ from: 0, to: 2, insert: '' }],
    });
    expect(text.apply([insert(at(0), null, 'right', 'hello w')])).toEqual({
      ok: true,
      changes: [{ from: 5, to: 5, insert: ' w' }],
    });
    expect(text.toString()).toBe('lXYlo w');
    expect(
      text.apply([insert(at(12), at(6), 'right', '😀'), insert(at(12), at(6), 'right', '😀!')]),
    ).toMatchObject({ ok: true });
    expect(text.toString()).toBe('lXYlo w😀!');
    checkTree(text.tree);
  });

  test('[TEXT8] changes that touch come as one', () => {
    const text = textOf();
    const writer = textOf(bob);
    const typed = [...'hello'].flatMap((character, i) => writer.localInsert(i, character));
    expect(text.apply(typed)).toEqual({ ok: true, changes: [{ from: 0, to: 0, insert: 'hello' }] });
    const cut = [4, 3, 2].flatMap(i => writer.localDelete(i, 1));
    expect(text.apply(cut)).toEqual({ ok: true, changes: [{ from: 2, to: 5, insert: '' }] });
    const replaced = [...writer.localDelete(0, 1), ...writer.localInsert(0, 'H')];
    expect(text.apply(replaced)).toEqual({ ok: true, changes: [{ from: 0, to: 1, insert: 'H' }] });
  });
});
