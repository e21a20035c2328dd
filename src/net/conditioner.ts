/**
 * The link conditioner: a valve and a bad network, inside our own transport, per link and direction.
 *
 * Why not the browser's own switches: DevTools throttling and Playwright's `setOffline` do not touch WebRTC,
 * `tc netem` is missing on many machines, and the simulator has neither. Here the app's switch, end-to-end
 * tests and the simulator pull one lever, and one seed replays what it did.
 *
 * The path of one frame through a direction of a link that has a condition:
 *
 *     submit ─► offline? cut? lost? ─► bandwidth: one serial line, control first ─► delay + jitter ─► due
 *                     │dropped                │too much waiting: dropped              (+ reorder hold)
 *
 * The order of impairments is netem's (Hemminger, "Network Emulation with NetEm", 2005): loss and duplication
 * on entry, rate, then delay. Departures: `reorder` holds the chosen frame back instead of letting it jump a
 * delayed queue, so that it works without a delay too; and the two lanes differ, as they do on a real channel:
 *
 * - `control` is a datagram lane. Everything may happen to it.
 * - `data` is ordered. Delay, jitter and reorder never let one of its frames overtake another. Loss and
 *   duplication do apply, which no SCTP channel would do: it is how tests prove that sync repairs a message
 *   that was lost above the channel. The message a lost frame belongs to is lost as a whole (see frames.ts).
 *
 * A link without a condition costs one map lookup, draws nothing and allocates nothing: `submit` says `pass`
 * and the caller delivers the frame itself, at once.
 *
 * Pure: time is handed in and must not go backwards. Frames are kept by reference, and a duplicate is the same
 * array twice, so nobody may write to a frame after submitting it.
 */
import { SeededRandom } from '../base/random.ts';
import { Counters } from '../base/trace.ts';
import { checkCondition, clearCondition, drawFate, isClear, type Condition } from './condition.ts';
import type { Lane, LinkId } from './transport.ts';

/** `out`: frames we send on the link; `in`: frames that arrive on it. */
export type Direction = 'out' | 'in';

/**
 * `pass`: deliver it yourself, now. `held`: `due` will return it. `dropped`: it is gone (and counted).
 * A frame that passes may still have a duplicate that is held.
 */
export type Submitted = 'pass' | 'held' | 'dropped';

export interface Delivery {
  readonly linkId: LinkId;
  readonly direction: Direction;
  readonly lane: Lane;
  readonly frame: Uint8Array;
}

/** What one direction of a link may hold. Above the send queue's 4 MiB, so backpressure acts before frames drop. */
export const heldBytesMax = 8 * 1024 * 1024;
/** What a held frame costs beside its bytes, so that a flood of empty frames is bounded as well. */
export const heldFrameOverheadBytes = 64;

interface Held extends Delivery {
  readonly state: DirectionState;
  /** Latency after the serial line: delay, jitter and reorder hold as drawn when the frame was submitted. */
  readonly latencyMs: number;
  dueMs: number;
}

interface DirectionState {
  readonly linkId: LinkId;
  readonly direction: Direction;
  /** One stream a lane: how many heartbeats there are must not decide which batch is lost. */
  readonly random: Readonly<Record<Lane, SeededRandom>>;
  condition: Condition;
  /** Frames before the serial line, oldest first. Empty unless the line is busy. */
  readonly waiting: Readonly<Record<Lane, Held[]>>;
  /** The serial line is sending until then. */
  busyUntilMs: number;
  /** When the last data frame is due: no later one may be due before it. */
  lastDataDueMs: number;
  heldBytes: number;
  heldDataFrames: number;
}

export class Conditioner {
  /** Frames dropped, by reason: `offline`, `cut`, `lost`, `queue-full`, `link-down`. */
  readonly dropped = new Counters();
  readonly #root: SeededRandom;
  readonly #links = new Map<LinkId, Record<Direction, DirectionState | undefined>>();
  /** Past the serial line, sorted by `dueMs`; equal ones in the order they came. */
  #due: Held[] = [];
  /** Directions with frames waiting for their serial line. */
  readonly #backlogged = new Set<DirectionState>();
  #online = true;
  #duplicated = 0;
  #heldFrames = 0;

  constructor(seed: number | string) {
    this.#root = new SeededRandom(seed).split('conditioner');
  }

