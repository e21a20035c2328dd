import { describe, expect, test } from 'vitest';
import { HybridLogicalClock } from '../../clocks/hybrid-logical-clock.ts';
import type { HybridTime } from '../../clocks/hybrid-logical-clock.ts';
import type { ReplicaId } from '../../base/ids.ts';
import type { Value } from '../value.ts';
import type { TextOp } from './messages.ts';
import { countersOf, mergeOps } from './op-log.ts';
import { Text } from './text.ts';
import { replicaId } from './text.model.ts';

/** Stamps for a test: all replicas share a wall clock that stands still, so the logical part decides. */
function stampsOf(): (overwritten?: HybridTime) => HybridTime {
  const clock = new HybridLogicalClock();
  return overwritten => {
    if (overwritten !== undefined) clock.observe(overwritten, 1000);
    return clock.stamp(1000);
  };
}
function newText(name: string): Text {
  return new Text(replicaId(name), { next: 0 }, { stamp: stampsOf() });
}
function apply(text: Text, ...lists: (readonly TextOp[])[]): void {
  for (const ops of lists) expect(text.apply(ops)).toMatchObject({ ok: true });
}
/** `The [bold:fox] jumped`, with nested marks after one another. */
function show(text: Text): string {
  return text
    .spans()
    .map(({ from, to, marks }) => {
      const names = [...marks].map(([name, value]) => (value === true ? name : `${name}=${value as string}`));
      return names.length === 0 ? text.slice(from, to) : `[${names.join(' ')}:${text.slice(from, to)}]`;
    })
    .join('');
}
/** Alice and Bob, both with `start`; `sync` gives each what the other did. */
function pair(start: string) {
  const alice = newText('a');
  const bob = newText('b');
  const base = alice.localInsert(0, start);
  apply(bob, base);
  return {
    alice,
    bob,
    sync(ofAlice: readonly TextOp[], ofBob: readonly TextOp[]): string {
      apply(alice, ofBob);
      apply(bob, ofAlice);
      expect(show(bob)).toBe(show(alice));
      return show(alice);
    },
  };
}

