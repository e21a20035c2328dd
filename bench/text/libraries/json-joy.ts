/**
 * json-joy: edits through `model.api`, flushed into one patch a transaction; binary patches and models. All replicas
 * begin from one model, since each would otherwise make a string of its own. History: its patches, as its log writes
 * them, but combined and compacted, which is smaller by far.
 */
import { framed, unframed } from '../framing.ts';
import type { Require } from '../../require.ts';
import type { Replica, Replicating } from '../library.ts';

interface Patch {
  ops: unknown[];
  getId(): { readonly sid: number; readonly time: number };
  span(): number;
  toBinary(): Uint8Array;
}
interface StrApi {
  ins(position: number, text: string): void;
  del(position: number, length: number): void;
  view(): string;
}
interface Model {
  readonly api: { str(path: readonly string[]): StrApi; flush(): Patch };
  applyPatch(patch: Patch): void;
  toBinary(): Uint8Array;
  view(): unknown;
}
interface JsonCrdt {
  readonly Model: {
    create(schema: unknown, sid: number): Model;
    load(bytes: Uint8Array, sid: number): Model;
  };
}
interface JsonCrdtPatch {
  readonly s: { str(text: string): unknown };
  readonly Patch: { fromBinary(bytes: Uint8Array): Patch };
}
interface Compaction {
  readonly compact: (patch: Patch) => void;
}

/** The least session id that is not reserved is 65,536; real ones are random in 53 bits. */
const sessionIds = 5_000_000_000_000_000;

export function jsonJoy(load: Require): Replicating {
  const { Model } = load('json-joy/lib/json-crdt') as JsonCrdt;
  const { s, Patch } = load('json-joy/lib/json-crdt-patch') as JsonCrdtPatch;
  const { compact } = load('json-joy/lib/json-crdt-patch/compaction') as Compaction;
  const first = Model.create(s.str(''), sessionIds);
  first.api.flush();
  const empty = first.toBinary();

  class JsonJoyReplica implements Replica {
    readonly model: Model;
    readonly #text: StrApi;
    constructor(bytes: Uint8Array, agent: number) {
      this.model = Model.load(bytes, sessionIds + 1 + agent);
      this.#text = this.model.api.str([]);
    }
    edit(position: number, deleted: number, inserted: string): void {
      this.#flush(position, deleted, inserted);
    }
    editAndEncode(position: number, deleted: number, inserted: string): Uint8Array {
      return this.#flush(position, deleted, inserted).toBinary();
    }
    apply(update: Uint8Array): void {
      this.model.applyPatch(Patch.fromBinary(update));
    }
    merge(updates: readonly Uint8Array[]): Uint8Array {
      return framed(joined(updates));
    }
    applyMerged(merged: Uint8Array): void {
      for (const patch of unframed(merged)) this.apply(patch);
    }
    state(): Uint8Array {
      return this.model.toBinary();
    }
    history(updates: readonly Uint8Array[]): Uint8Array {
      return framed(joined(updates));
    }
    text(): string {
      return this.model.view() as string;
    }
    #flush(position: number, deleted: number, inserted: string): Patch {
      if (deleted > 0) this.#text.del(position, deleted);
      if (inserted !== '') this.#text.ins(position, inserted);
      return this.model.api.flush();
    }
  }

  /** Patches of one author whose times touch become one. */
  const joined = (updates: readonly Uint8Array[]): Uint8Array[] => {
    const patches: Patch[] = [];
    let author = -1;
    let nextTime = -1;
    for (const patch of updates.map(update => Patch.fromBinary(update))) {
      const { sid, time } = patch.getId();
      const last = patches[patches.length - 1];
      if (last !== undefined && sid === author && time === nextTime) {
        for (const op of patch.ops) last.ops.push(op);
      } else patches.push(patch);
      author = sid;
      nextTime = time + patch.span();
    }
    return patches.map(patch => {
      compact(patch);
      return patch.toBinary();
    });
  };

  return {
    counts: 'units',
    open: agent => new JsonJoyReplica(empty, agent),
    load: (bytes, agent) => new JsonJoyReplica(bytes, agent),
  };
}
