/**
 * Named worlds. `sync` is the swarm, which draws everything; the others hold one thing still, so that what they show has a
 * name: the eight fallacies of distributed computing (Deutsch, Gosling 1994–97) and the fault models of the handbooks. The
 * numbers are those of real networks: 0.5 ms within a zone, 50–200 ms across regions, 600 ms by satellite.
 */
import { SeededRandom } from '../base/random.ts';
import { drawFaultsOf, drawPlan, type Mix } from './draw.ts';
import type { Fault, NodePlan, Plan, Shape, StrangerKind, Workload } from './plan.ts';

export interface Scenario {
  readonly name: string;
  /** What it plays, in a line. */
  readonly plays: string;
  /** What must hold in it above all; all checkers run in every scenario. */
  readonly invariant: string;
  plan(seed: string, minutes: number): Plan;
}

const writer: Workload = {
  editsPerS: 1,
  burst: 4,
  place: 'caret',
  deletes: 0.3,
  lengthMax: 1000,
  pastes: 0,
};

/** Nodes on devices of their own. */
function apart(count: number, workload: Partial<Workload> = {}): NodePlan[] {
  return Array.from({ length: count }, (_, device) => ({ device, workload: { ...writer, ...workload } }));
}

/** Safety takes what is left of `minutes` after about a minute of healing. */
function safetyOf(minutes: number): number {
  return Math.max(10_000, Math.round(minutes * 60_000) - 20_000);
}

interface Still {
  readonly nodes?: readonly NodePlan[];
  readonly strangers?: readonly StrangerKind[];
  readonly latencyMs?: readonly [number, number];
  readonly weather?: Shape;
  readonly mix?: Mix;
  readonly everyMs?: number;
  readonly core?: readonly number[];
  readonly disk?: Plan['disk'];
  readonly documents?: number;
  readonly thrifty?: boolean;
  readonly faults?: (random: SeededRandom, safetyMs: number) => Fault[];
}

function still(
  name: string,
  plays: string,
  invariant: string,
  what: (random: SeededRandom) => Still,
): Scenario {
  return {
    name,
    plays,
    invariant,
    plan: (seed, minutes) => {
      const random = new SeededRandom(`scenario ${name} ${seed}`);
      const held = what(random.split('what'));
      const nodes = held.nodes ?? apart(4);
      const safetyMs = safetyOf(minutes);
      const drawn =
        held.mix === undefined
          ? []
          : drawFaultsOf(random.split('faults'), held.mix, nodes, safetyMs, held.everyMs ?? 4000);
      const faults = [...drawn, ...(held.faults?.(random.split('own faults'), safetyMs) ?? [])];
      return {
        seed,
        nodes,
        strangers: held.strangers ?? [],
        latencyMs: held.latencyMs ?? [5, 40],
        weather: held.weather ?? {},
        disk: held.disk ?? { strictMs: 1, relaxedMs: 0.7, jitterMs: 12 },
        documents: held.documents ?? 1,
        safetyMs,
        faults: faults.sort((a, b) => a.atMs - b.atMs),
        ...(held.thrifty === true ? { thrifty: true } : {}),
        core: held.core,
      };
    },
  };
}

const mixOf = (...kinds: (readonly [Parameters<Mix['set']>[0], number])[]): Mix => new Map(kinds);

const converges = 'a healed core converges';
const kept = 'nothing acknowledged is ever missing';

/** A fault that lasts to the end of the safety phase. */
function lasting(harm: Fault['harm'], atMs: number, safetyMs: number, random: SeededRandom): Fault {
  return { atMs: Math.round(atMs), forMs: Math.round(safetyMs - atMs), draw: random.below(2 ** 32), harm };
}

