/** What a large paste does to heartbeats, over the conditioner's slow line and in virtual time: nothing has to be waited for. */
import { expect, test } from 'vitest';
import { Counters } from '../base/trace.ts';
import { silentAfterMs } from '../replica/peers.ts';
import { FramedLinks } from './framed-links.ts';
import type { Lane } from './transport.ts';

const link = 'peer';
const mbitBytesPerS = 125_000;
const pasteBytes = 5 * 1024 * 1024;
const batchBytes = 512 * 1024;
const frameMs = (16_384 * 1000) / mbitBytesPerS;

/** A sender behind a line of 1 Mbit/s and its receiver, `now` in their hands. */
function slowPair() {
  let nowMs = 0;
  const arrived: { lane: Lane; bytes: number; sentMs: number; atMs: number }[] = [];
  const refusals = new Counters();
  const receiver = new FramedLinks(2, {
    carry: () => true,
    message: (_link, lane, bytes) => {
      const sentMs = new DataView(bytes.buffer, bytes.byteOffset).getFloat64(0);
      arrived.push({ lane, bytes: bytes.length, sentMs, atMs: nowMs });
    },
    refusals,
  });
  const sender = new FramedLinks(1, {
    carry: (_link, lane, frames) => {
      for (const frame of frames) receiver.arrived(link, lane, frame, nowMs);
      return true;
    },
    message: () => undefined,
    refusals,
  });
  sender.opened(link);
  receiver.opened(link);
  sender.conditioner.set(link, 'out', { bandwidthBytesPerS: mbitBytesPerS });
  const send = (lane: Lane, length: number): void => {
    const bytes = new Uint8Array(length);
    new DataView(bytes.buffer).setFloat64(0, nowMs);
    expect(sender.send(link, lane, bytes, nowMs)).toEqual({ ok: true });
  };
  const until = (untilMs: number): void => {
    for (let due = sender.nextDueMs(); due !== undefined && due <= untilMs; due = sender.nextDueMs()) {
      nowMs = Math.max(nowMs, due);
      sender.deliverDue(nowMs);
    }
    nowMs = untilMs;
  };
  return { sender, arrived, refusals, send, until };
}

test('[NET95] 5 MiB over 1 Mbit/s delay no heartbeat by more than the frame that is on the line', () => {
  const { sender, arrived, refusals, send, until } = slowPair();
  for (let sent = 0; sent < pasteBytes; sent += batchBytes) send('data', batchBytes);
  let beats = 0;
  for (let ms = 0; sender.conditioner.heldFrames > 0; ms += 1000) {
    send('control', 48);
    beats++;
    until(ms + 1000);
  }
  // The line was busy all the time: 42 s is what 5 MiB take.
  expect(beats).toBeGreaterThan(41);
  const heartbeats = arrived.filter(({ lane }) => lane === 'control');
  expect(heartbeats).toHaveLength(beats);
  const late = heartbeats.map(({ sentMs, atMs }) => atMs - sentMs);
  expect(Math.max(...late)).toBeLessThan(frameMs + 2);
  expect(frameMs).toBeLessThan(silentAfterMs / 20);
  const pasted = arrived.filter(({ lane }) => lane === 'data');
  expect(pasted.reduce((sum, { bytes }) => sum + bytes, 0)).toBe(pasteBytes);
  expect([...refusals.entries()]).toEqual([]);
});

test('[NET95] in the data lane the same heartbeats would come far too late: the second lane is what keeps them', () => {
  const { sender, arrived, send, until } = slowPair();
  for (let sent = 0; sent < pasteBytes; sent += batchBytes) send('data', batchBytes);
  send('data', 48);
  until(60_000);
  expect(sender.conditioner.heldFrames).toBe(0);
  const heartbeat = arrived.find(({ bytes }) => bytes === 48);
  expect((heartbeat?.atMs ?? 0) - (heartbeat?.sentMs ?? 0)).toBeGreaterThan(10 * silentAfterMs);
});
