/**
 * Persist before send, acknowledge after persist, and what was acknowledged is never missing. What the disk holds is
 * known from the disk itself; what is claimed is read from the messages that leave.
 */
import type { CommitResult, StoreTransaction } from '../../storage/store.ts';
import { must, type SyncChecker } from '../checker.ts';
import { codeOf, Peek, replicaAt, sequenceAt } from '../peek.ts';
import type { ReplicaProcess } from '../replica-process.ts';
import type { World } from '../world.ts';
import { nameOf } from './causality.ts';

const persist = 'persist before send';
const acknowledge = 'acknowledge after persist';
const missing = 'nothing acknowledged is ever missing';
const transactional = 'batch, head and outbox row are one strict transaction';
const settledOnly = 'the outbox keeps what no other device has';

export class Durability implements SyncChecker {
  readonly invariant = missing;
  readonly #world: World;

  constructor(world: World) {
    this.#world = world;
  }

  opened(process: ReplicaProcess): void {
    const { ledger, forked } = this.#world;
    for (let i = 0; i < process.seen.length; i++) process.confirmed[i] = process.seen[i] ?? 0;
    const { index, damaged } = process.node.device;
    if (damaged || forked) return;
    for (const log of ledger.logs) {
      if (log.device !== index) continue;
      const count = process.seen[log.index] ?? 0;
      must(
        count >= log.promised,
        missing,
        () =>
          `${nameOf(process)} opens with ${String(count)} of ${String(log.promised)} batches that its device was told are kept`,
      );
    }
  }

  keeping(
    process: ReplicaProcess,
    { batches = [], heads = [], outbox = [], settled = [], durability }: StoreTransaction,
  ): void {
    // Of two branches one is ours, and both have our name.
    if (this.#world.forked) return;
    const { replicaId } = process.replica;
    let last = -1;
    for (const batch of batches) {
      if (batch.replicaId !== replicaId) continue;
      // Kept before and written again because its record was damaged (SYNC40): outbox and head are as they were.
      if (batch.sequence < (process.replica.durableClock.get(replicaId) ?? 0)) continue;
      last = batch.sequence;
      const row = last === 0 || outbox.some(({ sequence }) => sequence === last);
      must(row, transactional, () => `${nameOf(process)} keeps batch ${String(last)} without its outbox row`);
    }
    if (last >= 0) {
      const headed = heads.some(head => head.replicaId === replicaId && head.sequence === last);
      must(
        headed && durability === 'strict',
        transactional,
        () => `${nameOf(process)} keeps batch ${String(last)} ${headed ? 'relaxed' : 'without its head'}`,
      );
    }
    // A liar's word settles rows.
    if (this.#world.plan.strangers.length > 0) return;
    const own = 1 << process.node.device.index;
    for (const row of settled) {
      const everHeld = this.#world.ledger.entry(row.replicaId, row.sequence)?.everHeld ?? 0;
      must(
        (everHeld & ~own) !== 0,
        settledOnly,
        () => `${nameOf(process)} settles batch ${String(row.sequence)}, which no other device has`,
      );
    }
  }

  kept(process: ReplicaProcess, { batches = [] }: StoreTransaction, result: CommitResult): void {
    if (!result.ok) return;
    this.#world.counts.commits++;
    const bit = 1 << process.node.device.index;
    for (const { replicaId, sequence, batchId } of batches) {
      const log = this.#world.ledger.log(replicaId);
      const entry = log.entries[sequence];
      if (entry?.id === batchId) {
        entry.holders |= bit;
        entry.everHeld |= bit;
      }
      process.confirmed[log.index] = Math.max(process.confirmed[log.index] ?? 0, sequence + 1);
    }
  }

  confirmed(process: ReplicaProcess, { batches = [] }: StoreTransaction): void {
    const { replicaId } = process.replica;
    for (const batch of batches) {
      if (batch.replicaId !== replicaId) continue;
      this.#world.ledger.promisedIds.add(batch.batchId);
      this.#world.counts.batchBytes += batch.bytes.length;
      const log = this.#world.ledger.log(replicaId);
      const entry = log.entries[batch.sequence];
      if (entry?.id === batch.batchId) entry.promised = true;
      log.promised = Math.max(log.promised, batch.sequence + 1);
    }
  }

  sending(process: ReplicaProcess, bytes: Uint8Array): void {
    if (bytes[0] === codeOf.batches) this.#sendingBatches(process, bytes);
    else if (bytes[0] === codeOf.clock) this.#sendingClock(process, bytes);
  }

  #sendingBatches(process: ReplicaProcess, bytes: Uint8Array): void {
    // What is confirmed is known by number, and a number names two batches.
    if (this.#world.forked) return;
    const { ledger } = this.#world;
    const peek = new Peek(bytes);
    peek.at = 1;
    for (let left = peek.varUint(); left > 0; left--) {
      const length = peek.varUint();
      const at = peek.at;
      const log = ledger.logIn(bytes, at + replicaAt);
      const sequence = sequenceAt(peek, at);
      peek.at = at + length;
      if (log === undefined) continue;
      must(
        (process.confirmed[log.index] ?? 0) > sequence,
        persist,
        () =>
          `${nameOf(process)} sends ${log.replicaId.slice(0, 8)}.${String(sequence)}, which its disk has not`,
      );
      const entry = log.entries[sequence];
      if (entry !== undefined) entry.sent = true;
    }
  }

  #sendingClock(process: ReplicaProcess, bytes: Uint8Array): void {
    // Branches have names that nobody's ledger knows.
    if (this.#world.forked) return;
    const peek = new Peek(bytes);
    peek.at = 2;
    for (let left = peek.varUint(); left > 0; left--) {
      const log = this.#world.ledger.logIn(bytes, peek.at);
      peek.at += 16;
      const count = peek.varUint();
      const held = log === undefined ? 0 : (process.confirmed[log.index] ?? 0);
      must(
        held >= count,
        acknowledge,
        () =>
          `${nameOf(process)} acknowledges ${String(count)} batches of ${log?.replicaId.slice(0, 8) ?? 'nobody'}, and its disk has ${String(held)}`,
      );
    }
  }
}
