/** What an older version kept unread, read by one that can: after loading a document that it saved. */
import type { Context } from '../context.ts';
import { decodeEntry } from './batch-codec.ts';
import type { Container } from './container.ts';
import type { LeafOp } from './kinds.ts';

/**
 * Applies those of the container's unread entries that are readable now, causes first. What still is not stays, and so
 * does what builds on it.
 */
export function reread(container: Container, context: Context): void {
  const { kind, unread } = container;
  if (kind === undefined) return;
  const value = container.leaf(context);
  const left = unread.filter(({ id, entry }) => {
    const decoded = decodeEntry(entry.container, entry.counters, entry.bytes, id.replicaId, id.counter);
    if (!decoded.ok || decoded.value.type === 'unread') return true;
    return !kind.apply(value, decoded.value.ops as readonly LeafOp[]).ok;
  });
  unread.splice(0, unread.length, ...left);
}
