import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { clearCondition, reorderHoldMs, type Condition } from './condition.ts';
import {
  Conditioner,
  heldBytesMax,
  heldFrameOverheadBytes,
  type Delivery,
  type Direction,
} from './conditioner.ts';
import type { Lane } from './transport.ts';

const frameOf = (tag: number, bytes = 4): Uint8Array => {
  const frame = new Uint8Array(Math.max(bytes, 4));
  new DataView(frame.buffer).setUint32(0, tag);
  return frame;
};
const tagOf = (frame: Uint8Array): number => new DataView(frame.buffer).getUint32(0);
const tags = (deliveries: readonly Delivery[]): number[] => deliveries.map(one => tagOf(one.frame));

describe('a link without a condition', () => {
  test('[NET10] passes every frame at once and holds nothing', () => {
    const conditioner = new Conditioner(1);
    conditioner.set('other', 'both', { cut: true });
    expect(conditioner.submit('a', 'out', 'data', frameOf(1), 0)).toBe('pass');
    expect(conditioner.submit('a', 'in', 'control', frameOf(2), 0)).toBe('pass');
    expect(conditioner.heldFrames).toBe(0);
    expect(conditioner.nextDueMs()).toBeUndefined();
    expect(conditioner.settings('a', 'out')).toBe(clearCondition);
  });

  test('[NET10] a condition that is cleared leaves the fast path behind it', () => {
    const conditioner = new Conditioner(1);
    conditioner.set('a', 'both', { delayMs: 10 });
    conditioner.clear('a');
    expect(conditioner.submit('a', 'out', 'data', frameOf(1), 0)).toBe('pass');
    conditioner.set('a', 'out', { loss: 1 });
    conditioner.clearAll();
    expect(conditioner.submit('a', 'out', 'data', frameOf(1), 0)).toBe('pass');
  });

  test('[NET15] data sent after a clear queues behind data still under way; control does not', () => {
    const conditioner = new Conditioner(1);
    conditioner.set('a', 'out', { delayMs: 100 });
    conditioner.submit('a', 'out', 'data', frameOf(1), 0);
    conditioner.clear('a');
    expect(conditioner.submit('a', 'out', 'data', frameOf(2), 10)).toBe('held');
    expect(conditioner.submit('a', 'out', 'control', frameOf(3), 10)).toBe('pass');
    expect(conditioner.due(99)).toEqual([]);
    expect(tags(conditioner.due(100))).toEqual([1, 2]);
    expect(conditioner.submit('a', 'out', 'data', frameOf(4), 101)).toBe('pass');
  });
});

describe('a cut', () => {
  test('[NET11] drops new frames and those under way, in its direction only', () => {
    const conditioner = new Conditioner(1);
    conditioner.set('a', 'both', { delayMs: 10 });
    conditioner.submit('a', 'out', 'data', frameOf(1), 0);
    conditioner.submit('a', 'in', 'data', frameOf(2), 0);
    conditioner.set('a', 'out', { cut: true });
    expect(conditioner.submit('a', 'out', 'control', frameOf(3), 0)).toBe('dropped');
    expect(conditioner.submit('a', 'in', 'control', frameOf(4), 0)).toBe('held');
    expect(tags(conditioner.due(1000))).toEqual([2, 4]);
    expect(conditioner.dropped.get('cut')).toBe(2);
  });

  test('[NET12] offline cuts every link, and the links keep their own settings', () => {
    const conditioner = new Conditioner(1);
    conditioner.set('a', 'out', { delayMs: 10 });
    conditioner.submit('a', 'out', 'data', frameOf(1), 0);
    conditioner.setOnline(false);
    expect(conditioner.heldFrames).toBe(0);
    expect(conditioner.submit('b', 'in', 'data', frameOf(2), 0)).toBe('dropped');
    conditioner.setOnline(true);
    expect(conditioner.submit('b', 'in', 'data', frameOf(3), 0)).toBe('pass');
    expect(conditioner.settings('a', 'out').delayMs).toBe(10);
    expect(conditioner.dropped.get('offline')).toBe(2);
  });

  test('[NET13] a link that goes down loses what was under way and keeps its settings', () => {
    const conditioner = new Conditioner(1);
    conditioner.set('a', 'both', { bandwidthBytesPerS: 1000 });
    for (let i = 0; i < 5; i++) conditioner.submit('a', 'out', 'data', frameOf(i, 1000), 0);
    conditioner.linkDown('a');
    expect(conditioner.heldFrames).toBe(0);
    expect(conditioner.settings('a', 'out').bandwidthBytesPerS).toBe(1000);
    // The serial line does not stay busy with what died.
    conditioner.submit('a', 'out', 'data', frameOf(9, 1000), 10);
    expect(conditioner.nextDueMs()).toBe(1010);
  });
});

