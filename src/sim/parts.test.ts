/** The small parts of the simulator, each beside the obvious way to do it. */
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { SeededRandom } from '../base/random.ts';
import type { TextChange } from '../crdt/text/messages.ts';
import { decodeBatch } from '../sync/batch.ts';
import { nobleCrypto } from '../sync/crypto.ts';
import { spaceKeysOf } from '../base/space-keys.ts';
import { Author } from './author.ts';
import { DeviceClock, epochMs } from './device-clock.ts';
import { EventHeap } from './event-heap.ts';
import { Mirror } from './mirror.ts';
import { Network, type Schedule, Session } from './network.ts';
import { Peek, replicaAt, sequenceAt, stampOf } from './peek.ts';
import { sharedHashing } from './shared-hashing.ts';
import { isSignedBy, signatureOf } from './signer.ts';

test('events come by time, and those of one time in the order in which they were put in', () => {
  fc.assert(
    fc.property(fc.array(fc.nat(9)), times => {
      const heap = new EventHeap();
      const came: number[] = [];
      times.forEach((atMs, n) => {
        heap.push(atMs, () => came.push(n));
      });
      while (heap.size > 0) heap.pop()?.run();
      const sorted = [...times.keys()].sort((a, b) => (times[a] ?? 0) - (times[b] ?? 0) || a - b);
      expect(came).toEqual(sorted);
    }),
  );
});

test('a device that sleeps has a monotonic clock that stands still, and a wall clock that does not', () => {
  let now = 0;
  const clock = new DeviceClock(() => now);
  now = 1000;
  clock.sleep();
  now = 5000;
  expect([clock.monotonicMs(), clock.wallMs()]).toEqual([1000, epochMs + 5000]);
  clock.wake();
  now = 6000;
  expect(clock.monotonicMs()).toBe(2000);
  expect(clock.timeOf(2500)).toBe(6500);
});

test('a wall clock drifts from where it is, jumps, and is set right again', () => {
  let now = 0;
  const clock = new DeviceClock(() => now);
  clock.setWall({ drift: 0.5 });
  now = 1000;
  expect(clock.wallMs()).toBe(epochMs + 1500);
  clock.setWall({ jumpMs: -700 });
  now = 2000;
  expect(clock.wallMs()).toBe(epochMs + 2300);
  clock.correctWall();
  expect(clock.wallMs()).toBe(epochMs + 2000);
});

test('what is hashed once for all is what the production hash says, also when an input is written to afterwards', () => {
  const shared = sharedHashing(nobleCrypto);
  const random = new SeededRandom('hashing');
  const buffer = new Uint8Array(40);
  for (let n = 0; n < 3000; n++) {
    for (let i = 0; i < 3; i++) buffer[random.below(40)] = random.below(4);
    const bytes = buffer.subarray(0, random.below(41));
    expect(shared.sha256(bytes)).toEqual(nobleCrypto.sha256(bytes));
  }
  expect(shared.hashParts('a', [buffer])).toEqual(nobleCrypto.hashParts('a', [buffer]));
});

test('a signature holds for its key and its message alone', () => {
  const [key, message] = [new Uint8Array(32).fill(1), new Uint8Array(49).fill(2)];
  const signature = signatureOf(key, message);
  expect(isSignedBy(key, message, signature)).toBe(true);
  for (const part of [key, message, signature]) {
    for (let at = 0; at < part.length; at++) {
      part[at] = (part[at] ?? 0) ^ 4;
      expect(isSignedBy(key, message, signature)).toBe(false);
      part[at] = (part[at] ?? 0) ^ 4;
    }
  }
});

describe('the mirror', () => {
  const changes = fc.array(
    fc.record({ at: fc.nat(), remove: fc.nat(9), insert: fc.string({ unit: 'binary', maxLength: 9 }) }),
  );
  function applied(
    start: string,
    steps: readonly { at: number; remove: number; insert: string }[],
  ): [Mirror, string] {
    const mirror = new Mirror(start);
    let text = start;
    for (const { at, remove, insert } of steps) {
      const from = at % (text.length + 1);
      const change: TextChange = { from, to: Math.min(text.length, from + remove), insert };
      mirror.apply([change]);
      text = text.slice(0, change.from) + insert + text.slice(change.to);
    }
    return [mirror, text];
  }

  test('is the text, and its number hangs on the text and not on how it came about', () => {
    fc.assert(
      fc.property(fc.string(), changes, (start, steps) => {
        const [mirror, text] = applied(start, steps);
        expect(mirror.toString()).toBe(text);
        expect(mirror.hash).toBe(new Mirror(text).hash);
      }),
    );
  });

  test('has another number for another order', () => {
    expect(new Mirror('ab').hash).not.toBe(new Mirror('ba').hash);
    expect(new Mirror('abcab').hash).not.toBe(new Mirror('ababc').hash);
    expect(new Mirror('').hash).not.toBe(new Mirror('\0').hash);
  });
});

