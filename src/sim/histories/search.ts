/**
 * Looks for an order of the operations on one object that its model allows and in which none comes before
 * one that had returned before it was invoked: a linearization.
 *
 * Trying all orders is hopeless from a dozen overlapping operations on. The search of Wing & Gong (1993) builds the
 * order from the front: a candidate is any unplaced operation invoked before the first unplaced return; place it if
 * the model allows, go on, and take it back when nothing fits. Lowe (2017) adds the two ideas that make it usable:
 * unplaced operations in a doubly linked list, out of which one is lifted and put back in constant time, and a memo of
 * configurations, so that no set of placed operations is left twice with the same state.
 *
 * Where this departs from both:
 * - The front is an index, since operations are numbered by their returns (timeline.ts). The lists hold no returns.
 * - Read-only operations are placed as soon as they are allowed, with no way back: where one fits, it can be
 *   moved to from any later place, and the others do not notice. Only operations that change the state branch.
 * - Those without a return are tried last, never when they would change nothing, and twins in one order only. They
 *   need not be placed. (Lowe and Porcupine append a return at the end instead.)
 * - Effort is counted in steps of the model, not in time, so a verdict is the same on every machine.
 *
 * A step allocates nothing here; what the model's own states allocate is its own.
 */
import { ConfigurationMemo } from './configuration-memo.ts';
import type { Foresight, History, Model, Operation } from './operation.ts';
import { Timeline } from './timeline.ts';

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
  const timeline = new Timeline(model, history, object);
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

const NONE = -1;

class Search<State, Input, Output> {
  readonly #model: Model<State, Input, Output>;
  readonly #history: History<Input, Output>;
  readonly #timeline: Timeline<State, Input, Output>;
  /** Operations with lower numbers are to be placed; of the others only what helps. */
  readonly #target: number;
  readonly #stepsMax: number;
  #steps = 0;

  /** The unplaced operations in three rings, each in order of invocation behind a head of its own. */
  readonly #next: Int32Array;
  readonly #previous: Int32Array;
  readonly #writes: number;
  readonly #reads: number;
  readonly #pending: number;

  /** The configuration: what is placed, as bits, with the hash of the set; the first unplaced return; the state. */
  readonly #bits: Int32Array;
  #hash = 0;
  #front = 0;
  #state: number;
  readonly #memo: ConfigurationMemo;
  readonly #states: State[] = [];
  readonly #stateNumbers = new Map<string | number, number>();

  /** The order so far, with what to go back to. */
  readonly #placed: Int32Array;
  readonly #stateBefore: Int32Array;
  readonly #frontBefore: Int32Array;
  #depth = 0;

