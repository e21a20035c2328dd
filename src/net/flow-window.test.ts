import { expect, test } from 'vitest';
import { channelAheadMs, channelBufferedBytesMax, channelBufferedBytesMin } from '../base/limits.ts';
import { SeededRandom } from '../base/random.ts';
import { firstWindowBytes, FlowWindow, overdueMs } from './flow-window.ts';
import { Receipts } from './receipts.ts';

const frame = 16_384;
const mbit = 125_000;

interface Line {
  bytesPerS: number;
  /** Each way. */
  readonly delayMs: number;
  /** Share of the receipts that are lost. */
  readonly loss?: number;
}

/** A sender that always has more to send, a line that delivers one frame after the other, and an end that receipts. */
class Transfer {
  readonly window = new FlowWindow();
  readonly #receipts = new Receipts();
  readonly #random = new SeededRandom('receipts');
  readonly #line: Line;
  readonly #onLine: { readonly bytes: number; readonly atMs: number }[] = [];
  readonly #told: { readonly total: number; readonly atMs: number }[] = [];
  #freeMs = 0;
  #heard = 0;
  #putBytes = 0;
  #cameBytes = 0;
  nowMs = 0;
  /** The longest that a control message would have waited behind data, since this was set to 0. */
  worstMs = 0;

  constructor(line: Line) {
    this.#line = line;
  }

  get cameBytes(): number {
    return this.#cameBytes;
  }

  run(forMs: number): this {
    for (const endMs = this.nowMs + forMs; this.nowMs < endMs; this.nowMs++) this.#step();
    return this;
  }

