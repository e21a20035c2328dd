/**
 * Where carets are: our own, which is shared with our name, and those of others while they write.
 *
 * A caret told by its owner alone would cost a message a letter. So everyone reckons where typing leaves a caret
 * (`caretAfter`), the owner included, and only what nobody could reckon is said.
 */
import type { DocumentId, ReplicaId } from '../base/ids.ts';
import type { TextChange } from '../crdt/text/messages.ts';
import type { Text } from '../crdt/text/text.ts';
import { caretAfter, type Presence, type PresenceState } from './presence.ts';

type Profile = Pick<PresenceState, 'name' | 'colour'>;
type Selection = NonNullable<PresenceState['selection']>;

/** Indexes in a text now, in UTF-16 units. */
interface Caret {
  readonly documentId: DocumentId;
  readonly anchor: number;
  readonly head: number;
}

export class Carets {
  readonly #presence: Presence;
  readonly #textOf: (documentId: DocumentId) => Text;
  #own: PresenceState = { name: 'Someone', colour: 1 };

  constructor(presence: Presence, textOf: (documentId: DocumentId) => Text) {
    this.#presence = presence;
    this.#textOf = textOf;
  }

  setProfile({ name, colour }: Profile): void {
    this.#share({ ...this.#own, name, colour });
  }

  /** Whether our page is hidden. */
  setAway(away: boolean): void {
    this.#share({ ...this.#own, away });
  }

  /** Our caret; undefined when it is nowhere. `typed`: it is where our edit left it, and whoever sees that knows. */
  select(place: Caret | undefined): 'typed' | 'moved' {
    const { selection, ...own } = this.#own;
    if (place === undefined) this.#share(own);
    else {
      const text = this.#textOf(place.documentId);
      const anchor = Math.min(place.anchor, text.length);
      const head = Math.min(place.head, text.length);
      const known =
        selection?.documentId === place.documentId &&
        text.indexOf(selection.anchor) === anchor &&
        text.indexOf(selection.head) === head;
      if (known) return 'typed';
      this.#share({ ...own, selection: this.#selectionAt(place) });
    }
    return 'moved';
  }

  /** Our caret, when it stands in this document. */
  ownIn(documentId: DocumentId): Caret | undefined {
    const { selection } = this.#own;
    return selection?.documentId === documentId ? this.#caretAt(selection) : undefined;
  }

  /** `changes` are ours; our caret stood at `caret` before them. */
  ownTyped(caret: Caret, changes: readonly TextChange[]): void {
    this.#share({ ...this.#own, selection: this.#selectionAt(moved(caret, changes)) });
  }

  of(peer: ReplicaId): Caret | undefined {
    const selection = this.#presence.of(peer)?.selection;
    return selection === undefined ? undefined : this.#caretAt(selection);
  }

  /** `changes` are the peer's; its caret stood at `caret` before them. */
  typed(peer: ReplicaId, caret: Caret, changes: readonly TextChange[]): void {
    this.#presence.moved(peer, this.#selectionAt(moved(caret, changes)));
  }

  #share(own: PresenceState): void {
    this.#own = own;
    this.#presence.set(own);
  }

  /** A caret belongs to the character before it, so that it moves along with what its owner types. */
  #selectionAt({ documentId, anchor, head }: Caret): Selection {
    const text = this.#textOf(documentId);
    const at = (index: number) => text.relativePosition(Math.min(index, text.length), -1);
    return { documentId, anchor: at(anchor), head: at(head) };
  }

  #caretAt({ documentId, anchor, head }: Selection): Caret | undefined {
    const text = this.#textOf(documentId);
    const [from, to] = [text.indexOf(anchor), text.indexOf(head)];
    return from === undefined || to === undefined ? undefined : { documentId, anchor: from, head: to };
  }
}

function moved(caret: Caret, changes: readonly TextChange[]): Caret {
  return {
    documentId: caret.documentId,
    anchor: caretAfter(caret.anchor, changes),
    head: caretAfter(caret.head, changes),
  };
}
