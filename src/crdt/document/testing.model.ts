/** What tests of documents share. */
import type { ReplicaId } from '../../base/ids.ts';
import { HybridLogicalClock } from '../../clocks/hybrid-logical-clock.ts';
import type { Context } from '../context.ts';
import { Document, type DocumentOptions } from './document.ts';
import type { Edited } from './handles/handle.ts';
import type { DocumentBatch } from './messages.ts';

/** A replica id for tests: `name` (hex digits) filled up with zeros. */
export function replicaIdOf(name: string): ReplicaId {
  return name.padEnd(32, '0') as ReplicaId;
}

export function contextOf(name: string, next = 0): Context {
  const clock = new HybridLogicalClock();
  let now = 1_800_000_000_000;
  return {
    replicaId: replicaIdOf(name),
    counter: { next },
    stamp: overwritten => clock.stampOver(overwritten, (now += 10)),
  };
}

export function documentOf(name: string, options?: DocumentOptions): Document {
  return new Document(contextOf(name), options);
}

/** The batch of an edit that must have been one. */
export function made(edited: Edited): DocumentBatch {
  if (edited === undefined) throw new Error('nothing was edited');
  return edited;
}

/** Brings each of `documents` all that any of them knows. */
export function syncAll(...documents: readonly Document[]): void {
  for (const to of documents) {
    for (const from of documents) {
      for (const batch of from.batchesSince(to.version) ?? []) {
        const applied = to.apply(batch);
        if (!applied.ok) throw new Error(applied.reason);
      }
    }
  }
}
