/**
 * Looks for an order of the operations on one object that its model allows and in which none comes before
 * one that had returned before it was invoked: a linearization.
 *
 * Trying all orders is hopeless from a dozen overlapping operations on. The search of Wing & Gong (1993) builds the
 * order from the front: a candidate is any unplaced operation invoked before the first unplaced return; place it if
 * the model allows, go on, and take it back when nothing fits. Lowe (2017) adds the two ideas that make it usable:
 * unplaced operations in a doubly linked list, out of which one is lifted and put back in constant time, and a memo of
 * configurations, so that no set of placed operations is left twice with the same state. The operation whose return bounds
 * the candidates is tried first, and others only where it needs them: his just-in-time linearization.
 *
 * Where this departs from both:
 * - The front is an index, since operations are numbered by their returns (timeline.ts). The lists hold no returns.
 * - Read-only operations are placed as soon as they are allowed, with no way back: where one fits, it can be
 *   moved to from any later place, and the others do not notice. Only operations that change the state branch.
 * - Those without a return are tried last, never when they would change nothing, and twins in one order only. They
 *   need not be placed. (Lowe and Porcupine append a return at the end instead.)
 * - A model may see ahead (Foresight): an order is given up as soon as some read can no longer be placed, instead of when
 *   its turn comes, after all orders of what overlaps it.
 * - Effort is counted in steps of the model and in words of memory, not in time: a verdict is the same on every machine.
 *
 * A step allocates nothing here; what the model's own states allocate is its own.
 */
import { Configuration, NONE } from './configuration.ts';
import { ConfigurationMemo } from './configuration-memo.ts';
import type { Foresight, History, Model, Operation } from './operation.ts';
import { openBefore, timelineOf, type Timeline } from './timeline.ts';

export type SearchResult =
  /** `order`: indexes into the history. Those without a return are in it only where the others need them. */
  | { readonly type: 'linearizable'; readonly order: readonly number[]; readonly steps: number }
  /**
   * No order places `blocked` and all that returned before it. `order` places all of the latter, and whatever else it
   * needs for that (unless the steps ran out over the question where it begins: then it may stop earlier).
   */
  | {
      readonly type: 'not-linearizable';
      readonly order: readonly number[];
      readonly blocked: number;
      readonly steps: number;
    }
  | { readonly type: 'unknown'; readonly steps: number };

export function search<State, Input, Output>(
  model: Model<State, Input, Output>,
  history: History<Input, Output>,
  object: readonly number[],
  stepsMax: number,
): SearchResult {
  const timeline = timelineOf(model, history, object);
  const attempt = (target: number, left: number) => new Search(model, history, timeline, target, left).run();
  const whole = attempt(timeline.completed, stepsMax);
  if (whole.type !== 'stuck') return whole;
  // Where it begins to be wrong: if no order places the first so many, none places more.
  let steps = whole.steps;
  let order: readonly number[] = [];
  let [possible, impossible] = [0, timeline.completed];
  while (impossible - possible > 1) {
    const target = (possible + impossible) >>> 1;
    const part = attempt(target, stepsMax - steps);
    steps += part.steps;
    if (part.type === 'unknown') break;
    if (part.type === 'stuck') impossible = target;
    else [possible, order] = [target, part.order];
  }
  return { type: 'not-linearizable', order, blocked: timeline.indexes[impossible - 1] as number, steps };
}

type Attempt =
  Exclude<SearchResult, { type: 'not-linearizable' }> | { readonly type: 'stuck'; readonly steps: number };

/** Characters in the keys of all states: a quarter of a gigabyte at two bytes each. */
const keyCharactersMax = 1 << 27;

class Search<State, Input, Output> {
  readonly #model: Model<State, Input, Output>;
  readonly #history: History<Input, Output>;
  readonly #timeline: Timeline;
  /** Operations with lower numbers are to be placed; of the others only what helps. */
  readonly #target: number;
  readonly #stepsMax: number;
  #steps = 0;

  readonly #now: Configuration;
  readonly #memo: ConfigurationMemo;
  /** States by the numbers that configurations know them by, and the numbers by the keys of the states. */
  readonly #states: State[] = [];
  readonly #stateNumbers = new Map<string | number, number>();
  #keyCharacters = 0;

