/**
 * Draws a plan from a seed. Swarm testing (Groce et al. 2012): each seed leaves out a good part of what could go wrong and
 * gives the rest weights of its own, since a run in which everything happens at once hides what one kind alone would show.
 */
import { SeededRandom } from '../base/random.ts';
import type { Fault, Harm, HarmType, NodePlan, Plan, Shape, StrangerKind, Workload } from './plan.ts';

/** How often each kind comes, when a seed has it at all. */
const weights: Readonly<Record<Exclude<HarmType, 'clone'>, number>> = {
  shape: 6,
  clog: 4,
  swizzle: 1,
  partition: 4,
  signaling: 1,
  crash: 4,
  close: 2,
  power: 3,
  freeze: 2,
  sleep: 2,
  throttle: 2,
  wall: 1,
  drift: 1,
  slow: 2,
  full: 2,
  failing: 1,
  corrupt: 1,
  wipe: 1,
  offline: 1,
  switch: 1,
};
const kinds = Object.keys(weights) as (keyof typeof weights)[];
const strangerKinds: readonly StrangerKind[] = ['forger', 'replayer', 'flooder', 'liar', 'newer'];

/** One in so many seeds has a copied profile, after which little can be promised. */
const clonesOneIn = 30;

/** Kinds of faults and how often each comes, beside the others. */
export type Mix = Map<Exclude<HarmType, 'clone'>, number>;

export interface DrawOptions {
  readonly minutes: number;
}

/**
 * Edits of one node in one seed. People type for a while and do something else, so a long seed has more pauses and not more
 * edits: each restart replays the whole history, and that must not be all that a seed does.
 */
const editsMax = 240;
/** A seed's typing comes in about so many spells. */
const spells = [4, 20] as const;
/** A seed has room for about so many faults, so long ones have them less often. */
const faultsMax = 200;

/** What is drawn when nothing else is said; scenarios change parts of it. */
export function drawPlan(seed: string, { minutes }: DrawOptions): Plan {
  const random = new SeededRandom(`plan ${seed}`);
  const nodes = drawNodes(random.split('nodes'), minutes);
  const safetyMs = Math.max(5000, Math.round(minutes * 60_000) - 70_000 * Math.min(1, minutes / 3));
  return {
    seed,
    nodes,
    strangers: drawStrangers(random.split('strangers')),
    latencyMs: drawLatency(random.split('latency')),
    weather: drawWeather(random.split('weather')),
    disk: drawDisk(random.split('disk')),
    documents: 1 + random.split('documents').below(2),
    safetyMs,
    faults: drawFaults(random.split('faults'), nodes, safetyMs),
    core: drawCore(random.split('core'), nodes.length),
  };
}

/** From `from` to below `to`. */
function between(random: SeededRandom, from: number, to: number): number {
  return from + random.fraction() * (to - from);
}
function chance(random: SeededRandom, oneIn: number): boolean {
  return random.below(oneIn) === 0;
}
function oneOf<T>(random: SeededRandom, all: readonly T[]): T {
  return all[random.below(all.length)] as T;
}

function drawNodes(random: SeededRandom, minutes: number): NodePlan[] {
  const devices = 2 + random.below(4);
  const nodes = Array.from({ length: devices }, (_, device) => ({
    device,
    workload: drawWorkload(random, minutes),
  }));
  if (chance(random, 4))
    nodes.push({ device: random.below(devices), workload: drawWorkload(random, minutes) });
  return nodes;
}

function drawWorkload(random: SeededRandom, minutes: number): Workload {
  const mood = random.below(20);
  const editsPerS =
    mood < 8 ? between(random, 0.02, 0.3) : mood < 18 ? between(random, 0.3, 2) : between(random, 3, 10);
  const share = editsMax / (editsPerS * 60 * minutes);
  const typesMs = (share * minutes * 60_000) / between(random, ...spells);
  return {
    editsPerS,
    ...(share < 1 ? { spells: { typesMs, restsMs: typesMs * (1 / share - 1) } } : {}),
    burst: chance(random, 2) ? 1 : 2 + random.below(20),
    place: oneOf(random, ['caret', 'end', 'anywhere']),
    deletes: between(random, 0, 0.6),
    lengthMax: oneOf(random, [40, 400, 2000]),
    pastes: chance(random, 4) ? 0.02 : 0,
  };
}

