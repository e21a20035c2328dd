import { expect, test } from 'vitest';
import { SeededRandom } from '../../base/random.ts';
import { sealingPeersMax } from '../../base/limits.ts';
import { fromBase64Url, toBase64Url } from '../../base/bytes.ts';
import type { Signal } from '../signals.ts';
import { SealedSignals } from './sealed-signals.ts';

const topic = 'ab'.repeat(32);
const key = crypto.getRandomValues(new Uint8Array(32));
const [ana, bo, eve] = ['a'.repeat(32), 'b'.repeat(32), 'e'.repeat(32)] as const;
const signal: Signal = { dial: '0123456789abcdef', data: { type: 'offer', sdp: 'v=0' } };
const refused = (reason: string) => ({ ok: false, reason });

async function pair(): Promise<[SealedSignals, SealedSignals]> {
  return [await SealedSignals.create(key, topic), await SealedSignals.create(key, topic)];
}

test('[NET50] a sealed signal opens for its receiver, and a replayed signal does not', async () => {
  const [from, to] = await pair();
  const first = await from.seal(ana, bo, signal);
  const second = await from.seal(ana, bo, signal);
  expect(first).not.toContain('offer');
  expect(await to.open(ana, bo, first)).toEqual({ ok: true, signal });
  expect(await to.open(ana, bo, first)).toEqual(refused('replayed'));
  expect(await to.open(ana, bo, second)).toEqual({ ok: true, signal });
  expect(await to.open(ana, bo, first)).toEqual(refused('replayed'));
});

test('[NET51] another sender, receiver, topic, secret or a changed byte breaks the seal', async () => {
  const [from, to] = await pair();
  const body = await from.seal(ana, bo, signal);
  expect(await to.open(eve, bo, body)).toEqual(refused('seal'));
  expect(await to.open(ana, eve, body)).toEqual(refused('seal'));
  expect(await to.open(ana, bo, 'x')).toEqual(refused('malformed'));
  const stranger = await SealedSignals.create(crypto.getRandomValues(new Uint8Array(32)), topic);
  expect(await stranger.open(ana, bo, body)).toEqual(refused('key'));
  const elsewhere = await SealedSignals.create(key, 'cd'.repeat(32));
  expect(await elsewhere.open(ana, bo, body)).toEqual(refused('seal'));
  const bytes = fromBase64Url(body) ?? new Uint8Array();
  for (let at = 0; at < bytes.length; at++) {
    const changed = bytes.slice();
    changed[at] = (changed[at] ?? 0) ^ 1;
    expect((await to.open(ana, bo, toBase64Url(changed))).ok, `byte ${String(at)}`).toBe(false);
  }
  // None of them counted as the real one.
  expect(await to.open(ana, bo, body)).toEqual({ ok: true, signal });
});

test('[NET52] what a member sealed and is no signal is refused, and counts as heard', async () => {
  const [from, to] = await pair();
  const wrong = { dial: 'no dial', data: signal.data } as Signal;
  const body = await from.seal(ana, bo, wrong);
  expect(await to.open(ana, bo, body)).toEqual(refused('form'));
  expect(await to.open(ana, bo, body)).toEqual(refused('replayed'));
});

test('[NET53] a hundred thousand changed signals: nothing throws, none opens, and nothing is kept of them', async () => {
  const [from, to] = await pair();
  const random = new SeededRandom(53);
  const bodies = await Promise.all(Array.from({ length: 64 }, () => from.seal(ana, bo, signal)));
  const letters = 'AQgw_-!é ';
  const mutate = (body: string): string => {
    const at = random.below(body.length);
    const letter = letters[random.below(letters.length)] ?? 'A';
    switch (random.below(4)) {
      case 0:
        return body.slice(0, at);
      case 1:
        return body.slice(0, at) + letter + body.slice(at);
      case 2:
        return body + body.slice(at);
      default:
        return body.slice(0, at) + (letter === body[at] ? 'z' : letter) + body.slice(at + 1);
    }
  };
  let opened = 0;
  for (let batch = 0; batch < 100; batch++) {
    const attempts = Array.from({ length: 1000 }, () =>
      to.open(ana, bo, mutate(bodies[random.below(bodies.length)] ?? '')),
    );
    for (const { ok } of await Promise.all(attempts)) if (ok) opened++;
  }
  expect([opened, to.senders]).toEqual([0, 0]);
});

test('[NET53] senders whose sequence is kept are bounded, and the latest are', async () => {
  const [from, to] = await pair();
  const id = (n: number): string => n.toString(16).padStart(32, '0');
  const bodies: string[] = [];
  for (let n = 0; n < sealingPeersMax + 10; n++) bodies.push(await from.seal(id(n), bo, signal));
  for (const [n, body] of bodies.entries()) expect((await to.open(id(n), bo, body)).ok).toBe(true);
  expect(to.senders).toBe(sealingPeersMax);
  const last = bodies.length - 1;
  expect(await to.open(id(last), bo, bodies[last] ?? '')).toEqual(refused('replayed'));
});
