/**
 * Writes down a history while it happens, or while a log of one is read: who asked for what and when, and what came
 * of it. An operation ends in one of three ways, and a fourth that is none:
 *
 * - `answered`: it took effect and this was the answer;
 * - `lost`: nobody was told, so it may yet take effect, at any time; the process goes on with something else;
 * - `withdrawn`: it certainly never took effect, and is no part of the history;
 * - still open when the history is taken: the same as lost.
 */
import { assert } from '../../base/assert.ts';
import type { History, Operation } from './operation.ts';

export class HistoryRecorder<Input, Output> {
  readonly #operations: (Operation<Input, Output> | undefined)[] = [];
  readonly #open = new Map<number, number>();

  /** Asserts that the process has none open. */
  invoked(process: number, input: Input, at: number): void {
    assert(!this.#open.has(process), `process ${process} has an operation open`);
    const operation = { process, input, output: undefined, invokedAt: at, returnedAt: undefined };
    this.#open.set(process, this.#operations.push(operation) - 1);
  }

  answered(process: number, output: Output, at: number): void {
    const index = this.#close(process);
    const operation = this.#operations[index] as Operation<Input, Output>;
    this.#operations[index] = { ...operation, output, returnedAt: at };
  }

  lost(process: number): void {
    this.#close(process);
  }

  withdrawn(process: number): void {
    this.#operations[this.#close(process)] = undefined;
  }

  /** What the process has open. */
  openInput(process: number): Input | undefined {
    const index = this.#open.get(process);
    return index === undefined ? undefined : this.#operations[index]?.input;
  }

  /** What happened so far, by invocation. */
  history(): History<Input, Output> {
    return this.#operations.filter(operation => operation !== undefined);
  }

  #close(process: number): number {
    const index = this.#open.get(process);
    assert(index !== undefined, `process ${process} has no operation open`);
    this.#open.delete(process);
    return index;
  }
}
