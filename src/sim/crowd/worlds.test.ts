/** Crowds in which everything goes wrong, drawn from seeds; what must hold of them stands in ledger.ts. */
import { expect, test } from 'vitest';
import { nobleCrypto } from '../../sync/crypto.ts';
import { sharedHashing } from '../shared-hashing.ts';
import { playCrowd } from './play.ts';

const crypto = sharedHashing(nobleCrypto);

/** One seed in a message is all it takes to see it again: `playCrowd(seed, crypto)`. */
test('[MEM50] 40 crowds: nobody well is buried, nobody returns by gossip, and in the end all believe what is so', () => {
  for (let seed = 1; seed <= 40; seed++)
    expect(() => playCrowd(seed, crypto), `seed ${String(seed)}`).not.toThrow();
});

test('[MEM50] the same seed plays the same crowd', () => {
  expect(playCrowd(7, crypto)).toEqual(playCrowd(7, crypto));
  expect(playCrowd(7, crypto)).not.toEqual(playCrowd(8, crypto));
});
