/**
 * All that a seed decides, as data: who takes part, how far apart they are, what they do, and what befalls them when. A
 * plan is drawn up front, so that one fault can be left out without reshuffling the others, and so that it can be
 * printed, kept in a test and played again.
 */
import type { Condition } from '../net/condition.ts';

/** A node is a tab or process: which device it is on. The slot counts within the device. */
export interface NodePlan {
  readonly device: number;
  readonly workload: Workload;
}

export interface Workload {
  /** On average, while typing; 0 for one who only reads. */
  readonly editsPerS: number;
  /** How long, on average, one types and then does something else. Without it one types all the time. */
  readonly spells?: { readonly typesMs: number; readonly restsMs: number };
  /** Up to so many edits come in quick succession, then nothing for as long as the average wants. */
  readonly burst: number;
  /** Where: at its own caret, always at one end of the page (all at once at one place), or anywhere. */
  readonly place: 'caret' | 'end' | 'anywhere';
  /** The share of edits that delete or replace, 0..1. */
  readonly deletes: number;
  /** The page is kept around this length, in UTF-16 units. */
  readonly lengthMax: number;
  /** The share of edits that paste pages instead of words, 0..1. */
  readonly pastes: number;
}

/** What may befall a link, as JSON can say it. */
export type Shape = Partial<Omit<Condition, 'cut'>>;

/** What happens; how long for stands beside it. */
export type Harm =
  | { readonly type: 'shape'; readonly from: number; readonly to: number; readonly shape: Shape }
  | { readonly type: 'clog'; readonly from: number; readonly to: number }
  /** FoundationDB's swizzle-clog: the links of these nodes clog one node after another and clear in another order. */
  | { readonly type: 'swizzle'; readonly nodes: readonly number[]; readonly everyMs: number }
  /**
   * Nodes that share no group cannot reach each other; one in two groups is a bridge. `oneWay`: only what earlier groups
   * say to later ones is lost.
   */
  | { readonly type: 'partition'; readonly groups: readonly (readonly number[])[]; readonly oneWay: boolean }
  | { readonly type: 'signaling' }
  | { readonly type: 'crash'; readonly node: number }
  | { readonly type: 'close'; readonly node: number }
  | { readonly type: 'power'; readonly device: number }
  | { readonly type: 'freeze'; readonly node: number }
  | { readonly type: 'sleep'; readonly device: number }
  | { readonly type: 'throttle'; readonly node: number; readonly everyMs: number }
  | { readonly type: 'wall'; readonly device: number; readonly jumpMs: number }
  | { readonly type: 'drift'; readonly device: number; readonly drift: number }
  | { readonly type: 'slow'; readonly device: number; readonly ms: number }
  | { readonly type: 'full'; readonly device: number }
  | { readonly type: 'failing'; readonly device: number }
  | {
      readonly type: 'corrupt';
      readonly device: number;
      readonly record: number;
      readonly at: number;
      readonly flip: number;
    }
  | { readonly type: 'wipe'; readonly device: number }
  /** Somebody copies the profile; the copy runs beside the original. */
  | { readonly type: 'clone'; readonly device: number }
  | { readonly type: 'offline'; readonly node: number }
  | { readonly type: 'switch'; readonly node: number; readonly peer: number };

export interface Fault {
  readonly atMs: number;
  readonly forMs: number;
  /** Seeds what this one draws when it happens. */
  readonly draw: number;
  readonly harm: Harm;
}

export type HarmType = Harm['type'];

/** A peer that is no replica of ours. */
export type StrangerKind =
  | 'forger'
  | 'replayer'
  | 'flooder'
  | 'liar'
  | 'newer'
  /** Signs two batches with one number, and tells some the one and some the other. */
  | 'equivocator';

export interface Plan {
  readonly seed: string;
  readonly nodes: readonly NodePlan[];
  readonly strangers: readonly StrangerKind[];
  /** Between any two nodes, one way: each pair draws its own. */
  readonly latencyMs: readonly [number, number];
  /** What links are like when no fault touches them. */
  readonly weather: Shape;
  /** Wall clocks are off by up to this, either way, from the beginning: nobody set them wrong, no two devices agree. */
  readonly skewMs?: number;
  readonly disk: { readonly strictMs: number; readonly relaxedMs: number; readonly jitterMs: number };
  readonly documents: number;
  readonly safetyMs: number;
  readonly faults: readonly Fault[];
  /** What travels is held against what is written: nothing here repeats messages or has a reason to ask twice. */
  readonly thrifty?: boolean;
  /** Who must converge at the end; the others stay as the faults left them. All when undefined. */
  readonly core: readonly number[] | undefined;
}
