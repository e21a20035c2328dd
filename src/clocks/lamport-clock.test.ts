import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { ReplicaId } from '../base/ids.ts';
import { counterMax } from '../base/limits.ts';
import { compareLamportTime, LamportClock, type LamportTime } from './lamport-clock.ts';

const names = ['c', '1', 'f'].map(name => name.padEnd(32, '0') as ReplicaId);
const steps = fc.array(fc.record({ at: fc.nat(2), hears: fc.option(fc.nat(50), { nil: null }) }), {
  maxLength: 60,
});

/** An event and everything that came before it. */
interface Happened {
  readonly time: LamportTime;
  readonly causes: ReadonlySet<Happened>;
}

test('[CLK1] a cause has a lower time than its effect, and all events have one order', () => {
  fc.assert(
    fc.property(steps, plan => {
      const clocks = names.map(name => new LamportClock(name));
      const pasts = names.map(() => new Set<Happened>());
      const events: Happened[] = [];
      for (const { at, hears } of plan) {
        const heard = hears === null ? undefined : events[hears % Math.max(1, events.length)];
        if (heard !== undefined) {
          expect(clocks[at]!.observe(heard.time.time, 1000)).toBe(true);
          for (const cause of [...heard.causes, heard]) pasts[at]!.add(cause);
        }
        const event = { time: clocks[at]!.tick(), causes: new Set(pasts[at]) };
        for (const cause of event.causes) expect(compareLamportTime(cause.time, event.time)).toBeLessThan(0);
        pasts[at]!.add(event);
        events.push(event);
      }
      const sorted = events.map(({ time }) => time).sort(compareLamportTime);
      for (const [i, time] of sorted.slice(1).entries())
        expect(compareLamportTime(sorted[i]!, time)).toBeLessThan(0);
      for (const { time } of events) expect(compareLamportTime(time, { ...time })).toBe(0);
    }),
  );
});

test('[CLK2] a time that jumps too far, or is none, is not followed', () => {
  const clock = new LamportClock(names[0]!);
  clock.tick();
  for (const time of [0, -1, 0.5, Number.NaN, Infinity, counterMax + 1, 102])
    expect(clock.observe(time, 100)).toBe(false);
  expect(clock.last).toBe(1);
  expect(clock.observe(101, 100)).toBe(true);
  expect(clock.observe(7, 100)).toBe(true);
  expect(clock.tick()).toEqual({ time: 102, replicaId: names[0] });
  expect(clock.observe(counterMax, counterMax)).toBe(true);
  expect(() => clock.tick()).toThrow('times left');
});