describe('the examples of the Peritext paper', () => {
  test('[MARK3] example 1: bold and an insertion inside it at the same time', () => {
    const { alice, bob, sync } = pair('The fox jumped.');
    const bold = alice.localMark(0, 15, 'bold', true);
    expect(sync(bold, bob.localInsert(4, 'brown '))).toBe('[bold:The brown fox jumped.]');
  });

  test('[MARK3] example 2: overlapping bold of two people becomes one', () => {
    const { alice, bob, sync } = pair('The fox jumped.');
    const bold = alice.localMark(0, 7, 'bold', true);
    expect(sync(bold, bob.localMark(4, 14, 'bold', true))).toBe('[bold:The fox jumped].');
  });

  test('[MARK3] example 3: bold and italic overlap, and both hold in the overlap', () => {
    const { alice, bob, sync } = pair('The fox jumped.');
    const bold = alice.localMark(0, 7, 'bold', true);
    expect(sync(bold, bob.localMark(4, 14, 'italic', true))).toBe(
      '[bold:The ][bold italic:fox][italic: jumped].',
    );
  });

  test('[MARK4] example 4: two colours conflict where they overlap, and one wins there', () => {
    const { alice, bob, sync } = pair('The fox jumped.');
    const red = alice.localMark(0, 7, 'colour', 'red');
    expect(sync(red, bob.localMark(4, 14, 'colour', 'blue'))).toBe(
      '[colour=red:The ][colour=blue:fox jumped].',
    );
  });

  test('[MARK4] example 5: bold and not bold conflict, and the later stamp wins', () => {
    for (const last of ['alice', 'bob']) {
      const { alice, bob, sync } = pair('The fox jumped.');
      apply(bob, alice.localMark(0, 15, 'bold', true));
      const first = last === 'alice' ? bob : alice;
      const second = last === 'alice' ? alice : bob;
      const off = first.localMark(0, 7, 'bold', null);
      second.localInsert(0, '');
      // Not concurrent in time: the clock of the second has moved on.
      const again = [...second.localMark(4, 15, 'bold', true), ...second.localMark(4, 15, 'bold', true)];
      const [ofAlice, ofBob] = last === 'alice' ? [again, off] : [off, again];
      expect(sync(ofAlice, ofBob)).toBe('The [bold:fox jumped.]');
    }
  });

  test('[MARK2] example 6: text typed before bold is not bold, text typed at its end is', () => {
    const { alice, bob, sync } = pair('The fox jumped.');
    apply(bob, alice.localMark(4, 7, 'bold', true));
    const typed = [...bob.localInsert(7, ' and hound'), ...bob.localInsert(4, 'quick ')];
    expect(sync([], typed)).toBe('The quick [bold:fox and hound] jumped.');
  });

  test('[MARK2] example 7: text typed at either end of a link is not the link’s', () => {
    const { alice, bob, sync } = pair('The fox jumped.');
    apply(bob, alice.localMark(4, 7, 'link', 'https://fox.example'));
    const typed = [...bob.localInsert(7, ' and hound'), ...bob.localInsert(4, 'quick ')];
    expect(sync([], typed)).toBe('The quick [link=https://fox.example:fox] and hound jumped.');
  });

  test('[MARK4] example 8: comments that overlap are both there, also by one person', () => {
    const { alice, bob, sync } = pair('The fox jumped.');
    const ofAlice = [
      ...alice.localMark(0, 7, 'comment:1', 'who?'),
      ...alice.localMark(4, 5, 'comment:2', 'f'),
    ];
    expect(sync(ofAlice, bob.localMark(4, 14, 'comment:3', 'nice'))).toBe(
      '[comment:1=who?:The ][comment:1=who? comment:2=f comment:3=nice:f][comment:1=who? comment:3=nice:ox][comment:3=nice: jumped].',
    );
  });

  test('[MARK5] tombstones at the end of a link: what is typed there is not the link’s', () => {
    const { alice, bob, sync } = pair('The fox jumped.');
    const ops = [
      ...alice.localMark(4, 7, 'link', 'url'),
      ...alice.localDelete(6, 1),
      ...alice.localInsert(6, '!'),
    ];
    expect(sync(ops, [])).toBe('The [link=url:fo]! jumped.');
    // Not so with bold, which goes on.
    const more = [
      ...bob.localMark(0, 3, 'bold', true),
      ...bob.localDelete(2, 1),
      ...bob.localInsert(2, 'ere'),
    ];
    expect(sync([], more)).toBe('[bold:There] [link=url:fo]! jumped.');
  });

  test('[MARK5] insertion between deleted characters at which marks begin and end', () => {
    const { alice, sync } = pair('ab cd');
    const marks = [...alice.localMark(0, 2, 'link', 'url'), ...alice.localMark(2, 5, 'bold', true)];
    // Gone: the last of the link, and the first of what is bold.
    const rest = [...alice.localDelete(1, 2), ...alice.localInsert(1, 'X')];
    expect(sync([...marks, ...rest], [])).toBe('[link=url:a]X[bold:cd]');
  });

  test('[MARK5] a mark whose characters are all gone still covers what others typed inside it', () => {
    const { alice, bob, sync } = pair('The fox jumped.');
    const gone = [...alice.localMark(4, 7, 'link', 'url'), ...alice.localDelete(4, 3)];
    expect(sync(gone, bob.localInsert(5, 'l'))).toBe('The [link=url:l] jumped.');
  });
});

