/** Yjs: `transact` an edit, `update` events (version 1, the smaller one for single edits), state as version 2. */
import type { Require } from '../../require.ts';
import type { Replica, Replicating } from '../library.ts';

interface YText {
  insert(position: number, text: string): void;
  delete(position: number, length: number): void;
  toString(): string;
}
interface YDoc {
  clientID: number;
  getText(name: string): YText;
  transact(edit: () => void): void;
  on(event: 'update', listener: (update: Uint8Array) => void): void;
  off(event: 'update', listener: (update: Uint8Array) => void): void;
}
interface Yjs {
  readonly Doc: new (options: { gc: boolean }) => YDoc;
  applyUpdate(doc: YDoc, update: Uint8Array): void;
  applyUpdateV2(doc: YDoc, update: Uint8Array): void;
  encodeStateAsUpdateV2(doc: YDoc): Uint8Array;
}

/** Real ones are random in 32 bits; small ones would make the bytes smaller than anybody sees. */
const clientIds = 3_000_000_000;

export function yjs(load: Require): Replicating {
  const Y = load('yjs') as Yjs;

  class YReplica implements Replica {
    readonly doc: YDoc;
    readonly #text: YText;
    #update: Uint8Array = new Uint8Array();
    #listens = false;
    constructor(agent: number, gc = true) {
      this.doc = new Y.Doc({ gc });
      this.doc.clientID = clientIds + agent;
      this.#text = this.doc.getText('text');
    }
    edit(position: number, deleted: number, inserted: string): void {
      this.doc.transact(() => {
        if (deleted > 0) this.#text.delete(position, deleted);
        if (inserted !== '') this.#text.insert(position, inserted);
      });
    }
    editAndEncode(position: number, deleted: number, inserted: string): Uint8Array {
      if (!this.#listens) this.doc.on('update', update => (this.#update = update));
      this.#listens = true;
      this.edit(position, deleted, inserted);
      return this.#update;
    }
    apply(update: Uint8Array): void {
      Y.applyUpdate(this.doc, update);
    }
    merge(): Uint8Array {
      return Y.encodeStateAsUpdateV2(this.doc);
    }
    applyMerged(merged: Uint8Array): void {
      Y.applyUpdateV2(this.doc, merged);
    }
    state(): Uint8Array {
      return Y.encodeStateAsUpdateV2(this.doc);
    }
    history(updates: readonly Uint8Array[]): Uint8Array {
      const kept = new YReplica(1_000_000, false);
      for (const update of updates) kept.apply(update);
      return Y.encodeStateAsUpdateV2(kept.doc);
    }
    text(): string {
      return this.#text.toString();
    }
  }

  return {
    counts: 'units',
    open: agent => new YReplica(agent),
    load: (bytes, agent) => {
      const replica = new YReplica(agent);
      replica.applyMerged(bytes);
      return replica;
    },
  };
}
