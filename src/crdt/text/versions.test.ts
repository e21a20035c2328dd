import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { roomWithHistories, steps, versionOf } from './editing.model.ts';
import type { Editor } from './editing.model.ts';
import { TextHistory } from './history.ts';
import type { TextVersion } from './history.ts';
import type { TextChange, TextOp } from './messages.ts';
import { Text } from './text.ts';
import { replicaId } from './text.model.ts';
import { checkTree } from './tree-check.model.ts';
import { TextVersions } from './versions.ts';

const alice = replicaId('a');

function replay(before: string, changes: readonly TextChange[]): string {
  return changes.reduce(
    (text, { from, to, insert }) => text.slice(0, from) + insert + text.slice(to),
    before,
  );
}

/** What everybody saw at some time, and one who then has it all. */
function play(size: number, plan: Parameters<typeof takeAll>[1]) {
  const { room, histories } = roomWithHistories(size);
  const seen = takeAll(room, plan);
  room.settle();
  const [editor] = room.editors as [Editor];
  const history = histories.get(editor) as TextHistory;
  return { seen, room, editor, history, versions: new TextVersions(editor.text, history) };
}

function takeAll(
  room: ReturnType<typeof roomWithHistories>['room'],
  plan: readonly Parameters<typeof room.take>[0][],
): { version: TextVersion; text: string }[] {
  const seen: { version: TextVersion; text: string }[] = [];
  for (const step of plan) {
    room.take(step);
    const editor = room.editors[step.peer % room.editors.length] as Editor;
    seen.push({ version: versionOf(editor), text: editor.text.toString() });
  }
  return seen;
}