describe('making marks', () => {
  test('[MARK2] a mark grows as its name or the caller says', () => {
    const rules = {
      after: 'x[em:bcy]d',
      before: '[em:xbc]yd',
      both: '[em:xbcy]d',
      none: 'x[em:bc]yd',
    } as const;
    for (const [expand, seen] of Object.entries(rules)) {
      const byName = new Text(
        replicaId('a'),
        { next: 0 },
        {
          stamp: stampsOf(),
          expand: { em: expand as keyof typeof rules },
        },
      );
      const byCaller = newText('a');
      for (const text of [byName, byCaller]) {
        text.localInsert(0, 'bcd');
        text.localMark(0, 2, 'em', true, text === byCaller ? (expand as keyof typeof rules) : undefined);
        text.localInsert(2, 'y');
        text.localInsert(0, 'x');
        expect(show(text)).toBe(seen);
      }
    }
  });

  test('[MARK2] where a part of a mark is taken away, typing at the new ends is as at any end', () => {
    const bold = newText('a');
    bold.localInsert(0, 'abcdef');
    bold.localMark(0, 6, 'bold', true);
    bold.localMark(2, 4, 'bold', null);
    bold.localInsert(4, 'y');
    bold.localInsert(2, 'x');
    expect(show(bold)).toBe('[bold:abx]cdy[bold:ef]');
    const link = newText('b');
    link.localInsert(0, 'abcdef');
    link.localMark(0, 6, 'link', 'url');
    link.localMark(2, 4, 'link', null);
    link.localInsert(4, 'y');
    link.localInsert(2, 'x');
    expect(show(link)).toBe('[link=url:ab]xcdy[link=url:ef]');
  });

  test('[MARK2] at the end of the text bold goes on for whatever is typed there, a link does not', () => {
    const { alice, bob, sync } = pair('ab');
    const marks = [...alice.localMark(0, 2, 'bold', true), ...alice.localMark(0, 2, 'link', 'url')];
    expect(sync(marks, bob.localInsert(2, 'c'))).toBe('[bold link=url:ab][bold:c]');
    expect(alice.insertedMarks(3)).toEqual(new Map([['bold', true]]));
    expect(alice.insertedMarks(2)).toEqual(new Map([['bold', true]]));
    expect(alice.insertedMarks(1)).toEqual(
      new Map<string, Value>([
        ['bold', true],
        ['link', 'url'],
      ]),
    );
    expect(alice.insertedMarks(0)).toEqual(new Map());
  });

  test('[MARK1] a mark takes one counter, half a pair is marked as a whole, and nothing is marked by nothing', () => {
    const counter = { next: 5 };
    const text = new Text(replicaId('a'), counter, { stamp: stampsOf() });
    text.localInsert(0, 'a😀b');
    expect(text.localMark(2, 2, 'bold', true)).toEqual([]);
    const ops = text.localMark(2, 3, 'link', 'url');
    expect(counter.next).toBe(10);
    expect(countersOf(ops)).toBe(1);
    expect(mergeOps([...ops, ...ops])).toHaveLength(2);
    expect(show(text)).toBe('a[link=url:😀]b');
    expect(text.marksAt(2)).toEqual(new Map([['link', 'url']]));
    expect(text.marksAt(3)).toEqual(new Map());
    expect(() => new Text(replicaId('a'), { next: 0 }).localMark(0, 0, 'bold', true)).not.toThrow();
    const stampless = new Text(replicaId('a'), { next: 0 });
    stampless.localInsert(0, 'x');
    expect(() => stampless.localMark(0, 1, 'bold', true)).toThrow('stamps');
  });

  test('[MARK4] whoever has seen a mark can replace it, however far ahead the clock of its writer is', () => {
    const { alice, bob, sync } = pair('text');
    const [mark] = alice.localMark(0, 4, 'bold', true);
    if (mark?.type !== 'mark') throw new Error('no mark');
    const ahead = { ...mark, stamp: { wallMs: 999_999, logical: 7 } };
    const seen: (HybridTime | undefined)[] = [];
    const carol = new Text(
      replicaId('c'),
      { next: 0 },
      {
        stamp: overwritten => {
          seen.push(overwritten);
          return { wallMs: overwritten?.wallMs ?? 0, logical: (overwritten?.logical ?? 0) + 1 };
        },
      },
    );
    apply(carol, [
      {
        type: 'insert',
        id: { replicaId: alice.relativePosition(0, 1).id?.replicaId as ReplicaId, counter: 0 },
        parent: null,
        side: 'right',
        text: 'text',
      },
    ]);
    apply(carol, [ahead]);
    const off = carol.localMark(1, 2, 'bold', null);
    expect(seen).toEqual([ahead.stamp]);
    expect(show(carol)).toBe('[bold:t]e[bold:xt]');
    apply(alice, [ahead], off);
    apply(bob, [mark], off, [ahead]);
    expect(sync([], [])).toBe('[bold:t]e[bold:xt]');
  });

  test('[MARK2] a mark does not end at a tombstone whose character was restored elsewhere', () => {
    const text = newText('a');
    text.localInsert(0, 'a');
    text.localMark(0, 1, 'bold', true);
    text.localDelete(0, 1);
    text.localRestore([{ id: { replicaId: replicaId('a'), counter: 0 }, text: 'a' }]);
    text.localInsert(1, 'bp');
    text.localMark(2, 3, 'bold', null);
    text.localMark(0, 1, 'em', true, 'before');
    expect(show(text)).toBe('[bold em:a][bold:b]p');
  });

  test('[MARK7] pasted text keeps its own marks and takes none from where it comes to stand', () => {
    const text = newText('a');
    text.localInsert(0, 'plain bold');
    text.localMark(6, 10, 'bold', true);
    text.localMark(0, 10, 'colour', 'red');
    const ops = text.localInsertMarked(8, [
      { text: 'x\ud83d', marks: [] },
      {
        text: 'y',
        marks: new Map<string, Value>([
          ['bold', true],
          ['link', 'url'],
        ]),
      },
      { text: '', marks: [['bold', true]] },
      { text: 'z', marks: [['colour', 'red']] },
    ]);
    expect(show(text)).toBe(
      '[colour=red:plain ][bold colour=red:bo]x\ufffd[bold link=url:y][colour=red:z][bold colour=red:ld]',
    );
    const reader = newText('b');
    expect(reader.apply(ops)).toMatchObject({ ok: false });
    expect(text.localInsertMarked(0, [])).toEqual([]);
  });

  test('[MARK6] plain text reads as one span without marks', () => {
    const text = newText('a');
    expect(text.spans()).toEqual([]);
    text.localInsert(0, 'plain');
    expect(text.spans()).toEqual([{ from: 0, to: 5, marks: new Map() }]);
    expect(text.marksAt(0)).toEqual(new Map());
    expect(text.insertedMarks(5)).toEqual(new Map());
    expect(text.extras).toBeUndefined();
  });

  test('[MARK6] values that are equal join to one span, and a part of the spans can be asked for', () => {
    const text = newText('a');
    text.localInsert(0, 'abcdef');
    text.localMark(0, 3, 'style', { size: 2 });
    text.localMark(3, 6, 'style', { size: 2 });
    text.localMark(4, 5, 'bold', true);
    const style: [string, Value] = ['style', { size: 2 }];
    expect(text.spans(2)).toEqual([
      { from: 2, to: 4, marks: new Map([style]) },
      { from: 4, to: 5, marks: new Map([['bold', true], style]) },
      { from: 5, to: 6, marks: new Map([style]) },
    ]);
    expect(text.spans(4, 5)).toHaveLength(1);
    expect(text.spans(3, 3)).toEqual([]);
  });

  test('[MARK8] apply says what to draw again, in positions after it, and nothing for what is known or lost', () => {
    const { alice, bob } = pair('The fox jumped.');
    const bold = alice.localMark(4, 7, 'bold', true);
    const italic = alice.localMark(6, 10, 'italic', true);
    const link = alice.localMark(0, 1, 'link', 'url');
    const typed = alice.localInsert(0, '>> ');
    expect(bob.apply([...bold, ...italic, ...link, ...typed])).toEqual({
      ok: true,
      changes: [{ from: 0, to: 0, insert: '>> ' }],
      marks: [
        { from: 3, to: 4 },
        { from: 7, to: 13 },
      ],
    });
    expect(bob.apply([...bold, ...italic, ...link])).toEqual({ ok: true, changes: [] });
  });
});
