/** Loro (WebAssembly): a commit an edit, its own local updates, snapshots. */
import type { Require } from '../../require.ts';
import type { Replica, Replicating } from '../library.ts';

interface LoroText {
  insert(position: number, text: string): void;
  delete(position: number, length: number): void;
  toString(): string;
}
type ExportMode =
  | { readonly mode: 'update' | 'snapshot' }
  | { readonly mode: 'shallow-snapshot'; readonly frontiers: unknown };
interface Doc {
  setPeerId(id: bigint): void;
  getText(name: string): LoroText;
  commit(): void;
  subscribeLocalUpdates(listener: (update: Uint8Array) => void): void;
  import(bytes: Uint8Array): void;
  export(mode: ExportMode): Uint8Array;
  oplogFrontiers(): unknown;
}
interface Loro {
  readonly LoroDoc: new () => Doc;
}

/** Real ones are random in 64 bits. */
const peerIds = 5_000_000_000_000_000_000n;

export function loro(load: Require): Replicating {
  const { LoroDoc } = load('loro-crdt') as Loro;

  class LoroReplica implements Replica {
    readonly doc: Doc;
    readonly #text: LoroText;
    #update: Uint8Array = new Uint8Array();
    #listens = false;
    constructor(agent: number, bytes?: Uint8Array) {
      this.doc = new LoroDoc();
      this.doc.setPeerId(peerIds + BigInt(agent));
      if (bytes !== undefined) this.doc.import(bytes);
      this.#text = this.doc.getText('text');
    }
    edit(position: number, deleted: number, inserted: string): void {
      if (deleted > 0) this.#text.delete(position, deleted);
      if (inserted !== '') this.#text.insert(position, inserted);
      this.doc.commit();
    }
    editAndEncode(position: number, deleted: number, inserted: string): Uint8Array {
      if (!this.#listens) this.doc.subscribeLocalUpdates(update => (this.#update = update));
      this.#listens = true;
      this.edit(position, deleted, inserted);
      return this.#update;
    }
    apply(update: Uint8Array): void {
      this.doc.import(update);
    }
    merge(): Uint8Array {
      return this.doc.export({ mode: 'update' });
    }
    applyMerged(merged: Uint8Array): void {
      this.doc.import(merged);
    }
    state(): Uint8Array {
      return this.doc.export({ mode: 'shallow-snapshot', frontiers: this.doc.oplogFrontiers() });
    }
    history(): Uint8Array {
      return this.doc.export({ mode: 'snapshot' });
    }
    text(): string {
      return this.#text.toString();
    }
  }

  return {
    counts: 'units',
    open: agent => new LoroReplica(agent),
    load: (bytes, agent) => new LoroReplica(agent, bytes),
  };
}
