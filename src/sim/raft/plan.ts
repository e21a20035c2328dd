/** What happens to a group in one seed: its weather, and everything that goes wrong, drawn before it begins. */
import { SeededRandom } from '../../base/random.ts';

export type GroupFault = { readonly atMs: number } & (
  | { readonly type: 'crash'; readonly device: number; readonly downMs: number; readonly keepsWrite: boolean }
  /** `stops`: its monotonic clock, too. */
  | { readonly type: 'sleep'; readonly device: number; readonly forMs: number; readonly stops: boolean }
  | { readonly type: 'cut'; readonly side: readonly number[]; readonly forMs: number; readonly way: CutWay }
  | { readonly type: 'slow-disk' | 'hidden'; readonly device: number; readonly forMs: number }
  | { readonly type: 'set-wall'; readonly device: number; readonly byMs: number }
  | { readonly type: 'lose-store' | 'clear-store' | 'hand-over'; readonly device: number }
  | { readonly type: 'change'; readonly kind: ChangeKind; readonly device: number; readonly other: number }
  | { readonly type: 'priority'; readonly device: number; readonly priority: number | undefined }
);
export type CutWay = 'both' | 'in' | 'out';
export type ChangeKind = 'add-voter' | 'add-learner' | 'remove' | 'swap' | 'readd';

export interface GroupPlan {
  readonly seed: string;
  readonly devices: number;
  /** The first so many found the group. */
  readonly founders: number;
  readonly tickMs: number;
  readonly electionTicks: number;
  readonly snapshotEveryEntries: number;
  readonly latencyMs: readonly [number, number];
  readonly loss: number;
  readonly duplicates: number;
  /** Share of messages that come much later. */
  readonly late: number;
  readonly diskMs: readonly [number, number];
  readonly thinkMs: number;
  /** Milliseconds that a device's monotonic clock shows for each that passes. */
  readonly rates: readonly number[];
  readonly safetyMs: number;
  readonly faults: readonly GroupFault[];
  /** Nobody uses it but who plays it. */
  readonly silent?: boolean;
}

type Kind = GroupFault['type'];
const weights: readonly (readonly [Kind, number])[] = [
  ['crash', 8],
  ['sleep', 5],
  ['cut', 7],
  ['slow-disk', 2],
  ['hidden', 2],
  ['set-wall', 1],
  ['lose-store', 1],
  ['clear-store', 3],
  ['hand-over', 3],
  ['change', 9],
  ['priority', 1],
];

export function drawGroup(seed: string, minutes: number): GroupPlan {
  const random = new SeededRandom(`group ${seed}`);
  const pick = <T>(of: readonly T[]): T => of[random.below(of.length)] as T;
  const devices = 4 + random.below(3);
  const founders = pick([1, 3, 3, 3, 4, 5].filter(count => count <= devices));
  const safetyMs = Math.max(10_000, Math.round(minutes * 60_000) - 30_000);
  const everyMs = pick([1500, 3000, 6000, 15_000]);
  const kinds = weights.map(([kind, weight]) => [kind, weight * pick([0, 1, 1, 2])] as const);
  const faults: GroupFault[] = [];
  const rounds = random.split('faults');
  for (let atMs = 3000; atMs < safetyMs; atMs += 1 + rounds.below(2 * everyMs))
    faults.push(drawFault(rounds, kinds, atMs, devices));
  const fast = pick([1, 10, 50]);
  return {
    seed,
    devices,
    founders,
    tickMs: pick([150, 250, 300]),
    electionTicks: pick([6, 8, 10]),
    snapshotEveryEntries: pick([16, 40, 120]),
    latencyMs: [fast, fast * pick([2, 4])],
    loss: pick([0, 0.02, 0.1, 0.25]),
    duplicates: pick([0, 0.05, 0.3]),
    late: pick([0, 0.01, 0.05]),
    diskMs: pick([
      [1, 10],
      [5, 60],
    ] as const),
    thinkMs: pick([250, 600, 1500]),
    rates: Array.from({ length: devices }, () => 1 + (random.below(9) - 4) / 1000),
    safetyMs,
    faults,
  };
}

function drawFault(
  random: SeededRandom,
  kinds: readonly (readonly [Kind, number])[],
  atMs: number,
  devices: number,
): GroupFault {
  const all = kinds.reduce((sum, [, weight]) => sum + weight, 0);
  let drawn = random.below(Math.max(1, all));
  const type = kinds.find(([, weight]) => (drawn -= weight) < 0)?.[0] ?? 'crash';
  const device = random.below(devices);
  const pick = <T>(of: readonly T[]): T => of[random.below(of.length)] as T;
  switch (type) {
    case 'crash':
      return { atMs, type, device, downMs: pick([1, 500, 4000, 20_000]), keepsWrite: random.below(2) === 0 };
    case 'sleep':
      return { atMs, type, device, forMs: pick([300, 450, 2000, 12_000]), stops: random.below(2) === 0 };
    case 'cut': {
      const size = 1 + random.below(Math.max(1, Math.floor(devices / 2)));
      const side = Array.from({ length: size }, () => random.below(devices));
      return { atMs, type, side, forMs: pick([800, 4000, 15_000]), way: pick(['both', 'both', 'in', 'out']) };
    }
    case 'slow-disk':
    case 'hidden':
      return { atMs, type, device, forMs: pick([2000, 10_000]) };
    case 'set-wall':
      return { atMs, type, device, byMs: pick([-100_000, -200, 200, 3_600_000]) };
    case 'change': {
      const kind = pick(['add-voter', 'add-voter', 'add-learner', 'remove', 'swap', 'readd'] as const);
      return { atMs, type, kind, device, other: random.below(devices) };
    }
    case 'priority':
      return { atMs, type, device, priority: pick([undefined, 0, 1, 3]) };
    default:
      return { atMs, type, device };
  }
}