function drawStrangers(random: SeededRandom): StrangerKind[] {
  if (!chance(random, 5)) return [];
  return Array.from({ length: 1 + random.below(2) }, () => oneOf(random, strangerKinds));
}

function drawLatency(random: SeededRandom): [number, number] {
  return oneOf<[number, number]>(random, [
    [0.25, 2],
    [5, 30],
    [25, 100],
    [0.5, 300],
  ]);
}

function drawWeather(random: SeededRandom): Shape {
  if (chance(random, 2)) return {};
  return {
    loss: chance(random, 2) ? between(random, 0, 0.3) : 0,
    duplicate: chance(random, 3) ? between(random, 0, 0.3) : 0,
    reorder: chance(random, 2) ? between(random, 0, 0.5) : 0,
    delayMs: chance(random, 2) ? between(random, 0, 100) : 0,
    jitterMs: between(random, 0, 60),
    ...(chance(random, 4) ? { bandwidthBytesPerS: Math.round(between(random, 8000, 200_000)) } : {}),
  };
}

function drawDisk(random: SeededRandom): Plan['disk'] {
  return {
    strictMs: between(random, 0.7, oneOf(random, [3, 20, 120])),
    relaxedMs: between(random, 0.4, 4),
    jitterMs: between(random, 0, oneOf(random, [3, 12, 60])),
  };
}

function drawCore(random: SeededRandom, nodes: number): number[] | undefined {
  if (nodes < 3 || !chance(random, 4)) return undefined;
  const core = subset(random, nodes).slice(0, 2 + random.below(nodes - 2));
  return core.length < 2 ? undefined : core.sort((a, b) => a - b);
}

/** The indexes below `count` in a drawn order, some of them left out. */
function subset(random: SeededRandom, count: number): number[] {
  return shuffled(random, count).slice(0, 1 + random.below(count));
}
function shuffled(random: SeededRandom, count: number): number[] {
  const left = Array.from({ length: count }, (_, n) => n);
  const order: number[] = [];
  while (left.length > 0) order.push(...left.splice(random.below(left.length), 1));
  return order;
}

function drawFaults(random: SeededRandom, nodes: readonly NodePlan[], safetyMs: number): Fault[] {
  const chosen = kinds.filter(kind => random.split(`has ${kind}`).below(2) === 0);
  const mix = new Map(chosen.map(kind => [kind, weights[kind] * between(random, 0.3, 1.7)]));
  const everyMs = Math.max(oneOf(random, [700, 2000, 6000, 15_000]), safetyMs / faultsMax);
  const faults = drawFaultsOf(random, mix, nodes, safetyMs, everyMs);
  if (chance(random, clonesOneIn)) {
    const harm: Harm = { type: 'clone', device: random.below(devicesOf(nodes)) };
    faults.push({
      atMs: Math.round(between(random, 0.2, 0.8) * safetyMs),
      forMs: 0,
      draw: random.below(2 ** 32),
      harm,
    });
  }
  return faults.sort((a, b) => a.atMs - b.atMs);
}

/** Faults of the kinds of `mix`, one every `everyMs` on average. */
export function drawFaultsOf(
  random: SeededRandom,
  mix: ReadonlyMap<Exclude<HarmType, 'clone'>, number>,
  nodes: readonly NodePlan[],
  safetyMs: number,
  everyMs: number,
): Fault[] {
  const faults: Fault[] = [];
  const total = [...mix.values()].reduce((sum, weight) => sum + weight, 0);
  if (total === 0) return faults;
  for (
    let atMs = 1000 + everyMs * random.fraction();
    atMs < safetyMs;
    atMs += everyMs * (0.2 + 1.6 * random.fraction())
  ) {
    let roll = random.fraction() * total;
    const kind = [...mix].find(([, weight]) => (roll -= weight) < 0)?.[0] ?? 'crash';
    const own = random.split(`fault ${String(faults.length)}`);
    const harm = drawHarm(own, kind, nodes);
    const forMs = Math.round(drawLength(own, kind));
    faults.push({ atMs: Math.round(atMs), forMs, draw: own.below(2 ** 32), harm });
  }
  return faults;
}

