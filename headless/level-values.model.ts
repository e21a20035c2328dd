/** What stands in a LevelDB under a store, for tests that damage it. */
import type { StoredValues } from '../src/storage/store-suite.ts';
import type { LevelStore } from './level-store.ts';

const prefixes = { batch: 'b', head: 'h', outbox: 'o' };

export function levelValues(store: LevelStore): StoredValues {
  const rows = async (kind: keyof typeof prefixes) => {
    const gte = Buffer.from(prefixes[kind]);
    const database = await store.opened();
    return database.iterator({ gte, lt: Uint8Array.of(gte[0]! + 1) }).all();
  };
  return {
    read: async kind => (await rows(kind)).map(([, value]) => Uint8Array.from(value)),
    write: async (kind, changes) => {
      const stored = await rows(kind);
      const writes = changes.map(([n, value]) => ({ type: 'put' as const, key: stored[n]![0], value }));
      await (await store.opened()).batch(writes);
    },
  };
}
