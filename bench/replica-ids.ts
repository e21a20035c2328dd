/** Replica ids for the benchmarks: like hashes, so that they do not compress, and the same ones in every run. */
import { SeededRandom } from '../src/base/random.ts';
import type { ReplicaId } from '../src/base/ids.ts';

export function replicaIdOf(agent: number): ReplicaId {
  const random = new SeededRandom(`replica ${agent}`);
  return Array.from({ length: 32 }, () => random.below(16).toString(16)).join('') as ReplicaId;
}
