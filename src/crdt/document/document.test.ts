import { describe, expect, test } from 'vitest';
import { mapDepthMax, mapKeyBytesMax } from '../../base/limits.ts';
import type { OpId } from '../context.ts';
import { rootId } from './container-table.ts';
import { Document } from './document.ts';
import { viewOf } from './edits.model.ts';
import { Inbox } from './inbox.ts';
import { counterKind, mapCode, textKind } from './kinds.ts';
import type { ContainerId, DocumentBatch, DocumentEvent, Entry } from './messages.ts';
import { decodeDocument, encodeDocument } from './state-codec.ts';
import { contextOf, documentOf, made, replicaIdOf, syncAll } from './testing.model.ts';

describe('values are named', () => {
  test('[DOC2] two replicas that begin the same value at once share it', () => {
    const a = documentOf('a');
    const b = documentOf('b');
    a.map('meta').text('title').insert(0, 'Plan');
    b.map('meta').text('title').insert(0, 'B');
    a.counter('votes').add(2);
    b.counter('votes').add(3);
    syncAll(a, b);
    expect(a.map('meta').text('title').length).toBe(5);
    expect(a.counter('votes').value).toBe(5);
    expect(viewOf(a.root)).toEqual(viewOf(b.root));
    expect(encodeDocument(a)).toEqual(encodeDocument(b));
  });

  test('[DOC2] two kinds under one key do not meet', () => {
    const a = documentOf('a');
    a.text('x').insert(0, 'seven');
    a.counter('x').add(7);
    a.map('x').text('y').insert(0, 'in');
    expect(a.keys()).toEqual(['x']);
    expect(a.root.kinds('x')).toEqual(['counter', 'map', 'text']);
    expect([a.text('x').toString(), a.counter('x').value, a.map('x').keys()]).toEqual(['seven', 7, ['y']]);
  });

  test('[DOC2] looking changes nothing, and nothing of it is saved', () => {
    const a = documentOf('a');
    a.text('x').insert(0, 'x');
    const before = encodeDocument(a);
    expect(a.map('p').map('q').text('r').toString()).toBe('');
    expect(a.counter('x').value).toBe(0);
    expect(a.map('p').has('q')).toBe(false);
    expect(a.keys()).toEqual(['x']);
    expect(encodeDocument(a)).toEqual(before);
  });
});

describe('presence', () => {
  test('[DOC3] an edit makes its value and all maps around it present; touch an empty map', () => {
    const a = documentOf('a');
    a.map('p').map('q').counter('n').add(1);
    a.map('p').touch('empty');
    expect(viewOf(a.root)).toEqual({
      p: { map: { empty: { map: {} }, q: { map: { n: { counter: 1 } } } } },
    });
  });

  test('[DOC4] what is edited at the same time as its key is removed stays, alone', () => {
    const a = documentOf('a');
    const b = documentOf('b');
    a.map('p').text('t').insert(0, 'old');
    a.map('p').counter('n').add(5);
    a.map('p').orSet('s').add('old');
    a.map('p').map('q').text('u').insert(0, 'deep');
    syncAll(a, b);
    a.root.delete('p');
    expect(a.keys()).toEqual([]);
    b.map('p').text('t').insert(3, 'new');
    b.map('p').counter('n').add(1);
    b.map('p').orSet('s').add('new');
    syncAll(a, b);
    const left = { p: { map: { n: { counter: 1 }, s: { 'or-set': ['new'] }, t: { text: 'new' } } } };
    expect(viewOf(a.root)).toEqual(left);
    expect(viewOf(b.root)).toEqual(left);
    expect(encodeDocument(a)).toEqual(encodeDocument(b));
  });

  test('[DOC4] two removals at once are one, also for a counter', () => {
    const [a, b, c] = [documentOf('a'), documentOf('b'), documentOf('c')];
    a.counter('n').add(5);
    syncAll(a, b, c);
    a.root.delete('n');
    b.root.delete('n');
    syncAll(a, b, c);
    expect(c.keys()).toEqual([]);
    c.counter('n').add(2);
    syncAll(a, b, c);
    expect([a, b, c].map(each => each.counter('n').value)).toEqual([2, 2, 2]);
  });

  test('[DOC3] a removal inside a map is an edit of the map', () => {
    const a = documentOf('a');
    const b = documentOf('b');
    a.map('p').text('t').insert(0, 'x');
    syncAll(a, b);
    a.root.delete('p');
    b.map('p').delete('t');
    syncAll(a, b);
    expect(viewOf(a.root)).toEqual({ p: { map: {} } });
    expect(viewOf(b.root)).toEqual({ p: { map: {} } });
  });

  test('[DOC5] whoever writes there later begins with nothing', () => {
    const a = documentOf('a');
    a.text('t').insert(0, 'old');
    a.counter('n').add(5);
    a.orSet('s').add('old');
    a.root.twoPhaseSet('z').add('old');
    for (const key of a.keys()) a.root.delete(key);
    expect(a.keys()).toEqual([]);
    expect(a.root.delete('t')).toBeUndefined();
    a.text('t').insert(0, 'new');
    a.counter('n').add(-1);
    a.orSet('s').add('new');
    a.root.twoPhaseSet('z').add('new');
    expect(viewOf(a.root)).toEqual({
      n: { counter: -1 },
      s: { 'or-set': ['new'] },
      t: { text: 'new' },
      z: { '2p-set': ['new'] },
    });
  });

  test('[DOC5] what only grows is hidden and shows all of itself when it is edited again', () => {
    const a = documentOf('a');
    a.root.gSet('g').add(1);
    a.root.gCounter('n').increment(4);
    a.root.delete('g');
    a.root.delete('n');
    expect(a.keys()).toEqual([]);
    // The value is in the set already: nothing to add, but it is there again.
    expect(a.root.gSet('g').add(1)).toBeDefined();
    a.root.gCounter('n').increment();
    expect(viewOf(a.root)).toEqual({ g: { 'g-set': [1] }, n: { 'g-counter': 5 } });
  });
});