  get online(): boolean {
    return this.#online;
  }
  /** Copies made so far: submitted + duplicated = passed + delivered + held + dropped. */
  get duplicated(): number {
    return this.#duplicated;
  }
  get heldFrames(): number {
    return this.#heldFrames;
  }
  /** Bytes held in one direction of a link, for the sender's backpressure. */
  heldBytes(linkId: LinkId, direction: Direction): number {
    return this.#links.get(linkId)?.[direction]?.heldBytes ?? 0;
  }

  /** Offline is a cut of every link in both directions; the links' own settings stay and hold again afterwards. */
  setOnline(online: boolean): void {
    this.#online = online;
    if (!online) for (const linkId of [...this.#links.keys()]) this.#dropLink(linkId, 'offline');
  }

  /** Whether the next frame would pass at once and untouched, so that it need not come by here. */
  isClear(linkId: LinkId, direction: Direction): boolean {
    return this.#online && this.#links.get(linkId)?.[direction] === undefined;
  }

  settings(linkId: LinkId, direction: Direction): Condition {
    return this.#links.get(linkId)?.[direction]?.condition ?? clearCondition;
  }

  /** Changes what `change` names and leaves the rest. Frames under way keep their latency, unless it is a cut. */
  set(linkId: LinkId, direction: Direction | 'both', change: Partial<Condition>): void {
    if (direction === 'both') {
      this.set(linkId, 'out', change);
      this.set(linkId, 'in', change);
      return;
    }
    const condition = { ...this.settings(linkId, direction), ...change };
    checkCondition(condition);
    const state = this.#stateOf(linkId, direction);
    state.condition = condition;
    if (condition.cut) this.#dropHeld(state, 'cut');
    this.#forgetIfIdle(state);
  }

  /** Back to no condition. Frames under way arrive when they are due; data frames sent now queue behind them. */
  clear(linkId: LinkId): void {
    this.set(linkId, 'both', clearCondition);
  }

  clearAll(): void {
    for (const linkId of [...this.#links.keys()]) this.clear(linkId);
  }

  /** The link below is gone, and with it what was under way. Settings stay: a cut peer that redials stays cut. */
  linkDown(linkId: LinkId): void {
    this.#dropLink(linkId, 'link-down');
  }

  submit(linkId: LinkId, direction: Direction, lane: Lane, frame: Uint8Array, nowMs: number): Submitted {
    if (!this.#online) return this.#drop('offline');
    const state = this.#links.get(linkId)?.[direction];
    if (state === undefined) return 'pass';
    const { condition } = state;
    if (condition.cut) return this.#drop('cut');

    const fate = drawFate(state.random[lane], condition, lane);
    if (fate.lost) return this.#drop('lost');
    const submitted = this.#enqueue(state, lane, frame, fate.latencyMs, nowMs);
    if (fate.copyLatencyMs !== undefined) {
      this.#duplicated++;
      // A copy never passes at once: the caller cannot deliver one frame twice.
      this.#enqueue(state, lane, frame, fate.copyLatencyMs, nowMs, 'copy');
    }
    return submitted;
  }

  /** What has arrived by now, in order of arrival. */
  due(nowMs: number): readonly Delivery[] {
    if (this.#heldFrames === 0) return NOTHING;
    for (const state of this.#backlogged) this.#advance(state, nowMs);
    let count = 0;
    while ((this.#due[count]?.dueMs ?? Infinity) <= nowMs) count++;
    if (count === 0) return NOTHING;
    const arrived = this.#due.splice(0, count);
    for (const held of arrived) this.#release(held);
    return arrived.map(({ linkId, direction, lane, frame }) => ({ linkId, direction, lane, frame }));
  }

  /** When to call `due` next; undefined when nothing is held. It may return nothing yet: ask again after it. */
  nextDueMs(): number | undefined {
    if (this.#heldFrames === 0) return undefined;
    let next = this.#due[0]?.dueMs ?? Infinity;
    for (const state of this.#backlogged) next = Math.min(next, state.busyUntilMs);
    return next;
  }

  #enqueue(
    state: DirectionState,
    lane: Lane,
    frame: Uint8Array,
    latencyMs: number,
    nowMs: number,
    copy?: 'copy',
  ): Submitted {
    this.#advance(state, nowMs);
    const lineFree = state.busyUntilMs <= nowMs && state.condition.bandwidthBytesPerS === Infinity;
    const inOrder = lane === 'control' || state.heldDataFrames === 0;
    if (lineFree && inOrder && latencyMs === 0 && copy === undefined) return 'pass';

    const cost = frame.length + heldFrameOverheadBytes;
    if (state.heldBytes + cost > heldBytesMax) return this.#drop('queue-full');
    state.heldBytes += cost;
    this.#heldFrames++;
    if (lane === 'data') state.heldDataFrames++;
    const { linkId, direction } = state;
    state.waiting[lane].push({ linkId, direction, lane, frame, state, latencyMs, dueMs: 0 });
    this.#backlogged.add(state);
    // What could be sent before now was: the line is busy beyond now, or free to begin with this frame.
    state.busyUntilMs = Math.max(state.busyUntilMs, nowMs);
    this.#advance(state, nowMs);
    return 'held';
  }

  /** Puts every waiting frame whose turn on the serial line begins by now on its way. Control goes first. */
  #advance(state: DirectionState, nowMs: number): void {
    const { control, data } = state.waiting;
    while (state.busyUntilMs <= nowMs) {
      const held = control.shift() ?? data.shift();
      if (held === undefined) break;
      state.busyUntilMs += (held.frame.length * 1000) / state.condition.bandwidthBytesPerS;
      held.dueMs = state.busyUntilMs + held.latencyMs;
      if (held.lane === 'data') {
        held.dueMs = Math.max(held.dueMs, state.lastDataDueMs);
        state.lastDataDueMs = held.dueMs;
      }
      insertSorted(this.#due, held);
    }
    if (control.length + data.length === 0) this.#backlogged.delete(state);
  }

  #drop(reason: string): 'dropped' {
    this.dropped.add(reason);
    return 'dropped';
  }

  #dropLink(linkId: LinkId, reason: string): void {
    const link = this.#links.get(linkId);
    if (link?.out !== undefined) this.#dropHeld(link.out, reason);
    if (link?.in !== undefined) this.#dropHeld(link.in, reason);
  }

  #dropHeld(state: DirectionState, reason: string): void {
    const { control, data } = state.waiting;
    const held = [...this.#due.filter(one => one.state === state), ...control.splice(0), ...data.splice(0)];
    if (held.length > 0) this.#due = this.#due.filter(one => one.state !== state);
    this.#backlogged.delete(state);
    // The frame on the serial line went as well: the line is free for what comes next.
    state.busyUntilMs = -Infinity;
    for (const one of held) {
      this.#drop(reason);
      this.#release(one);
    }
  }

  #release(held: Held): void {
    const { state } = held;
    this.#heldFrames--;
    state.heldBytes -= held.frame.length + heldFrameOverheadBytes;
    if (held.lane === 'data' && --state.heldDataFrames === 0) state.lastDataDueMs = -Infinity;
    this.#forgetIfIdle(state);
  }

  /** A direction without a condition and without frames is forgotten: it takes the fast path again. */
  #forgetIfIdle(state: DirectionState): void {
    if (state.heldBytes > 0 || !isClear(state.condition)) return;
    const link = this.#links.get(state.linkId);
    if (link?.[state.direction] !== state) return;
    link[state.direction] = undefined;
    if (link.in === undefined && link.out === undefined) this.#links.delete(state.linkId);
  }

  #stateOf(linkId: LinkId, direction: Direction): DirectionState {
    const link = this.#links.get(linkId) ?? { out: undefined, in: undefined };
    this.#links.set(linkId, link);
    const random = this.#root.split(linkId).split(direction);
    return (link[direction] ??= {
      linkId,
      direction,
      random: { control: random.split('control'), data: random.split('data') },
      condition: clearCondition,
      waiting: { control: [], data: [] },
      busyUntilMs: -Infinity,
      lastDataDueMs: -Infinity,
      heldBytes: 0,
      heldDataFrames: 0,
    });
  }
}

const NOTHING: readonly Delivery[] = Object.freeze([]);

/** Frames mostly come in the order they are due: looked for from the end, the place is found at once. */
function insertSorted(queue: Held[], held: Held): void {
  let at = queue.length;
  while (at > 0 && (queue[at - 1]?.dueMs ?? 0) > held.dueMs) at--;
  queue.splice(at, 0, held);
}
