/** The least of what goes wrong: whatever can be left out is left out, the largest pieces first. */

/** What the plans of all worlds have. `edits`: what a step makes, in those that make several things. */
export interface Shrinkable {
  readonly peerCount: number;
  readonly steps: readonly { readonly peer: number; readonly edits?: readonly unknown[] }[];
}

export function shrink<Plan extends Shrinkable>(plan: Plan, fails: (plan: Plan) => boolean): Plan {
  let least = plan;
  for (let before: Plan | undefined; before !== least;) {
    before = least;
    least = withoutEdits(withoutSteps(least, fails), fails);
    for (let peerCount = 1; peerCount < least.peerCount; peerCount++) {
      const fewer = {
        ...least,
        peerCount,
        steps: least.steps.map(step => ({ ...step, peer: step.peer % peerCount })),
      };
      if (fails(fewer)) least = fewer;
    }
  }
  return least;
}

function withoutSteps<Plan extends Shrinkable>(plan: Plan, fails: (plan: Plan) => boolean): Plan {
  let least = plan;
  for (let size = Math.max(1, least.steps.length >> 1); size >= 1; size = size >> 1) {
    for (let at = least.steps.length - size; at >= 0; at -= size) {
      const fewer = { ...least, steps: least.steps.filter((_, i) => i < at || i >= at + size) };
      if (fails(fewer)) least = fewer;
    }
  }
  return least;
}

function withoutEdits<Plan extends Shrinkable>(plan: Plan, fails: (plan: Plan) => boolean): Plan {
  let least = plan;
  for (let at = 0; at < least.steps.length; at++) {
    for (let edit = (least.steps[at]?.edits?.length ?? 0) - 1; edit >= 0; edit--) {
      const steps = least.steps.map((step, i) =>
        i === at ? { ...step, edits: step.edits?.filter((_, j) => j !== edit) } : step,
      );
      if (fails({ ...least, steps })) least = { ...least, steps };
    }
  }
  return least;
}
