/**
 * The least plan that still breaks: the horizon is bisected, then faults are left out in halves, quarters and so on (ddmin, Zeller &
 * Hildebrandt 2002), then what the network does by itself. Every random stream belongs to one concern, so what stays happens much as before.
 */
import type { GroupPlan } from './plan.ts';

const playsMax = 300;

export function shrinkGroupPlan(
  plan: GroupPlan,
  breaks: (candidate: GroupPlan) => boolean,
): { readonly plan: GroupPlan; readonly played: number } {
  let least = plan;
  let played = 0;
  const take = (candidate: GroupPlan): boolean => {
    if (played >= playsMax) return false;
    played++;
    if (!breaks(candidate)) return false;
    least = candidate;
    return true;
  };
  for (let tries = 0; tries < 8; tries++) {
    const safetyMs = Math.round(least.safetyMs / 2);
    if (!take({ ...least, safetyMs, faults: least.faults.filter(({ atMs }) => atMs < safetyMs) })) break;
  }
  for (let parts = 2; least.faults.length > 0 && parts <= 2 * least.faults.length; parts *= 2) {
    const size = Math.max(1, Math.ceil(least.faults.length / parts));
    for (let from = 0; from < least.faults.length;)
      if (!take({ ...least, faults: [...least.faults.slice(0, from), ...least.faults.slice(from + size)] }))
        from += size;
  }
  for (const calm of [{ late: 0 }, { duplicates: 0 }, { loss: 0 }]) take({ ...least, ...calm });
  return { plan: least, played };
}