/** A batch of `author` as a newcomer would send it. */
function batchOf(
  author: string,
  entries: readonly Entry[],
  more: Partial<DocumentBatch> = {},
): DocumentBatch {
  return {
    replicaId: replicaIdOf(author),
    firstCounter: 0,
    step: 1,
    dependencies: [],
    entries,
    ...more,
  };
}
const inRoot = (key: string, kind: number): ContainerId => ({ parent: rootId, key, kind });
const idOf = (author: string, counter: number): OpId => ({ replicaId: replicaIdOf(author), counter });
const inserted = (author: string, counter: number, text: string, key = 't'): Entry => ({
  type: 'edit',
  container: inRoot(key, textKind.code),
  counters: text.length,
  ops: [{ type: 'insert', id: idOf(author, counter), parent: null, side: 'right', text }],
});
const removed = (author: string, counter: number, observed: readonly OpId[]): Entry => ({
  type: 'edit',
  container: rootId,
  counters: 1,
  ops: [{ type: 'remove', id: idOf(author, counter), key: 't', observed }],
});
function nested(depth: number): ContainerId {
  let id = rootId;
  for (let i = 0; i < depth; i++) id = { parent: id, key: 'k', kind: mapCode };
  return id;
}

describe('batches', () => {
  test.each<[string, DocumentBatch]>([
    ['a counter that jumps', batchOf('b', [inserted('b', 5, 'x')], { firstCounter: 5 })],
    ['a counter that jumps', batchOf('b', [inserted('b', 1, 'x')])],
    ['a counter that jumps', batchOf('b', [inserted('c', 0, 'x')])],
    ['counters do not add up', batchOf('b', [{ ...inserted('b', 0, 'xy'), counters: 3 }])],
    ['counter out of range', batchOf('b', [{ ...inserted('b', 0, 'x'), counters: 0.5 }])],
    ['missing dependency', batchOf('b', [inserted('b', 0, 'x')], { dependencies: [idOf('a', 9)] })],
    ['missing dependency', batchOf('b', [inserted('b', 0, 'x')], { dependencies: [idOf('c', 0)] })],
    ['time stands still', batchOf('b', [inserted('b', 0, 'x')], { step: 0 })],
    ['empty batch', batchOf('b', [])],
    ['removes what is not known', batchOf('b', [removed('b', 0, [idOf('a', 9)])])],
    ['removes what is not known', batchOf('b', [removed('b', 0, [idOf('b', 0)])])],
    ['removes what is not known', batchOf('b', [removed('b', 0, [])])],
    ['malformed key', batchOf('b', [inserted('b', 0, 'x', 'k'.repeat(mapKeyBytesMax + 1))])],
    ['malformed key', batchOf('b', [inserted('b', 0, 'x', '\ud800')])],
    [
      'malformed kind',
      batchOf('b', [{ type: 'unread', container: inRoot('k', 0), counters: 1, bytes: new Uint8Array(1) }]),
    ],
    [
      'not a map',
      batchOf('b', [
        {
          ...inserted('b', 0, 'x'),
          container: { ...inRoot('y', textKind.code), parent: inRoot('t', textKind.code) },
        },
      ]),
    ],
    [
      'nested too deeply',
      batchOf('b', [{ type: 'edit', container: nested(mapDepthMax + 1), counters: 1, ops: [] }]),
    ],
    ['unknown container', batchOf('b', [{ ...inserted('b', 0, 'x'), container: { ...rootId, key: 'r' } }])],
  ])('[DOC6] %s: refused whole, whatever else the batch brings', (reason, bad) => {
    const a = documentOf('a');
    a.text('t').insert(0, 'abc');
    const before = encodeDocument(a);
    expect(a.apply(bad)).toEqual({ ok: false, reason });
    const [first, ...others] = bad.entries;
    if (first !== undefined && bad.firstCounter === 0 && reason !== 'a counter that jumps') {
      // After a good entry, on a value nobody has seen yet.
      const shifted = { ...first, ops: [] } as unknown as Entry;
      const good = inserted('b', 0, 'good', 'new');
      expect(a.apply({ ...bad, entries: [good, shifted, ...others] }).ok).toBe(false);
    }
    expect(encodeDocument(a)).toEqual(before);
    expect(a.containers.children.size).toBe(1);
  });

  test('[DOC6] a value that refuses its operations refuses the batch, values before it included', () => {
    const a = documentOf('a');
    const before = encodeDocument(a);
    const orphan: Entry = {
      type: 'edit',
      container: inRoot('u', textKind.code),
      counters: 1,
      ops: [{ type: 'insert', id: idOf('b', 4), parent: idOf('b', 1), side: 'right', text: 'x' }],
    };
    const batch = batchOf('b', [inserted('b', 0, 'good'), orphan]);
    expect(a.apply(batch)).toEqual({ ok: false, reason: 'unknown parent' });
    expect(a.apply(batchOf('b', [orphan]))).toMatchObject({ ok: false });
    expect(encodeDocument(a)).toEqual(before);
    expect(a.containers.children.size).toBe(0);
    expect(a.apply(batchOf('b', [inserted('b', 0, 'good')])).ok).toBe(true);
  });

  test('[DOC7] a batch that is here already is skipped', () => {
    const a = documentOf('a');
    const b = documentOf('b');
    const batch = made(a.counter('n').add(1));
    expect(b.apply(batch)).toMatchObject({ ok: true, changes: [{ path: [] }, { path: ['n'] }] });
    expect(b.apply(batch)).toEqual({ ok: true, changes: [] });
    expect(a.apply(batch)).toEqual({ ok: true, changes: [] });
    expect(b.counter('n').value).toBe(1);
  });

  test('[DOC8] the counter is the document’s alone; our own log read back goes on from its end', () => {
    const a = documentOf('a');
    const batch = made(a.text('t').insert(0, 'abc'));
    const again = documentOf('a');
    expect(again.apply(batch).ok).toBe(true);
    expect(again.context.counter.next).toBe(3);
    expect(made(again.text('t').insert(3, 'd')).firstCounter).toBe(3);
    again.context.counter.next += 1;
    expect(() => again.text('t').insert(0, 'x')).toThrow('alone');
  });

  test('[DOC9] a batch names the last of others that it was made after, and no more than it must', () => {
    const [a, b, c] = [documentOf('a'), documentOf('b'), documentOf('c')];
    const first = made(a.text('t').insert(0, 'abc'));
    expect(first.dependencies).toEqual([]);
    b.apply(first);
    const second = made(b.text('t').insert(3, 'd'));
    expect(second.dependencies).toEqual([idOf('a', 2)]);
    expect(second.step).toBe(2);
    c.apply(first);
    c.apply(second);
    // What b's batch depends on goes without saying.
    expect(made(c.text('t').insert(4, 'e')).dependencies).toEqual([idOf('b', 0)]);
    expect(made(c.text('t').insert(5, 'f')).dependencies).toEqual([]);
  });

  test('[DOC9] whoever lacks batches gets them in an order in which they can be applied, also when times lie', () => {
    const a = documentOf('a');
    const b = documentOf('b');
    for (let i = 0; i < 5; i++) a.counter('n').add(1);
    syncAll(a, b);
    const honest = made(b.counter('n').add(10));
    const lying = { ...honest, step: 1 };
    a.apply(lying);
    expect(a.batchesSince(new Map())?.at(-1)).toEqual(lying);
    const c = documentOf('c');
    syncAll(c, a);
    expect(c.counter('n').value).toBe(15);
    expect(c.batchesSince(a.version)).toEqual([]);
  });

  test('[DOC7] the inbox applies what comes in any order and twice', () => {
    const a = documentOf('a');
    const b = documentOf('b');
    const batches = [1, 2, 3, 4].map(amount => made(a.counter('n').add(amount)));
    b.apply(batches[0]!);
    const inbox = new Inbox(documentOf('c'));
    expect(inbox.receive(batches[2]!)).toEqual({ applied: [], refused: [] });
    expect(inbox.receive(batches[1]!)).toEqual({ applied: [], refused: [] });
    expect(inbox.waiting).toBe(2);
    expect(inbox.receive(batches[0]!).applied).toEqual(batches.slice(0, 3));
    expect(inbox.receive(batches[3]!).applied).toEqual([batches[3]]);
    expect(inbox.waiting).toBe(0);
    expect(inbox.receive({ ...batches[3]!, firstCounter: 4, step: 0 }).refused).toMatchObject([
      { reason: 'time stands still' },
    ]);
  });
});

