import { describe, expect, test } from 'vitest';
import { concatBytes, equalBytes, toHex } from '../../base/bytes.ts';
import { Writer } from '../../base/codec.ts';
import { mapDepthMax } from '../../base/limits.ts';
import { damaged } from '../testing/damage.model.ts';
import { decodeDocumentBatch, encodeDocumentBatch } from './batch-codec.ts';
import { rootId } from './container-table.ts';
import type { Document } from './document.ts';
import { editAt, viewOf, editorCount } from './edits.model.ts';
import { decodeDocumentHistory, encodeDocumentHistory } from './history-codec.ts';
import { counterKind, textKind } from './kinds.ts';
import type { DocumentBatch, Entry } from './messages.ts';
import { decodeDocument, encodeDocument } from './state-codec.ts';
import { contextOf, documentOf, made, replicaIdOf, syncAll } from './testing.model.ts';
import { SeededRandom } from '../../base/random.ts';

const alice = replicaIdOf('a');
const bob = replicaIdOf('b');

function loaded<T>(decoded: { ok: true; value: T } | { ok: false; reason: string }): T {
  if (!decoded.ok) throw new Error(decoded.reason);
  return decoded.value;
}
function historyOf(document: Document): Uint8Array {
  const bytes = encodeDocumentHistory(document);
  if (bytes === undefined) throw new Error('no history');
  return bytes;
}

/** Three replicas' edits of every kind, with removals, all known to `documents[0]`. */
function busy(): Document {
  const random = new SeededRandom('busy');
  const documents = ['a', 'b', 'c'].map(name => documentOf(name));
  for (let i = 0; i < 120; i++) {
    const document = documents[random.below(3)]!;
    const draw = () => random.below(1 << 16);
    document.transact(() => editAt(document, random.below(editorCount), [draw(), draw(), draw(), draw()]));
    if (i % 20 === 0) syncAll(...documents);
  }
  syncAll(...documents);
  return documents[0]!;
}

/** What a newer version says: a kind nobody knows yet, a newer text, and a text operation that builds on it. */
function newerBatches(): readonly DocumentBatch[] {
  const unread = (kind: number, counters: number, ...bytes: number[]): Entry => ({
    type: 'unread',
    container: { parent: rootId, key: 'k', kind },
    counters,
    bytes: Uint8Array.from(bytes),
  });
  const batch = (firstCounter: number, ...entries: Entry[]): DocumentBatch => ({
    replicaId: bob,
    firstCounter,
    step: 1,
    dependencies: [],
    entries,
  });
  return [
    batch(0, unread(4711, 3, 0, 1, 2), unread(textKind.code, 2, 9, 9, 9)),
    batch(5, {
      type: 'edit',
      container: { parent: rootId, key: 'k', kind: textKind.code },
      counters: 1,
      ops: [
        {
          type: 'insert',
          id: { replicaId: bob, counter: 5 },
          parent: { replicaId: bob, counter: 3 },
          side: 'right',
          text: '!',
        },
      ],
    }),
    batch(6, {
      type: 'edit',
      container: { parent: rootId, key: 'k', kind: counterKind.code },
      counters: 1,
      ops: [{ type: 'increment', id: { replicaId: bob, counter: 6 }, amount: 4 }],
    }),
  ];
}

