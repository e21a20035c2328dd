/**
 * Linearizable reads: many that wait at once share one round of the core's, and each round has a name of its own, also when it is asked for
 * again, so that a late answer to an earlier one confirms nothing (etcd's stale ReadIndex).
 */
import { Writer } from '../../base/codec.ts';
import { equalBytes } from '../../base/bytes.ts';
import { clientWaitingMax } from '../../base/limits.ts';
import type { DriverEffect } from './effects.ts';

interface Round {
  readonly context: Uint8Array;
  readonly reads: readonly number[];
  readonly askedAtMs: number;
}

export class Reads {
  readonly #nonce: number;
  #reads = 0;
  #rounds = 0;
  #round: Round | undefined = undefined;
  /** They came after the round was asked for. */
  #waiting: number[] = [];
  /** Confirmed, and the machine is not there yet. */
  #confirmed: { readonly index: number; readonly reads: readonly number[] }[] = [];

  constructor(nonce: number) {
    this.#nonce = nonce;
  }
  begin(): number | undefined {
    if (this.#waiting.length >= clientWaitingMax) return undefined;
    this.#waiting.push(++this.#reads);
    return this.#reads;
  }
  /** The context to ask the core for, if it is time. */
  due(nowMs: number, retryMs: number): Uint8Array | undefined {
    if (this.#round !== undefined && nowMs - this.#round.askedAtMs < retryMs) return undefined;
    const reads = [...(this.#round?.reads ?? []), ...this.#waiting];
    if (reads.length === 0) return undefined;
    const context = new Writer().varUint(this.#nonce).varUint(++this.#rounds).finish();
    this.#round = { context, reads, askedAtMs: nowMs };
    this.#waiting = [];
    return context;
  }
  /** There is another leader. */
  hurry(): void {
    if (this.#round !== undefined) this.#round = { ...this.#round, askedAtMs: -Infinity };
  }
  confirmed(context: Uint8Array, index: number): void {
    if (this.#round === undefined || !equalBytes(context, this.#round.context)) return;
    this.#confirmed.push({ index, reads: this.#round.reads });
    this.#round = undefined;
  }
  /** The machine has applied so much. */
  onApplied(index: number): readonly DriverEffect[] {
    if (this.#confirmed.length === 0) return [];
    const now = this.#confirmed.filter(confirmed => confirmed.index <= index);
    if (now.length > 0) this.#confirmed = this.#confirmed.filter(confirmed => confirmed.index > index);
    return now.flatMap(({ reads }) => reads.map(read => ({ type: 'readable', read }) as const));
  }
}
