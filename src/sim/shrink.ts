/**
 * The least of a plan that still breaks the same invariant. Bisects the horizon, then Zeller's ddmin over the faults, then
 * leaves out nodes and strangers, calms the weather and the writers. A plan is data and each part of it draws from a stream
 * of its own, so leaving one out does not reshuffle the others.
 */
import type { Fault, Harm, Plan } from './plan.ts';

export interface Shrunk {
  readonly plan: Plan;
  /** How many plans were played. */
  readonly played: number;
}

/** `fails`: whether a plan breaks what the first one broke. At most `playsMax` plans are played. */
export function shrinkPlan(plan: Plan, fails: (plan: Plan) => boolean, playsMax = 300): Shrunk {
  let played = 0;
  const stillFails = (candidate: Plan): boolean => played < playsMax && (played++, fails(candidate));
  const isSame = (a: Plan, b: Plan) => JSON.stringify(a) === JSON.stringify(b);
  // What is no simpler is not played: it would fail again, and again in the next round.
  const orSame = (least: Plan, candidate: Plan): Plan =>
    !isSame(candidate, least) && stillFails(candidate) ? candidate : least;

  let least = plan;
  for (let before: Plan | undefined; before !== least && played < playsMax;) {
    before = least;
    least = shorten(least, stillFails);
    least = fewerFaults(least, stillFails);
    for (let node = least.nodes.length - 1; node >= 0 && least.nodes.length > 1; node--)
      least = orSame(least, without(least, node));
    for (const calmer of calmed(least)) least = orSame(least, calmer(least));
  }
  return { plan: least, played };
}

function shorten(plan: Plan, fails: (plan: Plan) => boolean): Plan {
  let least = plan;
  let [tooShort, longEnough] = [0, plan.safetyMs];
  while (longEnough - tooShort > 500) {
    const safetyMs = Math.round((tooShort + longEnough) / 2);
    const candidate = { ...plan, safetyMs, faults: plan.faults.filter(({ atMs }) => atMs < safetyMs) };
    if (fails(candidate)) [least, longEnough] = [candidate, safetyMs];
    else tooShort = safetyMs;
  }
  return least;
}

function fewerFaults(plan: Plan, fails: (plan: Plan) => boolean): Plan {
  let faults = plan.faults;
  for (let size = Math.max(1, faults.length >> 1); size >= 1; size >>= 1) {
    for (let at = faults.length - size; at > -size; at -= size) {
      const from = Math.max(0, at);
      const fewer = faults.filter((_, n) => n < from || n >= at + size);
      if (fewer.length < faults.length && fails({ ...plan, faults: fewer })) faults = fewer;
    }
  }
  return faults.length < plan.faults.length ? { ...plan, faults } : plan;
}

/** Without one node: whatever befell it is gone, and the nodes after it move up. */
function without(plan: Plan, node: number): Plan {
  const move = (index: number) => (index > node ? index - 1 : index);
  const moved = (harm: Harm): Harm | undefined => {
    switch (harm.type) {
      case 'shape':
      case 'clog':
        if (harm.from === node || harm.to === node) return undefined;
        return { ...harm, from: move(harm.from), to: move(harm.to) };
      case 'swizzle':
        return { ...harm, nodes: harm.nodes.filter(index => index !== node).map(move) };
      case 'partition':
        return { ...harm, groups: harm.groups.map(group => group.filter(index => index !== node).map(move)) };
      case 'crash':
      case 'close':
      case 'freeze':
      case 'throttle':
      case 'offline':
        return harm.node === node ? undefined : { ...harm, node: move(harm.node) };
      case 'switch':
        if (harm.node === node || harm.peer === node) return undefined;
        return { ...harm, node: move(harm.node), peer: move(harm.peer) };
      default:
        // Devices keep their numbers.
        return harm;
    }
  };
  const faults = plan.faults.flatMap((fault): Fault[] => {
    const harm = moved(fault.harm);
    return harm === undefined ? [] : [{ ...fault, harm }];
  });
  const core = plan.core?.filter(index => index !== node).map(move);
  return { ...plan, nodes: plan.nodes.filter((_, index) => index !== node), faults, core };
}

/** Below this somebody who types hardly does. */
const editsPerSLeast = 0.2;

/** One simpler thing each. */
function calmed(plan: Plan): ((plan: Plan) => Plan)[] {
  return [
    least => ({ ...least, core: undefined }),
    least => ({ ...least, weather: {} }),
    least => ({ ...least, strangers: [] }),
    least => ({ ...least, strangers: least.strangers.slice(0, 1) }),
    least => ({ ...least, documents: 1 }),
    least => ({ ...least, skewMs: 0 }),
    least => ({ ...least, latencyMs: [10, 10] }),
    least => ({ ...least, disk: { strictMs: 1, relaxedMs: 1, jitterMs: 0 } }),
    ...plan.nodes.flatMap((_, node) => [
      (least: Plan) => withWriter(least, node, 0),
      (least: Plan) =>
        (least.nodes[node]?.workload.editsPerS ?? 0) > editsPerSLeast ? withWriter(least, node, 0.5) : least,
    ]),
    ...plan.faults.map((_, n) => (least: Plan) => ({
      ...least,
      faults: least.faults.map((fault, at) =>
        at === n ? { ...fault, forMs: Math.round(fault.forMs / 2) } : fault,
      ),
    })),
  ];
}

function withWriter(plan: Plan, node: number, factor: number): Plan {
  return {
    ...plan,
    nodes: plan.nodes.map((one, index) =>
      index === node
        ? { ...one, workload: { ...one.workload, burst: 1, editsPerS: one.workload.editsPerS * factor } }
        : one,
    ),
  };
}

/** The plan as a test that can stand in `found.test.ts` as it is. */
export function asTest(plan: Plan, name: string): string {
  const { faults, nodes, ...rest } = plan;
  const list = (items: readonly unknown[]) => items.map(item => `      ${JSON.stringify(item)},\n`).join('');
  const others = Object.entries(rest)
    .filter(([, value]) => value !== undefined)
    .map(([key, value]) => `    ${key}: ${JSON.stringify(value)},\n`)
    .join('');
  const core = plan.core === undefined ? '    core: undefined,\n' : '';
  return (
    `test(${JSON.stringify(name)}, () => {\n` +
    `  const plan: Plan = {\n${others}${core}    nodes: [\n${list(nodes)}    ],\n    faults: [\n${list(faults)}    ],\n  };\n` +
    `  expect(play(plan).violation).toBeUndefined();\n});\n`
  );
}
