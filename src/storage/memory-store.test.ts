import { MemoryStore } from './memory-store.ts';
import { storeSuite } from './store-suite.ts';

storeSuite('MemoryStore', () => {
  const store = new MemoryStore();
  return Promise.resolve({ first: store, second: store });
});
