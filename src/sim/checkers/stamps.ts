/**
 * Hybrid logical clocks: a batch's stamp is later than every stamp its author had seen, and no stamp from far in the
 * future drags an honest clock along. Where a wall clock was tampered with the first holds only for an author's own.
 */
import { clockDriftMaxMs } from '../../base/limits.ts';
import type { StoreTransaction } from '../../storage/store.ts';
import { must, type SyncChecker } from '../checker.ts';
import type { Device } from '../node.ts';
import { stampOf } from '../peek.ts';
import type { ReplicaProcess } from '../replica-process.ts';
import type { World } from '../world.ts';
import { nameOf } from './causality.ts';

const later = 'a stamp is later than those before it';
const drift = 'no stamp from the future is followed';

export class Stamps implements SyncChecker {
  readonly invariant = later;
  readonly #world: World;
  /** The latest that each device's wall clock ever showed. */
  readonly #latest = new Map<Device, number>();
  readonly #own = new WeakMap<ReplicaProcess, { wallMs: number; logical: number }>();

  constructor(world: World) {
    this.#world = world;
  }

  after({ node: { device } }: ReplicaProcess): void {
    if (!this.#world.wallTampered) return;
    const wallMs = device.clock.wallMs();
    if (wallMs > (this.#latest.get(device) ?? 0)) this.#latest.set(device, wallMs);
  }

  keeping(process: ReplicaProcess, { batches = [] }: StoreTransaction): void {
    const { replicaId } = process.replica;
    const { ledger, forked, wallTampered, plan } = this.#world;
    const { device } = process.node;
    for (const batch of batches) {
      if (batch.replicaId !== replicaId) continue;
      const stamp = stampOf(batch.bytes);
      const entry = ledger.entry(replicaId, batch.sequence);
      if (entry?.id !== batch.batchId || forked) continue;
      if (entry.wallMs > 0) continue;
      entry.wallMs = stamp.wallMs;
      entry.logical = stamp.logical;
      // A clock that was set back was right before, and stamps do not go back with it.
      const latest = Math.max(device.clock.wallMs(), this.#latest.get(device) ?? 0, this.#world.wallMs);
      must(
        stamp.wallMs <= latest + clockDriftMaxMs,
        drift,
        () => `${nameOf(process)} stamps ${String(stamp.wallMs - latest)} ms ahead of its clock`,
      );
      const own = this.#own.get(process);
      if (own !== undefined)
        must(
          isLater(stamp, own),
          later,
          () => `${nameOf(process)} stamps batch ${String(batch.sequence)} no later than the one before`,
        );
      this.#own.set(process, stamp);
      if (wallTampered || plan.strangers.length > 0) continue;
      entry.past?.forEach((count, log) => {
        const seen = ledger.logs[log]?.entries[count - 1];
        if (seen !== undefined && seen.wallMs > 0)
          must(
            isLater(stamp, seen),
            later,
            () =>
              `${nameOf(process)} stamps batch ${String(batch.sequence)} before what it had seen of log ${String(log)}`,
          );
      });
    }
  }
}

function isLater(a: { wallMs: number; logical: number }, b: { wallMs: number; logical: number }): boolean {
  return a.wallMs > b.wallMs || (a.wallMs === b.wallMs && a.logical > b.logical);
}