  /** Of each read, what its answer needs (see Foresight), of operations from the front on that it was asked at. */
  readonly #needs: (
    { readonly front: number; readonly groups: readonly (readonly number[])[] } | undefined
  )[] = [];

  constructor(
    model: Model<State, Input, Output>,
    history: History<Input, Output>,
    timeline: Timeline<State, Input, Output>,
    target: number,
    stepsMax: number,
  ) {
    this.#model = model;
    this.#history = history;
    this.#timeline = timeline;
    this.#target = target;
    this.#stepsMax = stepsMax;
    const count = timeline.indexes.length;
    [this.#writes, this.#reads, this.#pending] = [count, count + 1, count + 2];
    this.#next = new Int32Array(count + 3);
    this.#previous = new Int32Array(count + 3);
    this.#ring(this.#writes, timeline.writes);
    this.#ring(this.#reads, timeline.reads);
    this.#ring(this.#pending, timeline.pending);
    this.#bits = new Int32Array((count + 31) >>> 5);
    this.#memo = new ConfigurationMemo(this.#bits, timeline.completed >>> 5, timeline.lastBefore);
    this.#placed = new Int32Array(count);
    this.#stateBefore = new Int32Array(count);
    this.#frontBefore = new Int32Array(count);
    this.#state = this.#numberOf(model.initial);
  }

  run(): Attempt {
    this.#placeReads();
    for (let from = NONE; this.#front < this.#target;) {
      if (this.#placeNext(from)) from = NONE;
      else if (this.#steps >= this.#stepsMax) return { type: 'unknown', steps: this.#steps };
      else if ((from = this.#takeBack()) === NONE) return { type: 'stuck', steps: this.#steps };
    }
    const { indexes } = this.#timeline;
    const order = Array.from(this.#placed.subarray(0, this.#depth), number => indexes[number] as number);
    return { type: 'linearizable', order, steps: this.#steps };
  }

  /**
   * Places the first candidate after `from` (the first of all if none) that leads to a configuration not seen yet, and
   * the reads it allows. False if there is none, or if the steps are used up.
   */
  #placeNext(from: number): boolean {
    const { completed } = this.#timeline;
    let number = from === NONE ? this.#firstCandidate() : this.#candidateAfter(from);
    for (; number !== NONE && this.#steps < this.#stepsMax; number = this.#candidateAfter(number)) {
      const state = this.#step(number);
      if (state === NONE || (number >= completed && state === this.#state)) continue;
      this.#place(number, state);
      if (!this.#isDoomed()) {
        this.#placeReads();
        if (this.#front >= this.#target || this.#memo.add(this.#state, this.#front, this.#hashOfAll()))
          return true;
      }
      this.#takeBack();
    }
    return false;
  }

  /** The front is the first: what need not be placed yet is likelier to be wrong here (Lowe 2017, §4, just in time). */
  #firstCandidate(): number {
    return this.#timeline.readOnly[this.#front] === 0 ? this.#front : this.#candidateAfter(this.#writes);
  }

  /** After the front the writes by invocation, then those without return. */
  #candidateAfter(number: number): number {
    const { completed, invokedAt, returnedAt, twin } = this.#timeline;
    const bound = returnedAt[this.#front] as number;
    const isLate = (candidate: number) => (invokedAt[candidate] as number) > bound;
    let next = this.#next[number === this.#front ? this.#writes : number] as number;
    if (next === this.#front) next = this.#next[next] as number;
    if (next === this.#writes || (next < completed && isLate(next)))
      next = this.#next[this.#pending] as number;
    if (next < completed) return next;
    for (; next !== this.#pending && !isLate(next); next = this.#next[next] as number) {
      const first = twin[next] as number;
      if (first === NONE || this.#isPlaced(first)) return next;
    }
    return NONE;
  }

  /** Places every read that is allowed now. The state stays, so one that is not allowed is not looked at again. */
  #placeReads(): void {
    const { invokedAt, returnedAt } = this.#timeline;
    for (
      let number = this.#next[this.#reads] as number;
      number !== this.#reads && this.#front < this.#target;
    ) {
      if ((invokedAt[number] as number) > (returnedAt[this.#front] as number)) return;
      const next = this.#next[number] as number;
      if (this.#step(number) !== NONE) this.#place(number, this.#state);
      number = next;
    }
  }

  /**
   * Whether some read can never be placed any more. Looks at those that are candidates now and at the next one: what
   * overlaps is ordered by what is read right after it.
   */
  #isDoomed(): boolean {
    const { foresight } = this.#model;
    if (foresight === undefined || this.#front >= this.#target) return false;
    const { invokedAt, returnedAt } = this.#timeline;
    const bound = returnedAt[this.#front] as number;
    for (
      let read = this.#next[this.#reads] as number;
      read !== this.#reads;
      read = this.#next[read] as number
    ) {
      if (read < this.#target && !foresight.mayComeFrom(this.#states[this.#state] as State, this.#at(read))) {
        this.#steps++;
        if (this.#needsOf(read, foresight).some(group => group.every(number => this.#isPlaced(number))))
          return true;
      }
      if ((invokedAt[read] as number) > bound) return false;
    }
    return false;
  }

  #needsOf(read: number, foresight: Foresight<State, Input, Output>): readonly (readonly number[])[] {
    const known = this.#needs[read];
    if (known !== undefined && known.front <= this.#front) return known.groups;
    const { completed, indexes, invokedAt, returnedAt, lastBefore, readOnly } = this.#timeline;
    const end = returnedAt[read] as number;
    const open: number[] = [];
    const addIfBefore = (number: number) => {
      if (readOnly[number] === 0 && (invokedAt[number] as number) < end) open.push(number);
    };
    for (let number = this.#front; number <= (lastBefore[read] as number); number++) addIfBefore(number);
    for (let number = completed; number < indexes.length; number++) addIfBefore(number);
    const inputs = open.map(number => this.#at(number).input);
    const needs = foresight.needs(this.#at(read), inputs);
    const groups = needs.map(group => group.map(index => open[index] as number));
    this.#needs[read] = { front: this.#front, groups };
    return groups;
  }

  /** The state that placing the operation now would lead to, or none. */
  #step(number: number): number {
    this.#steps++;
    const { input, output } = this.#at(number);
    const state = this.#model.step(this.#states[this.#state] as State, input, output);
    return state === undefined ? NONE : this.#numberOf(state);
  }

  #place(number: number, state: number): void {
    const [before, after] = [this.#previous[number] as number, this.#next[number] as number];
    this.#next[before] = after;
    this.#previous[after] = before;
    this.#placed[this.#depth] = number;
    this.#stateBefore[this.#depth] = this.#state;
    this.#frontBefore[this.#depth] = this.#front;
    this.#depth++;
    this.#toggle(number);
    this.#state = state;
    while (this.#front < this.#timeline.completed && this.#isPlaced(this.#front)) this.#front++;
  }

  /** Takes back the last operation that was a choice, and the reads placed since. None if no choice is left. */
  #takeBack(): number {
    while (this.#depth > 0) {
      this.#depth--;
      const number = this.#placed[this.#depth] as number;
      // The links of a lifted operation still name its neighbours; taken back in reverse, they are right again.
      this.#next[this.#previous[number] as number] = number;
      this.#previous[this.#next[number] as number] = number;
      this.#toggle(number);
      this.#state = this.#stateBefore[this.#depth] as number;
      this.#front = this.#frontBefore[this.#depth] as number;
      if (this.#timeline.readOnly[number] === 0) return number;
    }
    return NONE;
  }

  #at(number: number): Operation<Input, Output> {
    return this.#history[this.#timeline.indexes[number] as number] as Operation<Input, Output>;
  }

  #isPlaced(number: number): boolean {
    return (((this.#bits[number >>> 5] as number) >>> (number & 31)) & 1) === 1;
  }

  #toggle(number: number): void {
    this.#bits[number >>> 5] = (this.#bits[number >>> 5] as number) ^ (1 << (number & 31));
    this.#hash ^= scrambled(number);
  }

  #hashOfAll(): number {
    return scrambled(this.#hash ^ Math.imul(this.#state, 0x9e3779b1));
  }

  #numberOf(state: State): number {
    const key = this.#model.stateKey(state);
    let number = this.#stateNumbers.get(key);
    if (number === undefined) {
      number = this.#states.push(state) - 1;
      this.#stateNumbers.set(key, number);
    }
    return number;
  }

  #ring(head: number, members: readonly number[]): void {
    let last = head;
    for (const member of members) {
      this.#next[last] = member;
      this.#previous[member] = last;
      last = member;
    }
    this.#next[last] = head;
    this.#previous[head] = last;
  }
}

/** Murmur3's finisher: a whole number whose every bit depends on every bit of the other. */
function scrambled(number: number): number {
  let hash = Math.imul((number + 1) ^ (number >>> 16), 0x85ebca6b);
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35);
  return hash ^ (hash >>> 16);
}
