/**
 * The state machine as anybody would write it first: a copy of everything for each revision, every answer ever given, lists that are searched.
 * Slow, and plainly right.
 */
import { equalBytes } from '../../base/bytes.ts';
import type { Command, Operation, Result, Version } from './commands.ts';

export class ObviousMachine {
  nowMs = 0;
  /** The whole store as each revision left it, from revision 0. */
  readonly past: Map<string, Version>[] = [new Map()];
  #compacted = 0;
  #leases: { id: number; ttlMs: number; endsMs: number }[] = [];
  #locks: { lock: string; lease: number; token: number }[] = [];
  #places = new Map<string, number>();
  #wishes: { wish: string; resource: string; asked: number; state: string; place: number; endsMs: number }[] =
    [];
  readonly #answers = new Map<string, Result>();

  advance(byMs: number): void {
    this.nowMs += byMs;
    this.#leases = this.#leases.filter(({ endsMs }) => endsMs > this.nowMs);
    for (const lease of this.#leases) if (lease.endsMs === Infinity) lease.endsMs = this.nowMs + lease.ttlMs;
    this.#dropLocks();
    for (const wish of this.#wishes)
      if (wish.state === 'reserved' && wish.endsMs <= this.nowMs) wish.state = 'expired';
  }
  request(index: number, name: string, command: Command): Result {
    const known = this.#answers.get(name);
    if (known !== undefined) return known;
    const result = this.#execute(index, command);
    this.#answers.set(name, result);
    return result;
  }
  holder(lock: string): number | undefined {
    return this.#locks.find(held => held.lock === lock)?.token;
  }
  get #store(): Map<string, Version> {
    return this.past.at(-1) as Map<string, Version>;
  }
  #dropLocks(): void {
    this.#locks = this.#locks.filter(({ lease }) => this.#leases.some(({ id }) => id === lease));
  }

  #execute(index: number, command: Command): Result {
    switch (command.type) {
      case 'nothing':
        return { type: 'done' };
      case 'transaction': {
        const succeeded = command.comparisons.every(comparison => {
          if (comparison.type === 'holds') return this.holder(comparison.lock) === comparison.token;
          const found = this.#store.get(comparison.key);
          if (comparison.type === 'revision') return (found?.revision ?? 0) === comparison.revision;
          return found?.value !== undefined && equalBytes(found.value, comparison.value);
        });
        const read = this.#run(succeeded ? command.operations : command.otherwise);
        return { type: 'transacted', succeeded, revision: this.past.length - 1, read };
      }
      case 'compact':
        if (command.revision >= this.past.length) return { type: 'refused', reason: 'no-such-revision' };
        if (command.revision <= this.#compacted) return { type: 'refused', reason: 'compacted' };
        this.#compacted = command.revision;
        return { type: 'done' };
      case 'grant': {
        const { ttlMs } = command;
        this.#leases.push({ id: index, ttlMs, endsMs: Infinity });
        return { type: 'granted', lease: index, ttlMs };
      }
      case 'renew': {
        const lease = this.#leases.find(({ id }) => id === command.lease);
        if (lease === undefined) return { type: 'refused', reason: 'no-such-lease' };
        lease.endsMs = Infinity;
        return { type: 'granted', lease: lease.id, ttlMs: lease.ttlMs };
      }
      case 'revoke': {
        const before = this.#leases.length;
        this.#leases = this.#leases.filter(({ id }) => id !== command.lease);
        this.#dropLocks();
        return this.#leases.length < before ? { type: 'done' } : { type: 'refused', reason: 'no-such-lease' };
      }
      case 'acquire': {
        if (!this.#leases.some(({ id }) => id === command.lease))
          return { type: 'refused', reason: 'no-such-lease' };
        let held = this.#locks.find(({ lock }) => lock === command.lock);
        if (held === undefined) this.#locks.push((held = { ...command, token: index }));
        return { type: held.lease === command.lease ? 'acquired' : 'held', token: held.token };
      }
      case 'release': {
        if (this.holder(command.lock) !== command.token) return { type: 'refused', reason: 'not-holder' };
        this.#locks = this.#locks.filter(({ lock }) => lock !== command.lock);
        return { type: 'done' };
      }
      case 'offer':
        this.#places.set(command.resource, Math.max(command.places, this.#places.get(command.resource) ?? 0));
        return { type: 'done' };
      case 'book':
      case 'reserve':
        return this.#want(command, command.type === 'reserve' ? this.nowMs + command.ttlMs : undefined);
      case 'confirm':
      case 'cancel': {
        const wish = this.#wishes.find(one => one.wish === command.wish);
        if (wish === undefined) return { type: 'refused', reason: 'no-such-wish' };
        if (command.type === 'confirm' && wish.state === 'reserved') wish.state = 'confirmed';
        if (command.type === 'cancel' && ['reserved', 'confirmed'].includes(wish.state))
          wish.state = 'cancelled';
        return told(wish);
      }
    }
  }
  #run(operations: readonly Operation[]): (Version | undefined)[] {
    const store = new Map(this.#store);
    const revision = this.past.length;
    const read: (Version | undefined)[] = [];
    let changed = false;
    for (const operation of operations) {
      const { key } = operation;
      const before = store.get(key);
      if (operation.type === 'get') read.push(before);
      else if (operation.type === 'delete') changed = store.delete(key) || changed;
      else {
        const createdRevision = before?.createdRevision ?? revision;
        store.set(key, { key, value: operation.value, revision, createdRevision });
        changed = true;
      }
    }
    if (changed) this.past.push(store);
    return read;
  }
  #want(
    { wish, resource, place: asked }: { wish: string; resource: string; place: number },
    endsMs: number | undefined,
  ): Result {
    const known = this.#wishes.find(one => one.wish === wish);
    if (known !== undefined) {
      if (known.resource !== resource || known.asked !== asked)
        return { type: 'refused', reason: 'other-wish' };
      if (known.state === 'reserved' && endsMs === undefined) known.state = 'confirmed';
      return told(known);
    }
    const places = this.#places.get(resource);
    if (places === undefined) return { type: 'refused', reason: 'no-such-resource' };
    if (asked > places) return { type: 'refused', reason: 'no-such-place' };
    const owned = (place: number): boolean =>
      this.#wishes.some(
        one =>
          one.resource === resource && one.place === place && ['reserved', 'confirmed'].includes(one.state),
      );
    let place = asked;
    if (place === 0) for (place = 1; place <= places && owned(place);) place++;
    const state = place > places || owned(place) ? 'taken' : endsMs === undefined ? 'confirmed' : 'reserved';
    const made = { wish, resource, asked, state, place, endsMs: endsMs ?? 0 };
    this.#wishes.push(made);
    return told(made);
  }
}

function told({ state, place }: { state: string; place: number }): Result {
  if (state === 'reserved' || state === 'confirmed') return { type: 'wish', state: { type: state, place } };
  return { type: 'wish', state: { type: state as 'taken' | 'cancelled' | 'expired' } };
}
