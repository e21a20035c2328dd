/** Whatever peers send, what waits for something has an end. */
import {
  messageBytesMax,
  openReassembliesMax,
  waitingBatchesMax,
  waitingBytesMax,
} from '../../base/limits.ts';
import { heldBytesMax } from '../../net/conditioner.ts';
import { uncertifiedBytesMax, verifyingBytesMax, type Held } from '../../replica/receiving.ts';
import { must, type SyncChecker } from '../checker.ts';
import type { ReplicaProcess } from '../replica-process.ts';
import { nameOf } from './causality.ts';

const invariant = 'bounded queues';

interface Brought {
  readonly batches: number;
  readonly bytes: number;
}
const nothing: Brought = { batches: 0, bytes: 0 };

function isBounded(held: Held, { batches, bytes }: Brought): boolean {
  return (
    held.verifyingBytes <= verifyingBytesMax &&
    held.uncertifiedBytes <= uncertifiedBytesMax &&
    held.waitingBatches <= waitingBatchesMax + batches &&
    held.waitingBytes <= waitingBytesMax + bytes
  );
}

export class Queues implements SyncChecker {
  readonly invariant = invariant;
  /** What the disk brought waits beyond the limits. */
  readonly #atOpen = new WeakMap<ReplicaProcess, Brought>();

  opened(process: ReplicaProcess): void {
    const { waitingBatches: batches, waitingBytes: bytes } = process.replica.held;
    this.#atOpen.set(process, { batches, bytes });
  }

  after(process: ReplicaProcess): void {
    const { held } = process.replica;
    if (isBounded(held, nothing)) return;
    const loaded = this.#atOpen.get(process) ?? nothing;
    must(isBounded(held, loaded), invariant, () => `${nameOf(process)} holds ${JSON.stringify(held)}`);
  }

  checkpoint(processes: readonly ReplicaProcess[]): void {
    for (const process of processes) {
      for (const linkId of process.session.links) {
        const { framed } = process.session;
        const halves = framed.heldBytes(linkId);
        must(
          halves <= 2 * openReassembliesMax * messageBytesMax,
          invariant,
          () => `${nameOf(process)} holds ${String(halves)} bytes of half messages`,
        );
        const held = framed.conditioner.heldBytes(linkId, 'out') + framed.conditioner.heldBytes(linkId, 'in');
        must(
          held <= 2 * heldBytesMax,
          invariant,
          () => `${nameOf(process)} holds ${String(held)} bytes in its conditioner`,
        );
      }
    }
  }
}
