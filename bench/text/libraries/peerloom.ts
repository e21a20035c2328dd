/**
 * Peerloom's text engine with the full path on: whatever changes is counted by a subscriber to the events, noted in a
 * version vector and appended to the history. An update is what a link carries for one batch but for the signature: the
 * author's number on the link, the first counter, the operations.
 */
import { decode, type Decoded } from '../../../src/base/codec.ts';
import { readTextOps, writeTextOps } from '../../../src/crdt/text/codec.ts';
import { ScratchWriter } from '../../../src/crdt/text/scratch-writer.ts';
import { encodeTextHistory } from '../../../src/crdt/text/history-codec.ts';
import { TextHistory } from '../../../src/crdt/text/history.ts';
import { countersOf } from '../../../src/crdt/text/op-log.ts';
import type { Counter } from '../../../src/crdt/counter.ts';
import type { TextChange, TextOp } from '../../../src/crdt/text/messages.ts';
import { decodeTextState, encodeTextState } from '../../../src/crdt/text/state-codec.ts';
import { Text } from '../../../src/crdt/text/text.ts';
import type { ReplicaId } from '../../../src/base/ids.ts';
import type { Replica, Replicating } from '../library.ts';
import { replicaIdOf } from '../../replica-ids.ts';

const ids: ReplicaId[] = [];
const idOf = (agent: number): ReplicaId => (ids[agent] ??= replicaIdOf(agent));

/** What one author wrote in one go. */
interface Section {
  readonly agent: number;
  readonly first: number;
  readonly ops: readonly TextOp[];
}

const scratch = new ScratchWriter();

function encodeUpdate({ agent, first, ops }: Section): Uint8Array {
  scratch.begin().varUint(agent).varUint(first);
  writeTextOps(scratch, ops, idOf(agent), first);
  return scratch.finish();
}

function decodeUpdate(bytes: Uint8Array): Section {
  const decoded: Decoded<Section> = decode(bytes, reader => {
    const agent = reader.varUint();
    const first = reader.varUint();
    return { agent, first, ops: readTextOps(reader, idOf(agent), first) };
  });
  if (!decoded.ok) throw new Error(decoded.reason);
  return decoded.value;
}

class PeerloomReplica implements Replica {
  #document: Text;
  readonly #agent: number;
  readonly #counter: Counter = { next: 0 };
  /** By the author's number on the link. One's own entry is the counter itself. */
  readonly #versionVector: Counter[] = [];
  #log = new TextHistory();
  /** Visible changes the subscriber was told of. */
  events = 0;
  readonly #subscriber = (changes: readonly TextChange[]): void => {
    this.events += changes.length;
  };

  constructor(agent: number) {
    this.#agent = agent;
    this.#versionVector[agent] = this.#counter;
    this.#document = new Text(idOf(agent), this.#counter);
  }

  edit(position: number, deleted: number, inserted: string): void {
    this.#edit(position, deleted, inserted);
  }

  editAndEncode(position: number, deleted: number, inserted: string): Uint8Array {
    const first = this.#counter.next;
    const ops = this.#edit(position, deleted, inserted);
    return encodeUpdate({ agent: this.#agent, first, ops });
  }

  apply(update: Uint8Array): void {
    const { agent, first, ops } = decodeUpdate(update);
    const applied = this.#document.apply(ops);
    if (!applied.ok) throw new Error(applied.reason);
    this.#log.append(ops);
    this.#entryOf(agent).next = first + countersOf(ops);
    this.#subscriber(applied.changes);
  }

  /** A replica that has nothing is given the state, as Yjs does. */
  merge(): Uint8Array {
    return this.state();
  }

  applyMerged(merged: Uint8Array): void {
    const decoded = decodeTextState(merged, { replicaId: idOf(this.#agent), counter: this.#counter });
    if (!decoded.ok) throw new Error(decoded.reason);
    this.#document = decoded.value;
    const version = new Map<ReplicaId, number>();
    for (const { replicaId, end } of this.#document.tree.agents.all()) version.set(replicaId, end);
    this.#log = new TextHistory({ version, state: merged });
    const change = { from: 0, to: 0, insert: this.#document.toString() };
    this.#subscriber([change]);
  }

  state(): Uint8Array {
    return encodeTextState(this.#document);
  }

  history(): Uint8Array {
    return encodeTextHistory(this.#log);
  }

  text(): string {
    return this.#document.toString();
  }

  #edit(position: number, deleted: number, inserted: string): readonly TextOp[] {
    let ops: readonly TextOp[];
    if (deleted === 0) ops = this.#document.localInsert(position, inserted);
    else {
      ops = this.#document.localDelete(position, deleted);
      if (inserted !== '') ops = ops.concat(this.#document.localInsert(position, inserted));
    }
    this.#log.append(ops);
    const change = { from: position, to: position + deleted, insert: inserted };
    this.#subscriber([change]);
    return ops;
  }

  #entryOf(agent: number): Counter {
    let entry = this.#versionVector[agent];
    if (entry === undefined) this.#versionVector[agent] = entry = { next: 0 };
    return entry;
  }
}

export function peerloom(): Replicating {
  return {
    counts: 'units',
    open: agent => new PeerloomReplica(agent),
    load: (bytes, agent) => {
      const replica = new PeerloomReplica(agent);
      replica.applyMerged(bytes);
      return replica;
    },
  };
}
