import { expect, test } from 'vitest';
import { SealedSignals } from './sealed-signals.ts';

const topic = 'ab'.repeat(32);
const key = crypto.getRandomValues(new Uint8Array(32));
const [ana, bo, eve] = ['a'.repeat(32), 'b'.repeat(32), 'e'.repeat(32)] as const;
const signal = { dial: '1', data: { type: 'offer', sdp: 'v=0' } };

test('[NET50] a sealed signal opens for its receiver, once', async () => {
  const [from, to] = [await SealedSignals.create(key, topic), await SealedSignals.create(key, topic)];
  const body = await from.seal(ana, bo, signal);
  expect(body).not.toContain('offer');
  expect(await to.open(ana, bo, body)).toEqual(signal);
  expect(await to.open(ana, bo, body)).toBeUndefined();
});

test('[NET51] another sender, receiver, topic, secret or a changed byte breaks the seal', async () => {
  const from = await SealedSignals.create(key, topic);
  const to = await SealedSignals.create(key, topic);
  const body = await from.seal(ana, bo, signal);
  expect(await to.open(eve, bo, body)).toBeUndefined();
  expect(await to.open(ana, eve, body)).toBeUndefined();
  const changed = `${body.slice(0, 30)}${body[30] === 'A' ? 'B' : 'A'}${body.slice(31)}`;
  expect(await to.open(ana, bo, changed)).toBeUndefined();
  expect(await to.open(ana, bo, 'x')).toBeUndefined();
  const stranger = await SealedSignals.create(crypto.getRandomValues(new Uint8Array(32)), topic);
  expect(await stranger.open(ana, bo, body)).toBeUndefined();
  const elsewhere = await SealedSignals.create(key, 'cd'.repeat(32));
  expect(await elsewhere.open(ana, bo, body)).toBeUndefined();
});