export const scenarios: readonly Scenario[] = [
  {
    name: 'sync',
    plays: 'everything, in a mix that each seed draws',
    invariant: converges,
    plan: (seed, minutes) => drawPlan(seed, { minutes }),
  },
  {
    name: 'busy',
    plays: 'five replicas that type 20 times a second and more, a fault a second and more',
    invariant: converges,
    plan: (seed, minutes) => busyPlan(seed, minutes),
  },

  still(
    'the-network-is-reliable',
    'links that lose, repeat and reorder up to a third',
    converges,
    random => ({
      weather: {
        loss: 0.05 + 0.25 * random.fraction(),
        duplicate: 0.3 * random.fraction(),
        reorder: 0.3 * random.fraction(),
      },
    }),
  ),
  still(
    'latency-is-zero',
    'peers half a millisecond, regions and a satellite apart',
    'causal delivery',
    random => ({
      nodes: apart(5),
      latencyMs: random.below(2) === 0 ? [0.5, 300] : [50, 200],
      weather: random.below(3) === 0 ? { delayMs: 300 } : {},
    }),
  ),
  still(
    'bandwidth-is-infinite',
    'pages pasted over links of 4 to 64 kB a second',
    'bounded queues',
    random => ({
      nodes: apart(3, { pastes: 0.1, editsPerS: 0.3 }),
      weather: { bandwidthBytesPerS: 4000 * 2 ** random.below(5) },
    }),
  ),
  still(
    'the-network-is-secure',
    'a forger, a replayer and a flooder in the room',
    'the same batches give the same text',
    () => ({
      nodes: apart(3),
      strangers: ['forger', 'replayer', 'flooder'],
    }),
  ),
  still(
    'topology-does-not-change',
    'tabs that come and go, links that are cut and dialled anew',
    converges,
    () => ({
      nodes: apart(5),
      mix: mixOf(
        ['close', 4],
        ['crash', 2],
        ['partition', 3],
        ['switch', 2],
        ['signaling', 1],
        ['offline', 2],
      ),
      everyMs: 2000,
    }),
  ),
  still(
    'there-is-one-administrator',
    'wrong clocks, full disks, a later version, switched-off links',
    'no stamp from the future is followed',
    () => ({
      strangers: ['newer'],
      mix: mixOf(['wall', 3], ['drift', 3], ['full', 3], ['offline', 2], ['switch', 2]),
    }),
  ),
  still(
    'transport-cost-is-zero',
    'many newcomers and one history',
    'what travels is in proportion to what is written',
    () => ({
      thrifty: true,
      nodes: apart(6, { editsPerS: 0.5 }),
      mix: mixOf(['close', 1]),
      everyMs: 5000,
    }),
  ),
  still(
    'the-network-is-homogeneous',
    'near and far, fast and slow, hidden and visible, all in one room',
    converges,
    random => ({
      nodes: apart(5),
      latencyMs: [0.25, 300],
      mix: mixOf(['shape', 6], ['throttle', 3], ['slow', 3]),
      everyMs: 1500,
      disk: { strictMs: 0.7 + 60 * random.fraction(), relaxedMs: 1, jitterMs: 40 },
    }),
  ),

  still('crash-stop', 'half of the replicas fall silent for good', converges, () => ({
    nodes: apart(5),
    core: [0, 1, 2],
    faults: (random, safetyMs) =>
      [3, 4].map(node =>
        lasting({ type: 'crash', node }, safetyMs * (0.2 + 0.6 * random.fraction()), safetyMs, random),
      ),
  })),
  still(
    'crash-recovery',
    'processes killed and power cut at any moment, disks that forget what was not synced',
    kept,
    () => ({
      mix: mixOf(['crash', 4], ['power', 4], ['slow', 2]),
      everyMs: 1500,
    }),
  ),
  still('omission', 'messages that vanish, whole lanes for a while', converges, () => ({
    mix: mixOf(['shape', 4], ['clog', 4], ['swizzle', 2], ['freeze', 2]),
    everyMs: 1200,
  })),
  still(
    'partition',
    'splits, bridges and one-way cuts, for up to a minute',
    'the same batches give the same text',
    () => ({
      nodes: apart(5),
      mix: mixOf(['partition', 1]),
      everyMs: 6000,
    }),
  ),
  still('rotten-disks', 'records that rot, devices that are wiped, disks that refuse', kept, () => ({
    mix: mixOf(['corrupt', 4], ['wipe', 2], ['crash', 3], ['failing', 1], ['full', 1]),
    everyMs: 2500,
  })),
  still('two-tabs', 'tabs of one device on one disk', 'monotonic reads', () => ({
    nodes: [...apart(3), { device: 0, workload: writer }, { device: 0, workload: writer }],
    mix: mixOf(['crash', 3], ['close', 3], ['power', 2], ['partition', 2], ['full', 1]),
    everyMs: 2500,
  })),
  still(
    'asleep',
    'frozen tabs, sleeping laptops with stopped clocks, timers once a minute',
    converges,
    () => ({
      mix: mixOf(['freeze', 3], ['sleep', 3], ['throttle', 3]),
      everyMs: 2500,
    }),
  ),
  still(
    'byzantine-forger',
    'batches under stolen names, changed bytes, broken chains',
    'nothing throws',
    () => ({
      strangers: ['forger'],
    }),
  ),
  still('byzantine-replayer', 'what was said once, said again in any order', 'causal delivery', () => ({
    strangers: ['replayer'],
  })),
  still(
    'byzantine-oversized',
    'floods, half messages, clocks of hundreds, logs nobody vouches for',
    'bounded queues',
    () => ({
      strangers: ['flooder'],
    }),
  ),
  still(
    'byzantine-liar',
    'clocks that claim everything, stamps from other centuries',
    'no stamp from the future is followed',
    () => ({
      strangers: ['liar'],
      mix: mixOf(['shape', 2], ['crash', 1]),
    }),
  ),
  still('newer-version', 'a peer that says and writes what this version does not know', converges, () => ({
    strangers: ['newer'],
    mix: mixOf(['crash', 1], ['partition', 1]),
  })),
  still('cloned-profile', 'a copied profile beside its original: two write one log', converges, () => ({
    faults: (random, safetyMs) => [
      {
        atMs: Math.round(safetyMs * (0.2 + 0.3 * random.fraction())),
        forMs: 0,
        draw: 1,
        harm: { type: 'clone', device: 0 },
      },
    ],
  })),
  still(
    'equivocation',
    'members that sign two batches with one number, and tell some the one and some the other',
    converges,
    random => ({
      nodes: apart(4),
      strangers: random.below(2) === 0 ? ['equivocator'] : ['equivocator', 'equivocator'],
      mix: mixOf(['partition', 2], ['crash', 1], ['shape', 2]),
    }),
  ),
  {
    name: 'anti-entropy',
    plays: 'the swarm, and in every seed forks, lies or rot: equal Merkle roots in the end',
    invariant: converges,
    plan: (seed, minutes) => antiEntropyPlan(seed, minutes),
  },
];

