import { expect, test } from 'vitest';
import { channelAheadMs, channelBufferedBytesMax, channelBufferedBytesMin } from '../base/limits.ts';
import { DrainMeter, firstMarkBytes } from './drain-meter.ts';

const frame = 16_384;

/**
 * A sender with more to send than the link carries: it fills up to the mark whenever it looks, every `everyMs`. The most
 * that was in the channel in the last second, in milliseconds of the link.
 */
function fill(meter: DrainMeter, bytesPerS: number, forMs: number, everyMs = 10, from = { atMs: 0 }): number {
  let buffered = 0;
  let most = 0;
  const endMs = from.atMs + forMs;
  for (; from.atMs < endMs; from.atMs += everyMs) {
    buffered = Math.max(0, buffered - (bytesPerS * everyMs) / 1000);
    meter.saw(buffered, from.atMs);
    while (buffered < meter.markBytes) {
      buffered += frame;
      meter.put(frame);
    }
    if (from.atMs >= endMs - 1000) most = Math.max(most, buffered);
  }
  return (most * 1000) / bytesPerS;
}

const mbit = 125_000;

test('[NET94] before anything was measured a channel takes the first mark', () => {
  expect(new DrainMeter().markBytes).toBe(firstMarkBytes);
});

for (const [name, bytesPerS] of [
  ['1 Mbit/s', mbit],
  ['8 Mbit/s', 8 * mbit],
  ['30 Mbit/s', 30 * mbit],
] as const) {
  test(`[NET94] at ${name} no more waits in the channel than leaves in ${channelAheadMs} ms, and a frame`, () => {
    const oneFrameMs = (frame * 1000) / bytesPerS;
    const leastMs = (channelBufferedBytesMin * 1000) / bytesPerS;
    const most = fill(new DrainMeter(), bytesPerS, 10_000);
    expect(most).toBeLessThanOrEqual(Math.max(leastMs, channelAheadMs * 1.1) + oneFrameMs);
    expect(most).toBeGreaterThan(channelAheadMs / 2);
  });
}

test('[NET94] a slow link keeps two frames, a fast one a megabyte', () => {
  const slow = new DrainMeter();
  fill(slow, 4_000, 60_000);
  expect(slow.markBytes).toBe(channelBufferedBytesMin);
  const fast = new DrainMeter();
  fill(fast, 100_000_000, 2_000, 1);
  expect(fast.markBytes).toBe(channelBufferedBytesMax);
});

test('[NET94] a link that becomes slow is seen within seconds, although its channel never runs empty', () => {
  const meter = new DrainMeter();
  const clock = { atMs: 0 };
  fill(meter, 80 * mbit, 3_000, 10, clock);
  expect(meter.markBytes).toBe(channelBufferedBytesMax);
  fill(meter, mbit, 3_000, 250, clock);
  expect(meter.markBytes).toBeLessThan(2 * channelBufferedBytesMin);
});

test('[NET94] typing, which never fills a channel, says nothing of how fast the network is', () => {
  const meter = new DrainMeter();
  for (let atMs = 0; atMs < 60_000; atMs += 150) {
    meter.saw(0, atMs);
    meter.put(120);
    meter.saw(0, atMs + 2);
  }
  expect(meter.markBytes).toBe(firstMarkBytes);
  expect(meter.rateBytesPerS).toBeUndefined();
});
