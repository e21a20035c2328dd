/** The rail, boards and polls: accessible first, then by keyboard, then what they do. */
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { page, userEvent } from 'vitest/browser';
import { addCard, beginBoard, readBoard } from '../documents/board.ts';
import { addDocument } from '../documents/catalogue.ts';
import { beginPoll, readPoll, vote } from '../documents/poll.ts';
import { newDocumentId, type DocumentId } from '../../base/ids.ts';
import { documentHref } from '../route.ts';
import { showSpace } from '../shell.ts';
import { accessibilityFaults } from '../testing/axe.ts';
import { expectFocus } from '../testing/focus.ts';
import { PlainSession, device } from '../testing/plain-session.ts';

const idOf = (n: number): DocumentId => newDocumentId(new Uint8Array(16).fill(n));
const [boardId, pollId] = [idOf(1), idOf(2)];

let root: HTMLElement;
let session: PlainSession;

beforeEach(async () => {
  await page.viewport(1280, 800);
  history.replaceState(null, '', location.pathname);
  root = document.createElement('div');
  document.body.append(root);
  session = new PlainSession('# Plan for Saturday');
  session.catalogue.transact(catalogue => {
    addDocument(catalogue, boardId, 'board', 'Who brings what');
    addDocument(catalogue, pollId, 'poll', 'Which harbour?');
  });
  session.valuesOf(boardId).transact(board => {
    beginBoard(board, ['To do', 'On it', 'Done']);
    const [column] = readBoard(board).columns;
    for (const title of ['cloth', 'lanterns', 'charts']) if (column) addCard(board, column.id, title);
  });
  session.valuesOf(pollId).transact(poll => {
    beginPoll(poll, 'votes', ['North', 'South']);
    const [north] = readPoll(poll).answers;
    if (north) vote(poll, { deviceId: device(7), name: 'Bo', colour: 3 }, north.key);
  });
});
afterEach(() => {
  root.remove();
  document.documentElement.style.removeProperty('color-scheme');
  history.replaceState(null, '', location.pathname);
});

function open(documentId?: DocumentId): void {
  if (documentId !== undefined)
    history.replaceState(null, '', `${location.pathname}${documentHref(session.spaceId, documentId)}`);
  showSpace(root, session);
}
const columns = (): readonly string[] =>
  readBoard(session.valuesOf(boardId).document).columns.map(({ title, cards }) =>
    `${title}: ${cards.map(card => card.title).join(' ')}`.trimEnd(),
  );

describe.each(['light', 'dark'])('accessibility, %s', scheme => {
  test.each([
    ['a board', boardId, 'Name of the board'],
    ['a poll', pollId, 'Name of the poll'],
  ])('of %s, wide and on a phone, without sideways scroll', async (_name, id, field) => {
    document.documentElement.style.setProperty('color-scheme', scheme);
    open(id);
    await expect.element(page.getByRole('textbox', { name: field })).toBeVisible();
    expect(await accessibilityFaults()).toEqual([]);
    await page.viewport(390, 780);
    expect(await accessibilityFaults()).toEqual([]);
    expect(document.documentElement.scrollWidth).toBeLessThanOrEqual(390);
    await page.getByRole('button', { name: 'Documents' }).click();
    await expect.element(page.getByRole('link', { name: 'Plan for Saturday' })).toBeVisible();
    expect(await accessibilityFaults()).toEqual([]);
  });

  test('of home', async () => {
    document.documentElement.style.setProperty('color-scheme', scheme);
    history.replaceState(null, '', `${location.pathname}#/home`);
    open();
    await expect.element(page.getByRole('heading', { name: 'Your spaces' })).toBeVisible();
    await expect.element(page.getByRole('progressbar', { name: 'Storage used' })).toBeVisible();
    expect(await accessibilityFaults()).toEqual([]);
    await page.viewport(390, 780);
    expect(await accessibilityFaults()).toEqual([]);
    expect(document.documentElement.scrollWidth).toBeLessThanOrEqual(390);
  });

  test('of a card that is open, and of a menu', async () => {
    document.documentElement.style.setProperty('color-scheme', scheme);
    open(boardId);
    await page.getByRole('button', { name: 'cloth' }).click();
    await expect.element(page.getByRole('dialog', { name: 'Card' })).toBeVisible();
    expect(await accessibilityFaults()).toEqual([]);
    await userEvent.keyboard('{Escape}');
    await page.getByRole('button', { name: 'New document' }).click();
    await expect.element(page.getByRole('menuitem', { name: 'Board' })).toBeVisible();
    expect(await accessibilityFaults()).toEqual([]);
  });
});

