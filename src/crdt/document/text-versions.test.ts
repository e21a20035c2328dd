import { expect, test } from 'vitest';
import { logContext } from '../log-context.ts';
import { decodeDocument, encodeDocument } from './state-codec.ts';
import { contextOf, documentOf, made, replicaIdOf, syncAll } from './testing.model.ts';

test('[TEXT18] [TEXT19] [TEXT20] a text of a document can be looked at, compared, blamed and branched as it was', () => {
  const [a, b] = [documentOf('a'), documentOf('b')];
  const text = a.map('page').text('body');
  text.insert(0, 'Hello');
  // Other values of the log stand between.
  a.counter('votes').add(1);
  text.mark(0, 5, 'bold', true);
  const early = new Map(a.version);
  syncAll(a, b);
  b.map('page').text('body').insert(5, ' you');
  b.map('other').text('body').insert(0, 'another text of that name');
  a.map('page').text('body').delete(0, 1);
  syncAll(a, b);
  text.mark(0, 4, 'bold', null);
  syncAll(a, b);
  for (const document of [a, b]) {
    const versions = document.map('page').text('body').versions();
    if (versions === undefined) throw new Error('all of the history is kept');
    const now = new Map(document.version);
    expect(versions.checkout(early)).toEqual({ ok: true, text: 'Hello' });
    expect(versions.checkout(now)).toEqual({ ok: true, text: 'ello you' });
    expect(versions.diff(early, now)).toEqual({
      ok: true,
      changes: [
        { from: 0, to: 1, insert: '' },
        { from: 4, to: 4, insert: ' you' },
      ],
    });
    const blame = versions.blame(now);
    expect(blame.ok && blame.runs.map(({ from, to, replicaId }) => [from, to, replicaId])).toEqual([
      [0, 4, replicaIdOf('a')],
      [4, 8, replicaIdOf('b')],
    ]);
    const branch = versions.branch(early, contextOf('c', 0));
    expect(branch.ok && branch.text.spans()).toEqual([{ from: 0, to: 5, marks: new Map([['bold', true]]) }]);
    expect(versions.spans(early)).toEqual({
      ok: true,
      spans: [{ from: 0, to: 5, marks: new Map([['bold', true]]) }],
    });
    // What was typed at its end meanwhile is bold still.
    expect(versions.spans(now)).toEqual({
      ok: true,
      spans: [
        { from: 0, to: 4, marks: new Map() },
        { from: 4, to: 8, marks: new Map([['bold', true]]) },
      ],
    });
    expect(document.map('page').text('body').marksAt(0)).toEqual(new Map());
    expect(versions.checkout(new Map([[replicaIdOf('a'), 99]]))).toEqual({ ok: false, reason: 'unknown' });
  }
});

test('[TEXT18] without all of the history there are no versions', () => {
  const a = documentOf('a');
  made(a.text('t').insert(0, 'x'));
  const loaded = decodeDocument(
    encodeDocument(a),
    logContext(replicaIdOf('d'), () => 1),
  );
  expect(loaded.ok && loaded.value.text('t').versions()).toBe(undefined);
  expect(documentOf('b', { history: false }).text('t').versions()).toBe(undefined);
});
