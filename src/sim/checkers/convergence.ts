/**
 * Replicas that have the same batches show the same text: at every event the number of the set against the number of the
 * text, for all replicas and all times of a run; now and then byte by byte.
 */
import { must, type SyncChecker } from '../checker.ts';
import type { ReplicaProcess } from '../replica-process.ts';
import type { World } from '../world.ts';
import { nameOf } from './causality.ts';

const invariant = 'the same batches give the same text';
const remembered = 100_000;

export class Convergence implements SyncChecker {
  readonly invariant = invariant;
  readonly #world: World;
  readonly #textOf = new Map<number, number>();

  constructor(world: World) {
    this.#world = world;
  }

  edited(process: ReplicaProcess): void {
    process.changed = true;
  }

  after(process: ReplicaProcess): void {
    if (!process.changed || this.#world.forked || process.replica.isBatching) return;
    process.changed = false;
    let text = 0;
    for (const mirror of process.mirrors.values()) text = Math.imul(text, 31) + mirror.hash + mirror.length;
    text |= 0;
    const known = this.#textOf.get(process.seenKey);
    if (known === undefined) {
      if (this.#textOf.size >= remembered) this.#textOf.clear();
      this.#textOf.set(process.seenKey, text);
    } else
      must(
        known === text,
        invariant,
        () => `${nameOf(process)} shows another text than whoever had these batches before`,
      );
  }

  checkpoint(processes: readonly ReplicaProcess[]): void {
    if (this.#world.forked) return;
    const texts = new Map<number, string[]>();
    for (const process of processes) {
      if (process.replica.isBatching) continue;
      const shown = this.#world.documents.map(documentId => process.replica.text(documentId).toString());
      const known = texts.get(process.seenKey);
      if (known === undefined) texts.set(process.seenKey, shown);
      else
        must(
          known.every((text, n) => text === shown[n]),
          invariant,
          () => `${nameOf(process)} differs byte by byte`,
        );
    }
  }
}
