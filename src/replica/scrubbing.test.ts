/** What is done about a disk that forgets, with one replica and its disk played by hand. */
import { expect, test } from 'vitest';
import type { BatchKey, DamagedRecord, ScrubStep, StoredBatch, StoredSpace } from '../storage/store.ts';
import type { Batch } from '../sync/batch.ts';
import { Author, Lone } from './lone.model.ts';
import { scrubEveryMs, scrubRestMs } from './scrubbing.ts';

/** A replica that has kept a certificate of its own, and a certificate and three batches of an author. */
function kept() {
  const lone = new Lone();
  const author = new Author(1);
  lone.meet('link', author.replicaId);
  const batches = [author.certificate(), author.write('a'), author.write('b'), author.write('c')];
  lone.batches('link', ...batches);
  lone.pass(600);
  lone.transactions.length = 0;
  return { lone, author, batches };
}
const keyOf = ({ replicaId, sequence, id }: Batch): BatchKey => ({ replicaId, sequence, batchId: id });
const damagedOf = (batch: Batch): DamagedRecord => ({ kind: 'batch', ...keyOf(batch) });
const found = (
  whole: readonly BatchKey[],
  damaged: readonly DamagedRecord[] = [],
  next?: BatchKey,
): ScrubStep => {
  const order = (a: BatchKey, b: BatchKey) =>
    a.replicaId === b.replicaId ? a.sequence - b.sequence : a.replicaId < b.replicaId ? -1 : 1;
  return { ok: true, whole: [...whole].sort(order), damaged, next };
};
const rewritten = (lone: Lone) =>
  lone.transactions.flatMap(({ batches = [] }) => batches).map(({ sequence }) => sequence);
/** Its own certificate is on the disk as well. */
const own = ({ replica }: Lone): BatchKey =>
  keyOf(replica.delivered.find(({ replicaId }) => replicaId === replica.replicaId) as Batch);

test('[SYNC40] a damaged record of a batch in memory is written again, without head and outbox', () => {
  const { lone, batches } = kept();
  const [certificate, a, b, c] = batches as [Batch, Batch, Batch, Batch];
  lone.scrub = () => found([own(lone), ...[certificate, a, c].map(keyOf)], [damagedOf(b)]);
  lone.pass(scrubEveryMs + 1000);
  expect(lone.scrubs).toEqual([undefined]);
  expect(rewritten(lone)).toEqual([2]);
  expect(lone.transactions[0]).toMatchObject({ heads: [], outbox: [], durability: 'relaxed' });
  expect(lone.transactions[0]?.batches?.[0]?.bytes).toEqual(b.bytes);
  expect(lone.replica.status().lost).toBe(0);
});

test('[SYNC40] what was kept and is not there any more is written again, at the beginning, between and at the end', () => {
  const { lone, batches } = kept();
  const [, a] = batches as [Batch, Batch];
  lone.scrub = () => found([own(lone), keyOf(a)]);
  lone.pass(scrubEveryMs + 1000);
  expect(rewritten(lone)).toEqual([0, 2, 3]);
});

test('[SYNC40] of a log that two have written, what rots or goes is written again on either branch, and nothing else', () => {
  const lone = new Lone();
  const [one, other] = [new Author(1), new Author(1)];
  lone.meet('link', one.replicaId);
  const certificate = one.certificate();
  other.certificate();
  const [left, right] = [
    [one.write('a'), one.write('b')],
    [other.write('x'), other.write('y')],
  ] as const;
  lone.batches('link', certificate, ...left, ...right);
  lone.pass(600);
  lone.transactions.length = 0;
  lone.scrub = () => found([own(lone), ...[certificate, left[0], left[1]].map(keyOf)], [damagedOf(right[1])]);
  lone.pass(scrubEveryMs + 1000);
  const ids = lone.transactions.flatMap(({ batches = [] }) => batches).map(({ batchId }) => batchId);
  expect(new Set(ids)).toEqual(new Set(right.map(({ id }) => id)));
  expect(lone.replica.status().lost).toBe(0);
});

test('[SYNC40] a whole log that is gone from the disk is written again', () => {
  const { lone } = kept();
  lone.scrub = () => found([own(lone)]);
  lone.pass(scrubEveryMs + 1000);
  expect(rewritten(lone)).toEqual([0, 1, 2, 3]);
});

test('[SYNC40] a pass goes on where the step before it ended, rests at its end, and finds nothing where nothing is wrong', () => {
  const { lone, batches } = kept();
  const all = [own(lone), ...batches.map(keyOf)].sort((x, y) => (x.replicaId < y.replicaId ? -1 : 1));
  lone.scrub = after => {
    const from = after === undefined ? 0 : all.findIndex(key => key.batchId === after.batchId) + 1;
    const some = all.slice(from, from + 2);
    return found(some, [], from + 2 < all.length ? some.at(-1) : undefined);
  };
  lone.pass(3 * (scrubEveryMs + 100));
  expect(lone.scrubs.map(after => after?.batchId)).toEqual([undefined, all[1]?.batchId, all[3]?.batchId]);
  lone.pass(scrubRestMs / 2);
  expect(lone.scrubs.length).toBe(3);
  expect(rewritten(lone)).toEqual([]);
});

test('[SYNC40] a disk that does not answer is not asked again, and one that fails is asked again later', () => {
  const { lone } = kept();
  lone.pass(5 * scrubEveryMs);
  expect(lone.scrubs.length).toBe(1);
  const { lone: other } = kept();
  other.scrub = () => ({ ok: false, reason: 'failed' });
  other.pass(3 * (scrubEveryMs + 100));
  expect(other.scrubs.length).toBe(3);
  expect(rewritten(other)).toEqual([]);
});

test('[SYNC40] the damaged record of where its own log ends is written again, and names the end', () => {
  const { lone } = kept();
  const { replicaId } = lone.replica;
  lone.scrub = () => found([], [{ kind: 'head', replicaId }]);
  lone.pass(scrubEveryMs + 1000);
  expect(lone.transactions.flatMap(({ heads = [] }) => heads)).toMatchObject([{ replicaId, sequence: 0 }]);
});

test('[SYNC41] what was damaged when it was loaded is told as lost, asked of a peer, and then is not lost any more', () => {
  const author = new Author(1);
  const batches = [author.certificate(), author.write('a'), author.write('b')];
  const stored = (batch: Batch): StoredBatch => ({ ...keyOf(batch), bytes: batch.bytes });
  const [certificate, a, b] = batches as [Batch, Batch, Batch];
  const space: StoredSpace = {
    batches: [stored(certificate), stored(b)],
    heads: [],
    outbox: [],
    damaged: [damagedOf(a)],
  };
  const lone = new Lone({ stored: space });
  expect(lone.replica.status().lost).toBe(1);
  // What builds on it waits for it: nothing of it is shown, nothing acknowledged.
  expect(lone.text()).toBe('');
  lone.meet('link', author.replicaId);
  lone.clockOf('link', author.clock());
  lone.pass(1000);
  expect(lone.sentOf('request', 'link').at(-1)?.clock.get(author.replicaId)).toBe(1);
  lone.batches('link', a);
  expect(lone.text()).toBe('ba');
  expect(lone.replica.status().lost).toBe(0);
  expect(lone.replica.durableClock.get(author.replicaId)).toBe(3);
  expect(rewritten(lone)).toContain(1);
});
