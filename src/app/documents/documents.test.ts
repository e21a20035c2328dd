/** Catalogue, board and poll between two people who edit apart: what each says when they have met again. */
import { describe, expect, test } from 'vitest';
import type { DeviceId, DocumentId } from '../../base/ids.ts';
import type { Document } from '../../crdt/document/document.ts';
import { documentOf, syncAll } from '../../crdt/document/testing.model.ts';
import { addCard, beginBoard, deleteNode, moveCard, readBoard, setTags, type Column } from './board.ts';
import { addDocument, placeDocument, readCatalogue, renameDocument, setRemoved } from './catalogue.ts';
import { beginPoll, count, readPoll, setSeveral, vote } from './poll.ts';
import { cleanTitle, titleLengthMax } from './values.ts';

const id = (n: number) => n.toString(16).padStart(32, '0') as DocumentId;
const device = (n: number) => n.toString(16).padStart(32, '0') as DeviceId;
const first = id(0xf);

function pair(): [Document, Document] {
  return [documentOf('a1'), documentOf('b2')];
}
function bothRead<T>(ana: Document, bo: Document, read: (document: Document) => T): T {
  syncAll(ana, bo);
  expect(read(ana)).toEqual(read(bo));
  return read(ana);
}

describe('catalogue', () => {
  const titles = (document: Document) =>
    readCatalogue(document, first).documents.map(({ documentId, title }) => title || documentId);

  test('the first page is there before anybody wrote a thing, once', () => {
    const [ana, bo] = pair();
    expect(titles(ana)).toEqual([first]);
    ana.transact(() => renameDocument(ana, first, 'Plan'));
    bo.transact(() => placeDocument(bo, first, first, undefined));
    ana.transact(() => placeDocument(ana, first, first, undefined));
    expect(bothRead(ana, bo, titles)).toEqual(['Plan']);
  });

  test('two documents made at once are two; the later of two names counts', () => {
    const [ana, bo] = pair();
    ana.transact(() => addDocument(ana, id(1), 'board', 'Packing'));
    bo.transact(() => addDocument(bo, id(2), 'poll', 'Which harbour?'));
    expect(bothRead(ana, bo, titles).toSorted()).toEqual([first, 'Packing', 'Which harbour?'].toSorted());
    ana.transact(() => renameDocument(ana, id(1), 'Bags'));
    syncAll(ana, bo);
    bo.transact(() => renameDocument(bo, id(1), 'Boxes'));
    expect(bothRead(ana, bo, titles)).toContain('Boxes');
  });

  test('what two people move at once stands in one place; order is theirs to choose', () => {
    const [ana, bo] = pair();
    ana.transact(() => [1, 2, 3].forEach(n => addDocument(ana, id(n), 'page', String(n))));
    expect(bothRead(ana, bo, titles)).toEqual([first, '1', '2', '3']);
    ana.transact(() => placeDocument(ana, first, id(3), id(1)));
    bo.transact(() => placeDocument(bo, first, id(3), undefined));
    expect(bothRead(ana, bo, titles).toSorted()).toEqual(['1', '2', '3', first].toSorted());
    ana.transact(() => placeDocument(ana, first, first, undefined));
    expect(titles(ana).at(-1)).toBe(first);
    ana.transact(() => placeDocument(ana, first, id(2), id(1)));
    expect(titles(ana).indexOf('2')).toBe(titles(ana).indexOf('1') - 1);
  });

  test('what was removed is kept aside and comes back as it was', () => {
    const [ana, bo] = pair();
    ana.transact(() => addDocument(ana, id(1), 'board', 'Packing'));
    syncAll(ana, bo);
    ana.transact(() => setRemoved(ana, id(1), true));
    bo.transact(() => renameDocument(bo, id(1), 'Bags'));
    const catalogue = bothRead(ana, bo, document => readCatalogue(document, first));
    expect(catalogue.documents.map(entry => entry.documentId)).toEqual([first]);
    expect(catalogue.removed).toEqual([{ documentId: id(1), kind: 'board', title: 'Bags' }]);
    bo.transact(() => setRemoved(bo, id(1), false));
    expect(bothRead(ana, bo, titles)).toEqual([first, 'Bags']);
  });

  test('whatever others wrote there is listed safely or not at all', () => {
    const [ana] = pair();
    ana.transact(() => {
      ana.map('documents').map('no id').set('kind', 'page');
      ana.map('documents').map(id(1)).set('kind', 'hologram');
      ana.map('documents').map(id(1)).set('title', { not: 'a title' });
      ana.list('order').push(null, 7, 'no id', id(1), id(1), id(9));
    });
    const { documents } = readCatalogue(ana, first);
    expect(documents).toEqual([
      { documentId: first, kind: 'page', title: '' },
      { documentId: id(1), kind: 'unknown', title: '' },
    ]);
    expect(cleanTitle('a\u202eb\u0000\nc')).toBe('ab c');
    expect(cleanTitle('x'.repeat(1000)).length).toBe(titleLengthMax);
  });
});