describe('one setting at a time', () => {
  test('[NET14] delay holds a frame for exactly that long; jitter adds less than its bound', () => {
    const conditioner = new Conditioner(1);
    conditioner.set('a', 'out', { delayMs: 40 });
    expect(conditioner.submit('a', 'out', 'control', frameOf(1), 5)).toBe('held');
    expect(conditioner.nextDueMs()).toBe(45);
    conditioner.set('a', 'out', { jitterMs: 20 });
    for (let i = 0; i < 100; i++) conditioner.submit('a', 'out', 'control', frameOf(i), 100);
    conditioner.due(139.999);
    expect(conditioner.heldFrames).toBe(100);
    expect(conditioner.due(160)).toHaveLength(100);
  });

  test('[NET16] loss takes about its share, none at 0 and all at 1', () => {
    const conditioner = new Conditioner(1);
    for (const [loss, least, most] of [
      [0.2, 150, 250],
      [0, 0, 0],
      [1, 1000, 1000],
    ] as const) {
      const before = conditioner.dropped.get('lost');
      conditioner.set('a', 'out', { loss });
      for (let i = 0; i < 1000; i++) conditioner.submit('a', 'out', 'data', frameOf(i), 0);
      const lost = conditioner.dropped.get('lost') - before;
      expect(lost).toBeGreaterThanOrEqual(least);
      expect(lost).toBeLessThanOrEqual(most);
    }
  });

  test('[NET16] a duplicated frame passes at once and comes a second time', () => {
    const conditioner = new Conditioner(1);
    conditioner.set('a', 'out', { duplicate: 1 });
    expect(conditioner.submit('a', 'out', 'control', frameOf(7), 0)).toBe('pass');
    expect(tags(conditioner.due(0))).toEqual([7]);
    expect(conditioner.duplicated).toBe(1);
  });

  test('[NET15] reorder lets later control frames overtake, and never data frames', () => {
    const conditioner = new Conditioner(1);
    conditioner.set('a', 'out', { reorder: 0.5, jitterMs: 30 });
    for (let i = 0; i < 50; i++) {
      conditioner.submit('a', 'out', 'control', frameOf(i), 0);
      conditioner.submit('a', 'out', 'data', frameOf(i), 0);
    }
    const arrived = conditioner.due(30 + reorderHoldMs);
    const ofLane = (lane: Lane): number[] => tags(arrived.filter(one => one.lane === lane));
    const sent = Array.from({ length: 50 }, (_, i) => i);
    expect(ofLane('data')).toEqual(sent);
    expect(ofLane('control')).not.toEqual(sent);
    expect(ofLane('control').sort((a, b) => a - b)).toEqual(sent);
  });

  test('[NET15] reorder alone does not even delay a data frame', () => {
    const conditioner = new Conditioner(1);
    conditioner.set('a', 'out', { reorder: 1 });
    expect(conditioner.submit('a', 'out', 'data', frameOf(1), 0)).toBe('pass');
    expect(conditioner.submit('a', 'out', 'control', frameOf(2), 0)).toBe('held');
  });

  test('[NET17] bandwidth sends one frame after the other, control before waiting data', () => {
    const conditioner = new Conditioner(1);
    conditioner.set('a', 'out', { bandwidthBytesPerS: 1000 });
    conditioner.submit('a', 'out', 'data', frameOf(1, 100), 0);
    conditioner.submit('a', 'out', 'data', frameOf(2, 100), 0);
    conditioner.submit('a', 'out', 'control', frameOf(3, 10), 0);
    expect(conditioner.due(99)).toEqual([]);
    expect(tags(conditioner.due(100))).toEqual([1]);
    expect(tags(conditioner.due(110))).toEqual([3]);
    expect(conditioner.due(209)).toEqual([]);
    expect(tags(conditioner.due(210))).toEqual([2]);
    expect(conditioner.nextDueMs()).toBeUndefined();
  });

  test('[NET18] what waits is bounded in bytes, empty frames included, and drops are counted', () => {
    const conditioner = new Conditioner(1);
    conditioner.set('a', 'out', { delayMs: 1000 });
    const fit = heldBytesMax / heldFrameOverheadBytes;
    const empty = new Uint8Array();
    for (let i = 0; i < fit + 10; i++) conditioner.submit('a', 'out', 'data', empty, 0);
    expect(conditioner.heldBytes('a', 'out')).toBe(heldBytesMax);
    expect(conditioner.dropped.get('queue-full')).toBe(10);
    expect(conditioner.due(1000)).toHaveLength(fit);
    expect(conditioner.heldBytes('a', 'out')).toBe(0);
  });

  test('settings outside their range are a programmer’s error', () => {
    const conditioner = new Conditioner(1);
    for (const bad of [{ loss: 1.1 }, { duplicate: -1 }, { reorder: NaN }, { delayMs: Infinity }])
      expect(() => {
        conditioner.set('a', 'out', bad);
      }).toThrow();
    expect(() => {
      conditioner.set('a', 'out', { bandwidthBytesPerS: 0 });
    }).toThrow('cut');
    expect(conditioner.settings('a', 'out')).toBe(clearCondition);
  });
});