describe('transactions and events', () => {
  test('[DOC13] a transaction is one batch and one event, also when it is left by an exception', () => {
    const a = documentOf('a');
    const events: DocumentEvent[] = [];
    const unsubscribe = a.subscribe(event => events.push(event));
    const batch = a.transact(() => {
      a.text('t').insert(0, 'helo');
      expect(a.text('t').insert(3, 'l')).toBeUndefined();
      a.counter('n').add(1);
      a.transact(() => a.text('t').delete(0, 1));
    });
    expect(batch?.entries.map(entry => entry.container.key)).toEqual(['t', 'n', 't']);
    expect(events).toEqual([
      {
        local: true,
        batch,
        changes: [
          { path: [], kind: 'map', changes: [{ key: 't', kind: textKind.code, present: true }] },
          {
            path: ['t'],
            kind: 'text',
            changes: [
              { from: 0, to: 0, insert: 'helo' },
              { from: 3, to: 3, insert: 'l' },
            ],
          },
          { path: [], kind: 'map', changes: [{ key: 'n', kind: counterKind.code, present: true }] },
          { path: ['n'], kind: 'counter', changes: [{ value: 1 }] },
          { path: ['t'], kind: 'text', changes: [{ from: 0, to: 1, insert: '' }] },
        ],
      },
    ]);
    expect(() =>
      a.transact(() => {
        a.counter('n').add(1);
        throw new Error('halfway');
      }),
    ).toThrow('halfway');
    expect(a.counter('n').value).toBe(2);
    expect(a.batchesSince(new Map())).toHaveLength(2);
    unsubscribe();
    expect(a.transact(() => undefined)).toBeUndefined();
    a.counter('n').add(1);
    expect(events).toHaveLength(2);
  });

  test('[DOC13] what is applied tells what changed, and what appears and vanishes', () => {
    const a = documentOf('a');
    const b = documentOf('b');
    a.map('p').text('t').insert(0, 'a😀');
    const events: DocumentEvent[] = [];
    b.subscribe(event => events.push(event));
    syncAll(a, b);
    a.root.delete('p');
    syncAll(a, b);
    expect(events.map(({ local, changes }) => ({ local, changes }))).toMatchObject([
      {
        local: false,
        changes: [
          { path: ['p'], kind: 'map', changes: [{ key: 't', present: true }] },
          { path: [], kind: 'map', changes: [{ key: 'p', present: true }] },
          { path: ['p', 't'], kind: 'text', changes: [{ from: 0, to: 0, insert: 'a😀' }] },
        ],
      },
      {
        local: false,
        changes: [
          { path: ['p', 't'], changes: [{ from: 0, to: 3, insert: '' }] },
          { path: ['p'], changes: [{ key: 't', present: false }] },
          { path: [], changes: [{ key: 'p', present: false }] },
        ],
      },
    ]);
  });

  test('[DOC13] local text changes say what happened, surrogate pairs included', () => {
    const a = documentOf('a');
    let shown = '';
    a.subscribe(({ changes }) => {
      for (const { path, changes: each } of changes) {
        if (path[0] !== 't') continue;
        for (const change of each)
          if ('insert' in change)
            shown = shown.slice(0, change.from) + change.insert + shown.slice(change.to);
      }
    });
    const text = a.text('t');
    text.insert(0, 'x😀y');
    text.insert(2, 'in');
    expect(shown).toBe('xin😀y');
    text.delete(4, 1);
    text.insert(1, '\ud800');
    expect(shown).toBe(text.toString());
    expect(shown).toBe('x\ufffdiny');
  });
});

