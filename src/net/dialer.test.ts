import { describe, expect, test } from 'vitest';
import { SeededRandom } from '../base/random.ts';
import { backoffMaxMs, backoffMs, Dialer, dialTimeoutMs } from './dialer.ts';

const low = '1'.repeat(32);
const high = 'f'.repeat(32);
const dialerOf = (self: string) => new Dialer(self, new SeededRandom(7));

describe('who dials whom', () => {
  test('[NET40] of two peers exactly one dials, so offers never cross', () => {
    expect(dialerOf(high).dials(low)).toBe(true);
    expect(dialerOf(low).dials(high)).toBe(false);
    const [dialling, waiting] = [dialerOf(high), dialerOf(low)];
    dialling.present(low, 0);
    waiting.present(high, 0);
    expect(dialling.due(0)).toEqual([{ type: 'dial', peer: low }]);
    expect(waiting.due(0)).toEqual([]);
  });

  test('[NET41] the one who waits asks to be dialled after a moment', () => {
    const waiting = dialerOf(low);
    waiting.present(high, 0);
    expect(waiting.due(1_999)).toEqual([]);
    expect(waiting.due(2_000)).toEqual([{ type: 'ask', peer: high }]);
  });

  test('[NET42] an attempt that does not open is given up; an open link is left alone', () => {
    const dialer = dialerOf(high);
    dialer.present(low, 0);
    dialer.due(0);
    dialer.dialling(low, 0);
    expect(dialer.due(dialTimeoutMs - 1)).toEqual([]);
    expect(dialer.due(dialTimeoutMs)).toEqual([{ type: 'give-up', peer: low }]);
    dialer.opened(low);
    expect(dialer.due(10 * dialTimeoutMs)).toEqual([]);
  });

  test('[NET43] a lost link to a peer that is still there is dialled again, later and later, within a bound', () => {
    const random = new SeededRandom(1);
    let last = 0;
    for (let failures = 0; failures < 12; failures++) {
      const ms = backoffMs(random, failures);
      expect(ms).toBeLessThanOrEqual(backoffMaxMs);
      if (failures > 0 && failures < 5) expect(ms).toBeGreaterThan(last / 4);
      last = ms;
    }
    const dialer = dialerOf(high);
    dialer.opened(low);
    dialer.closed(low, true, 1000);
    expect(dialer.due(1000)).toEqual([]);
    expect(dialer.due(1000 + backoffMaxMs)).toEqual([{ type: 'dial', peer: low }]);
  });

  test('[NET44] a peer that left is forgotten unless its link is open; a switch turned on hurries', () => {
    const dialer = dialerOf(high);
    dialer.present(low, 0);
    dialer.absent(low);
    expect(dialer.due(100_000)).toEqual([]);
    dialer.opened(low);
    dialer.absent(low);
    dialer.closed(low, true, 0);
    dialer.hurry(1, low);
    expect(dialer.due(1)).toEqual([{ type: 'dial', peer: low }]);
  });
});
