/** The documents of the open space as the screens hold them: one session for each that was asked for, and who is told of its changes. */
import type { DocumentId } from '../../base/ids.ts';
import type { DocumentChange } from '../../crdt/document/messages.ts';
import type { TextChange } from '../../crdt/text/messages.ts';
import type { Effect } from '../../replica/effects.ts';
import type { Replica } from '../../replica/replica.ts';
import { timelineEngine } from '../load-timeline.ts';
import type { PageSession, Profile, RemoteCursor, ValuesSession } from '../space-session.ts';
import { LocalHistory, type AuthorOf } from './local-history.ts';

type Notify<Change> = (changes: readonly Change[], author: Profile | undefined) => void;

/** Who is told of changes of one document. */
class Told<Change> {
  readonly #listeners = new Set<Notify<Change>>();

  subscribe(notify: Notify<Change>): () => void {
    this.#listeners.add(notify);
    return () => this.#listeners.delete(notify);
  }
  tell(changes: readonly Change[], author: Profile | undefined): void {
    for (const notify of this.#listeners) notify(changes, author);
  }
}

interface LocalPage {
  readonly told: Told<TextChange>;
  readonly page: PageSession;
}
interface LocalValues {
  readonly told: Told<DocumentChange>;
  readonly values: ValuesSession;
}

/** Texts and documents are asked of the replica each time: after a fork they are others. */
export class LocalDocuments {
  readonly #replica: Replica;
  readonly #run: (effects: readonly Effect[]) => void;
  readonly #writerOf: AuthorOf;
  readonly #pages = new Map<DocumentId, LocalPage>();
  readonly #values = new Map<DocumentId, LocalValues>();
  readonly #cursorReaders = new Set<() => void>();

  constructor(replica: Replica, run: (effects: readonly Effect[]) => void, writerOf: AuthorOf) {
    this.#replica = replica;
    this.#run = run;
    this.#writerOf = writerOf;
  }

  pageOf(documentId: DocumentId): PageSession {
    let known = this.#pages.get(documentId);
    if (known === undefined) this.#pages.set(documentId, (known = this.#makePage(documentId)));
    return known.page;
  }
  valuesOf(documentId: DocumentId): ValuesSession {
    let known = this.#values.get(documentId);
    if (known === undefined) this.#values.set(documentId, (known = this.#makeValues(documentId)));
    return known.values;
  }

  textChanged(documentId: DocumentId, changes: readonly TextChange[], author: Profile | undefined): void {
    this.#pages.get(documentId)?.told.tell(changes, author);
  }
  valuesChanged(
    documentId: DocumentId,
    changes: readonly DocumentChange[],
    author: Profile | undefined,
  ): void {
    this.#values.get(documentId)?.told.tell(changes, author);
  }
  cursorsMoved(): void {
    for (const notify of this.#cursorReaders) notify();
  }

  #makeValues(documentId: DocumentId): LocalValues {
    const replica = this.#replica;
    const told = new Told<DocumentChange>();
    const values: ValuesSession = {
      get document() {
        return replica.document(documentId);
      },
      transact: edits => {
        const effects = replica.transact(documentId, edits);
        this.#run(effects);
        if (effects.length > 0) told.tell([], undefined);
      },
      subscribe: notify => told.subscribe(notify),
    };
    return { told, values };
  }

  #makePage(documentId: DocumentId): LocalPage {
    const replica = this.#replica;
    const text = () => replica.text(documentId);
    const told = new Told<TextChange>();
    const history = new LocalHistory(
      () => {
        const { TextTimeline } = timelineEngine();
        return new TextTimeline(text(), documentId, replica.delivered);
      },
      this.#writerOf,
      changes => this.#restore(documentId, changes, told),
    );
    const page: PageSession = {
      history,
      text: () => text().toString(),
      start: length => text().slice(0, Math.min(length, text().length)),
      edit: changes => {
        this.#run(replica.edit(documentId, changes));
      },
      subscribe: notify => told.subscribe(notify),
      select: selection => {
        this.#run(replica.select(selection && { documentId, ...selection }));
      },
      cursors: () => this.#cursors(documentId),
      subscribeCursors: notify => {
        this.#cursorReaders.add(notify);
        return () => this.#cursorReaders.delete(notify);
      },
    };
    return { told, page };
  }

  #restore(documentId: DocumentId, changes: readonly TextChange[], told: Told<TextChange>): boolean {
    // What no batch holds yet is in the text and in no version: places of the two would not be the same.
    if (this.#replica.isBatching) return false;
    this.#run(this.#replica.edit(documentId, changes));
    told.tell(changes, undefined);
    return true;
  }

  #cursors(documentId: DocumentId): RemoteCursor[] {
    const text = this.#replica.text(documentId);
    const cursors: RemoteCursor[] = [];
    for (const replicaId of this.#replica.peerIds()) {
      const presence = this.#replica.presenceOf(replicaId);
      if (presence?.selection?.documentId !== documentId) continue;
      const anchor = text.indexOf(presence.selection.anchor);
      const head = text.indexOf(presence.selection.head);
      const profile = { name: presence.name, colour: presence.colour };
      if (anchor !== undefined && head !== undefined) cursors.push({ replicaId, profile, anchor, head });
    }
    return cursors;
  }
}
