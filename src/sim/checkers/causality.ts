/**
 * A batch is delivered once, in its log's order, after everything its author knew when it was closed; and no sequence number
 * of what others may have is given out twice. What the author knew is noted as it happens, not read from the batch: a
 * wrong frontier would agree with itself. Keeps `seen` and the ledger up for all other checkers, so it comes first.
 */
import type { TraceEvent } from '../../base/trace.ts';
import { must, type SyncChecker } from '../checker.ts';
import type { Log } from '../ledger.ts';
import type { ReplicaProcess } from '../replica-process.ts';
import type { World } from '../world.ts';

const causal = 'causal delivery';
const once = 'a sequence number is given once';

/** 52 bits that tell batches apart; sums of them tell sets apart. */
function keyOf(log: Log, sequence: number): number {
  const id = log.entries[sequence]?.id;
  // What a stranger wrote is known by its place alone; it writes no number twice.
  return id === undefined ? log.index * 2 ** 24 + sequence : parseInt(id.slice(0, 13), 16);
}
const keyRange = 2 ** 52;
function keySum(a: number, b: number): number {
  const sum = a + b;
  return sum >= keyRange ? sum - keyRange : sum;
}

export class Causality implements SyncChecker {
  readonly invariant = causal;
  readonly #world: World;

  constructor(world: World) {
    this.#world = world;
  }

  opened(process: ReplicaProcess): void {
    const { ledger, forked } = this.#world;
    ledger.log(process.replica.replicaId).device = process.node.device.index;
    const { seen } = process;
    for (const [replicaId, count] of process.replica.clock) seen[ledger.log(replicaId).index] = count;
    for (const log of ledger.logs) {
      const count = seen[log.index] ?? 0;
      for (let sequence = 0; sequence < count; sequence++)
        process.seenKey = keySum(process.seenKey, keyOf(log, sequence));
      const last = log.entries[count - 1];
      if (last?.past === undefined || forked) continue;
      must(
        covers(seen, last.past),
        causal,
        () =>
          `${nameOf(process)} opened with batch ${String(count - 1)} of ${log.replicaId.slice(0, 8)} and not what it builds on`,
      );
    }
  }

  traced(process: ReplicaProcess, event: TraceEvent): void {
    if (event.type === 'batch-closed') this.#closed(process, event);
    else if (event.type === 'batch-delivered') this.#delivered(process, event);
  }

  #closed(
    process: ReplicaProcess,
    { replicaId, sequence, batchId }: Extract<TraceEvent, { type: 'batch-closed' }>,
  ): void {
    const { ledger, forked } = this.#world;
    const before = ledger.entry(replicaId, sequence);
    if (before !== undefined && before.id !== batchId && !forked)
      must(
        !before.sent && !before.promised,
        once,
        () => `${nameOf(process)} closes another batch ${String(sequence)}`,
      );
    if (!forked || before === undefined)
      ledger.note(replicaId, sequence, { id: batchId, past: process.seen.slice() });
    this.#see(process, ledger.log(replicaId), sequence);
  }

  #delivered(
    process: ReplicaProcess,
    { replicaId, sequence }: Extract<TraceEvent, { type: 'batch-delivered' }>,
  ): void {
    const { ledger, forked, counts } = this.#world;
    const log = ledger.log(replicaId);
    const past = log.entries[sequence]?.past;
    if (past !== undefined && !forked)
      must(
        covers(process.seen, past),
        causal,
        () =>
          `${nameOf(process)} delivers ${replicaId.slice(0, 8)}.${String(sequence)} before what it builds on`,
      );
    counts.merges++;
    this.#see(process, log, sequence);
  }

  #see(process: ReplicaProcess, log: Log, sequence: number): void {
    const known = process.seen[log.index] ?? 0;
    // The branches of a fork have numbers in common.
    must(
      known === sequence || this.#world.forked,
      causal,
      () =>
        `${nameOf(process)} has ${String(known)} batches of log ${String(log.index)} and delivers number ${String(sequence)}`,
    );
    process.seen[log.index] = Math.max(known, sequence + 1);
    process.seenKey = keySum(process.seenKey, keyOf(log, sequence));
    process.changed = true;
  }
}

function covers(seen: readonly number[], past: readonly number[]): boolean {
  for (let i = 0; i < past.length; i++) if ((seen[i] ?? 0) < (past[i] ?? 0)) return false;
  return true;
}

export function nameOf(process: ReplicaProcess): string {
  return `node ${String(process.node.index)} (${process.replica.replicaId.slice(0, 8)})`;
}