// ——— Laws over random histories ———

type Step =
  | { type: 'submit'; link: string; direction: Direction; lane: Lane; bytes: number }
  | { type: 'set'; link: string; direction: Direction | 'both'; change: Partial<Condition> }
  | { type: 'clear' | 'linkDown'; link: string }
  | { type: 'online'; online: boolean }
  | { type: 'wait'; ms: number };

const link = fc.constantFrom('a', 'b');
const direction = fc.constantFrom<Direction>('out', 'in');
const lane = fc.constantFrom<Lane>('control', 'data');
const share = fc.constantFrom(0, 0.3, 1);
const change = fc.record(
  {
    cut: fc.boolean(),
    delayMs: fc.constantFrom(0, 20, 500),
    jitterMs: fc.constantFrom(0, 50),
    loss: fc.constantFrom(0, 0.3),
    duplicate: share,
    reorder: share,
    bandwidthBytesPerS: fc.constantFrom(500, 10_000, Infinity),
  },
  { requiredKeys: [] },
);
const submitStep = fc.record({
  type: fc.constant('submit' as const),
  link,
  direction,
  lane,
  bytes: fc.integer({ min: 4, max: 400 }),
});
const step: fc.Arbitrary<Step> = fc.oneof(
  { weight: 12, arbitrary: submitStep },
  { weight: 4, arbitrary: fc.record({ type: fc.constant('wait' as const), ms: fc.nat(100) }) },
  {
    weight: 2,
    arbitrary: fc.record({
      type: fc.constant('set' as const),
      link,
      direction: fc.constantFrom<Direction | 'both'>('out', 'in', 'both'),
      change,
    }),
  },
  { weight: 1, arbitrary: fc.record({ type: fc.constantFrom('clear' as const, 'linkDown' as const), link }) },
  { weight: 1, arbitrary: fc.record({ type: fc.constant('online' as const), online: fc.boolean() }) },
);

interface Arrival extends Delivery {
  readonly atMs: number;
}

/** Plays the steps. Every arrival is checked against the cuts at that moment; the log is in order of arrival. */
function play(conditioner: Conditioner, steps: readonly Step[], drain: boolean) {
  let nowMs = 0;
  let submitted = 0;
  const log: Arrival[] = [];
  const arrive = (delivery: Delivery, atMs: number): void => {
    expect(conditioner.online).toBe(true);
    expect(conditioner.settings(delivery.linkId, delivery.direction).cut).toBe(false);
    log.push({ ...delivery, atMs });
  };
  const runUntil = (endMs: number): void => {
    for (let next = conditioner.nextDueMs(); next !== undefined && next <= endMs;) {
      const deliveries = conditioner.due(next);
      for (const delivery of deliveries) arrive(delivery, next);
      const after = conditioner.nextDueMs();
      expect(after === undefined || after > next).toBe(true);
      next = after;
    }
  };
  for (const one of steps) {
    switch (one.type) {
      case 'submit': {
        const frame = frameOf(++submitted, one.bytes);
        const verdict = conditioner.submit(one.link, one.direction, one.lane, frame, nowMs);
        const { link: linkId, direction: way, lane: on } = one;
        if (verdict === 'pass') arrive({ linkId, direction: way, lane: on, frame }, nowMs);
        // A caller keeps the order of arrival: what is due now is delivered before anything else is done.
        runUntil(nowMs);
        break;
      }
      case 'set':
        conditioner.set(one.link, one.direction, one.change);
        break;
      case 'clear':
        conditioner.clear(one.link);
        break;
      case 'linkDown':
        conditioner.linkDown(one.link);
        break;
      case 'online':
        conditioner.setOnline(one.online);
        break;
      case 'wait':
        runUntil(nowMs + one.ms);
        nowMs += one.ms;
        break;
    }
  }
  if (drain) runUntil(Infinity);
  return { submitted, log };
}

const dropsOf = (conditioner: Conditioner): number =>
  [...conditioner.dropped.entries().values()].reduce((sum, count) => sum + count, 0);