  /** Of each read, what its answer needs (see Foresight), of operations from the front on that it was asked at. */
  readonly #needs: (
    { readonly front: number; readonly groups: readonly (readonly number[])[] } | undefined
  )[] = [];

  constructor(
    model: Model<State, Input, Output>,
    history: History<Input, Output>,
    timeline: Timeline,
    target: number,
    stepsMax: number,
  ) {
    this.#model = model;
    this.#history = history;
    this.#timeline = timeline;
    this.#target = target;
    this.#stepsMax = stepsMax;
    this.#now = new Configuration(timeline, this.#numberOf(model.initial));
    this.#memo = new ConfigurationMemo(this.#now.bits, timeline.completed >>> 5, timeline.lastBefore);
  }

  run(): Attempt {
    this.#placeReads();
    for (let from = NONE; this.#now.front < this.#target;) {
      if (this.#placeNext(from)) from = NONE;
      else if (this.#isSpent()) return { type: 'unknown', steps: this.#steps };
      else if ((from = this.#now.takeBack()) === NONE) return { type: 'stuck', steps: this.#steps };
    }
    const { indexes } = this.#timeline;
    const order = Array.from(this.#now.order(), number => indexes[number] as number);
    return { type: 'linearizable', order, steps: this.#steps };
  }

  /**
   * Places the first candidate after `from` (the first of all if none) that leads to a configuration not seen yet, and
   * the reads it allows. False if there is none, or if the steps are used up.
   */
  #placeNext(from: number): boolean {
    const now = this.#now;
    let number = from === NONE ? now.firstCandidate() : now.candidateAfter(from);
    for (; number !== NONE && !this.#isSpent(); number = now.candidateAfter(number)) {
      const state = this.#step(number);
      if (state === NONE || (number >= this.#timeline.completed && state === now.state)) continue;
      now.place(number, state);
      if (!this.#isDoomed()) {
        this.#placeReads();
        if (now.front >= this.#target || this.#memo.add(now.state, now.front, now.hash())) return true;
      }
      now.takeBack();
    }
    return false;
  }

  /** Places every read that is allowed now. The state stays, so one that is not allowed is not looked at again. */
  #placeReads(): void {
    const now = this.#now;
    for (let read = now.firstRead(); read !== NONE && now.front < this.#target;) {
      if (now.isLate(read)) return;
      const next = now.readAfter(read);
      if (this.#step(read) !== NONE) now.place(read, now.state);
      read = next;
    }
  }

  /**
   * Whether some read can never be placed any more. Looks at those that are candidates now and at the next one: what
   * overlaps is ordered by what is read right after it.
   */
  #isDoomed(): boolean {
    const { foresight } = this.#model;
    const now = this.#now;
    if (foresight === undefined || now.front >= this.#target) return false;
    const state = this.#states[now.state] as State;
    for (let read = now.firstRead(); read !== NONE; read = now.readAfter(read)) {
      if (read < this.#target && !foresight.mayComeFrom(state, this.#at(read))) {
        this.#steps++;
        const needs = this.#needsOf(read, foresight);
        if (needs.some(group => group.every(number => now.isPlaced(number)))) return true;
      }
      if (now.isLate(read)) return false;
    }
    return false;
  }

  #needsOf(read: number, foresight: Foresight<State, Input, Output>): readonly (readonly number[])[] {
    const { front } = this.#now;
    const known = this.#needs[read];
    // What lay before an earlier front is placed as well: its groups are complete for this one.
    if (known !== undefined && known.front <= front) return known.groups;
    const open = openBefore(this.#timeline, read, front);
    const inputs = open.map(number => this.#at(number).input);
    const needs = foresight.needs(this.#at(read), inputs);
    const groups = needs.map(group => group.map(index => open[index] as number));
    this.#needs[read] = { front, groups };
    return groups;
  }

  /** Memory counts like steps: a process that runs out of it gives no verdict at all. */
  #isSpent(): boolean {
    return this.#steps >= this.#stepsMax || this.#memo.isFull || this.#keyCharacters > keyCharactersMax;
  }

  /** The state that placing the operation now would lead to, or none. */
  #step(number: number): number {
    this.#steps++;
    const { input, output } = this.#at(number);
    const state = this.#model.step(this.#states[this.#now.state] as State, input, output);
    return state === undefined ? NONE : this.#numberOf(state);
  }

  #at(number: number): Operation<Input, Output> {
    return this.#history[this.#timeline.indexes[number] as number] as Operation<Input, Output>;
  }

  #numberOf(state: State): number {
    const key = this.#model.stateKey(state);
    let number = this.#stateNumbers.get(key);
    if (number === undefined) {
      number = this.#states.push(state) - 1;
      if (typeof key === 'string') this.#keyCharacters += key.length;
      this.#stateNumbers.set(key, number);
    }
    return number;
  }
}
