import { expect, test } from 'vitest';
import { openDB, type IDBPDatabase } from 'idb';
import type { BatchId, ReplicaId, SpaceId } from '../../base/ids.ts';
import { storeSuite, type StoredValues } from '../store-suite.ts';
import { databaseNameOf, IndexedDbStore, schemaVersion } from './indexeddb-store.ts';

const freshSpace = () => crypto.randomUUID().replaceAll('-', '') as SpaceId;

const storeNames = { batch: 'batches', head: 'heads', outbox: 'outbox' } as const;

/** The database past the store. */
function valuesOf(database: IDBPDatabase): StoredValues {
  return {
    read: kind => database.getAll(storeNames[kind]) as Promise<Uint8Array[]>,
    write: async (kind, changes) => {
      const transaction = database.transaction(storeNames[kind], 'readwrite');
      const keys = await transaction.store.getAllKeys();
      for (const [n, value] of changes) void transaction.store.put(value, keys[n]);
      await transaction.done;
    },
  };
}

storeSuite('IndexedDbStore', async () => {
  const spaceId = freshSpace();
  const first = await IndexedDbStore.open(spaceId);
  const second = await IndexedDbStore.open(spaceId);
  return { first, second, values: valuesOf(await openDB(databaseNameOf(spaceId))) };
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

const alice = 'a'.repeat(32) as ReplicaId;
const batchId = 'c'.repeat(64) as BatchId;

/** What a page of the version before wrote: bare values. */
async function oldDatabase(spaceId: SpaceId): Promise<IDBPDatabase> {
  const database = await openDB(databaseNameOf(spaceId), 1, {
    upgrade: db => {
      for (const name of Object.values(storeNames)) db.createObjectStore(name);
    },
  });
  const transaction = database.transaction(Object.values(storeNames), 'readwrite');
  void transaction.objectStore('batches').put(Uint8Array.of(1, 2, 3), [alice, 4, batchId]);
  void transaction.objectStore('heads').put({ replicaId: alice, sequence: 4, batchId }, alice);
  void transaction.objectStore('outbox').put({ replicaId: alice, sequence: 4 }, [alice, 4]);
  await transaction.done;
  return database;
}

test('[STORE10] a database of version 1 is taken over whole, under checksums', async () => {
  const spaceId = freshSpace();
  (await oldDatabase(spaceId)).close();
  const store = await IndexedDbStore.open(spaceId);
  expect(await store.load()).toEqual({
    batches: [{ replicaId: alice, sequence: 4, batchId, bytes: Uint8Array.of(1, 2, 3) }],
    heads: [{ replicaId: alice, sequence: 4, batchId }],
    outbox: [{ replicaId: alice, sequence: 4 }],
    damaged: [],
  });
  store.close();
});

test('[STORE11] an upgrade that an older tab blocks is told, and goes on once that tab lets go', async () => {
  const spaceId = freshSpace();
  const older = await oldDatabase(spaceId);
  let blocked = 0;
  const opening = IndexedDbStore.open(spaceId, { blocked: () => blocked++ });
  await expect.poll(() => blocked).toBe(1);
  older.close();
  const store = await opening;
  expect((await store.load()).batches.length).toBe(1);
  store.close();
});

test('[STORE11] a newer tab takes the database over: this one says that it is closed, and nothing is lost', async () => {
  const spaceId = freshSpace();
  const store = await IndexedDbStore.open(spaceId);
  await store.commit({ outbox: [{ replicaId: alice, sequence: 1 }], durability: 'strict' });
  const newer = await openDB(databaseNameOf(spaceId), schemaVersion + 1);
  expect(
    await store.commit({ outbox: [{ replicaId: alice, sequence: 2 }], durability: 'strict' }),
  ).toMatchObject({
    ok: false,
    reason: 'closed',
  });
  expect(await newer.count('outbox')).toBe(1);
  newer.close();
});
