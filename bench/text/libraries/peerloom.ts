/**
 * Peerloom's text engine with the full path on: whatever changes is counted by a subscriber to the events, noted in a
 * version vector and appended to the log. An update is what a link carries for one batch but for the signature: the
 * author's number on the link, the first counter, the operations.
 */
import { decode, type Decoded } from '../../../src/base/codec.ts';
import { readTextOps, writeTextOps } from '../../../src/crdt/text/codec.ts';
import { ScratchWriter } from '../../../src/crdt/text/scratch-writer.ts';
import { countersOf, mergeOps } from '../../../src/crdt/text/op-log.ts';
import type { Counter } from '../../../src/crdt/counter.ts';
import type { TextChange, TextOp } from '../../../src/crdt/text/messages.ts';
import { Text } from '../../../src/crdt/text/text.ts';
import type { ReplicaId } from '../../../src/base/ids.ts';
import type { Replica, Replicating } from '../library.ts';
import { framed, unframed } from '../framing.ts';
import { replicaIdOf } from '../replica-ids.ts';

const ids: ReplicaId[] = [];
const idOf = (agent: number): ReplicaId => (ids[agent] ??= replicaIdOf(agent));

/** What one author wrote in a row. */
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
  readonly document: Text;
  readonly #agent: number;
  readonly #counter: Counter = { next: 0 };
  /** By the author's number on the link. One's own entry is the counter itself. */
  readonly #versionVector: Counter[] = [];
  readonly log: (readonly TextOp[])[] = [];
  /** Visible changes the subscriber was told of. */
  events = 0;
  readonly #subscriber = (changes: readonly TextChange[]): void => {
    this.events += changes.length;
  };

  constructor(agent: number) {
    this.#agent = agent;
    this.#versionVector[agent] = this.#counter;
    this.document = new Text(idOf(agent), this.#counter);
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
    const applied = this.document.apply(ops);
    if (!applied.ok) throw new Error(applied.reason);
    this.log.push(ops);
    this.#entryOf(agent).next = first + countersOf(ops);
    this.#subscriber(applied.changes);
  }

  merge(updates: readonly Uint8Array[]): Uint8Array {
    return framed(sectionsOf(updates).map(encodeUpdate));
  }

  applyMerged(merged: Uint8Array): void {
    for (const update of unframed(merged)) this.apply(update);
  }

  text(): string {
    return this.document.toString();
  }

  #edit(position: number, deleted: number, inserted: string): readonly TextOp[] {
    let ops = deleted > 0 ? this.document.localDelete(position, deleted) : [];
    if (inserted !== '') {
      const inserts = this.document.localInsert(position, inserted);
      ops = deleted > 0 ? [...ops, ...inserts] : inserts;
    }
    this.log.push(ops);
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

/** What one author wrote in a row becomes one section, its operations joined. */
function sectionsOf(updates: readonly Uint8Array[]): Section[] {
  const sections: { agent: number; first: number; next: number; ops: TextOp[] }[] = [];
  for (const update of updates) {
    const { agent, first, ops } = decodeUpdate(update);
    let last = sections[sections.length - 1];
    if (last?.agent !== agent || last.next !== first)
      sections.push((last = { agent, first, next: first, ops: [] }));
    for (const op of ops) last.ops.push(op);
    last.next += countersOf(ops);
  }
  return sections.map(({ agent, first, ops }) => ({ agent, first, ops: mergeOps(ops) }));
}

export function peerloom(): Replicating {
  return { counts: 'units', open: agent => new PeerloomReplica(agent) };
}
