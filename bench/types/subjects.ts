/** All that is measured, by kind. */
import type { Kind, Values } from './library.ts';
import type { Subject } from './workload.ts';
import { counters } from './workloads/counters.ts';
import { lists } from './workloads/lists.ts';
import { maps } from './workloads/maps.ts';
import { sets } from './workloads/sets.ts';
import { trees } from './workloads/trees.ts';

export const subjects: { readonly [K in Kind]: readonly Subject<Values[K]>[] } = {
  counters,
  sets,
  maps,
  lists,
  trees,
};
