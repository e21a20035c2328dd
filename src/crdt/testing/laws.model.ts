/** The laws every CRDT here keeps, as one property to hand to fast-check, however many runs are wanted. */
import fc from 'fast-check';
import type { OpId } from '../context.ts';
import { plans, type Plan } from './plan.model.ts';
import { playWorld, type Kind } from './world.model.ts';

export interface Law {
  readonly name: string;
  readonly property: fc.IProperty<[Plan<unknown>]>;
}

/** `edit`: one random local edit of the kind. Two to `peersMax` replicas in plans of at most `stepsMax` steps. */
export function lawOf<X, Op extends { readonly id: OpId }, Change, Edit, View>(
  name: string,
  kind: Kind<X, Op, Change, Edit, View>,
  edit: fc.Arbitrary<Edit>,
  size?: { readonly peersMax?: number; readonly stepsMax?: number },
): Law {
  const property = fc.property(plans(edit, size), plan => {
    playWorld(kind, plan);
  });
  return { name, property };
}
