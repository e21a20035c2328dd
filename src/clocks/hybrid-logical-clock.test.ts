import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { decode, Writer } from '../base/codec.ts';
import { clockDriftMaxMs, stampLogicalMax, stampWallMsMax } from '../base/limits.ts';
import {
  compareHybridTime,
  HybridLogicalClock,
  isHybridTime,
  lastHybridTime,
  nextHybridTime,
  readHybridTime,
  writeHybridTime,
  type HybridTime,
} from './hybrid-logical-clock.ts';

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
  test('[CLK6] a stamp is later than every stamp given or followed before, also when the wall clock goes back', () => {
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

/** Anything a stamp can be, the ends of the range often. */
const anyStamp: fc.Arbitrary<HybridTime> = fc.record({
  wallMs: fc.oneof(
    fc.constantFrom(
      0,
      start - 1,
      start,
      start + clockDriftMaxMs,
      start + clockDriftMaxMs + 1,
      stampWallMsMax,
    ),
    fc.nat(stampWallMsMax),
  ),
  logical: fc.oneof(fc.constantFrom(0, stampLogicalMax - 1, stampLogicalMax), fc.nat(stampLogicalMax)),
});

describe('stamps for what overwrites', () => {
  test('[CLK7] a stamp beats the one it overwrites and every one given before, whatever others stamped', () => {
    fc.assert(
      fc.property(fc.array(fc.tuple(walls, fc.option(anyStamp, { nil: undefined }))), all => {
        const clock = new HybridLogicalClock();
        let own: HybridTime = { wallMs: 0, logical: 0 };
        for (const [wallMs, overwritten] of all) {
          const stamp = clock.stampOver(overwritten, wallMs);
          expect(isHybridTime(stamp)).toBe(true);
          if (overwritten !== undefined && compareHybridTime(overwritten, lastHybridTime) < 0)
            expect(compareHybridTime(stamp, overwritten)).toBeGreaterThan(0);
          const next = clock.stamp(wallMs);
          expect(compareHybridTime(next, own)).toBeGreaterThan(0);
          own = next;
          // One stamp at the very end of the drift allowed may be followed by the millisecond after it.
          expect(own.wallMs).toBeLessThanOrEqual(start + 500 + clockDriftMaxMs + 1);
        }
      }),
    );
  });

  test('[CLK7] a stamp from the far future is beaten by one step and not followed; one within the drift is', () => {
    const clock = new HybridLogicalClock();
    const far = { wallMs: start + clockDriftMaxMs + 1, logical: 3 };
    expect(clock.stampOver(far, start)).toEqual({ ...far, logical: 4 });
    expect(clock.stamp(start)).toEqual({ wallMs: start, logical: 1 });
    const near = { wallMs: start + clockDriftMaxMs, logical: 3 };
    expect(clock.stampOver(near, start)).toEqual({ ...near, logical: 4 });
    expect(clock.stamp(start)).toEqual({ ...near, logical: 5 });
    expect(clock.stampOver({ wallMs: 5, logical: 0 }, start)).toEqual({ ...near, logical: 6 });
  });

  test('[CLK8] the step after a stamp is the next one in range, and only the last has none', () => {
    expect(nextHybridTime({ wallMs: 7, logical: stampLogicalMax })).toEqual({ wallMs: 8, logical: 0 });
    expect(nextHybridTime(lastHybridTime)).toEqual(lastHybridTime);
    fc.assert(
      fc.property(anyStamp, anyStamp, (a, b) => {
        const next = nextHybridTime(a);
        expect(isHybridTime(next)).toBe(true);
        expect(compareHybridTime(a, lastHybridTime)).toBeLessThanOrEqual(0);
        if (compareHybridTime(a, b) < 0) expect(compareHybridTime(next, b)).toBeLessThanOrEqual(0);
        const writer = new Writer();
        writeHybridTime(writer, next);
        expect(decode(writer.finish(), readHybridTime)).toEqual({ ok: true, value: next });
      }),
    );
    for (const [wallMs, logical] of [
      [stampWallMsMax + 1, 0],
      [0, stampLogicalMax + 1],
    ] as const) {
      const bytes = new Writer().varUint(wallMs).varUint(logical).finish();
      expect(decode(bytes, readHybridTime)).toEqual({ ok: false, reason: 'number too large' });
      expect(isHybridTime({ wallMs, logical })).toBe(false);
    }
  });

  test('[CLK8] a wall clock that is out of range or not whole still gives stamps in range', () => {
    for (const wallMs of [-5, 1.5, 2 ** 53, Infinity]) {
      const clock = new HybridLogicalClock();
      for (let i = 0; i < 3; i++) expect(isHybridTime(clock.stamp(wallMs))).toBe(true);
      expect(isHybridTime(clock.stampOver(lastHybridTime, wallMs))).toBe(true);
    }
  });
});
