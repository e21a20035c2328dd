/** All that is checked of replicas, in the order in which it is told. */
import type { SyncChecker } from '../checker.ts';
import type { World } from '../world.ts';
import { Causality } from './causality.ts';
import { Convergence } from './convergence.ts';
import { Durability } from './durability.ts';
import { Queues } from './queues.ts';
import { Sessions } from './sessions.ts';
import { Stamps } from './stamps.ts';

export function syncCheckers(world: World): readonly SyncChecker[] {
  return [
    new Causality(world),
    new Durability(world),
    new Stamps(world),
    new Convergence(world),
    new Sessions(world),
    new Queues(),
  ];
}