test('what is peeked from a batch is what the decoder reads', () => {
  const device = { deviceKey: new Uint8Array(32).fill(9), sealingKey: new Uint8Array(32) };
  const author = new Author(nobleCrypto, spaceKeysOf(nobleCrypto, new Uint8Array(32)), device);
  author.add(author.header(5), author.certificateBody());
  for (let n = 0; n < 200; n++) {
    const dependencies = Array.from({ length: n % 4 }, (_, i) => `${String(i)}${'e'.repeat(63)}` as never);
    author.add(author.header(2 ** 41 + n, { dependencies }), author.operations([]));
  }
  for (const bytes of author.log) {
    const decoded = decodeBatch(nobleCrypto, bytes);
    expect(decoded.ok).toBe(true);
    if (!decoded.ok) continue;
    expect(sequenceAt(new Peek(bytes), 0)).toBe(decoded.value.sequence);
    expect(stampOf(bytes)).toEqual(decoded.value.stamp);
    expect(Buffer.from(bytes.subarray(replicaAt, replicaAt + 16)).toString('hex')).toBe(author.replicaId);
  }
});

describe('the network', () => {
  function pair(): { network: Network; pass: (ms: number) => void; sessions: Session[]; heard: string[] } {
    const heap = new EventHeap();
    const schedule = { nowMs: 0, at: (atMs: number, run: () => void) => heap.push(atMs, run) };
    const network = new Network(schedule satisfies Schedule, () => 10, {});
    const heard: string[] = [];
    const sessions = [0, 1].map(node => {
      const name = String(node).repeat(32);
      const session: Session = new Session(network, node, name, new SeededRandom(name), {
        event: event => {
          heard.push(
            `${String(node)} ${event.type}${event.type === 'message' ? ` ${String(event.bytes[0])}` : ''}`,
          );
        },
        whenAwake: (_lane, run) => {
          run();
        },
      });
      return session;
    });
    const pass = (ms: number) => {
      const untilMs = schedule.nowMs + ms;
      while (heap.nextMs <= untilMs) {
        const event = heap.pop();
        schedule.nowMs = event?.atMs ?? untilMs;
        event?.run();
      }
      schedule.nowMs = untilMs;
    };
    for (const session of sessions) session.join();
    for (let n = 0; n < 20; n++) {
      for (const session of sessions) session.tick();
      pass(250);
    }
    return { network, pass, sessions, heard };
  }
  const send = (from: Session | undefined, ...bytes: number[]) => {
    for (const byte of bytes)
      for (const linkId of from?.links ?? []) from?.send(linkId, 'data', Uint8Array.of(byte));
  };

  test('two sessions in one room are linked by the dialler, and messages take their time', () => {
    const { pass, sessions, heard } = pair();
    expect(heard.filter(line => line.endsWith('link-up')).sort()).toEqual(['0 link-up', '1 link-up']);
    heard.length = 0;
    send(sessions[0], 1, 2);
    pass(9);
    expect(heard).toEqual([]);
    pass(1);
    expect(heard).toEqual(['1 message 1', '1 message 2']);
  });

  test('a clog holds everything and lets it go in order', () => {
    const { network, pass, sessions, heard } = pair();
    heard.length = 0;
    network.clog(0, 1);
    send(sessions[0], 1, 2, 3);
    pass(5000);
    expect(heard).toEqual([]);
    network.unclog(0, 1);
    send(sessions[0], 4);
    pass(20);
    expect(heard).toEqual(['1 message 1', '1 message 2', '1 message 3', '1 message 4']);
  });

  test('a one-way cut leaves the other way open', () => {
    const { network, pass, sessions, heard } = pair();
    heard.length = 0;
    network.cut(0, 1);
    send(sessions[0], 1);
    send(sessions[1], 2);
    pass(50);
    expect(heard).toEqual(['0 message 2']);
    network.mend(0, 1);
    send(sessions[0], 3);
    pass(50);
    expect(heard).toEqual(['0 message 2', '1 message 3']);
  });
});
