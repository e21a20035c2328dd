import { describe, expect, test } from 'vitest';
import type { HybridTime } from '../../clocks/hybrid-logical-clock.ts';
import type { TextOp } from '../text/messages.ts';
import { Text } from '../text/text.ts';
import { replicaId } from '../text/text.model.ts';
import type { Value } from '../value.ts';
import { TextUndo } from './text-undo.ts';
import { UndoStack } from './undo-stack.ts';

function newText(name: string): Text {
  let logical = 0;
  const stamp = (overwritten?: HybridTime) => {
    logical = Math.max(logical, overwritten?.logical ?? 0) + 1;
    return { wallMs: 1, logical };
  };
  return new Text(replicaId(name), { next: 0 }, { stamp });
}

/** Alice, who undoes, and Bob; both have `start`, which is Bob's. */
function pair(start: string) {
  const alice = newText('a');
  const bob = newText('b');
  const undo = new TextUndo(alice);
  const send = (to: Text, ops: readonly TextOp[] | undefined): void => {
    expect(to.apply(ops ?? [])).toMatchObject({ ok: true });
  };
  send(alice, bob.localInsert(0, start));
  return { alice, bob, undo, send };
}

describe('what is undone', () => {
  test('[UNDO1] [UNDO4] undoing an insertion leaves what another typed inside it', () => {
    const { alice, bob, undo, send } = pair('');
    send(bob, undo.localInsert(0, 'hello world', 0));
    send(alice, bob.localInsert(5, ' big'));
    send(alice, bob.localDelete(9, 3));
    expect(alice.toString()).toBe('hello bigrld');
    const undone = undo.undo();
    expect(undone?.changes).toEqual([
      { from: 0, to: 5, insert: '' },
      { from: 4, to: 7, insert: '' },
    ]);
    send(bob, undone?.ops);
    expect([alice.toString(), bob.toString()]).toEqual([' big', ' big']);
    send(bob, undo.redo()?.ops);
    // What Bob deleted stays deleted.
    expect([alice.toString(), bob.toString()]).toEqual(['hello bigrld', 'hello bigrld']);
  });

  test('[UNDO5] a deletion comes back around what another typed inside it, each part where it was', () => {
    const { alice, bob, undo, send } = pair('one two three');
    const cursor = bob.relativePosition(5, 1);
    const deletion = undo.localDelete(3, 10, 0);
    send(alice, bob.localInsert(7, '!'));
    send(bob, deletion);
    expect(bob.toString()).toBe('one!');
    expect(bob.indexOf(cursor)).toBe(3);
    const undone = undo.undo();
    expect(undone?.changes).toEqual([
      { from: 3, to: 3, insert: ' two' },
      { from: 8, to: 8, insert: ' three' },
    ]);
    send(bob, undone?.ops);
    expect([alice.toString(), bob.toString()]).toEqual(['one two! three', 'one two! three']);
    expect(bob.indexOf(cursor)).toBe(5);
    expect(alice.indexOf(cursor)).toBe(5);
  });

  test('[UNDO5] comments and links on deleted text are there again, and their ends are where they were', () => {
    const { alice, bob, undo, send } = pair('see the page now');
    const marks = [
      ...bob.localMark(8, 12, 'link', 'url'),
      ...bob.localMark(4, 9, 'comment:1', 'which?'),
      ...bob.localMark(0, 10, 'bold', true),
    ];
    send(alice, marks);
    const before = alice.spans();
    send(bob, undo.localDelete(6, 4, 0));
    send(bob, undo.undo()?.ops);
    expect(alice.spans()).toEqual(before);
    expect(bob.spans()).toEqual(before);
    // All of it and more at once, from another’s side as well.
    send(bob, undo.localDelete(0, 16, 5000));
    expect(alice.length).toBe(0);
    send(bob, undo.undo()?.ops);
    expect(alice.spans()).toEqual(before);
    expect(bob.spans()).toEqual(before);
    send(alice, bob.localInsert(12, '!'));
    send(alice, bob.localInsert(10, '?'));
    expect(alice.marksAt(13)).toEqual(new Map());
    expect(alice.marksAt(10)).toEqual(
      new Map<string, Value>([
        ['bold', true],
        ['link', 'url'],
      ]),
    );
  });

  test('[UNDO5] [RESTORE2] deleted, restored, deleted and restored again: places follow all the way', () => {
    const { alice, bob, undo, send } = pair('abc');
    const place = bob.relativePosition(1, 1);
    send(bob, undo.localDelete(0, 3, 0));
    for (let round = 0; round < 4; round++) {
      send(bob, undo.undo()?.ops);
      expect(bob.toString()).toBe('abc');
      expect([alice.indexOf(place), bob.indexOf(place)]).toEqual([1, 1]);
      send(bob, undo.redo()?.ops);
      expect(bob.toString()).toBe('');
      expect([alice.indexOf(place), bob.indexOf(place)]).toEqual([0, 0]);
    }
    send(bob, undo.undo()?.ops);
    // Bob deletes what has come back; undone by him, places are there again.
    const bobs = new TextUndo(bob);
    send(alice, bobs.localDelete(1, 1, 0));
    expect(alice.toString()).toBe('ac');
    send(alice, bobs.undo()?.ops);
    expect([alice.indexOf(place), bob.indexOf(place)]).toEqual([1, 1]);
  });

  test('[RESTORE5] two who deleted the same: the second to undo finds it there, one after the other', () => {
    const { alice, bob, undo, send } = pair('twice');
    const bobs = new TextUndo(bob);
    const ofAlice = undo.localDelete(0, 5, 0);
    send(alice, bobs.localDelete(0, 3, 0));
    send(bob, ofAlice);
    send(bob, undo.undo()?.ops);
    expect(bob.toString()).toBe('twice');
    expect(bobs.undo()).toBeUndefined();
    expect(bobs.canRedo).toBe(false);
  });

  test('[RESTORE3] two who undo the same deletion at once: both texts are there, places are in the one with the lesser id', () => {
    const { alice, bob, undo, send } = pair('twice');
    const bobs = new TextUndo(bob);
    const place = alice.relativePosition(2, 1);
    const ofAlice = undo.localDelete(0, 5, 0);
    send(alice, bobs.localDelete(0, 5, 0));
    send(bob, ofAlice);
    const back = undo.undo()?.ops;
    send(alice, bobs.undo()?.ops);
    send(bob, back);
    expect(alice.toString()).toBe('twicetwice');
    expect(bob.toString()).toBe('twicetwice');
    const at = alice.indexOf(place) ?? -1;
    expect(bob.indexOf(place)).toBe(at);
    expect(alice.relativePosition(at, 1).id?.replicaId).toBe(replicaId('a'));
  });

  test('[UNDO6] a mark is undone to what was there before, but not where another has written since', () => {
    const { alice, bob, undo, send } = pair('red green blue');
    send(alice, bob.localMark(0, 3, 'colour', 'red'));
    send(alice, bob.localMark(10, 14, 'colour', 'blue'));
    const before = alice.spans();
    send(bob, undo.localMark(0, 14, 'colour', 'grey', 0));
    send(bob, undo.undo()?.ops);
    expect(alice.spans()).toEqual(before);
    const redone = undo.redo();
    expect(redone?.marks).toEqual([{ from: 0, to: 14 }]);
    send(bob, redone?.ops);
    expect(bob.spans()).toEqual([{ from: 0, to: 14, marks: new Map([['colour', 'grey']]) }]);
    send(alice, bob.localMark(4, 9, 'colour', 'green'));
    send(bob, undo.undo()?.ops);
    expect(bob.spans().map(({ from, to, marks }) => [from, to, marks.get('colour')])).toEqual([
      [0, 3, 'red'],
      [3, 4, undefined],
      [4, 9, 'green'],
      [9, 10, undefined],
      [10, 14, 'blue'],
    ]);
    expect(bob.spans()).toEqual(alice.spans());
  });

  test('[UNDO6] marks over one’s own marks come off one by one', () => {
    const { alice, undo } = pair('text');
    const seen = (): unknown[] => alice.spans().map(({ from, to, marks }) => [from, to, marks.get('size')]);
    const states = [seen()];
    const writes: [number, number, Value][] = [
      [0, 4, 1],
      [1, 3, 2],
      [0, 2, 1],
      [0, 4, null],
      [2, 4, 5],
    ];
    writes.forEach(([from, to, value], i) => {
      undo.localMark(from, to, 'size', value, 1000 * i);
      states.push(seen());
    });
    for (let round = 0; round < 3; round++) {
      for (const state of [...states].reverse().slice(1)) {
        expect(undo.undo()).toBeDefined();
        expect(seen()).toEqual(state);
      }
      expect(undo.undo()).toBeUndefined();
      for (const state of states.slice(1)) {
        undo.redo();
        expect(seen()).toEqual(state);
      }
    }
  });

  test('[UNDO5] a surrogate pair comes back whole, and a paste larger than a batch in several inserts', () => {
    const { alice, bob, undo, send } = pair('a😀b');
    send(bob, undo.localDelete(2, 1, 0));
    expect(bob.toString()).toBe('ab');
    send(bob, undo.undo()?.ops);
    expect(bob.toString()).toBe('a😀b');
    const large = `x${'😀'.repeat(70_000)}`;
    send(bob, undo.localInsert(1, large, 5000));
    undo.closeGroup();
    send(bob, undo.localDelete(0, alice.length, 5000));
    const undone = undo.undo();
    expect(undone?.ops.filter(op => op.type === 'insert').length).toBeGreaterThan(2);
    send(bob, undone?.ops);
    expect(bob.toString()).toBe(`a${large}😀b`);
    expect(alice.toString()).toBe(bob.toString());
  });
});