describe('what a newer version says', () => {
  test('[DOC10] goes through an older one and back byte for byte, also in what it saves', () => {
    const sent = newerBatches().map(batch => encodeDocumentBatch(batch));
    const first = newerBatches().map(batch => batch.firstCounter);
    const older = documentOf('a');
    for (const [i, bytes] of sent.entries())
      expect(older.apply(loaded(decodeDocumentBatch(bytes, bob, first[i]!)))).toMatchObject({ ok: true });
    expect(viewOf(older.root)).toMatchObject({ k: { counter: 4, text: '' } });
    expect(older.root.kinds('k')).toEqual(['counter', 'kind 4711', 'text']);

    const passedOn = (from: Document) =>
      from.batchesSince(new Map())?.map(batch => encodeDocumentBatch(batch));
    expect(passedOn(older)).toEqual(sent);
    expect(passedOn(loaded(decodeDocumentHistory(historyOf(older), contextOf('c'))))).toEqual(sent);

    const state = encodeDocument(older);
    const again = loaded(decodeDocument(state, contextOf('a')));
    expect(encodeDocument(again)).toEqual(state);
    expect(again.root.kinds('k')).toEqual(['counter', 'kind 4711', 'text']);
    const kept = [...again.containers.sortedChildren()].flatMap(child =>
      child.unread.map(({ entry }) => entry),
    );
    // By kind, then by time: the newer text, what builds on it, the kind nobody knows.
    expect(kept.map(({ bytes }) => toHex(bytes))).toEqual(['090909', '0100140221', '000102']);
  });

  test('[DOC10] is hidden when its key is removed, and shows when it is edited again', () => {
    const older = documentOf('a');
    for (const batch of newerBatches()) older.apply(batch);
    older.root.delete('k');
    expect(older.keys()).toEqual([]);
    older.apply({ ...newerBatches()[0]!, firstCounter: 7 });
    expect(older.root.kinds('k')).toEqual(['kind 4711', 'text']);
  });

  test('[DOC10] what was kept is read by a version that can, once it loads the document', () => {
    const writer = documentOf('b');
    const batches = [made(writer.text('k').insert(0, 'ab')), made(writer.text('k').insert(2, 'c'))];
    const reader = documentOf('a');
    // As a version that knows no text has it: the same bytes, unread.
    for (const batch of batches) {
      const bytes = decodeUnread(batch);
      expect(reader.apply(bytes).ok).toBe(true);
    }
    expect(reader.text('k').toString()).toBe('');
    const later = loaded(decodeDocument(encodeDocument(reader), contextOf('a')));
    expect(later.text('k').toString()).toBe('abc');
    expect(encodeDocument(later)).toEqual(encodeDocument(writer));
  });
});

/** `batch` with its entries as bytes. */
function decodeUnread(batch: DocumentBatch): DocumentBatch {
  let first = batch.firstCounter;
  return {
    ...batch,
    entries: batch.entries.map((entry): Entry => {
      const bytes = textKind.encodeOps(
        entry.type === 'edit' ? (entry.ops as never) : [],
        batch.replicaId,
        first,
      );
      first += entry.counters;
      return { type: 'unread', container: entry.container, counters: entry.counters, bytes };
    }),
  };
}

