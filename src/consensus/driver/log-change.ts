/** One step of what is written: to the disk by an adapter, and to the log in memory by the driver, alike. */
import type { Entry, HardState, Snapshot } from '../entry.ts';
import type { MemoryLogStorage } from '../log-storage.ts';

export interface LogChange {
  readonly hardState?: HardState;
  /** From a leader, in place of all that was there. */
  readonly snapshot?: Snapshot;
  /** At and after the first index in place of what is there. */
  readonly entries: readonly Entry[];
  /** Of our own machine; the entries up to `compactTo` are not needed any more. */
  readonly kept?: { readonly snapshot: Snapshot; readonly compactTo: number };
}

export function changeLog(log: MemoryLogStorage, { hardState, snapshot, entries, kept }: LogChange): void {
  if (hardState !== undefined) log.hardState = hardState;
  if (snapshot !== undefined) log.applySnapshot(snapshot);
  log.append(entries);
  if (kept === undefined) return;
  log.keepSnapshot(kept.snapshot);
  if (kept.compactTo <= log.lastIndex) log.compact(kept.compactTo);
}
