/** Documents of named values in a space: boards, polls, the catalogue. Their own rules are DOC1–DOC14. */
import { describe, expect, test } from 'vitest';
import { fromHex } from '../base/bytes.ts';
import type { DocumentId } from '../base/ids.ts';
import { batchSectionsMax } from '../base/limits.ts';
import { encodeDocument } from '../crdt/document/state-codec.ts';
import { Scene } from '../sim/scene.model.ts';
import { decodeBatch, documentSection, type Batch } from '../sync/batch.ts';
import { nobleCrypto } from '../sync/crypto.ts';
import { transactionBytesMax, type Documents } from './documents.ts';
import { Author, documentsOf, sign } from './lone.model.ts';

const board = 'b0'.repeat(16) as DocumentId;
const poll = 'a0'.repeat(16) as DocumentId;

function batchOf(documents: Documents, author: Author): Batch {
  const signed = author.goOn(sign(author.header(), documents.takePending(), author.device.deviceKey));
  const decoded = decodeBatch(nobleCrypto, signed.bytes);
  if (!decoded.ok) throw new Error(decoded.reason);
  return decoded.value;
}
function writer(n: number): { author: Author; documents: Documents } {
  const author = new Author(n);
  author.certificate();
  return { author, documents: documentsOf(author.replicaId) };
}
const nobody = (): void => undefined;

describe('one section a transaction', () => {
  test('[SYNC45] text and values under one id are two values and travel in one batch', () => {
    const ana = writer(1);
    const bo = writer(2);
    ana.documents.edit(board, [{ from: 0, to: 0, insert: 'words' }]);
    ana.documents.transact(board, document => document.root.set('title', 'Packing'));
    ana.documents.edit(board, [{ from: 5, to: 5, insert: '!' }]);
    const batch = batchOf(ana.documents, ana.author);
    expect(ana.documents.hasPending).toBe(false);
    const told: string[] = [];
    bo.documents.apply(
      batch,
      (id, { type }) => told.push(`${type} ${id === board ? 'board' : '?'}`),
      expect.fail,
    );
    expect(told).toEqual(['text board', 'document board', 'text board']);
    expect(bo.documents.text(board).toString()).toBe('words!');
    expect(bo.documents.document(board).root.get('title')).toBe('Packing');
  });

  test('[SYNC45] what nobody here has opened is there when somebody looks', () => {
    const ana = writer(1);
    const bo = writer(2);
    ana.documents.transact(poll, document => document.counter('votes').add(3));
    bo.documents.apply(batchOf(ana.documents, ana.author), nobody, expect.fail);
    expect(bo.documents.document(poll).counter('votes').value).toBe(3);
  });

  test('[SYNC45] a log read back goes on where it stopped', () => {
    const ana = writer(1);
    ana.documents.transact(poll, document => document.counter('votes').add(1));
    const first = batchOf(ana.documents, ana.author);
    const again = documentsOf(ana.author.replicaId);
    again.apply(first, nobody, expect.fail);
    again.transact(poll, document => document.counter('votes').add(1));
    const bo = writer(2);
    for (const batch of [first, batchOf(again, ana.author)]) bo.documents.apply(batch, nobody, expect.fail);
    expect(bo.documents.document(poll).counter('votes').value).toBe(2);
  });

  test('nothing edited is no batch; more transactions than sections are more batches', () => {
    const ana = writer(1);
    const bo = writer(2);
    expect(ana.documents.transact(poll, () => undefined)).toBe(false);
    expect(ana.documents.hasPending).toBe(false);
    for (let n = 0; n < batchSectionsMax + 5; n++)
      ana.documents.transact(poll, document => document.counter('votes').add(1));
    let batches = 0;
    for (; ana.documents.hasPending; batches++)
      bo.documents.apply(batchOf(ana.documents, ana.author), nobody, expect.fail);
    expect(batches).toBe(2);
    expect(bo.documents.document(poll).counter('votes').value).toBe(batchSectionsMax + 5);
  });

  test('large transactions fill batches and never overfill one', () => {
    const ana = writer(1);
    const bo = writer(2);
    const long = 'x'.repeat(transactionBytesMax - 100);
    for (const key of ['a', 'b', 'c'])
      ana.documents.transact(board, document => document.root.set(key, long));
    for (let n = 0; n < 3; n++) bo.documents.apply(batchOf(ana.documents, ana.author), nobody, expect.fail);
    expect(bo.documents.document(board).root.get('c')).toBe(long);
    expect(() => ana.documents.transact(board, document => document.root.set('d', long + long))).toThrow(
      'fits',
    );
  });
});

