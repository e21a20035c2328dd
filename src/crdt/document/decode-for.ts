/** Decoding a document draws the log's counter past what it has; a document that is refused must not leave it there. */
import { decode, type Decoded, type Reader } from '../../base/codec.ts';
import type { Context } from '../context.ts';

export function decodeFor<T>(context: Context, bytes: Uint8Array, read: (reader: Reader) => T): Decoded<T> {
  const { next } = context.counter;
  const decoded = decode(bytes, read);
  if (!decoded.ok) context.counter.next = next;
  return decoded;
}
