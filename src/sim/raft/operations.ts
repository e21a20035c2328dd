/**
 * What clients were told, over the whole group: histories of registers to be judged when all is over, who holds which lock, what the
 * resource behind it took, and how each wish was decided.
 */
import { FencedResource, type HeldLease } from '../../consensus/machine/held-lease.ts';
import type { WishState } from '../../consensus/machine/commands.ts';
import { must } from '../checker.ts';
import { check } from '../histories/check.ts';
import { casModel, type CasInput, type CasOutput } from '../histories/models/compare-and-set.ts';
import { HistoryRecorder } from '../histories/recorder.ts';
import type { Oracle } from './oracle.ts';

/** A wish as it is kept in its author's document: it outlives every tab. */
export interface KeptWish {
  readonly wish: string;
  readonly author: number;
  readonly resource: string;
  readonly place: number;
  state: WishState | undefined;
  decidedAtMs: number;
  cancelAsked: boolean;
}
export interface Holder {
  readonly device: number;
  readonly token: number;
  readonly lease: HeldLease;
}

/** Steps of the model for one seed's histories: they are cut into objects of some dozens of operations. */
const budget = 1 << 20;

export class Operations {
  readonly history = new HistoryRecorder<CasInput, CasOutput>();
  readonly wishes: KeptWish[] = [];
  readonly #oracle: Oracle;
  readonly #holders = new Map<string, Holder>();
  readonly #resources = new Map<string, { readonly fence: FencedResource; highest: number }>();
  readonly #booked = new Map<string, KeptWish>();
  refused = 0;
  unknown = 0;

  constructor(oracle: Oracle) {
    this.#oracle = oracle;
  }

  /** A client believes that it holds the lock from now on. */
  holds(lock: string, holder: Holder): void {
    const before = this.#holders.get(lock);
    if (before !== undefined && before.lease !== holder.lease) {
      must(
        !before.lease.holds,
        'lease holders are disjoint',
        () =>
          `${lock}: device ${before.device} (${before.token}) and device ${holder.device} (${holder.token})`,
      );
      must(
        holder.token > before.token,
        'tokens rise',
        () => `${lock}: ${holder.token} after ${before.token}`,
      );
    }
    this.#holders.set(lock, holder);
  }
  /** It is gone, or has let go. */
  letGo(device: number): void {
    for (const [lock, holder] of this.#holders) if (holder.device === device) this.#holders.delete(lock);
  }
  /** A write arrives at what the lock guards, however late. */
  writes(lock: string, token: number): void {
    const resource = this.#resources.get(lock) ?? { fence: new FencedResource(), highest: 0 };
    this.#resources.set(lock, resource);
    if (!resource.fence.admits(token)) {
      this.refused++;
      return;
    }
    must(
      token >= resource.highest,
      'a stale token is refused',
      () => `${lock} took ${token} after ${resource.highest}`,
    );
    resource.highest = token;
  }

  /** A client was told so. */
  decided(kept: KeptWish, state: WishState, askedAtMs: number, nowMs: number): void {
    const { wish, resource } = kept;
    const truth = this.#oracle.machine.wish(wish);
    if (state.type === 'confirmed') {
      const place = `${resource}/${state.place}`;
      const owner = this.#booked.get(place);
      const isFree = owner === undefined || owner === kept || owner.cancelAsked;
      must(isFree, 'a place is booked once', () => `${place}: ${owner?.wish ?? ''} and ${wish}`);
      const isTrue = truth?.type === 'confirmed' ? truth.place === state.place : truth?.type === 'cancelled';
      must(isTrue, 'never confirmed early', () => `${wish} is ${truth?.type ?? 'unknown'}`);
      this.#booked.set(place, kept);
    } else
      must(
        truth !== undefined,
        'never decided early',
        () => `${wish} is unknown, and was told ${state.type}`,
      );
    // What was asked before the last answer may have been carried out before it.
    if (askedAtMs <= kept.decidedAtMs) return;
    kept.decidedAtMs = nowMs;
    const before = kept.state;
    if (before?.type === 'confirmed') {
      const same = state.type === 'confirmed' && state.place === before.place;
      must(
        same || kept.cancelAsked,
        'a wish is decided once',
        () => `${wish}: ${before.type}, then ${state.type}`,
      );
    } else if (before !== undefined && before.type !== 'reserved')
      must(
        state.type === before.type,
        'a wish is decided once',
        () => `${wish}: ${before.type}, then ${state.type}`,
      );
    kept.state = state;
  }

  judge(): void {
    const verdict = check(casModel, this.history.history(), { budget });
    if (verdict.type === 'unknown') this.unknown += verdict.objects.length;
    must(verdict.type !== 'not-linearizable', 'histories are linearizable', () =>
      verdict.type === 'not-linearizable'
        ? `${verdict.object}: ${verdict.operations.length} operations, see operation ${verdict.blocked}`
        : '',
    );
  }
}
