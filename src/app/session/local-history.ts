/** The history of a page for the screens: the replica's timeline, with names. */
import type { ReplicaId } from '../../base/ids.ts';
import type { TextChange } from '../../crdt/text/messages.ts';
import type { TextTimeline } from '../../replica/text-timeline.ts';
import type { PageHistory, PastMoment, Profile } from '../space-session.ts';

export type AuthorOf = (replicaId: ReplicaId) => { readonly profile: Profile; readonly self: boolean };

export class LocalHistory implements PageHistory {
  readonly #open: () => TextTimeline;
  readonly #authorOf: AuthorOf;
  readonly #edit: (changes: readonly TextChange[]) => boolean;
  #timeline: TextTimeline | undefined;

  /** `open` is called when somebody looks back first; `edit` says whether it could. */
  constructor(
    open: () => TextTimeline,
    authorOf: AuthorOf,
    edit: (changes: readonly TextChange[]) => boolean,
  ) {
    this.#open = open;
    this.#authorOf = authorOf;
    this.#edit = edit;
  }

  get #read(): TextTimeline {
    return (this.#timeline ??= this.#open());
  }

  moments(): readonly PastMoment[] {
    const authors = new Map<ReplicaId, ReturnType<AuthorOf>>();
    return this.#read.moments().map(({ replicaId, wallMs }) => {
      const author = authors.get(replicaId) ?? this.#authorOf(replicaId);
      authors.set(replicaId, author);
      return { replicaId, wallMs, ...author };
    });
  }
  textAt(count: number): string {
    return this.#read.textAt(count);
  }
  changes(from: number, to: number): readonly TextChange[] {
    return this.#read.changes(from, to);
  }
  authorAt(index: number): PastMoment | undefined {
    const found = this.#read.authorAt(index);
    return found && { ...found, ...this.#authorOf(found.replicaId) };
  }
  restore(count: number): boolean {
    return this.#edit(this.#read.changes(this.#read.moments().length, count));
  }
}
