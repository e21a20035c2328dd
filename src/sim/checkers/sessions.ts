/**
 * Session guarantees (Terry et al. 1994) of who sits at a replica. Read your writes: an edit is in the document where it was made, at
 * once. Monotonic reads: what was read stays read, within a session and, as far as the disk had it, across a restart; what the editor
 * shows is the document. Monotonic writes and writes follow reads hold between replicas, and are what `causality.ts` checks.
 */
import type { DocumentId } from '../../base/ids.ts';
import type { TextChange } from '../../crdt/text/messages.ts';
import type { CommitResult, StoreTransaction } from '../../storage/store.ts';
import { must, type SyncChecker } from '../checker.ts';
import type { Node } from '../node.ts';
import type { ReplicaProcess } from '../replica-process.ts';
import type { World } from '../world.ts';
import { nameOf } from './causality.ts';

const monotonic = 'monotonic reads';
const written = 'read your writes';
const mirror = 'the editor shows the document';

interface Left {
  readonly confirmed: readonly number[];
  readonly epoch: number;
}

export class Sessions implements SyncChecker {
  readonly invariant = monotonic;
  readonly #world: World;
  readonly #left = new Map<Node, Left>();

  constructor(world: World) {
    this.#world = world;
  }

  opened(process: ReplicaProcess): void {
    const left = this.#left.get(process.node);
    const { epoch, damaged } = process.node.device;
    if (left?.epoch !== epoch || damaged || this.#world.forked) return;
    for (let i = 0; i < left.confirmed.length; i++) {
      const [before, now] = [left.confirmed[i] ?? 0, process.seen[i] ?? 0];
      must(
        now >= before,
        monotonic,
        () =>
          `${nameOf(process)} came back with ${String(now)} batches of log ${String(i)}; its disk had ${String(before)}`,
      );
    }
  }

  edited(process: ReplicaProcess, documentId: DocumentId, changes: readonly TextChange[]): void {
    const last = changes.at(-1);
    if (last === undefined) return;
    const { from, insert } = last;
    const found = process.replica.text(documentId).slice(from, from + insert.length);
    must(
      found === insert,
      written,
      () => `${nameOf(process)} wrote ${JSON.stringify(insert)} and reads ${JSON.stringify(found)} there`,
    );
  }

  kept(process: ReplicaProcess, _transaction: StoreTransaction, { ok }: CommitResult): void {
    if (ok && !process.alive) this.#remember(process);
  }

  stopped(process: ReplicaProcess): void {
    this.#remember(process);
  }

  #remember(process: ReplicaProcess): void {
    // What waited for something on the disk is there too, but is not shown until that has come.
    const confirmed = process.confirmed.map((count, i) => Math.min(count, process.seen[i] ?? 0));
    this.#left.set(process.node, { confirmed, epoch: process.node.device.epoch });
  }

  after(process: ReplicaProcess): void {
    for (const [documentId, shown] of process.mirrors) {
      const { length } = process.replica.text(documentId);
      must(
        shown.length === length,
        mirror,
        () => `${nameOf(process)} shows ${String(shown.length)} of ${String(length)} characters`,
      );
    }
  }

  checkpoint(processes: readonly ReplicaProcess[]): void {
    const { ledger } = this.#world;
    for (const process of processes) {
      for (const [documentId, shown] of process.mirrors) {
        const text = process.replica.text(documentId).toString();
        must(shown.toString() === text, mirror, () => `${nameOf(process)} shows another text`);
      }
      const { clock, durableClock } = process.replica;
      for (const [replicaId, count] of clock) {
        const seen = process.seen[ledger.log(replicaId).index] ?? 0;
        must(
          count === seen || this.#world.forked,
          monotonic,
          () =>
            `${nameOf(process)} counts ${String(count)} batches of ${replicaId.slice(0, 8)} and delivered ${String(seen)}`,
        );
      }
      for (const [replicaId, count] of durableClock)
        must(
          count <= (clock.get(replicaId) ?? 0),
          monotonic,
          () => `${nameOf(process)} claims more on disk than it has`,
        );
    }
  }
}
