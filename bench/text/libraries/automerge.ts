/** Automerge (WebAssembly): a change an edit, `splice`; what it saves is always the full history. */
import type { Require } from '../../require.ts';
import type { Replica, Replicating } from '../library.ts';

interface State {
  text: string;
}
interface Automerge {
  init(options: { actor: string }): State;
  change(doc: State, edit: (draft: State) => void): State;
  change(doc: State, options: { time: number }, edit: (draft: State) => void): State;
  splice(draft: State, path: readonly string[], at: number, deleted: number, inserted: string): void;
  getAllChanges(doc: State): Uint8Array[];
  getLastLocalChange(doc: State): Uint8Array | undefined;
  applyChanges(doc: State, changes: readonly Uint8Array[]): [State];
  loadIncremental(doc: State, bytes: Uint8Array): State;
  load(bytes: Uint8Array, options: { actor: string }): State;
  save(doc: State): Uint8Array;
}

/** Real ones are 16 random bytes. */
const actorOf = (agent: number): string => (agent + 1).toString(16).padStart(8, '0').repeat(4);

export function automerge(load: Require): Replicating {
  const A = load('@automerge/automerge') as Automerge;
  // The same change in every process, so with a time that does not vary.
  const first = A.getAllChanges(
    A.change(A.init({ actor: 'ff'.repeat(16) }), { time: 0 }, draft => {
      draft.text = '';
    }),
  );

  class AutomergeReplica implements Replica {
    #doc: State;
    constructor(doc: State) {
      this.#doc = doc;
    }
    edit(position: number, deleted: number, inserted: string): void {
      this.#doc = A.change(this.#doc, draft => A.splice(draft, ['text'], position, deleted, inserted));
    }
    editAndEncode(position: number, deleted: number, inserted: string): Uint8Array {
      this.edit(position, deleted, inserted);
      const change = A.getLastLocalChange(this.#doc);
      if (change === undefined) throw new Error('no change was made');
      return change;
    }
    apply(update: Uint8Array): void {
      [this.#doc] = A.applyChanges(this.#doc, [update]);
    }
    merge(): Uint8Array {
      return A.save(this.#doc);
    }
    applyMerged(merged: Uint8Array): void {
      this.#doc = A.loadIncremental(this.#doc, merged);
    }
    history(): Uint8Array {
      return A.save(this.#doc);
    }
    text(): string {
      return this.#doc.text;
    }
  }

  return {
    counts: 'units',
    open: agent => new AutomergeReplica(A.applyChanges(A.init({ actor: actorOf(agent) }), first)[0]),
    load: (bytes, agent) => new AutomergeReplica(A.load(bytes, { actor: actorOf(agent) })),
  };
}
