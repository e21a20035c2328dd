/**
 * What a checker is told: operations that several processes had done to shared objects, and what one object
 * promises when they come one at a time.
 */

/**
 * One operation of a history. It took effect at one instant between invocation and return, or, if it never
 * returned, at one instant after its invocation or not at all.
 */
export interface Operation<Input, Output> {
  /** Who asked: a lane of the picture. It has one operation open at a time, those without an answer aside. */
  readonly process: number;
  readonly input: Input;
  /** The answer; `undefined` when nobody was told, so that any answer would have been right. */
  readonly output: Output | undefined;
  /**
   * When, on one clock for the whole history: milliseconds of virtual time, event numbers, lines of a log. An
   * operation precedes another if it returned at a lower number than the other was invoked at: at equal numbers
   * they overlap, since taking them as ordered could only raise a false alarm.
   */
  readonly invokedAt: number;
  /** `undefined`: it never returned, and stays concurrent with everything after its invocation. */
  readonly returnedAt: number | undefined;
}

export type History<Input, Output> = readonly Operation<Input, Output>[];

/** What an object does when its operations come one at a time: a sequential specification, and words for it. */
export interface Model<State, Input, Output> {
  readonly name: string;
  readonly initial: State;
  /**
   * The object an operation is on. A history is linearizable exactly if that of each object is (Herlihy & Wing
   * 1990, theorem 1), so objects are searched one by one. A finer key than that of an object is a wrong one.
   */
  objectOf(input: Input): string;
  /**
   * The state after the operation, or `undefined` if it cannot have this answer here. With `output` undefined
   * every state has a next one: the same as if the right answer had been given.
   */
  step(state: State, input: Input, output: Output | undefined): State | undefined;
  /** Equal exactly for equal states. */
  stateKey(state: State): string | number;
  /** Whether the operation, where `step` allows it, never changes the state. When in doubt, false. */
  isReadOnly(input: Input, output: Output | undefined): boolean;
  /** Lets the search give up early; left out where nothing can be said before its time. */
  readonly foresight?: Foresight<State, Input, Output>;
  /** The operation for a person, and its identity: equal texts mean equal inputs. */
  inputText(input: Input): string;
  outputText(output: Output): string;
  /**
   * What the answer shows of `by`, as a name; `undefined` if nothing. Shrinking takes the last operation of a name away
   * only together with the one that shows it: a read of what nobody wrote would always fail.
   */
  shows(operation: Operation<Input, Output>, by: Operation<Input, Output>): string | undefined;
}

/**
 * What is known of a read-only operation before its turn: whether its answer can still come true from a state as it is,
 * and if not, what still has to happen for it.
 */
export interface Foresight<State, Input, Output> {
  /** When false, the answer comes true only by what `needs` says. */
  mayComeFrom(state: State, read: Operation<Input, Output>): boolean;
  /**
   * Groups of indexes into `open`, all that may still happen before the read: from a state that `mayComeFrom` refuses,
   * the answer comes true only if of each group at least one happens. An empty group: not at all.
   */
  needs(read: Operation<Input, Output>, open: readonly Input[]): readonly (readonly number[])[];
}