/** Partitions, losses, repeats, crashes and power cuts as `sync` draws them; beside them what clocks cannot see. */
function antiEntropyPlan(seed: string, minutes: number): Plan {
  const plan = drawPlan(seed, { minutes });
  const random = new SeededRandom(`anti-entropy ${seed}`);
  const devices = Math.max(...plan.nodes.map(({ device }) => device)) + 1;
  const when = () => Math.round(plan.safetyMs * (0.1 + 0.8 * random.fraction()));
  const faults = [...plan.faults];
  const strangers = [...plan.strangers];
  const kind = random.below(4);
  if (kind === 0 || kind === 3)
    faults.push({ atMs: when(), forMs: 0, draw: 1, harm: { type: 'clone', device: random.below(devices) } });
  if (kind === 1 || kind === 3) strangers.push('equivocator');
  if (random.below(3) === 0) strangers.push('liar');
  if (kind === 2 || random.below(2) === 0)
    for (let n = 1 + random.below(6); n > 0; n--) {
      const [device, record, at] = [random.below(devices), random.below(2 ** 16), random.below(2 ** 16)];
      const harm = { type: 'corrupt', device, record, at, flip: 1 + random.below(255) } as const;
      faults.push({ atMs: when(), forMs: 0, draw: n, harm });
      // Rot is seen when it is read.
      faults.push({
        atMs: when(),
        forMs: 200,
        draw: n,
        harm: { type: 'crash', node: random.below(plan.nodes.length) },
      });
    }
  return { ...plan, strangers, faults: faults.sort((a, b) => a.atMs - b.atMs) };
}

/** What the speed is measured with. Who is frozen or down does not type, so more is asked for than the twenty edits a second. */
function busyPlan(seed: string, minutes: number): Plan {
  const random = new SeededRandom(`busy ${seed}`);
  const nodes = apart(5, { editsPerS: 33, burst: 1, lengthMax: 600, deletes: 0.4 });
  const safetyMs = safetyOf(minutes);
  const mix = mixOf(
    ['shape', 4],
    ['clog', 4],
    ['partition', 1],
    ['freeze', 2],
    ['slow', 2],
    ['crash', 1],
    ['full', 1],
    ['offline', 1],
  );
  return {
    seed,
    nodes,
    strangers: [],
    latencyMs: [5, 40],
    weather: {},
    disk: { strictMs: 1, relaxedMs: 0.7, jitterMs: 12 },
    documents: 1,
    safetyMs,
    faults: drawFaultsOf(random.split('faults'), mix, nodes, safetyMs, 700),
    core: undefined,
  };
}

export function scenarioOf(name: string): Scenario | undefined {
  return scenarios.find(scenario => scenario.name === name);
}
