/**
 * What is wrong with one direction of a link, as numbers, and what that means for one frame. The conditioner
 * (`conditioner.ts`) keeps the queues.
 */
import { assert } from '../base/assert.ts';
import type { SeededRandom } from '../base/random.ts';
import type { Lane } from './transport.ts';

export interface Condition {
  /** Nothing passes; what is under way is dropped. */
  readonly cut: boolean;
  /** Every frame arrives this much later. */
  readonly delayMs: number;
  /** … and up to this much later still, evenly spread. */
  readonly jitterMs: number;
  /** Share of frames that vanish, 0..1. */
  readonly loss: number;
  /** Share of frames that arrive twice, 0..1. */
  readonly duplicate: number;
  /** Share of control frames held back by up to `reorderHoldMs`, so that later ones overtake them, 0..1. */
  readonly reorder: number;
  /** Bytes per second, both lanes together; `Infinity` is no limit. */
  readonly bandwidthBytesPerS: number;
}

export const clearCondition: Condition = Object.freeze({
  cut: false,
  delayMs: 0,
  jitterMs: 0,
  loss: 0,
  duplicate: 0,
  reorder: 0,
  bandwidthBytesPerS: Infinity,
});

/** How long a reordered frame is held at most: long enough for several heartbeats' worth of traffic to overtake. */
export const reorderHoldMs = 50;

/** What becomes of one frame. */
interface Fate {
  readonly lost: boolean;
  readonly latencyMs: number;
  /** Set when the frame arrives twice. */
  readonly copyLatencyMs: number | undefined;
}

/**
 * Every frame draws the same number of times whatever the settings are, so that raising the loss changes which
 * frames are lost and nothing else: two runs that differ in one setting stay comparable.
 */
export function drawFate(random: SeededRandom, condition: Condition, lane: Lane): Fate {
  const lost = random.fraction() < condition.loss;
  const duplicated = random.fraction() < condition.duplicate;
  const reordered = random.fraction() < condition.reorder && lane === 'control';
  const hold = random.fraction() * reorderHoldMs;
  const jitter = random.fraction() * condition.jitterMs;
  const copyJitter = random.fraction() * condition.jitterMs;
  return {
    lost,
    latencyMs: condition.delayMs + jitter + (reordered ? hold : 0),
    copyLatencyMs: duplicated ? condition.delayMs + copyJitter : undefined,
  };
}

export function checkCondition(condition: Condition): void {
  for (const share of ['loss', 'duplicate', 'reorder'] as const)
    assert(condition[share] >= 0 && condition[share] <= 1, `${share} must be within 0..1`);
  for (const time of ['delayMs', 'jitterMs'] as const)
    assert(condition[time] >= 0 && condition[time] < Infinity, `${time} must be finite and not negative`);
  assert(condition.bandwidthBytesPerS > 0, 'bandwidthBytesPerS must be above 0; use cut to stop a link');
}

export function isClear(condition: Condition): boolean {
  return (
    !condition.cut &&
    condition.delayMs === 0 &&
    condition.jitterMs === 0 &&
    condition.loss === 0 &&
    condition.duplicate === 0 &&
    condition.reorder === 0 &&
    condition.bandwidthBytesPerS === Infinity
  );
}
