/**
 * A text through time: each batch that wrote in it is a moment, in our order of delivery, which others' order may differ from
 * where people wrote at once; the text after all of them is the same.
 *
 * Nothing is kept for this. The log has every operation; they are read out of it when somebody looks back, and read on from
 * there when more has come (src/crdt/text/versions.ts does the looking).
 */
import { assert } from '../base/assert.ts';
import type { DocumentId, ReplicaId } from '../base/ids.ts';
import { decodeTextOps } from '../crdt/text/codec.ts';
import { TextHistory, type TextVersion } from '../crdt/text/history.ts';
import type { TextChange } from '../crdt/text/messages.ts';
import type { Text } from '../crdt/text/text.ts';
import { TextVersions, type BlameRun } from '../crdt/text/versions.ts';
import { textSection, type Batch } from '../sync/batch.ts';

export interface Moment {
  readonly replicaId: ReplicaId;
  /** When it was written, by its author's clock, in milliseconds since 1970. */
  readonly wallMs: number;
  /** The first counter after it. */
  readonly end: number;
}

export interface Authorship {
  readonly replicaId: ReplicaId;
  readonly wallMs: number;
}

export class TextTimeline {
  readonly #documentId: DocumentId;
  readonly #delivered: readonly Batch[];
  readonly #history = new TextHistory();
  readonly #versions: TextVersions;
  readonly #moments: Moment[] = [];
  /** Of each replica, its moments in the order of their counters. */
  readonly #byReplica = new Map<ReplicaId, Moment[]>();
  #read = 0;
  #blame: readonly BlameRun[] | undefined;

  /** `delivered`: of the log, as it grows. `text`: the live one, which they all are in. */
  constructor(text: Text, documentId: DocumentId, delivered: readonly Batch[]) {
    this.#documentId = documentId;
    this.#delivered = delivered;
    this.#versions = new TextVersions(text, this.#history);
  }

  /** Oldest first. */
  moments(): readonly Moment[] {
    for (; this.#read < this.#delivered.length; this.#read++) {
      const batch = this.#delivered[this.#read];
      if (batch !== undefined) this.#take(batch);
    }
    return this.#moments;
  }

  /** What the text said after the first `count` moments. */
  textAt(count: number): string {
    const checked = this.#versions.checkout(this.#versionAt(count));
    assert(checked.ok, 'what was delivered is here');
    return checked.text;
  }

  /** What was done to the text between the first `from` and the first `to` moments; each change after the ones before it. */
  changes(from: number, to: number): readonly TextChange[] {
    const diff = this.#versions.diff(this.#versionAt(from), this.#versionAt(to));
    assert(diff.ok, 'what was delivered is here');
    return diff.changes;
  }

  /** Who wrote the character at `index` of the text as it is, and when; undefined for what is in no batch yet. */
  authorAt(index: number): Authorship | undefined {
    const known = this.#read;
    if (this.moments().length === 0) return undefined;
    if (known !== this.#read) this.#blame = undefined;
    if (this.#blame === undefined) {
      const blamed = this.#versions.blame();
      assert(blamed.ok, 'what was delivered is here');
      this.#blame = blamed.runs;
    }
    const run = this.#blame.find(({ from, to }) => from <= index && index < to);
    if (run === undefined) return undefined;
    const counter = run.counter + index - run.from;
    const moment = this.#byReplica.get(run.replicaId)?.find(({ end }) => counter < end);
    return moment && { replicaId: moment.replicaId, wallMs: moment.wallMs };
  }

  #versionAt(count: number): TextVersion {
    const version = new Map<ReplicaId, number>();
    for (const { replicaId, end } of this.moments().slice(0, count)) version.set(replicaId, end);
    return version;
  }

  #take({ replicaId, stamp, body }: Batch): void {
    if (body.type !== 'operations') return;
    let counter = body.firstCounter;
    let wrote = false;
    let end = counter;
    for (const section of body.sections) {
      const from = counter;
      counter += section.counters;
      if (section.kind !== textSection || section.documentId !== this.#documentId) continue;
      const ops = decodeTextOps(section.operations, replicaId, from);
      // What the document refused is no part of its history either.
      if (!ops.ok) continue;
      this.#history.append(ops.value);
      wrote = true;
      end = counter;
    }
    if (!wrote) return;
    const moment = { replicaId, wallMs: stamp.wallMs, end };
    this.#moments.push(moment);
    const own = this.#byReplica.get(replicaId);
    if (own === undefined) this.#byReplica.set(replicaId, [moment]);
    else own.push(moment);
  }
}