describe('texts of a document', () => {
  test('[DOC5] marks go with their key, those that reach to the end of the text too', () => {
    const a = documentOf('a');
    const b = documentOf('b');
    a.text('t').insert(0, 'bold');
    a.text('t').mark(0, 4, 'bold', true);
    syncAll(a, b);
    expect(b.text('t').spans()).toEqual([{ from: 0, to: 4, marks: new Map([['bold', true]]) }]);
    expect(b.text('t').insertedMarks(4).get('bold')).toBe(true);
    b.root.delete('t');
    syncAll(a, b);
    for (const each of [a, b]) {
      each.text('t').insert(0, 'plain');
      expect(each.text('t').marksAt(0).size).toBe(0);
    }
    syncAll(a, b);
    expect(encodeDocument(a)).toEqual(encodeDocument(b));
  });

  test('[DOC13] what an undo takes back is an edit like any other', () => {
    const a = documentOf('a');
    const b = documentOf('b');
    const undoable = a.text('t').undoable();
    const events: DocumentEvent[] = [];
    a.subscribe(event => events.push(event));
    undoable.insert(0, 'one two', 0);
    undoable.closeGroup();
    undoable.delete(3, 4, 1000);
    undoable.closeGroup();
    undoable.mark(0, 3, 'bold', true, 2000);
    syncAll(a, b);
    b.text('t').insert(0, '> ');
    syncAll(a, b);
    expect(a.text('t').toString()).toBe('> one');
    undoable.undo();
    undoable.undo();
    expect(a.text('t').toString()).toBe('> one two');
    expect(a.text('t').marksAt(2).size).toBe(0);
    expect(undoable.canUndo && undoable.canRedo).toBe(true);
    undoable.redo();
    syncAll(a, b);
    expect(b.text('t').toString()).toBe('> one');
    expect(encodeDocument(a)).toEqual(encodeDocument(b));
    let shown = '';
    for (const { changes } of events)
      for (const { path, changes: each } of changes)
        for (const change of each)
          if (path[0] === 't' && 'insert' in change)
            shown = shown.slice(0, change.from) + change.insert + shown.slice(change.to);
    expect(shown).toBe('> one');
    expect(events.filter(event => event.local)).toHaveLength(6);
  });
});

