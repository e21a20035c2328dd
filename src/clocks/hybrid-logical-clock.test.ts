import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { clockDriftMaxMs } from '../base/limits.ts';
import { compareHybridTime, HybridLogicalClock, type HybridTime } from './hybrid-logical-clock.ts';

const start = 1_800_000_000_000;
const walls = fc.integer({ min: -500, max: 500 }).map(ms => start + ms);
const stamps = fc.record({
  wallMs: fc.integer({ min: -1000, max: 2 * clockDriftMaxMs }).map(ms => start + ms),
  logical: fc.nat(5),
});
type Event =
  | { readonly type: 'stamp'; readonly wallMs: number }
  | { readonly type: 'observe'; readonly wallMs: number; readonly stamp: HybridTime };
const events: fc.Arbitrary<Event[]> = fc.array(
  fc.oneof(
    fc.record({ type: fc.constant('stamp' as const), wallMs: walls }),
    fc.record({ type: fc.constant('observe' as const), wallMs: walls, stamp: stamps }),
  ),
);

describe('laws', () => {
  test('a stamp is later than every stamp given or followed before, also when the wall clock goes back', () => {
    fc.assert(
      fc.property(events, all => {
        const clock = new HybridLogicalClock();
        let latest: HybridTime = { wallMs: 0, logical: 0 };
        for (const event of all) {
          if (event.type === 'stamp') {
            const stamp = clock.stamp(event.wallMs);
            expect(compareHybridTime(stamp, latest)).toBeGreaterThan(0);
            expect(stamp.wallMs).toBeGreaterThanOrEqual(event.wallMs);
            latest = stamp;
          } else if (clock.observe(event.stamp, event.wallMs) && compareHybridTime(event.stamp, latest) > 0) {
            latest = event.stamp;
          }
        }
      }),
    );
  });

  test('[SYNC8] stamps never run further ahead of the wall clocks than the drift allowed', () => {
    fc.assert(
      fc.property(events, walls, (all, wallMs) => {
        const clock = new HybridLogicalClock();
        for (const event of all) {
          if (event.type === 'stamp') clock.stamp(event.wallMs);
          else {
            const followed = clock.observe(event.stamp, event.wallMs);
            expect(followed).toBe(event.stamp.wallMs <= event.wallMs + clockDriftMaxMs);
          }
        }
        expect(clock.stamp(wallMs).wallMs).toBeLessThanOrEqual(start + 500 + clockDriftMaxMs);
      }),
    );
  });

  test('comparing is a total order', () => {
    fc.assert(
      fc.property(stamps, stamps, stamps, (a, b, c) => {
        expect(Math.sign(compareHybridTime(a, b))).toBe(-Math.sign(compareHybridTime(b, a)) + 0);
        if (compareHybridTime(a, b) <= 0 && compareHybridTime(b, c) <= 0) {
          expect(compareHybridTime(a, c)).toBeLessThanOrEqual(0);
        }
      }),
    );
  });
});

test('[SYNC8] a stamp whose logical part nears 2^53 is not followed', () => {
  const clock = new HybridLogicalClock();
  expect(clock.observe({ wallMs: start, logical: Number.MAX_SAFE_INTEGER }, start)).toBe(false);
  expect(clock.stamp(start)).toEqual({ wallMs: start, logical: 0 });
});