describe('groups', () => {
  test('[UNDO3] edits at most the gap apart go together; undo, redo, closing and a clock that goes back end a group', () => {
    const { alice, undo } = pair('');
    const type = (text: string, nowMs: number) => undo.localInsert(alice.length, text, nowMs);
    for (const [text, nowMs] of [
      ['a', 0],
      ['b', 500],
      ['c', 1000],
      ['d', 1501],
      ['e', 1500],
    ] as const)
      type(text, nowMs);
    undo.closeGroup();
    type('f', 1500);
    const states: string[] = [];
    while (undo.undo() !== undefined) states.push(alice.toString());
    expect(states).toEqual(['abcde', 'abcd', 'abc', '']);
    undo.redo();
    type('x', 1500);
    type('y', 1500);
    undo.undo();
    expect(alice.toString()).toBe('abc');
    expect(undo.undo()).toBeDefined();
    expect(undo.undo()).toBeUndefined();
  });

  test('[UNDO3] the gap can be chosen', () => {
    const text = newText('a');
    const undo = new TextUndo(text, { groupGapMs: 0 });
    undo.localInsert(0, 'a', 5);
    undo.localInsert(1, 'b', 5);
    undo.localInsert(2, 'c', 6);
    undo.undo();
    expect(text.toString()).toBe('ab');
  });

  test('[UNDO7] a new edit ends what can be redone', () => {
    const { alice, undo } = pair('');
    undo.localInsert(0, 'a', 0);
    undo.undo();
    expect([undo.canUndo, undo.canRedo]).toEqual([false, true]);
    undo.localInsert(0, 'b', 9000);
    expect([undo.canUndo, undo.canRedo]).toEqual([true, false]);
    expect(undo.redo()).toBeUndefined();
    expect(alice.toString()).toBe('b');
    expect(undo.localInsert(0, '', 9000)).toEqual([]);
    expect(undo.localDelete(0, 0, 9000)).toEqual([]);
    expect(undo.localMark(0, 0, 'bold', true, 9000)).toEqual([]);
  });

  test('[UNDO9] a group of which others left nothing is passed over', () => {
    const { alice, bob, undo, send } = pair('');
    send(bob, undo.localInsert(0, 'first ', 0));
    send(bob, undo.localInsert(6, 'second', 9000));
    send(alice, bob.localDelete(6, 6));
    expect(undo.undo()?.changes).toEqual([{ from: 0, to: 6, insert: '' }]);
    expect(undo.undo()).toBeUndefined();
  });

  test('[UNDO10] what came and went within a group is neither restored nor deleted again', () => {
    const { alice, undo } = pair('keep');
    undo.localInsert(4, ' tyop', 0);
    undo.localDelete(7, 2, 100);
    undo.localInsert(7, 'po', 200);
    undo.localDelete(3, 2, 300);
    expect(alice.toString()).toBe('keetypo');
    const undone = undo.undo();
    expect(alice.toString()).toBe('keep');
    const restored = undone?.ops.flatMap(op => (op.type === 'insert' ? [op.text] : []));
    expect(restored).toEqual(['p']);
  });

  test('[UNDO10] beyond the limit the oldest group goes', () => {
    const text = newText('a');
    const undo = new TextUndo(text, { groupsMax: 2 });
    for (let i = 0; i < 5; i++) undo.localInsert(i, String(i), 1000 * i);
    while (undo.undo() !== undefined);
    expect(text.toString()).toBe('012');
  });

  test('[UNDO7] the stack serves whatever can revert its edits', () => {
    // A number that is added to: the edit is what was added.
    let sum = 0;
    const stack = new UndoStack<number, string>({
      join: (first, second) => first + second,
      revert: edit => {
        if (edit === 0) return undefined;
        sum -= edit;
        return { edit: -edit, reverted: `now ${String(sum)}` };
      },
    });
    const add = (amount: number, nowMs: number): void => {
      sum += amount;
      stack.record(amount, nowMs);
    };
    add(1, 0);
    add(10, 100);
    add(5, 10_000);
    add(-5, 10_100);
    expect(stack.undo()).toBe('now 0');
    expect(stack.redo()).toBe('now 11');
    expect([stack.undoable, stack.redoable]).toEqual([1, 0]);
  });
});
