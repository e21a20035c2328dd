/**
 * Bookings: each place of a resource goes to one wish, and each wish is decided once, however often and through whomever it is
 * submitted. A slot is a resource of one place, seats are places with numbers, tickets are whichever place is free.
 *
 * A client session alone does not do: a wish is kept in a document while its author is offline, for weeks perhaps, and submitted
 * by any of its replicas, under sessions that have expired since. So wishes are remembered by their own names, for good; when there
 * is no room for more, new ones are refused rather than old ones forgotten.
 *
 * Reserve, confirm and cancel are try, confirm and cancel (Pardon & Pautasso 2014): several resources are reserved one by one, and
 * confirmed once all are; whoever disappears in between blocks nothing for longer than its reservation lasts.
 */
import type { Reader, Writer } from '../../base/codec.ts';
import { counterMax, placesMax, resourcesMax, storeKeyBytesMax, wishesMax } from '../../base/limits.ts';
import { done, refused, type Result, type WishState } from './commands.ts';

interface Resource {
  places: number;
  /** Place to wish. */
  readonly owners: Map<number, string>;
  /** All below are owned. */
  lowestFree: number;
}
interface Wish {
  readonly resource: string;
  /** As wished: 0 is any. */
  readonly place: number;
  readonly state: WishState;
  /** Of a reservation. */
  readonly endsMs: number;
}

/** The number of a state is its place here. */
const states = ['reserved', 'confirmed', 'taken', 'cancelled', 'expired'] as const;

export class Bookings {
  readonly #resources = new Map<string, Resource>();
  readonly #wishes = new Map<string, Wish>();
  /** Wishes that are reserved. */
  readonly #reserved = new Set<string>();

  get mayExpire(): boolean {
    return this.#reserved.size > 0;
  }
  wish(wish: string): WishState | undefined {
    return this.#wishes.get(wish)?.state;
  }
  owner(resource: string, place: number): string | undefined {
    return this.#resources.get(resource)?.owners.get(place);
  }

  offer(name: string, places: number): Result {
    const resource = this.#resources.get(name);
    if (resource !== undefined) resource.places = Math.max(resource.places, places);
    else if (this.#resources.size >= resourcesMax) return refused('full');
    else this.#resources.set(name, { places, owners: new Map(), lowestFree: 1 });
    return done;
  }
  /** Until `endsMs`, or for good without it. */
  want(wish: string, name: string, place: number, endsMs?: number): Result {
    const known = this.#wishes.get(wish);
    if (known !== undefined) {
      if (known.resource !== name || known.place !== place) return refused('other-wish');
      // A booking of what it has reserved confirms it; anything else was decided.
      return known.state.type === 'reserved' && endsMs === undefined ? this.confirm(wish) : told(known.state);
    }
    const resource = this.#resources.get(name);
    if (resource === undefined) return refused('no-such-resource');
    if (place > resource.places) return refused('no-such-place');
    if (this.#wishes.size >= wishesMax) return refused('full');
    const got = place === 0 ? lowestFree(resource) : resource.owners.has(place) ? undefined : place;
    if (got === undefined) return this.#decide(wish, name, place, { type: 'taken' });
    resource.owners.set(got, wish);
    const type = endsMs === undefined ? 'confirmed' : 'reserved';
    return this.#decide(wish, name, place, { type, place: got }, endsMs);
  }
  confirm(wish: string): Result {
    const known = this.#wishes.get(wish);
    if (known === undefined) return refused('no-such-wish');
    const { resource, place, state } = known;
    if (state.type !== 'reserved') return told(state);
    return this.#decide(wish, resource, place, { type: 'confirmed', place: state.place });
  }
  cancel(wish: string): Result {
    return this.#giveUp(wish, 'cancelled');
  }
  expire(nowMs: number): void {
    for (const wish of this.#reserved)
      if ((this.#wishes.get(wish) as Wish).endsMs <= nowMs) this.#giveUp(wish, 'expired');
  }

  #giveUp(wish: string, type: 'cancelled' | 'expired'): Result {
    const known = this.#wishes.get(wish);
    if (known === undefined) return refused('no-such-wish');
    const { resource, place, state } = known;
    if (state.type !== 'reserved' && state.type !== 'confirmed') return told(state);
    const of = this.#resources.get(resource) as Resource;
    of.owners.delete(state.place);
    of.lowestFree = Math.min(of.lowestFree, state.place);
    return this.#decide(wish, resource, place, { type });
  }
  #decide(wish: string, resource: string, place: number, state: WishState, endsMs = 0): Result {
    this.#wishes.set(wish, { resource, place, state, endsMs });
    if (state.type === 'reserved') this.#reserved.add(wish);
    else this.#reserved.delete(wish);
    return told(state);
  }

  write(writer: Writer): void {
    writer.varUint(this.#resources.size);
    for (const [name, { places }] of sorted(this.#resources)) writer.varString(name).varUint(places);
    writer.varUint(this.#wishes.size);
    for (const [name, { resource, place, state, endsMs }] of sorted(this.#wishes)) {
      writer.varString(name).varString(resource).varUint(place);
      writeWishState(writer, state);
      if (state.type === 'reserved') writer.varUint(endsMs);
    }
  }
  static read(reader: Reader): Bookings {
    const bookings = new Bookings();
    let before: string | undefined;
    const readName = (): string => {
      const name = reader.varString(storeKeyBytesMax);
      if (before !== undefined && name <= before) reader.fail('names out of order');
      return (before = name);
    };
    for (let left = reader.varUint(resourcesMax); left > 0; left--)
      bookings.offer(readName(), reader.varUint(placesMax));
    before = undefined;
    for (let left = reader.varUint(wishesMax); left > 0; left--) {
      const wish = readName();
      const name = reader.varString(storeKeyBytesMax);
      const resource = bookings.#resources.get(name) ?? reader.fail('a wish for what there is not');
      const place = reader.varUint(resource.places);
      const state = readWishState(reader);
      if ('place' in state) {
        if (
          state.place > resource.places ||
          resource.owners.has(state.place) ||
          (place || state.place) !== state.place
        )
          reader.fail('a place that cannot be its');
        resource.owners.set(state.place, wish);
      }
      const endsMs = state.type === 'reserved' ? reader.varUint(counterMax) : 0;
      bookings.#decide(wish, name, place, state, endsMs);
    }
    return bookings;
  }
}

export function writeWishState(writer: Writer, state: WishState): void {
  writer.byte(states.indexOf(state.type));
  if ('place' in state) writer.varUint(state.place);
}
export function readWishState(reader: Reader): WishState {
  const type = states[reader.byte()] ?? reader.fail('unknown state of a wish');
  if (type !== 'reserved' && type !== 'confirmed') return { type };
  return { type, place: reader.varUint(placesMax) || reader.fail('no place') };
}

const told = (state: WishState): Result => ({ type: 'wish', state });

function lowestFree(resource: Resource): number | undefined {
  while (resource.owners.has(resource.lowestFree)) resource.lowestFree++;
  return resource.lowestFree <= resource.places ? resource.lowestFree : undefined;
}
function sorted<T>(map: ReadonlyMap<string, T>): readonly [string, T][] {
  return [...map].sort(([a], [b]) => (a < b ? -1 : 1));
}
