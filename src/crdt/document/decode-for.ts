/** Decoding a document draws the log's counter past what it has; a document that is refused must not leave it there. */
import type { Decoded } from '../../base/codec.ts';
import type { Context } from '../context.ts';

export function leavingCounter<T>(context: Context, decodeIt: () => Decoded<T>): Decoded<T> {
  const { next } = context.counter;
  const decoded = decodeIt();
  if (!decoded.ok) context.counter.next = next;
  return decoded;
}
