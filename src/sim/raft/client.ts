/**
 * What the people at one device do with the group while its tab is open: registers, transactions over two keys, reads, locks and what they
 * guard, wishes. One operation at a time; whatever is not answered in time is given up, and may have happened.
 */
import { utf8 } from '../../base/bytes.ts';
import type { SeededRandom } from '../../base/random.ts';
import type { Outcome } from '../../consensus/driver/effects.ts';
import { put, transaction, type Command, type Result } from '../../consensus/machine/commands.ts';
import { HeldLease } from '../../consensus/machine/held-lease.ts';
import { Watch } from '../../consensus/machine/watch.ts';
import { must } from '../checker.ts';
import type { CasInput } from '../histories/models/compare-and-set.ts';
import type { Device } from './device.ts';
import { told } from './oracle.ts';
import type { KeptWish, Operations } from './operations.ts';

/** What a client needs of the world. */
export interface ClientWorld {
  readonly operations: Operations;
  readonly changes: readonly { readonly key: string; readonly revision: number }[];
  readonly nowMs: number;
  readonly thinkMs: number;
  readonly isCalm: boolean;
  unique(): number;
  later(device: Device, ms: number, run: () => void): void;
  /** Beyond the device: it happens whatever becomes of it. */
  elsewhere(ms: number, run: () => void): void;
  request(device: Device, command: Command, done: (outcome: Outcome) => void): void;
  read(device: Device, done: () => void): void;
  say(device: Device, what: () => string): void;
}

const giveUpMs = 8000;
/** Keys change, so that the histories of each stay short. */
const keyEveryMs = 10_000;
const keysAtOnce = 2;
const decoder = new TextDecoder();
const numberOf = (value: Uint8Array | undefined): number | null =>
  value === undefined ? null : Number(decoder.decode(value));

export class Client {
  readonly #world: ClientWorld;
  readonly #device: Device;
  readonly #random: SeededRandom;
  readonly #lane: number;
  /** Of the operation that is on. */
  #turn = 0;
  #seen = new Map<string, number | null>();
  #watch = new Watch({ from: 'k' }, 1);
  #watched = 0;
  lastAnswerMs = -1;

