/**
 * One more machine, which no fault can reach: it applies each entry when it is first committed, and says what the members' machines, and
 * all answers to clients, must agree with.
 */
import { equalBytes } from '../../base/bytes.ts';
import type { Entry } from '../../consensus/entry.ts';
import type { Result } from '../../consensus/machine/commands.ts';
import { decodeEntry } from '../../consensus/machine/entries-codec.ts';
import { Machine } from '../../consensus/machine/machine.ts';
import { must } from '../checker.ts';
import type { Device } from './device.ts';

export class Oracle {
  readonly machine = new Machine();
  /** Every change there ever was, in order: the workload deletes nothing. */
  readonly changes: { readonly key: string; readonly revision: number }[] = [];
  readonly #answers = new Map<string, Result>();
  readonly #tokens = new Map<string, number>();
  readonly #owners = new Map<string, string>();
  readonly #guarded = new Map<string, number>();

  constructor() {
    this.machine.apply(1, new Uint8Array(0));
  }
  committed(entry: Entry): void {
    const { machine } = this;
    const revision = machine.revision;
    const data = entry.type === 'normal' ? entry.data : new Uint8Array(0);
    const applied = machine.apply(entry.index, data);
    if (applied.type !== 'request' || applied.answer.type !== 'answered') return;
    const { session, sequence, answer } = applied;
    const name = `${session}/${sequence}`;
    const known = this.#answers.get(name);
    if (known !== undefined) {
      must(
        machine.revision === revision,
        'each request is carried out once',
        () => `${name} changed the store again`,
      );
      must(
        told(known) === told(answer.result),
        'each request is answered alike',
        () => `${name} first ${told(known)}, then ${told(answer.result)}`,
      );
      return;
    }
    this.#answers.set(name, answer.result);
    this.#onResult(data, answer.result, machine.revision > revision);
  }
  #onResult(data: Uint8Array, result: Result, changed: boolean): void {
    const decoded = decodeEntry(data);
    if (!decoded.ok || decoded.value.type !== 'request') return;
    const { command } = decoded.value;
    if (command.type === 'acquire' && result.type === 'acquired') {
      const before = this.#tokens.get(command.lock) ?? 0;
      // Asked again by its holder, it is the same one.
      must(result.token >= before, 'tokens rise', () => `${command.lock}: ${result.token} after ${before}`);
      this.#tokens.set(command.lock, result.token);
    }
    if (command.type === 'transaction' && result.type === 'transacted' && changed)
      for (const operation of result.succeeded ? command.operations : command.otherwise)
        if (operation.type === 'put') this.changes.push({ key: operation.key, revision: result.revision });
    if (command.type === 'transaction' && result.type === 'transacted' && result.succeeded) {
      for (const comparison of command.comparisons) {
        if (comparison.type !== 'holds') continue;
        const before = this.#guarded.get(comparison.lock) ?? 0;
        must(
          comparison.token >= before,
          'a stale token is refused',
          () => `${comparison.lock}: ${comparison.token} wrote after ${before}`,
        );
        this.#guarded.set(comparison.lock, comparison.token);
      }
    }
    if (result.type === 'wish' && 'wish' in command && 'place' in result.state) {
      const resource = 'resource' in command ? command.resource : undefined;
      if (resource === undefined) return;
      const place = `${resource}/${result.state.place}`;
      const owner = this.#owners.get(place);
      if (owner !== undefined && owner !== command.wish)
        must(
          !this.#isIts(owner, result.state.place),
          'a place is booked once',
          () => `${place}: ${owner}, ${command.wish}`,
        );
      this.#owners.set(place, command.wish);
    }
  }
  #isIts(wish: string, place: number): boolean {
    const state = this.machine.wish(wish);
    return state !== undefined && 'place' in state && state.place === place;
  }

  /** A member that has applied as much is the same, byte for byte. */
  compare({ driver, member }: Device): boolean {
    if (driver?.machine.index !== this.machine.index) return false;
    must(
      equalBytes(driver.machine.snapshot(), this.machine.snapshot()),
      'machines agree',
      () => `${member} differs at ${this.machine.index}`,
    );
    return true;
  }
}

export const told = (result: Result): string =>
  JSON.stringify(result, (_key, value: unknown) => (value instanceof Uint8Array ? [...value].join() : value));
