/**
 * Peerloom's text engine with the full path on: whatever changes is counted by a subscriber to the events, noted in a
 * version vector and appended to the log. An update is what a link carries for one batch but for the signature: the
 * author's number on the link, the first counter, the operations.
 */
import { decodeTextOps, encodeTextOps } from '../../../src/crdt/text/codec.ts';
import { countersOf, mergeOps } from '../../../src/crdt/text/op-log.ts';
import type { TextChange, TextOp } from '../../../src/crdt/text/messages.ts';
import { Text } from '../../../src/crdt/text/text.ts';
import type { ReplicaId } from '../../../src/base/ids.ts';
import type { Replica, Replicating } from '../library.ts';
import { replicaIdOf } from '../replica-ids.ts';

const ids: ReplicaId[] = [];
const idOf = (agent: number): ReplicaId => (ids[agent] ??= replicaIdOf(agent));

class PeerloomReplica implements Replica {
  readonly document: Text;
  readonly #agent: number;
  readonly #id: ReplicaId;
  readonly #counter = { next: 0 };
  readonly #versionVector = new Map<ReplicaId, number>();
  readonly log: (readonly TextOp[])[] = [];
  /** Visible changes the subscriber was told of. */
  events = 0;
  readonly #subscriber = (changes: readonly TextChange[]): void => {
    this.events += changes.length;
  };

  constructor(agent: number) {
    this.#agent = agent;
    this.#id = idOf(agent);
    this.document = new Text(this.#id, this.#counter);
  }

  edit(position: number, deleted: number, inserted: string): void {
    this.#edit(position, deleted, inserted);
  }

  editAndEncode(position: number, deleted: number, inserted: string): Uint8Array {
    const first = this.#counter.next;
    const ops = this.#edit(position, deleted, inserted);
    return withHeader(this.#agent, first, encodeTextOps(ops, this.#id, first));
  }

  apply(update: Uint8Array): void {
    const at = { at: 0 };
    const agent = readVarUint(update, at);
    const first = readVarUint(update, at);
    this.#take(idOf(agent), first, update.subarray(at.at));
  }

  applyMerged(merged: Uint8Array): void {
    for (const at = { at: 0 }; at.at < merged.length;) {
      const agent = readVarUint(merged, at);
      const first = readVarUint(merged, at);
      const length = readVarUint(merged, at);
      this.#take(idOf(agent), first, merged.subarray(at.at, at.at + length));
      at.at += length;
    }
  }

  merge(updates: readonly Uint8Array[]): Uint8Array {
    return merge(updates);
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
    this.#versionVector.set(this.#id, this.#counter.next);
    const change = { from: position, to: position + deleted, insert: inserted };
    this.#subscriber([change]);
    return ops;
  }

  #take(id: ReplicaId, first: number, bytes: Uint8Array): void {
    const decoded = decodeTextOps(bytes, id, first);
    if (!decoded.ok) throw new Error(decoded.reason);
    const applied = this.document.apply(decoded.value);
    if (!applied.ok) throw new Error(applied.reason);
    this.log.push(decoded.value);
    this.#versionVector.set(id, first + countersOf(decoded.value));
    this.#subscriber(applied.changes);
  }
}

interface Section {
  readonly agent: number;
  readonly first: number;
  next: number;
  readonly ops: TextOp[];
}

/** What one author wrote in a row becomes one section, its operations joined. */
function merge(updates: readonly Uint8Array[]): Uint8Array {
  const sections: Section[] = [];
  for (const update of updates) {
    const at = { at: 0 };
    const agent = readVarUint(update, at);
    const first = readVarUint(update, at);
    const decoded = decodeTextOps(update.subarray(at.at), idOf(agent), first);
    if (!decoded.ok) throw new Error(decoded.reason);
    let last = sections[sections.length - 1];
    if (last?.agent !== agent || last.next !== first)
      sections.push((last = { agent, first, next: first, ops: [] }));
    for (const op of decoded.value) last.ops.push(op);
    last.next += countersOf(decoded.value);
  }
  return joined(
    sections.map(({ agent, first, ops }) => {
      const bytes = encodeTextOps(mergeOps(ops), idOf(agent), first);
      return withHeader(agent, first, withLength(bytes));
    }),
  );
}

export function peerloom(): Replicating {
  return { counts: 'units', open: agent => new PeerloomReplica(agent) };
}

const header = new Uint8Array(32);

function withHeader(agent: number, first: number, bytes: Uint8Array): Uint8Array {
  const length = writeVarUint(writeVarUint(0, agent), first);
  const whole = new Uint8Array(length + bytes.length);
  for (let i = 0; i < length; i++) whole[i] = header[i] ?? 0;
  whole.set(bytes, length);
  return whole;
}

function withLength(bytes: Uint8Array): Uint8Array {
  return joined([header.slice(0, writeVarUint(0, bytes.length)), bytes]);
}

function joined(parts: readonly Uint8Array[]): Uint8Array {
  const whole = new Uint8Array(parts.reduce((sum, { length }) => sum + length, 0));
  let at = 0;
  for (const part of parts) {
    whole.set(part, at);
    at += part.length;
  }
  return whole;
}

function writeVarUint(at: number, value: number): number {
  let left = value;
  let to = at;
  for (; left > 127; left = Math.floor(left / 128)) header[to++] = 128 | (left & 127);
  header[to++] = left;
  return to;
}

function readVarUint(bytes: Uint8Array, at: { at: number }): number {
  let value = 0;
  for (let scale = 1; ; scale *= 128) {
    const byte = bytes[at.at++] ?? 0;
    value += (byte & 127) * scale;
    if (byte < 128) return value;
  }
}