  constructor(world: ClientWorld, device: Device, random: SeededRandom, lane: number) {
    this.#world = world;
    this.#device = device;
    this.#random = random;
    this.#lane = lane;
    this.#rest();
  }
  stop(): void {
    this.#turn = -1;
    if (this.#world.operations.history.openInput(this.#lane) !== undefined)
      this.#world.operations.history.lost(this.#lane);
    this.#world.operations.letGo(this.#device.index);
  }

  #rest(): void {
    const { thinkMs } = this.#world;
    this.#world.later(this.#device, 1 + this.#random.below(2 * thinkMs), () => this.#begin());
  }
  #begin(): void {
    const turn = ++this.#turn;
    this.#look();
    this.#world.later(this.#device, giveUpMs, () => {
      if (turn !== this.#turn) return;
      this.#turn++;
      const { history } = this.#world.operations;
      if (history.openInput(this.#lane) !== undefined) history.lost(this.#lane);
      this.#rest();
    });
    const drawn = this.#random.below(20);
    if (drawn < 5) this.#write();
    else if (drawn < 9) this.#readKey();
    else if (drawn < 12) this.#swap();
    else if (drawn < 14) this.#pair();
    else if (drawn < 17) this.#lock();
    else this.#wish();
  }
  #end(): void {
    this.#turn++;
    this.#rest();
  }
  #ask(command: Command, then: (result: Result) => void): void {
    const turn = this.#turn;
    this.#world.request(this.#device, command, outcome => {
      must(outcome.ok, 'sessions are kept', () => `device ${this.#device.index} was left in doubt`);
      this.lastAnswerMs = this.#world.nowMs;
      if (turn === this.#turn && outcome.ok) then(outcome.result);
    });
  }
  #key(): string {
    return `k${Math.floor(this.#world.nowMs / keyEveryMs)}/${this.#random.below(keysAtOnce)}`;
  }
  #invoke(input: CasInput): void {
    this.#world.operations.history.invoked(this.#lane, input, this.#world.nowMs);
  }

  #write(): void {
    const key = this.#key();
    const value = this.#world.unique();
    this.#invoke({ type: 'write', key, value });
    this.#ask(put(key, utf8(`${value}`)), () => {
      this.#world.operations.history.answered(this.#lane, { type: 'written' }, this.#world.nowMs);
      this.#seen = new Map([[key, value]]);
      this.#end();
    });
  }
  #readKey(): void {
    const key = this.#key();
    const turn = this.#turn;
    this.#invoke({ type: 'read', key });
    this.#world.read(this.#device, () => {
      this.lastAnswerMs = this.#world.nowMs;
      if (turn !== this.#turn) return;
      const value = numberOf(this.#device.driver?.machine.get(key)?.value);
      this.#seen = new Map([[key, value]]);
      this.#world.operations.history.answered(this.#lane, { type: 'value', value }, this.#world.nowMs);
      this.#end();
    });
  }
  #swap(): void {
    const [key, from] = [...this.#seen][0] ?? [this.#key(), null];
    const to = this.#world.unique();
    this.#invoke({ type: 'cas', key, from, to });
    const was =
      from === null
        ? ({ type: 'revision', key, revision: 0 } as const)
        : ({ type: 'value', key, value: utf8(`${from}`) } as const);
    const command = transaction([was], [{ type: 'put', key, value: utf8(`${to}`) }], [{ type: 'get', key }]);
    this.#ask(command, result => {
      if (result.type !== 'transacted') return;
      const { succeeded, read } = result;
      const type = succeeded ? 'swapped' : 'refused';
      this.#world.operations.history.answered(this.#lane, { type }, this.#world.nowMs);
      this.#seen = new Map([[key, succeeded ? to : numberOf(read[0]?.value)]]);
      this.#end();
    });
  }
  /** Two keys that are only ever written together are the same whenever both are read at once. */
  #pair(): void {
    const value = utf8(`${this.#world.unique()}`);
    const [first, second] = ['p/1', 'p/2'];
    const write = this.#random.below(2) === 0;
    const command = write
      ? transaction(
          [],
          [
            { type: 'put', key: first, value },
            { type: 'put', key: second, value },
          ],
        )
      : transaction(
          [],
          [
            { type: 'get', key: first },
            { type: 'get', key: second },
          ],
        );
    this.#ask(command, result => {
      if (result.type === 'transacted' && !write) {
        const [one, other] = result.read.map(version => numberOf(version?.value));
        must(one === other, 'a transaction is whole', () => `${String(one)} and ${String(other)}`);
      }
      this.#end();
    });
  }

  #lock(): void {
    const lock = `lock ${this.#random.below(2)}`;
    const ttlMs = [1500, 4000][this.#random.below(2)] ?? 1500;
    const held = new HeldLease(this.#device.clock, ttlMs);
    const asked = held.ask();
    this.#ask({ type: 'grant', ttlMs }, granted => {
      if (granted.type !== 'granted') return;
      const { lease } = granted;
      held.granted(asked);
      this.#acquire(held, lock, lease, 3);
    });
  }
  /** Again with the lease it has, while another holds the lock. */
  #acquire(held: HeldLease, lock: string, lease: number, tries: number): void {
    this.#ask({ type: 'acquire', lock, lease }, acquired => {
      if (acquired.type === 'acquired') {
        const { token } = acquired;
        if (held.holds) {
          this.#world.operations.holds(lock, { device: this.#device.index, token, lease: held });
          this.#work(held, lock, lease, token, 1 + this.#random.below(6));
        } else this.#end();
        return;
      }
      const turn = this.#turn;
      if (tries > 0 && held.holds)
        this.#world.later(this.#device, 100 + this.#random.below(600), () => {
          if (turn === this.#turn) this.#acquire(held, lock, lease, tries - 1);
        });
      else this.#ask({ type: 'revoke', lease }, () => this.#end());
    });
  }
  #work(held: HeldLease, lock: string, lease: number, token: number, left: number): void {
    const turn = this.#turn;
    if (!held.holds) {
      this.#end();
      return;
    }
    // It looked, and then it takes a while, in which the tab may be paused.
    this.#world.later(this.#device, this.#random.below(60), () => {
      const travelsMs = this.#random.below(4) === 0 ? this.#random.below(6000) : 20;
      this.#world.elsewhere(travelsMs, () => this.#world.operations.writes(lock, token));
    });
    if (this.#random.below(3) === 0) {
      const guarded = { type: 'holds', lock, token } as const;
      const value = utf8(`${token}`);
      this.#world.request(
        this.#device,
        transaction([guarded], [{ type: 'put', key: `g/${lock}`, value }]),
        () => undefined,
      );
    }
    if (this.#random.below(3) === 0) {
      const asked = held.ask();
      this.#world.request(this.#device, { type: 'renew', lease }, outcome => {
        if (outcome.ok && outcome.result.type === 'granted') held.granted(asked);
        else held.lose();
      });
    }
    this.#world.later(this.#device, 50 + this.#random.below(700), () => {
      if (turn !== this.#turn) return;
      if (left > 0) {
        this.#work(held, lock, lease, token, left - 1);
        return;
      }
      // Left to run out, at times.
      if (this.#random.below(3) === 0) {
        this.#end();
        return;
      }
      held.lose();
      this.#ask({ type: 'release', lock, token }, () =>
        this.#ask({ type: 'revoke', lease }, () => this.#end()),
      );
    });
  }

  #wish(): void {
    const { operations, nowMs } = this.#world;
    const { index } = this.#device;
    // One of its author's, on whichever of its replicas: two devices share one person here.
    const open = operations.wishes.filter(({ author }) => author >> 1 === index >> 1);
    const again = open[open.length - 1 - this.#random.below(4)];
    if (again !== undefined && this.#random.below(3) > 0) {
      this.#submit(again);
      return;
    }
    const resource = `slots ${Math.floor(nowMs / keyEveryMs)}`;
    const wish = `wish ${this.#world.unique()}`;
    const kept: KeptWish = {
      wish,
      author: index,
      resource,
      place: this.#random.below(4),
      state: undefined,
      decidedAtMs: -1,
      cancelAsked: false,
    };
    operations.wishes.push(kept);
    this.#ask({ type: 'offer', resource, places: 3 }, () => this.#submit(kept));
  }
  #submit(kept: KeptWish): void {
    const { wish, resource, place } = kept;
    const { operations } = this.#world;
    let askedAtMs = this.#world.nowMs;
    const then = (result: Result): void => {
      if (result.type === 'wish') operations.decided(kept, result.state, askedAtMs, this.#world.nowMs);
      else this.#world.say(this.#device, () => `${wish}: ${told(result)}`);
    };
    const drawn = this.#random.below(10);
    if (drawn === 0 && kept.state?.type === 'confirmed') {
      kept.cancelAsked = true;
      this.#ask({ type: 'cancel', wish }, result => {
        then(result);
        this.#end();
      });
      return;
    }
    if (drawn < 7) {
      this.#ask({ type: 'book', wish, resource, place }, result => {
        then(result);
        this.#end();
      });
      return;
    }
    this.#ask({ type: 'reserve', wish, resource, place, ttlMs: 2000 }, result => {
      then(result);
      if (result.type !== 'wish' || result.state.type !== 'reserved') {
        this.#end();
        return;
      }
      const turn = this.#turn;
      this.#world.later(this.#device, this.#random.below(3000), () => {
        if (turn !== this.#turn) return;
        askedAtMs = this.#world.nowMs;
        this.#ask({ type: 'confirm', wish }, confirmed => {
          then(confirmed);
          this.#end();
        });
      });
    });
  }

  /** Whatever changed since it last looked, all of it and in order. */
  #look(): void {
    const { driver, index } = this.#device;
    if (driver === undefined) return;
    const told = driver.machine.take(this.#watch, 1 + this.#random.below(50));
    if (!told.ok) {
      this.#watch = new Watch({ from: 'k' }, driver.machine.revision + 1);
      this.#watched = driver.machine.revision;
      return;
    }
    const { changes } = this.#world;
    let at = firstAfter(changes, this.#watched);
    for (const { key, revision } of told.changes) {
      while (changes[at] !== undefined && (changes[at]?.key ?? '') < 'k') at++;
      const next = changes[at++];
      must(
        next?.key === key && next.revision === revision,
        'watches tell all in order',
        () => `device ${index}: ${key} at ${revision}, not ${next?.key ?? ''} at ${next?.revision ?? 0}`,
      );
    }
    while (changes[at] !== undefined && (changes[at]?.key ?? '') < 'k') at++;
    const { toldUpTo } = this.#watch;
    must(
      (changes[at]?.revision ?? Infinity) > toldUpTo,
      'watches tell all in order',
      () => `device ${index}: ${changes[at]?.key ?? ''} at ${changes[at]?.revision ?? 0} was passed over`,
    );
    this.#watched = toldUpTo;
  }
}

function firstAfter(changes: readonly { readonly revision: number }[], revision: number): number {
  let [low, high] = [0, changes.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((changes[middle]?.revision ?? Infinity) > revision) high = middle;
    else low = middle + 1;
  }
  return low;
}
