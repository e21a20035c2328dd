/**
 * A board: columns and the cards in them, one tree whose nodes move (`src/crdt/tree`). A column is a child of the root, a card a child
 * of a column. With a list a column, a card moved at once on two sides is taken out once and put in twice; in a tree a card is one
 * node, and of two moves the later counts. Names are registers (the later word), tags and people OR-Sets (adding wins).
 *
 * Deleting moves to the trash, so what a deleted column held is deleted with it, unless somebody moved it out at the same time.
 */
import type { OpId } from '../../crdt/context.ts';
import type { Document } from '../../crdt/document/document.ts';
import type { Value } from '../../crdt/value.ts';
import { cleanTitle, keyOf, textValue } from './values.ts';

/** A note on a card, in UTF-16 units. */
export const noteLengthMax = 20_000;

export interface Card {
  readonly id: OpId;
  /** The same as text: for keys and attributes. */
  readonly key: string;
  readonly title: string;
  readonly note: string;
  readonly tags: readonly string[];
  readonly people: readonly CardPerson[];
}

export interface CardPerson {
  readonly name: string;
  readonly colour: number;
}

export interface Column {
  readonly id: OpId;
  readonly key: string;
  readonly title: string;
  readonly cards: readonly Card[];
}

export interface Board {
  readonly columns: readonly Column[];
}

const nodes = (document: Document) => document.tree('board');

export function readBoard(document: Document): Board {
  const tree = nodes(document);
  const tags = document.map('tags');
  const people = document.map('people');
  const columns = tree.children().map((id): Column => {
    // A card inside a card, which no screen makes, is a card of its column.
    const cards = [...tree.walk(id)].map(({ id: card }): Card => {
      const key = keyOf(card);
      return {
        id: card,
        key,
        title: cleanTitle(tree.get(card, 'title')),
        note: textValue(tree.get(card, 'note'), noteLengthMax),
        tags: tags.orSet(key).values().map(cleanTitle).filter(Boolean),
        people: people.orSet(key).values().flatMap(personOf),
      };
    });
    return { id, key: keyOf(id), title: cleanTitle(tree.get(id, 'title')), cards };
  });
  return { columns };
}

function personOf(value: Value): CardPerson[] {
  if (!Array.isArray(value)) return [];
  const [name, colour] = value as readonly Value[];
  const hue = typeof colour === 'number' && colour >= 1 && colour <= 12 ? Math.floor(colour) : 1;
  const clean = cleanTitle(name);
  return clean === '' ? [] : [{ name: clean, colour: hue }];
}

/** The columns of a new board. Written by whoever makes it, so that nobody doubles them. */
export function beginBoard(document: Document, titles: readonly string[]): void {
  titles.forEach(title => void addColumn(document, title));
}

export function addColumn(document: Document, title: string): OpId {
  const tree = nodes(document);
  return tree.create({ parent: 'root', index: tree.children().length }, { title: cleanTitle(title) });
}

/** At the end of its column. `undefined`: the column is gone. */
export function addCard(document: Document, column: OpId, title: string): OpId | undefined {
  const tree = nodes(document);
  if (!isThere(document, column)) return undefined;
  return tree.create({ parent: column, index: tree.children(column).length }, { title: cleanTitle(title) });
}

/** Is this a node that nobody has deleted meanwhile? */
export function isThere(document: Document, node: OpId): boolean {
  const tree = nodes(document);
  return tree.spotOf(node) !== undefined && !tree.isDeleted(node);
}

/** `index` counts the cards that are there without the one that moves. What is gone meanwhile is not moved. */
export function moveCard(document: Document, card: OpId, column: OpId, index: number): void {
  const tree = nodes(document);
  if (!isThere(document, card) || !isThere(document, column) || !tree.canMove(card, column)) return;
  const others = tree.children(column).filter(id => keyOf(id) !== keyOf(card));
  const to = Math.max(0, Math.min(index, others.length));
  const now = tree.spotOf(card);
  if (now !== undefined && now.parent !== 'root' && now.parent !== 'trash')
    if (keyOf(now.parent) === keyOf(column) && now.index === to) return;
  tree.move(card, { parent: column, index: to });
}

/** `index` as for `moveCard`. */
export function moveColumn(document: Document, column: OpId, index: number): void {
  const tree = nodes(document);
  if (!isThere(document, column)) return;
  const to = Math.max(0, Math.min(index, tree.children().length - 1));
  if (tree.spotOf(column)?.index !== to) tree.move(column, { parent: 'root', index: to });
}

export function renameNode(document: Document, node: OpId, title: string): void {
  if (isThere(document, node)) nodes(document).set(node, 'title', cleanTitle(title));
}

export function setNote(document: Document, card: OpId, note: string): void {
  if (isThere(document, card)) nodes(document).set(card, 'note', note.slice(0, noteLengthMax));
}

export function deleteNode(document: Document, node: OpId): void {
  if (isThere(document, node)) nodes(document).delete(node);
}

/** Adds and removes what differs, so that what others add at the same time stays. */
export function setTags(document: Document, card: OpId, tags: readonly string[]): void {
  const set = document.map('tags').orSet(keyOf(card));
  const wanted = new Set(tags.map(cleanTitle).filter(Boolean));
  for (const tag of set.values()) if (typeof tag !== 'string' || !wanted.has(tag)) set.remove(tag);
  for (const tag of wanted) if (!set.has(tag)) set.add(tag);
}

export function setOnIt(document: Document, card: OpId, { name, colour }: CardPerson, on: boolean): void {
  const set = document.map('people').orSet(keyOf(card));
  if (on) set.add([name, colour]);
  else for (const one of set.values()) if (personOf(one)[0]?.name === name) set.remove(one);
}