describe('hostile sections', () => {
  const section = (operations: Uint8Array, counters = 0): Batch => {
    const author = new Author(3);
    author.certificate();
    const body = {
      type: 'operations' as const,
      firstCounter: 0,
      sections: [{ documentId: board, kind: documentSection, counters, operations }],
    };
    return sign(author.header(), body, author.device.deviceKey);
  };
  test.each([
    ['nothing', '', 0, 'operations: short'],
    ['no batch', '00', 0, 'operations: short'],
    ['an unknown version', '0009', 0, 'operations: unknown version'],
    ['counters of the log', '00', 1, 'operations: counters do not add up'],
  ])('[SYNC9] %s is refused with a reason and changes nothing', (_name, hex, counters, reason) => {
    const bo = writer(2);
    const refused: string[] = [];
    bo.documents.apply(section(fromHex(hex), counters), expect.fail, why => refused.push(why));
    expect(refused).toEqual([reason]);
    expect(bo.documents.document(board).keys()).toEqual([]);
  });

  test('[SYNC9] a transaction that comes again or out of turn is refused or skipped, never applied twice', () => {
    const ana = writer(1);
    const bo = writer(2);
    ana.documents.transact(poll, document => document.counter('votes').add(1));
    const first = batchOf(ana.documents, ana.author);
    ana.documents.transact(poll, document => document.counter('votes').add(1));
    const second = batchOf(ana.documents, ana.author);
    const refused: string[] = [];
    bo.documents.apply(second, nobody, why => refused.push(why));
    for (const batch of [first, first, second, second])
      bo.documents.apply(batch, nobody, why => refused.push(why));
    expect(refused).toEqual(['operations: a counter that jumps']);
    expect(bo.documents.document(poll).counter('votes').value).toBe(2);
  });
});

describe('in a world', () => {
  const same = (scene: Scene, id: DocumentId): void => {
    const states = scene.running().map(({ replica }) => encodeDocument(replica.document(id)).join());
    expect(new Set(states).size).toBe(1);
  };

  test('[SYNC23] cards moved on both sides of a split are each in one place afterwards, and no vote is lost', () => {
    const scene = new Scene({ replicas: 4, seed: 9 });
    scene.run(2000);
    scene.peer(0).process.transact(board, document => {
      const tree = document.tree('cards');
      const columns = [0, 1, 2].map(index =>
        tree.create({ parent: 'root', index }, { title: String(index) }),
      );
      for (let n = 0; n < 6; n++)
        tree.create({ parent: columns[0] ?? 'root', index: n }, { title: `card ${String(n)}` });
    });
    expect(scene.converge()).toBeDefined();
    scene.partition([0, 1], [2, 3]);
    for (let round = 0; round < 8; round++)
      for (let who = 0; who < 4; who++) {
        scene.peer(who).process.transact(board, document => {
          const tree = document.tree('cards');
          const columns = tree.children();
          const cards = columns.flatMap(column => tree.children(column));
          const card = cards[(round * 5 + who) % cards.length];
          const parent = columns[(who + round) % columns.length];
          if (card !== undefined && parent !== undefined) tree.move(card, { parent, index: 0 });
        });
        scene.peer(who).process.transact(poll, document => document.counter('votes').add(1));
        scene.run(100);
      }
    scene.crash(3);
    scene.heal();
    scene.open(3);
    expect(scene.converge()).toBeDefined();
    same(scene, board);
    same(scene, poll);
    const document = scene.peer(3).replica.document(board);
    const tree = document.tree('cards');
    const titles = tree
      .children()
      .flatMap(column => tree.children(column).map(card => tree.get(card, 'title')));
    expect(titles.sort()).toEqual([0, 1, 2, 3, 4, 5].map(n => `card ${String(n)}`));
    expect(scene.peer(0).replica.document(poll).counter('votes').value).toBe(32);
  });
});
