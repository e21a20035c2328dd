/** diamond-types (WebAssembly): a `Doc`, whose bytes are always the full history. It counts characters. */
import type { Require } from '../../require.ts';
import type { Replica, Replicating } from '../library.ts';

interface Doc {
  ins(position: number, text: string): void;
  del(position: number, length: number): void;
  get(): string;
  getLocalVersion(): Uint32Array;
  getPatchSince(version: Uint32Array): Uint8Array;
  mergeBytes(bytes: Uint8Array): void;
  toBytes(): Uint8Array;
}
interface DiamondTypes {
  readonly Doc: (new (agent: string) => Doc) & { fromBytes(bytes: Uint8Array, agent: string): Doc };
}

export function diamondTypes(load: Require): Replicating {
  const { Doc } = load('diamond-types-node') as DiamondTypes;

  class DiamondReplica implements Replica {
    readonly doc: Doc;
    constructor(doc: Doc) {
      this.doc = doc;
    }
    edit(position: number, deleted: number, inserted: string): void {
      if (deleted > 0) this.doc.del(position, deleted);
      if (inserted !== '') this.doc.ins(position, inserted);
    }
    editAndEncode(position: number, deleted: number, inserted: string): Uint8Array {
      const before = this.doc.getLocalVersion();
      this.edit(position, deleted, inserted);
      return this.doc.getPatchSince(before);
    }
    apply(update: Uint8Array): void {
      this.doc.mergeBytes(update);
    }
    merge(): Uint8Array {
      return this.doc.toBytes();
    }
    applyMerged(merged: Uint8Array): void {
      this.doc.mergeBytes(merged);
    }
    history(): Uint8Array {
      return this.doc.toBytes();
    }
    text(): string {
      return this.doc.get();
    }
  }

  return {
    counts: 'characters',
    open: agent => new DiamondReplica(new Doc(`agent ${agent}`)),
    load: (bytes, agent) => new DiamondReplica(Doc.fromBytes(bytes, `agent ${agent}`)),
  };
}