describe('keyboard', () => {
  test('Space picks a card up, arrows move it, Space drops it, Escape puts it back; each is said aloud', async () => {
    open(boardId);
    const card = page.getByRole('button', { name: 'cloth' });
    await expect.element(card).toBeVisible();
    (card.element() as HTMLElement).focus();
    await userEvent.keyboard(' {ArrowDown}{ArrowRight}{ArrowRight} ');
    expect(columns()).toEqual(['To do: lanterns charts', 'On it:', 'Done: cloth']);
    await expect.element(page.getByText('Dropped cloth in Done, 1 of 1.')).toBeInTheDocument();
    await userEvent.keyboard(' {ArrowLeft}{Escape}');
    expect(columns()).toEqual(['To do: lanterns charts', 'On it:', 'Done: cloth']);
    await userEvent.keyboard('{Enter}');
    await expectFocus(page.getByRole('textbox', { name: 'Title', exact: true }));
  });

  test('a menu opens at its first item, goes round by arrows, and gives the focus back', async () => {
    open(boardId);
    const button = page.getByRole('button', { name: 'New document' });
    await expect.element(button).toBeVisible();
    (button.element() as HTMLElement).focus();
    await userEvent.keyboard('{Enter}');
    await expectFocus(page.getByRole('menuitem', { name: 'Page' }));
    await userEvent.keyboard('{ArrowUp}');
    await expectFocus(page.getByRole('menuitem', { name: 'Poll' }));
    await userEvent.keyboard('{Escape}');
    await expectFocus(button);
  });
});

describe('behaviour', () => {
  test('what one types into a name is not lost when others change something meanwhile', async () => {
    open(pollId);
    const name = page.getByRole('textbox', { name: 'Name of the poll' });
    await expect.element(name).toBeVisible();
    await name.fill('Which pier');
    session.valuesOf(pollId).transact(document => document.root.set('several', true));
    await expect.element(page.getByRole('checkbox', { name: 'Several answers' })).toBeChecked();
    await expect.element(name).toHaveValue('Which pier');
    await userEvent.keyboard('{Enter}');
    await expect.element(page.getByRole('link', { name: 'Which pier' })).toBeVisible();
  });

  test('a document of an unknown kind is listed, kept, and said to be one', async () => {
    session.catalogue.transact(catalogue => {
      const entry = catalogue.map('documents').map(idOf(9));
      entry.set('kind', 'hologram');
      entry.set('title', 'From next year');
    });
    open(idOf(9));
    await expect.element(page.getByRole('heading', { name: 'Made by a newer version' })).toBeVisible();
    await expect.element(page.getByRole('link', { name: 'From next year' })).toBeVisible();
  });

  test('what is written on cards is text, whatever it looks like', async () => {
    session.valuesOf(boardId).transact(board => {
      const [column] = readBoard(board).columns;
      if (column) addCard(board, column.id, '<img src=x onerror="globalThis.ran = true">');
    });
    open(boardId);
    await expect.element(page.getByText('<img src=x')).toBeVisible();
    expect('ran' in globalThis).toBe(false);
  });

  test('a device remembers where it was', async () => {
    open(pollId);
    await expect.element(page.getByRole('textbox', { name: 'Name of the poll' })).toBeVisible();
    expect(session.places.at(-1)).toEqual({
      lastDocument: pollId,
      name: 'Plan for Saturday',
      documents: 3,
    });
  });
});
