import { MemoryStore } from './memory-store.ts';
import { storeSuite, type StoredValues } from './store-suite.ts';

storeSuite('MemoryStore', () => {
  const store = new MemoryStore();
  const inOrder = (kind: 'batch' | 'head' | 'outbox') =>
    [...store.rows[kind]].sort(([a], [b]) => (a < b ? -1 : 1));
  const values: StoredValues = {
    read: kind => Promise.resolve(inOrder(kind).map(([, { record }]) => record)),
    write: (kind, changes) => {
      const stored = inOrder(kind);
      for (const [n, record] of changes) {
        const [hex, row] = stored[n]!;
        store.rows[kind].set(hex, { ...row, record });
      }
      return Promise.resolve();
    },
  };
  return Promise.resolve({ first: store, second: store, values });
});
