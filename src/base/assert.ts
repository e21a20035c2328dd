/**
 * A programmer's error, never an outsider's: what a peer or a disk hands us comes back as a typed reason
 * instead. Assertions stay on in production: a replica that stops is better than one that spreads damage.
 */
export class AssertionError extends Error {
  override readonly name = 'AssertionError';
}

export function assert(condition: boolean, message: string): asserts condition {
  if (!condition) throw new AssertionError(message);
}

/** Ends an exhaustive `switch`: the compiler refuses it while a case is missing. */
export function assertNever(value: never): never {
  throw new AssertionError(`unexpected value ${JSON.stringify(value)}`);
}
