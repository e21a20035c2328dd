import { expect, test } from 'vitest';
import type { ReplicaId, SpaceId } from '../../base/ids.ts';
import { storeSuite } from '../store-suite.ts';
import { IndexedDbStore } from './indexeddb-store.ts';

const freshSpace = () => crypto.randomUUID().replaceAll('-', '') as SpaceId;

storeSuite('IndexedDbStore', async () => {
  const spaceId = freshSpace();
  return { first: await IndexedDbStore.open(spaceId), second: await IndexedDbStore.open(spaceId) };
});

test('[STORE7] a reopened database has what was committed', async () => {
  const spaceId = freshSpace();
  const before = await IndexedDbStore.open(spaceId);
  const outbox = [{ replicaId: 'a'.repeat(32) as ReplicaId, sequence: 1 }];
  await before.commit({ outbox, durability: 'strict' });
  before.close();
  const after = await IndexedDbStore.open(spaceId);
  expect((await after.load()).outbox).toEqual(outbox);
  after.close();
});
