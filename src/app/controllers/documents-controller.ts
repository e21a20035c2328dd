/**
 * Lets a component follow what a space holds, and which of it is shown. The address bar is the state: links and the browser's
 * own way back lead from document to document, and a reload comes back to the same one.
 */
import type { ReactiveController, ReactiveControllerHost } from 'lit';
import { newDocumentId, type DocumentId } from '../../base/ids.ts';
import { beginBoard } from '../documents/board.ts';
import {
  addDocument,
  nameSpace,
  placeDocument,
  readCatalogue,
  renameDocument,
  setRemoved,
  type Catalogue,
  type CatalogueEntry,
  type DocumentKind,
} from '../documents/catalogue.ts';
import { beginPoll } from '../documents/poll.ts';
import { documentHref, parseRoute } from '../route.ts';
import type { SpaceSession } from '../space-session.ts';
import { titleOf, untitled } from '../words.ts';

export interface ListedDocument extends CatalogueEntry {
  /** As shown: its name, the first line of a page without one, or what stands for either. */
  readonly shown: string;
  readonly href: string;
}

export interface DocumentsView {
  readonly name: string;
  readonly documents: readonly ListedDocument[];
  readonly removed: readonly ListedDocument[];
  /** Home is shown, and no document. */
  readonly atHome: boolean;
  /** What is shown now; it may be one that was removed, or that nothing is known of yet. */
  readonly current: ListedDocument;
}

/** A page's first line is looked for this far into it. */
const titleUnits = 400;

export class DocumentsController implements ReactiveController {
  view: DocumentsView | undefined;
  readonly #host: ReactiveControllerHost;
  #session: SpaceSession | undefined;
  #unsubscribe: (() => void)[] = [];
  #currentId: DocumentId | undefined;
  #atHome = false;
  #words = '';
  #connected = false;
  readonly #hashChanged = (): void => {
    this.#follow();
  };

  constructor(host: ReactiveControllerHost) {
    this.#host = host;
    host.addController(this);
  }

  follow(session: SpaceSession): void {
    if (session === this.#session) return;
    this.#stop();
    this.#session = session;
    this.#currentId = undefined;
    if (this.#connected) this.#start();
    this.#follow();
  }

  hostConnected(): void {
    this.#connected = true;
    this.#start();
  }
  hostDisconnected(): void {
    this.#connected = false;
    this.#stop();
  }

  #start(): void {
    const session = this.#session;
    if (session === undefined || this.#unsubscribe.length > 0) return;
    addEventListener('hashchange', this.#hashChanged);
    this.#unsubscribe = [
      // A page that others write may have another first line.
      session.subscribe(() => this.read()),
      session.catalogue.subscribe(() => this.read()),
      () => removeEventListener('hashchange', this.#hashChanged),
    ];
  }
  #stop(): void {
    for (const end of this.#unsubscribe) end();
    this.#unsubscribe = [];
  }

  /** Goes to where the address bar says. */
  #follow(): void {
    const session = this.#session;
    if (session === undefined) return;
    const route = parseRoute(location.hash.slice(1));
    this.#atHome = route?.type === 'home';
    if (route?.type === 'document' && session.spaceId.startsWith(route.space))
      this.#currentId = route.documentId;
    else if (route === undefined) this.#currentId = session.lastDocument ?? this.#currentId;
    this.read();
  }

  /** Looks again. Called with every change of status, so it tells its host only of what is seen. */
  read(): void {
    const session = this.#session;
    if (session === undefined) return;
    const catalogue = readCatalogue(session.catalogue.document, session.firstPage);
    const view = this.#viewOf(session, catalogue);
    const words = JSON.stringify(view);
    if (words === this.#words && this.view !== undefined) return;
    this.#words = words;
    this.view = view;
    const { current, documents } = view;
    const name = view.name || (documents[0]?.shown ?? current.shown);
    session.keepPlace({ lastDocument: current.documentId, name, documents: documents.length });
    this.#host.requestUpdate();
  }

  #viewOf(session: SpaceSession, { name, documents, removed }: Catalogue): DocumentsView {
    const listed = (entry: CatalogueEntry): ListedDocument => ({
      ...entry,
      shown: entry.title || this.#lineOf(session, entry),
      href: documentHref(session.spaceId, entry.documentId),
    });
    const shown = documents.map(listed);
    const gone = removed.map(listed);
    const wanted = this.#currentId ?? documents[0]?.documentId ?? session.firstPage;
    const current =
      [...shown, ...gone].find(({ documentId }) => documentId === wanted) ??
      // Known by its address alone: a page, until somebody says what it is.
      listed({ documentId: wanted, kind: 'unknown', title: '' });
    return { name, documents: shown, removed: gone, current, atHome: this.#atHome };
  }

  #lineOf(session: SpaceSession, { documentId, kind }: CatalogueEntry): string {
    if (kind !== 'page') return untitled[kind];
    return titleOf(session.pageOf(documentId).start(titleUnits).split('\n'));
  }

  // ── What people do ────────────────────────────────────────────────────────────────────────────────────────

  /** Makes a document, filled with what its kind begins with, and goes there. */
  create(kind: DocumentKind): void {
    const session = this.#session;
    if (session === undefined) return;
    const documentId = newDocumentId(crypto.getRandomValues(new Uint8Array(16)));
    const values = session.valuesOf(documentId);
    if (kind === 'board') values.transact(document => beginBoard(document, ['To do', 'On it', 'Done']));
    if (kind === 'poll') values.transact(document => beginPoll(document, 'votes', []));
    session.catalogue.transact(document => addDocument(document, documentId, kind, ''));
    this.open(documentId);
  }

  open(documentId: DocumentId): void {
    const session = this.#session;
    if (session !== undefined) location.hash = documentHref(session.spaceId, documentId);
  }

  rename(documentId: DocumentId, title: string): void {
    this.#session?.catalogue.transact(document => renameDocument(document, documentId, title));
  }

  /** Of the one that is shown, the one beside it is shown instead. */
  remove(documentId: DocumentId): void {
    const { documents = [], current } = this.view ?? {};
    const at = documents.findIndex(one => one.documentId === documentId);
    const next = documents[at + 1] ?? documents[at - 1];
    this.#session?.catalogue.transact(document => setRemoved(document, documentId, true));
    if (current?.documentId === documentId && next !== undefined) this.open(next.documentId);
  }
  restore(documentId: DocumentId): void {
    this.#session?.catalogue.transact(document => setRemoved(document, documentId, false));
  }

  /** To where it stands before `before`, or last. */
  place(documentId: DocumentId, before: DocumentId | undefined): void {
    const session = this.#session;
    session?.catalogue.transact(document => placeDocument(document, session.firstPage, documentId, before));
  }

  nameSpace(name: string): void {
    this.#session?.catalogue.transact(document => nameSpace(document, name));
  }
}
