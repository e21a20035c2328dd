/**
 * What a space holds: its documents, their names and their order, and what the space is called.
 *
 * The obvious list of documents has the first page twice, since two people who open a new space apart each put it there. So a
 * document is named by its id in a map: the first page's id everybody knows, and it is there unless somebody removed it; any other id
 * is drawn at random, so that two people who make a page at once have made two. Order is a list with moves, into which a
 * document's id is put once; of an id that is there twice all the same the first counts, and what is in no list comes first.
 *
 * Removing is a mark that can be taken back: nobody's words go because somebody else tidied up.
 */
import type { DocumentId } from '../../base/ids.ts';
import { isId } from '../../base/ids.ts';
import type { Document } from '../../crdt/document/document.ts';
import type { Value } from '../../crdt/value.ts';
import { cleanTitle } from './values.ts';

export const documentKinds = ['page', 'board', 'poll'] as const;
export type DocumentKind = (typeof documentKinds)[number];

export interface CatalogueEntry {
  readonly documentId: DocumentId;
  /** `unknown`: made by a newer version. It is kept and listed, and not opened. */
  readonly kind: DocumentKind | 'unknown';
  /** What it was called; empty when nobody has, and then a page goes by its first line. */
  readonly title: string;
}

export interface Catalogue {
  /** Of the space; empty when nobody has named it. */
  readonly name: string;
  readonly documents: readonly CatalogueEntry[];
  /** In the same order as they would be shown. */
  readonly removed: readonly CatalogueEntry[];
}

function kindOf(value: Value | undefined): CatalogueEntry['kind'] {
  return documentKinds.find(kind => kind === value) ?? 'unknown';
}

export function readCatalogue(document: Document, firstPage: DocumentId): Catalogue {
  const known = document.map('documents');
  const ordered = document.list('order').toArray();
  const ids = new Set<DocumentId>();
  const places = new Set(ordered);
  for (const id of [firstPage, ...known.keys().filter(isId)]) if (!places.has(id)) ids.add(id as DocumentId);
  for (const id of ordered)
    if (id === firstPage || (typeof id === 'string' && isId(id) && known.has(id))) ids.add(id as DocumentId);
  const documents: CatalogueEntry[] = [];
  const removed: CatalogueEntry[] = [];
  for (const documentId of ids) {
    const entry = known.map(documentId);
    const kind = documentId === firstPage ? 'page' : kindOf(entry.get('kind'));
    const list = entry.get('removed') === true ? removed : documents;
    list.push({ documentId, kind, title: cleanTitle(entry.get('title')) });
  }
  return { name: cleanTitle(document.root.get('name')), documents, removed };
}

export function addDocument(
  document: Document,
  documentId: DocumentId,
  kind: DocumentKind,
  title: string,
): void {
  const entry = document.map('documents').map(documentId);
  entry.set('kind', kind);
  if (title !== '') entry.set('title', cleanTitle(title));
  document.list('order').push(documentId);
}

export function renameDocument(document: Document, documentId: DocumentId, title: string): void {
  document.map('documents').map(documentId).set('title', cleanTitle(title));
}

export function setRemoved(document: Document, documentId: DocumentId, removed: boolean): void {
  document.map('documents').map(documentId).set('removed', removed);
}

/** Puts a document where it will stand before `before`, or last. What is in no list yet is put into one first. */
export function placeDocument(
  document: Document,
  firstPage: DocumentId,
  documentId: DocumentId,
  before: DocumentId | undefined,
): void {
  const list = document.list('order');
  const placed = new Set(list.toArray());
  const { documents, removed } = readCatalogue(document, firstPage);
  const unplaced = [...documents, ...removed].map(entry => entry.documentId).filter(id => !placed.has(id));
  if (unplaced.length > 0) list.insert(0, ...unplaced);
  // What two people put in at once is there twice; whoever moves it next leaves one.
  for (let at = list.length - 1; at > list.toArray().indexOf(documentId); at--)
    if (list.get(at) === documentId) list.delete(at);
  const ids = list.toArray();
  const from = ids.indexOf(documentId);
  const target = before === undefined ? ids.length : ids.indexOf(before);
  if (from === -1 || target === -1) return;
  const to = target > from ? target - 1 : target;
  if (to !== from) list.move(from, to);
}

export function nameSpace(document: Document, name: string): void {
  document.root.set('name', cleanTitle(name));
}