describe('laws', () => {
  test('[NET19] submitted and duplicated frames are delivered, dropped or held, each exactly once', () => {
    fc.assert(
      fc.property(fc.integer(), fc.array(step, { maxLength: 120 }), fc.boolean(), (seed, steps, drain) => {
        const conditioner = new Conditioner(seed);
        const { submitted, log } = play(conditioner, steps, drain);
        const { duplicated, heldFrames } = conditioner;
        expect(log.length + dropsOf(conditioner) + heldFrames).toBe(submitted + duplicated);
        if (!drain) return;
        expect(heldFrames).toBe(0);
        for (const name of ['a', 'b'])
          for (const way of ['out', 'in'] as const) expect(conditioner.heldBytes(name, way)).toBe(0);
      }),
      { numRuns: 300 },
    );
  });

  test('[NET15] data frames of one direction never overtake each other', () => {
    fc.assert(
      fc.property(fc.integer(), fc.array(step, { maxLength: 120 }), (seed, steps) => {
        const { log } = play(new Conditioner(seed), steps, true);
        const lastOf = new Map<string, number>();
        for (const { linkId, direction: way, lane: on, frame } of log) {
          if (on !== 'data') continue;
          const last = lastOf.get(linkId + way) ?? 0;
          expect(tagOf(frame)).toBeGreaterThanOrEqual(last);
          lastOf.set(linkId + way, tagOf(frame));
        }
      }),
      { numRuns: 300 },
    );
  });

  test('[NET20] the same seed and inputs give the same arrivals', () => {
    fc.assert(
      fc.property(fc.integer(), fc.array(step, { maxLength: 80 }), (seed, steps) => {
        expect(play(new Conditioner(seed), steps, true)).toEqual(play(new Conditioner(seed), steps, true));
      }),
      { numRuns: 100 },
    );
  });

  test('[NET20] what happens on one link or direction does not change another’s draws', () => {
    fc.assert(
      fc.property(fc.integer(), fc.array(step, { maxLength: 80 }), (seed, steps) => {
        const onA = steps.filter(one => !('link' in one) || one.link === 'a');
        const only = (log: readonly Arrival[]): unknown =>
          log
            .filter(one => one.linkId === 'a')
            .map(one => [one.lane, one.direction, one.frame.length, one.atMs]);
        expect(only(play(new Conditioner(seed), steps, true).log)).toEqual(
          only(play(new Conditioner(seed), onA, true).log),
        );
      }),
      { numRuns: 200 },
    );
  });

  test('[NET20] how many control frames there are does not change which data frames are lost; the seed does', () => {
    const lostData = (seed: number, controlFrames: number): number[] => {
      const conditioner = new Conditioner(seed);
      conditioner.set('a', 'out', { loss: 0.5 });
      const lost: number[] = [];
      for (let i = 0; i < 40; i++) {
        for (let n = 0; n < controlFrames; n++) conditioner.submit('a', 'out', 'control', frameOf(i), 0);
        if (conditioner.submit('a', 'out', 'data', frameOf(i), 0) === 'dropped') lost.push(i);
      }
      return lost;
    };
    expect(lostData(1, 0)).toEqual(lostData(1, 3));
    expect(lostData(1, 0)).not.toEqual(lostData(2, 0));
  });

  test('[NET17] within any window no more bytes arrive than the bandwidth allows, and one frame', () => {
    const frames = fc.array(fc.tuple(fc.nat(60), lane, fc.integer({ min: 4, max: 400 })), { maxLength: 60 });
    fc.assert(
      fc.property(fc.integer(), frames, fc.constantFrom(0, 0.5), (seed, list, duplicate) => {
        const conditioner = new Conditioner(seed);
        const rate = 2000;
        conditioner.set('a', 'out', { bandwidthBytesPerS: rate, duplicate });
        const steps = list.flatMap(([ms, on, bytes]): Step[] => [
          { type: 'wait', ms },
          { type: 'submit', link: 'a', direction: 'out', lane: on, bytes },
        ]);
        const { log } = play(conditioner, steps, true);
        for (let from = 0; from < log.length; from++) {
          let bytes = 0;
          for (const { frame, atMs } of log.slice(from)) {
            const windowMs = atMs - (log[from]?.atMs ?? 0);
            bytes += frame.length;
            // The window begins when its first frame was already there: that frame's own bytes come on top.
            expect(bytes - (log[from]?.frame.length ?? 0)).toBeLessThanOrEqual(
              (windowMs * rate) / 1000 + 1e-6,
            );
          }
        }
      }),
      { numRuns: 200 },
    );
  });
});