function drawLength(random: SeededRandom, kind: HarmType): number {
  const short = between(random, 30, 3000);
  switch (kind) {
    case 'partition':
    case 'throttle':
    case 'wall':
    case 'drift':
    case 'signaling':
      return chance(random, 2) ? short : between(random, 3000, 60_000);
    case 'clog':
    case 'slow':
      return short;
    default:
      return random.below(5) > 0 ? short : between(random, 3000, 30_000);
  }
}

function devicesOf(nodes: readonly NodePlan[]): number {
  return Math.max(...nodes.map(({ device }) => device)) + 1;
}

function drawHarm(random: SeededRandom, type: Exclude<HarmType, 'clone'>, nodes: readonly NodePlan[]): Harm {
  const node = random.below(nodes.length);
  const other = (node + 1 + random.below(nodes.length - 1)) % nodes.length;
  const device = random.below(devicesOf(nodes));
  switch (type) {
    case 'shape':
      return { type, from: node, to: other, shape: drawShape(random) };
    case 'clog':
      return { type, from: node, to: other };
    case 'swizzle':
      return { type, nodes: subset(random, nodes.length), everyMs: Math.round(between(random, 50, 2000)) };
    case 'partition':
      return { type, groups: drawGroups(random, nodes.length), oneWay: chance(random, 3) };
    case 'signaling':
      return { type };
    case 'crash':
    case 'close':
    case 'freeze':
    case 'offline':
      return { type, node };
    case 'throttle':
      return { type, node, everyMs: oneOf(random, [1000, 60_000]) };
    case 'switch':
      return { type, node, peer: other };
    case 'wall':
      return {
        type,
        device,
        jumpMs: oneOf(random, [-3_600_000, -5000, -50, 50, 5000, 59_000, 3_600_000, 10 ** 11]),
      };
    case 'drift':
      return { type, device, drift: oneOf(random, [-0.05, -0.001, 0.001, 0.05]) };
    case 'slow':
      return { type, device, ms: Math.round(between(random, 20, 800)) };
    case 'corrupt':
      return {
        type,
        device,
        record: random.below(2 ** 16),
        at: random.below(2 ** 16),
        flip: 1 + random.below(255),
      };
    case 'power':
    case 'sleep':
    case 'full':
    case 'failing':
    case 'wipe':
      return { type, device };
  }
}

function drawShape(random: SeededRandom): Shape {
  switch (random.below(5)) {
    case 0:
      return { loss: between(random, 0.05, 1) };
    case 1:
      return { duplicate: between(random, 0.05, 1) };
    case 2:
      return { reorder: between(random, 0.1, 1), jitterMs: between(random, 0, 200) };
    case 3:
      return { delayMs: between(random, 30, 600), jitterMs: between(random, 0, 100) };
    default:
      return { bandwidthBytesPerS: Math.round(between(random, 500, 50_000)) };
  }
}

/** Two sides; one node alone; two sides with a bridge; everyone alone. */
function drawGroups(random: SeededRandom, count: number): number[][] {
  const order = shuffled(random, count);
  const at = 1 + random.below(count - 1);
  switch (random.below(5)) {
    case 0:
      return [order.slice(0, 1), order.slice(1)];
    case 1:
      return count < 3 ? [order.slice(0, 1), order.slice(1)] : [order.slice(0, at + 1), order.slice(at)];
    case 2:
      return order.map(node => [node]);
    default:
      return [order.slice(0, at), order.slice(at)];
  }
}