describe('bytes', () => {
  test('[DOC11] a document with and without its history is the same after loading', () => {
    const document = busy();
    const state = encodeDocument(document);
    const history = historyOf(document);
    const fromState = loaded(decodeDocument(state, contextOf('d')));
    const fromHistory = loaded(decodeDocumentHistory(history, contextOf('d')));
    for (const each of [fromState, fromHistory]) {
      expect(viewOf(each.root)).toEqual(viewOf(document.root));
      expect(encodeDocument(each)).toEqual(state);
      expect(each.version).toEqual(document.version);
    }
    expect(historyOf(fromHistory)).toEqual(history);
    expect(fromHistory.batchesSince(new Map())).toHaveLength(document.batchesSince(new Map())?.length ?? 0);
    const other = loaded(decodeDocumentHistory(history, contextOf('d'), { history: false }));
    expect(encodeDocumentHistory(other)).toBeUndefined();
  });

  test('[DOC11] a batch out of a history is the one that went in: whoever has some of it can take the rest', () => {
    const a = documentOf('a');
    a.text('t').insert(0, 'hello');
    for (const at of [4, 3]) a.text('t').delete(at, 1);
    for (let i = 0; i < 2; i++) a.text('t').delete(0, 1);
    const all = a.batchesSince(new Map()) ?? [];
    const again = loaded(decodeDocumentHistory(historyOf(a), contextOf('b')));
    expect(again.batchesSince(new Map())).toEqual(all);
    expect(again.text('t').toString()).toBe('l');
  });

  test('[DOC11] deletions of one batch that touch in the end are one, whichever way they went (laws, run 19859)', () => {
    const a = documentOf('a');
    a.text('t').insert(0, 'abcdefg');
    const batch = made(
      a.transact(() => {
        // The third letter, the fifth to seventh, then the fourth, which joins both.
        a.text('t').delete(2, 1);
        a.text('t').delete(3, 3);
        a.text('t').delete(2, 1);
      }),
    );
    expect(batch.entries[0]).toMatchObject({ ops: [{ type: 'delete', length: 5, target: { counter: 2 } }] });
    const again = loaded(decodeDocumentHistory(historyOf(a), contextOf('b')));
    expect(again.batchesSince(new Map())).toEqual(a.batchesSince(new Map()));
  });

  test('[DOC11] the released bytes stay what they are: batch and history of version 1, state of version 2', () => {
    const a = documentOf('a');
    const b = documentOf('b');
    b.apply(made(a.map('m').text('t').insert(0, 'hi')));
    const batch = made(
      b.transact(() => {
        b.map('m').text('t').insert(2, '!');
        b.counter('n').add(5);
        b.root.delete('m');
        b.map('ü').touch('x');
      }),
    );
    expect(toHex(encodeDocumentBatch(batch))).toBe(golden.batch);
    syncAll(a, b);
    expect(toHex(encodeDocument(a))).toBe(golden.state);
    expect(toHex(historyOf(a))).toBe(golden.history);
    expect(encodeDocument(b)).toEqual(encodeDocument(a));
    expect(historyOf(b)).toEqual(historyOf(a));
  });

  test('[DOC12] what is not in its one form is refused', () => {
    const batch = (write: (writer: Writer) => void) => {
      const writer = new Writer().byte(1).varUint(0).varUint(1);
      write(writer);
      return decodeDocumentBatch(writer.finish(), bob, 0);
    };
    const row = (writer: Writer, parent: number, kind: number, key: string) =>
      writer.varUint(parent).varUint(kind).varString(key);
    const entry = (writer: Writer, place: number) =>
      writer.varUint(place).varUint(1).varBytes(Uint8Array.of(1, 4));
    const refused: [string, (writer: Writer) => void][] = [
      ['short', () => undefined],
      ['empty batch', writer => writer.varUint(0)],
      ['container named in vain', writer => entry(row(row(writer.varUint(2), 0, 3, 'a'), 0, 3, 'b'), 1)],
      [
        'containers out of order',
        writer => entry(entry(row(row(writer.varUint(2), 0, 3, 'a'), 0, 3, 'b'), 2), 1),
      ],
      ['container named twice', writer => row(row(writer.varUint(2), 0, 3, 'a'), 0, 3, 'a')],
      ['not a map', writer => row(row(writer.varUint(2), 0, 3, 'a'), 1, 3, 'a')],
      ['no kind', writer => row(writer.varUint(1), 0, 0, 'a')],
      ['number too large', writer => row(writer.varUint(2 ** 40), 0, 3, 'a')],
      ['number too large', writer => entry(row(writer.varUint(1), 0, 3, 'a'), 2)],
      ['counter out of range', writer => row(writer.varUint(1), 0, 3, 'a').varUint(1).varUint(0).varUint(0)],
      [
        'counters do not add up',
        writer => row(writer.varUint(1), 0, 3, 'a').varUint(1).varUint(2).varBytes(Uint8Array.of(1, 4)),
      ],
      [
        'nested too deeply',
        writer => {
          writer.varUint(mapDepthMax + 1);
          for (let i = 0; i <= mapDepthMax; i++) row(writer, i, 2, 'k');
        },
      ],
    ];
    for (const [reason, write] of refused) expect(batch(write)).toEqual({ ok: false, reason });
    expect(batch(writer => entry(row(writer.varUint(1), 0, 3, 'a'), 1)).ok).toBe(true);
  });

  test('[DOC12] ids that nobody gave out yet do not load', () => {
    const a = documentOf('a');
    a.text('t').insert(0, 'abc');
    const bytes = encodeDocument(a);
    // The version says that only two counters were used.
    const at = 2 + 16;
    expect(bytes[at]).toBe(3);
    const context = contextOf('a');
    const lying = concatBytes(bytes.subarray(0, at), Uint8Array.of(2), bytes.subarray(at + 1));
    expect(decodeDocument(lying, context).ok).toBe(false);
    expect(context.counter.next).toBe(0);
  });

  test('[DOC12] a hundred thousand damaged inputs throw nothing, and what is refused changes nothing', () => {
    const document = busy();
    const outcomes = { refused: 0, refusedByDocument: 0, taken: 0 };
    const count = (key: keyof typeof outcomes) => (outcomes[key] += 1);

    const batches = (document.batchesSince(new Map()) ?? []).slice(0, 16);
    for (const [i, batch] of batches.entries()) {
      const before = encodeDocument(upTo(batches.slice(0, i)));
      let reader = loaded(decodeDocument(before, contextOf('d')));
      for (const bytes of damaged(encodeDocumentBatch(batch), 5000, String(i))) {
        const decoded = decodeDocumentBatch(bytes, batch.replicaId, batch.firstCounter);
        if (!decoded.ok) {
          count('refused');
          continue;
        }
        // Looking at all of the document each time would take most of the time.
        if (reader.apply(decoded.value).ok) {
          if (count('taken') % 8 === 0) loaded(decodeDocument(encodeDocument(reader), contextOf('d')));
          reader = loaded(decodeDocument(before, contextOf('d')));
        } else if (count('refusedByDocument') % 8 === 0)
          expect(equalBytes(encodeDocument(reader), before)).toBe(true);
      }
      expect(encodeDocument(reader)).toEqual(before);
    }
    expect(outcomes.refused).toBeGreaterThan(10_000);
    expect(outcomes.refusedByDocument).toBeGreaterThan(1000);
    expect(outcomes.taken).toBeGreaterThan(1000);

    const small = upTo(batches.slice(0, 10));
    for (const [good, decode] of [
      [encodeDocument(small), decodeDocument],
      [historyOf(small), decodeDocumentHistory],
    ] as const) {
      let taken = 0;
      for (const bytes of damaged(good, 10_000, 'whole')) {
        const context = contextOf('a');
        const decoded = decode(bytes, context);
        if (decoded.ok) {
          taken++;
          encodeDocument(decoded.value);
          decoded.value.text('t').insert(0, 'x');
        } else if (context.counter.next !== 0) throw new Error('a refused document drew from the counter');
      }
      expect(taken).toBeGreaterThan(100);
    }
  });
});