  #step(): void {
    const { nowMs } = this;
    const { delayMs, loss = 0 } = this.#line;
    for (let next = this.#onLine[0]; next !== undefined && next.atMs <= nowMs; next = this.#onLine[0]) {
      this.#onLine.shift();
      this.#cameBytes += next.bytes;
      this.#receipts.came(next.bytes);
      const total = this.#receipts.due(nowMs);
      if (total !== undefined && this.#random.fraction() >= loss)
        this.#told.push({ total, atMs: nowMs + delayMs });
    }
    if (nowMs % 250 === 0) {
      const total = this.#receipts.due(nowMs, true);
      if (total !== undefined && this.#random.fraction() >= loss)
        this.#told.push({ total, atMs: nowMs + delayMs });
    }
    for (let next = this.#told[0]; next !== undefined && next.atMs <= nowMs; next = this.#told[0]) {
      this.#told.shift();
      this.#heard++;
      this.window.receipted(next.total, nowMs);
    }
    // The channel itself hides what it has sent: all of it, as soon as we know better.
    while (this.window.hasRoom(this.#heard === 0 ? this.#putBytes : 0, nowMs)) this.put(frame);
    this.worstMs = Math.max(this.worstMs, this.#freeMs - nowMs);
  }

  put(bytes: number): void {
    this.window.put(bytes, this.nowMs);
    this.#putBytes += bytes;
    this.#freeMs = Math.max(this.#freeMs, this.nowMs) + (bytes * 1000) / this.#line.bytesPerS;
    this.#onLine.push({ bytes, atMs: this.#freeMs + this.#line.delayMs });
  }
}

test('[NET94] before anything was receipted the first window is under way', () => {
  const window = new FlowWindow();
  while (window.hasRoom(0, 0)) window.put(frame, 0);
  expect(window.receipted(firstWindowBytes, 1)).toBe('taken');
  expect(window.receipted(firstWindowBytes + 1, 1)).toBe('beyond');
});

test('[NET112] an end that sends no receipts is held to the first window of what its channel shows', () => {
  const window = new FlowWindow();
  while (window.hasRoom(0, 0)) window.put(frame, 0);
  expect(window.hasRoom(0, overdueMs - 1)).toBe(false);
  for (let at = overdueMs; at < 2 * overdueMs; at++) {
    expect(window.hasRoom(firstWindowBytes - 1, at)).toBe(true);
    expect(window.hasRoom(firstWindowBytes, at)).toBe(false);
    window.put(frame, at);
  }
});

for (const [name, bytesPerS] of [
  ['1 Mbit/s', mbit],
  ['8 Mbit/s', 8 * mbit],
  ['30 Mbit/s', 30 * mbit],
] as const) {
  for (const delayMs of [1, 20, 150]) {
    test(`[NET94] at ${name} and ${delayMs} ms what is under way waits no longer than ${channelAheadMs} ms and its own frames`, () => {
      const transfer = new Transfer({ bytesPerS, delayMs }).run(10_000);
      transfer.worstMs = 0;
      const before = transfer.cameBytes;
      transfer.run(20_000);
      const framesMs = (3 * frame * 1000) / bytesPerS;
      expect(transfer.worstMs).toBeLessThanOrEqual(channelAheadMs * 1.3 + framesMs);
      // … and the line is never left without work for long.
      expect(transfer.cameBytes - before).toBeGreaterThan(0.9 * 20 * Math.min(bytesPerS, rateAt(delayMs)));
    });
  }
}

/** What a megabyte under way can carry over a round trip. */
function rateAt(delayMs: number): number {
  return (channelBufferedBytesMax * 1000) / (2 * delayMs);
}

test('[NET94] a slow line keeps two frames, a fast one a megabyte', () => {
  expect(new Transfer({ bytesPerS: 4_000, delayMs: 5 }).run(120_000).window.windowBytes).toBe(
    channelBufferedBytesMin,
  );
  expect(new Transfer({ bytesPerS: 100_000_000, delayMs: 1 }).run(2_000).window.windowBytes).toBe(
    channelBufferedBytesMax,
  );
});

test('[NET94] a line that becomes slow is seen within seconds', () => {
  const line = { bytesPerS: 8 * mbit, delayMs: 5 };
  const transfer = new Transfer(line).run(5_000);
  line.bytesPerS = mbit;
  transfer.run(10_000).worstMs = 0;
  transfer.run(5_000);
  expect(transfer.worstMs).toBeLessThan(2 * channelAheadMs + (3 * frame * 1000) / mbit);
});

test('[NET94] lost receipts slow nothing down but for a while', () => {
  const transfer = new Transfer({ bytesPerS: 8 * mbit, delayMs: 20, loss: 0.5 }).run(20_000);
  expect(transfer.cameBytes).toBeGreaterThan(0.8 * 20 * 8 * mbit);
});

test('[NET112] when no receipt comes although the channel is empty, what is under way is written off', () => {
  const window = new FlowWindow();
  window.put(frame, 0);
  expect(window.receipted(frame, 5)).toBe('taken');
  while (window.hasRoom(0, 10)) window.put(frame, 10);
  expect(window.hasRoom(0, 10 + overdueMs - 10)).toBe(false);
  expect(window.hasRoom(1, 10 + overdueMs)).toBe(false);
  expect(window.hasRoom(0, 10 + overdueMs)).toBe(true);
});

test('[NET112] a receipt for more than was ever put is a lie; one that comes late says nothing', () => {
  const window = new FlowWindow();
  window.put(1000, 0);
  expect(window.receipted(1001, 1)).toBe('beyond');
  expect(window.receipted(600, 2)).toBe('taken');
  expect(window.receipted(600, 3)).toBe('stale');
  expect(window.receipted(200, 4)).toBe('stale');
  expect(window.receipted(Number.MAX_SAFE_INTEGER, 5)).toBe('beyond');
  expect(window.receipted(1000, 6)).toBe('taken');
});

test('[NET94] typing, which never fills a window, says nothing of how fast the line is', () => {
  const window = new FlowWindow();
  let total = 0;
  for (let atMs = 0; atMs < 60_000; atMs += 150) {
    window.put(120, atMs);
    total += 120;
    window.leftRoom();
    window.receipted(total, atMs + 2);
  }
  expect(window.windowBytes).toBe(firstWindowBytes);
});