describe('versions of a text', () => {
  test('[TEXT18] what anybody once saw can be checked out by everybody', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 5 }), steps, (size, plan) => {
        const { seen, versions } = play(size, plan);
        expect(versions.checkout(new Map())).toEqual({ ok: true, text: '' });
        for (const { version, text } of seen) expect(versions.checkout(version)).toEqual({ ok: true, text });
      }),
      { numRuns: 150 },
    );
  }, 60_000);

  test('[TEXT18] a history goes on while it is looked at', () => {
    const text = new Text(alice, { next: 0 });
    const history = new TextHistory();
    const versions = new TextVersions(text, history);
    const then: { version: TextVersion; text: string }[] = [];
    const note = (ops: readonly TextOp[]) => {
      history.append(ops);
      then.push({ version: history.version(), text: text.toString() });
      for (const each of then) expect(versions.checkout(each.version)).toEqual({ ok: true, text: each.text });
    };
    note(text.localInsert(0, 'hello, wörld'));
    for (let at = 11; at > 6; at--) note(text.localDelete(at, 1));
    for (let i = 0; i < 3; i++) note(text.localDelete(0, 1));
    for (let i = 0; i < 5; i++) note(text.localInsert(1 + i, 'x'));
  });

  test('[TEXT18] the difference of two versions makes the one of the other', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 4 }), steps, fc.nat(), fc.nat(), (size, plan, a, b) => {
        const { seen, versions } = play(size, plan);
        if (seen.length === 0) return;
        const from = seen[a % seen.length] as (typeof seen)[0];
        const to = seen[b % seen.length] as (typeof seen)[0];
        const diff = versions.diff(from.version, to.version);
        if (!diff.ok) throw new Error(diff.reason);
        expect(replay(from.text, diff.changes)).toBe(to.text);
        expect(versions.diff(from.version, from.version)).toEqual({ ok: true, changes: [] });
      }),
      { numRuns: 150 },
    );
  }, 60_000);

  test('[TEXT18] a difference is about what changed and joins what touches', () => {
    const text = new Text(alice, { next: 0 });
    const history = new TextHistory();
    const versions = new TextVersions(text, history);
    history.append(text.localInsert(0, 'one two three'));
    const from = history.version();
    history.append(text.localDelete(4, 3));
    history.append(text.localInsert(4, 'ten'));
    const to = history.version();
    const diff = versions.diff(from, to);
    expect(diff.ok && diff.changes).toEqual([{ from: 4, to: 7, insert: 'ten' }]);
    const back = versions.diff(to, from);
    expect(back.ok && replay('one ten three', back.changes)).toBe('one two three');
  });

  test('[TEXT19] blame names the author and the id of every character shown, at any version', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 4 }), steps, (size, plan) => {
        const { seen, editor, versions } = play(size, plan);
        const now = versions.blame();
        if (!now.ok) throw new Error(now.reason);
        for (const { from, to, ...first } of now.runs)
          for (let at = from; at < to; at++) {
            const id = { ...first, counter: first.counter + at - from };
            // The index of a position never cuts a pair.
            const inPair = /^[\udc00-\udfff]/.test(editor.text.slice(at, at + 1)) ? 1 : 0;
            expect(editor.text.indexOf({ id, assoc: 1 })).toBe(at - inPair);
          }
        for (const { version, text } of seen) {
          const blame = versions.blame(version);
          if (!blame.ok) throw new Error(blame.reason);
          let at = 0;
          for (const run of blame.runs) {
            expect(run.from).toBe(at);
            expect(run.counter + run.to - run.from).toBeLessThanOrEqual(version.get(run.replicaId) ?? 0);
            at = run.to;
          }
          expect(at).toBe(text.length);
        }
      }),
      { numRuns: 80 },
    );
  }, 60_000);

  test('[TEXT20] a branch is the text of its version, and merging it is applying its operations', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 4 }), steps, fc.nat(), fc.nat(), (size, plan, pick, at) => {
        const { seen, editor, versions } = play(size, plan);
        if (seen.length === 0) return;
        const { version, text } = seen[pick % seen.length] as (typeof seen)[0];
        const branched = versions.branch(version, { replicaId: replicaId('d'), counter: { next: 0 } });
        if (!branched.ok) throw new Error(branched.reason);
        const branch = branched.text;
        checkTree(branch.tree);
        expect(branch.toString()).toBe(text);
        const position = at % (branch.length + 1);
        const ops = [
          ...branch.localInsert(position, 'branched'),
          ...branch.localDelete(0, Math.min(2, branch.length)),
        ];
        expect(editor.text.apply(ops).ok).toBe(true);
        // The other way round as well: the branch takes what happened meanwhile.
        expect(branch.apply(editor.arrived).ok).toBe(true);
        expect(branch.toString()).toBe(editor.text.toString());
        checkTree(editor.text.tree);
      }),
      { numRuns: 100 },
    );
  }, 60_000);

  test('[TEXT18] a version that ends inside a pair of surrogates ends before it', () => {
    const text = new Text(alice, { next: 0 });
    const history = new TextHistory();
    const versions = new TextVersions(text, history);
    history.append(text.localInsert(0, 'a😀b'));
    history.append(text.localDelete(0, 4));
    const at = (counter: number) => versions.checkout(new Map([[alice, counter]]));
    const texts = ['', 'a', 'a', 'a😀', 'a😀b', '😀b', '😀b', 'b', ''];
    for (const [counter, expected] of texts.entries())
      expect(at(counter)).toEqual({ ok: true, text: expected });
    for (const counter of texts.keys()) {
      const branch = versions.branch(new Map([[alice, counter]]), {
        replicaId: replicaId('d'),
        counter: { next: 0 },
      });
      expect(branch.ok && branch.text.toString()).toBe(texts[counter]);
    }
  });

  test('[TEXT18] a version that is not here, or lacks what it builds on, is unknown', () => {
    const bob = replicaId('b');
    const text = new Text(alice, { next: 0 });
    const history = new TextHistory();
    history.append(text.localInsert(0, 'abc'));
    const other = new Text(bob, { next: 0 });
    other.apply(history.ops());
    const reply = other.localInsert(3, 'd');
    text.apply(reply);
    history.append(reply);
    const writer = { replicaId: replicaId('d'), counter: { next: 0 } };
    const unknown = { ok: false, reason: 'unknown' };
    const versions = new TextVersions(text, history);
    for (const version of [new Map([[alice, 4]]), new Map([[replicaId('c'), 1]])]) {
      expect(versions.checkout(version)).toEqual(unknown);
      expect(versions.diff(new Map(), version)).toEqual(unknown);
      expect(versions.diff(version, new Map())).toEqual(unknown);
      expect(versions.blame(version)).toEqual(unknown);
      expect(versions.branch(version, writer)).toEqual(unknown);
    }
    expect(versions.branch(new Map([[bob, 1]]), writer)).toEqual(unknown);
    // A log whose other documents took the counter 3 knows better.
    const wider = new TextVersions(text, history, (_, counter) => counter <= 4);
    expect(wider.checkout(new Map([[alice, 4]]))).toEqual({ ok: true, text: 'abc' });
  });
});