/** A newcomer that knows `batches`. */
function upTo(batches: readonly DocumentBatch[]): Document {
  const document = documentOf('d');
  for (const batch of batches) loaded(asDecoded(document.apply(batch)));
  return document;
}
function asDecoded(applied: ReturnType<Document['apply']>) {
  return applied.ok ? { ok: true as const, value: applied.changes } : applied;
}

/** Cut where one thing ends; `A` and `B` stand for the two replicas. */
const golden = {
  // One dependency, step 2 | m, m/t, n, ü | "!" after alice's 1 | 5 more | her 2 and his 1 deleted | m removed | ü/x there.
  batch: hex(
    '01 01A01 02 04 0002016d 01010174 0003016e 000202c3bc',
    '020116 0101A 16000121 030102 0114 020317 0101A 0b0000 0504',
    '00012a 0102AB 01016d02 0001 0104 040106 0100 00017802',
  ),
  // Versions and times | five containers | n, ü and ü/x are present | nothing unread | the text, the counter.
  state: hex(
    '02 02 A0201 B0702 05 0002016d 01010174 0003016e 000202c3bc 04020178',
    '0002 0103 0103 01 06 06 0005 31 0102AB 022212000200000400010101000000',
    '09 0106 010101 020500 00',
  ),
  history: hex(
    '01 02AB 04 0002016d 01010174 0003016e 000202c3bc',
    '01 01 0101 0001 0201 01 0201 05 0100226869',
    '01 05 0201 0101 0001 01 0102 0301 0102 05 0201 0301 0201 0001 0401',
    '16 0101A 16000121 02 0114 17 0101A 0b0000 0504 2a 0102AB 01016d02 0001 0104 06 0100 00017802',
  ),
};

function hex(...parts: readonly string[]): string {
  return parts.join('').replaceAll(' ', '').replaceAll('A', alice).replaceAll('B', bob);
}
