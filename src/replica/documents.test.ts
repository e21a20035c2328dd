import { describe, expect, test } from 'vitest';
import type { DocumentId } from '../base/ids.ts';
import { batchBodyBytesMax, batchSectionsMax } from '../base/limits.ts';
import { decodeBatch, type Batch } from '../sync/batch.ts';
import { nobleCrypto } from '../sync/crypto.ts';
import type { Documents } from './documents.ts';
import { Author, documentsOf, sign } from './lone.model.ts';

const documentOf = (n: number) => n.toString(16).padStart(32, '0') as DocumentId;

/** Closes batches until nothing is pending, as they would travel; every one of them must be readable. */
function batchesOf(documents: Documents, author: Author): Batch[] {
  const batches: Batch[] = [];
  while (documents.hasPending) {
    const signed = author.goOn(sign(author.header(), documents.takePending(), author.device.deviceKey));
    const decoded = decodeBatch(nobleCrypto, signed.bytes);
    if (!decoded.ok) throw new Error(`batch ${String(batches.length)}: ${decoded.reason}`);
    expect(decoded.value.bytes.length).toBeLessThan(batchBodyBytesMax);
    batches.push(decoded.value);
  }
  return batches;
}
function scene(): { author: Author; mine: Documents; theirs: Documents } {
  const author = new Author(1);
  author.certificate();
  return { author, mine: documentsOf(author.replicaId), theirs: documentsOf(new Author(2).replicaId) };
}
function expectSame(
  batches: readonly Batch[],
  mine: Documents,
  theirs: Documents,
  documents: readonly DocumentId[],
): void {
  for (const batch of batches)
    theirs.apply(
      batch,
      () => undefined,
      reason => expect.fail(reason),
    );
  for (const id of documents) expect(theirs.text(id).toString() === mine.text(id).toString()).toBe(true);
}

describe('a batch never outgrows its limit, whatever is pending', () => {
  test('a paste of megabytes, of characters of three bytes', () => {
    const { author, mine, theirs } = scene();
    mine.edit(documentOf(0), [{ from: 0, to: 0, insert: '語'.repeat(400_000) }]);
    const batches = batchesOf(mine, author);
    expect(batches.length).toBe(4);
    expectSame(batches, mine, theirs, [documentOf(0)]);
  });

  test('a paste is never cut inside a surrogate pair', () => {
    const { author, mine, theirs } = scene();
    mine.edit(documentOf(0), [{ from: 0, to: 0, insert: `x${'🧵'.repeat(100_000)}` }]);
    expectSame(batchesOf(mine, author), mine, theirs, [documentOf(0)]);
  });

  test('two long pastes into two documents', () => {
    const { author, mine, theirs } = scene();
    mine.edit(documentOf(0), [{ from: 0, to: 0, insert: '語'.repeat(128 * 1024 - 1) }]);
    mine.edit(documentOf(1), [{ from: 0, to: 0, insert: '語'.repeat(128 * 1024) }]);
    expectSame(batchesOf(mine, author), mine, theirs, [documentOf(0), documentOf(1)]);
  });

  test('many small inserts all over a text that others wrote', () => {
    const { author, mine, theirs } = scene();
    const writer = documentsOf(new Author(3).replicaId);
    const other = new Author(3);
    other.certificate();
    writer.edit(documentOf(0), [{ from: 0, to: 0, insert: 'abcdefgh'.repeat(8_000) }]);
    const base = batchesOf(writer, other);
    for (const batch of base)
      for (const reader of [mine, theirs]) reader.apply(batch, () => undefined, expect.fail);
    const changes = Array.from({ length: 60_000 }, (_, i) => ({ from: 2 * i, to: 2 * i, insert: ',' }));
    mine.edit(documentOf(0), changes);
    const batches = batchesOf(mine, author);
    expect(batches.length).toBeGreaterThan(1);
    expectSame(batches, mine, theirs, [documentOf(0)]);
  }, 30_000);

  test('more documents than a batch has sections for', () => {
    const { author, mine, theirs } = scene();
    const documents = Array.from({ length: batchSectionsMax + 5 }, (_, n) => documentOf(n));
    for (const id of documents) mine.edit(id, [{ from: 0, to: 0, insert: id }]);
    const batches = batchesOf(mine, author);
    expect(batches.length).toBe(2);
    expectSame(batches, mine, theirs, documents);
  });
});