describe('board', () => {
  const shape = (document: Document) =>
    readBoard(document).columns.map(
      ({ title, cards }) => `${title}: ${cards.map(card => card.title).join(', ')}`,
    );
  function packing(): { ana: Document; bo: Document; columns: readonly Column[] } {
    const [ana, bo] = pair();
    ana.transact(() => {
      beginBoard(ana, ['To find', 'On it', 'Packed']);
      const [toFind] = readBoard(ana).columns;
      for (const title of ['cloth', 'lanterns', 'charts']) if (toFind) addCard(ana, toFind.id, title);
    });
    syncAll(ana, bo);
    return { ana, bo, columns: readBoard(ana).columns };
  }

  test('a card moved to two columns at once is in one of them, and once', () => {
    const { ana, bo, columns } = packing();
    const [toFind, onIt, packed] = columns;
    const cloth = toFind?.cards[0];
    if (!cloth || !onIt || !packed) throw new Error('the board is not as it was begun');
    ana.transact(() => moveCard(ana, cloth.id, onIt.id, 0));
    bo.transact(() => moveCard(bo, cloth.id, packed.id, 0));
    const all = bothRead(ana, bo, shape);
    expect(all.filter(column => column.includes('cloth')).length).toBe(1);
    expect(all.join().split('cloth').length).toBe(2);
  });

  test('moves within a column count places without the card itself; one to where it is changes nothing', () => {
    const { ana, columns } = packing();
    const [toFind] = columns;
    const cloth = toFind?.cards[0];
    if (!toFind || !cloth) throw new Error('the board is not as it was begun');
    expect(ana.transact(() => moveCard(ana, cloth.id, toFind.id, 0))).toBeUndefined();
    ana.transact(() => moveCard(ana, cloth.id, toFind.id, 1));
    expect(shape(ana)[0]).toBe('To find: lanterns, cloth, charts');
    ana.transact(() => moveCard(ana, cloth.id, toFind.id, 99));
    expect(shape(ana)[0]).toBe('To find: lanterns, charts, cloth');
  });

  test('a card moved out of a column that is deleted at the same time stays or goes, the same for both, and never twice', () => {
    const { ana, bo, columns } = packing();
    const [toFind, onIt] = columns;
    const cloth = toFind?.cards[0];
    if (!toFind || !onIt || !cloth) throw new Error('the board is not as it was begun');
    ana.transact(() => deleteNode(ana, toFind.id));
    bo.transact(() => moveCard(bo, cloth.id, onIt.id, 0));
    expect(bothRead(ana, bo, shape)).toEqual(['On it: cloth', 'Packed: ']);
    // What is gone is not moved, and nothing is put into what is gone.
    expect(ana.transact(() => void addCard(ana, toFind.id, 'rope'))).toBeUndefined();
    expect(ana.transact(() => moveCard(ana, cloth.id, toFind.id, 0))).toBeUndefined();
  });

  test('tags added at once are all there; one removed while another adds it again stays', () => {
    const { ana, bo, columns } = packing();
    const cloth = columns[0]?.cards[0];
    if (!cloth) throw new Error('the board is not as it was begun');
    ana.transact(() => setTags(ana, cloth.id, ['house']));
    bo.transact(() => setTags(bo, cloth.id, ['food']));
    const tags = (document: Document) => readBoard(document).columns[0]?.cards[0]?.tags;
    expect(bothRead(ana, bo, tags)).toEqual(['food', 'house']);
    ana.transact(() => setTags(ana, cloth.id, ['house']));
    expect(bothRead(ana, bo, tags)).toEqual(['house']);
  });
});

describe('poll', () => {
  const ana1 = { deviceId: device(1), name: 'Ana', colour: 2 };
  const bo1 = { deviceId: device(2), name: 'Bo', colour: 3 };
  const votes = (document: Document) =>
    readPoll(document).answers.map(
      ({ title, voters }) => `${title}: ${voters.map(voter => voter.name).join(' ')}`,
    );
  function harbours(): { ana: Document; bo: Document; keys: readonly string[] } {
    const [ana, bo] = pair();
    ana.transact(() => beginPoll(ana, 'votes', ['North', 'South']));
    syncAll(ana, bo);
    return { ana, bo, keys: readPoll(ana).answers.map(answer => answer.key) };
  }

  test('a ballot each: voting twice is one vote, and a changed mind is not two', () => {
    const { ana, bo, keys } = harbours();
    const [north = '', south = ''] = keys;
    ana.transact(() => vote(ana, ana1, north));
    bo.transact(() => vote(bo, bo1, north));
    expect(bothRead(ana, bo, votes)).toEqual(['North: Ana Bo', 'South: ']);
    bo.transact(() => vote(bo, bo1, south));
    expect(bothRead(ana, bo, votes)).toEqual(['North: Ana', 'South: Bo']);
    bo.transact(() => vote(bo, bo1, south));
    expect(bothRead(ana, bo, document => readPoll(document).voted)).toBe(1);
  });

  test('two tabs of a device that chose apart have no vote until they choose again', () => {
    const { ana, bo, keys } = harbours();
    const [north = '', south = ''] = keys;
    ana.transact(() => vote(ana, ana1, north));
    bo.transact(() => vote(bo, ana1, south));
    expect(bothRead(ana, bo, document => readPoll(document).undecided)).toEqual([ana1]);
    ana.transact(() => vote(ana, ana1, south));
    expect(bothRead(ana, bo, votes)).toEqual(['North: ', 'South: Ana']);
    ana.transact(() => setSeveral(ana, true));
    ana.transact(() => vote(ana, ana1, north));
    expect(bothRead(ana, bo, votes)).toEqual(['North: Ana', 'South: Ana']);
  });

  test('of what is counted at once nothing is lost', () => {
    const { ana, bo, keys } = harbours();
    const [north = ''] = keys;
    for (let n = 0; n < 3; n++) ana.transact(() => count(ana, north, 1));
    bo.transact(() => count(bo, north, 1));
    bo.transact(() => count(bo, north, -1));
    bo.transact(() => count(bo, north, -1));
    expect(bothRead(ana, bo, document => readPoll(document).answers[0]?.count)).toBe(2);
  });
});
