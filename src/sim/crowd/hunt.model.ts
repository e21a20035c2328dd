/** Plays crowds until one breaks: what planted bugs are looked for with. */
import { AssertionError } from '../../base/assert.ts';
import { nobleCrypto } from '../../sync/crypto.ts';
import { sharedHashing } from '../shared-hashing.ts';
import { CrowdViolation } from './ledger.ts';
import { playCrowd } from './play.ts';

/** The first invariant that is broken, and by which seed; undefined when none is. */
export function hunt(seeds: number): string | undefined {
  const crypto = sharedHashing(nobleCrypto);
  for (let seed = 1; seed <= seeds; seed++) {
    try {
      playCrowd(seed, crypto);
    } catch (error) {
      // An assertion that fires has found it, too.
      if (error instanceof CrowdViolation) return `${error.invariant}, seed ${String(seed)}`;
      if (error instanceof AssertionError) return `assertion, seed ${String(seed)}`;
      throw error;
    }
  }
  return undefined;
}