test('[DOC14] a document that was not kept from its beginning says so', () => {
  const a = documentOf('a');
  a.counter('n').add(1);
  const loaded = decodeDocument(encodeDocument(a), contextOf('a'));
  if (!loaded.ok) throw new Error(loaded.reason);
  expect(loaded.value.batchesSince(new Map())).toBeUndefined();
  made(loaded.value.counter('n').add(1));
  expect(loaded.value.batchesSince(a.version)).toHaveLength(1);
  expect(documentOf('b', { history: false }).batchesSince(new Map())).toBeUndefined();
  expect(new Document(contextOf('c')).batchesSince(new Map())).toEqual([]);
});

test('[DOC14] what everybody has may be forgotten; what is left can still be handed on', () => {
  const a = documentOf('a');
  const b = documentOf('b');
  for (let i = 0; i < 4; i++) a.text('t').insert(2 * i, 'ab');
  const all = a.batchesSince(new Map()) ?? [];
  b.apply(all[0]!);
  const state = encodeDocument(a);
  // Into the second batch: it is kept.
  a.forgetHistory(new Map([[replicaIdOf('a'), 3]]));
  expect(a.batchesSince(new Map())).toBeUndefined();
  expect(a.batchesSince(b.version)).toEqual(all.slice(1));
  a.forgetHistory(new Map([[replicaIdOf('a'), 8]]));
  expect(a.batchesSince(b.version)).toBeUndefined();
  expect(a.batchesSince(a.version)).toEqual([]);
  expect(encodeDocument(a)).toEqual(state);
  const next = made(a.text('t').insert(0, 'x'));
  expect(a.batchesSince(new Map([[replicaIdOf('a'), 8]]))).toEqual([next]);
});
