import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { concatBytes, fromHex, toHex } from '../base/bytes.ts';
import { frameBytesMax, messageBytesMax, openReassembliesMax, reassemblyTimeoutMs } from '../base/limits.ts';
import { SeededRandom } from '../base/random.ts';
import { encodeFrames, Reassembler, singlePayloadBytesMax, type Reassembled } from './frames.ts';

const messageOf = (length: number, salt = 0): Uint8Array =>
  Uint8Array.from({ length }, (_, i) => (i * 31 + (i >> 8) + salt) & 255);
const reasonOf = (result: Reassembled | undefined): string | undefined =>
  result?.ok === false ? result.reason : undefined;

function pushAll(reassembler: Reassembler, frames: readonly Uint8Array[], nowMs = 0): Reassembled[] {
  return frames.map(frame => reassembler.push(frame, nowMs));
}

describe('encoding', () => {
  test('[NET1] a message that fits costs one byte of header', () => {
    expect(encodeFrames(fromHex('0102ff'), 9).map(toHex)).toEqual(['130102ff']);
    expect(encodeFrames(new Uint8Array(), 0).map(toHex)).toEqual(['13']);
    expect(encodeFrames(messageOf(singlePayloadBytesMax), 0)).toHaveLength(1);
  });

  test('[NET2] a longer message carries its id and index; all frames but the last are full', () => {
    const frames = encodeFrames(messageOf(2 * frameBytesMax), 300);
    expect(frames.map(frame => frame.length)).toEqual([frameBytesMax, frameBytesMax, 12]);
    // version 1; first, middle, last; id 300 as varint ac02; index.
    expect(frames.map(frame => toHex(frame.subarray(0, 4)))).toEqual(['11ac0200', '10ac0201', '12ac0202']);
  });

  test('[NET1] frames and what they are put together to are the message', () => {
    fc.assert(
      fc.property(fc.nat(5 * frameBytesMax), fc.nat(2 ** 40), (length, messageId) => {
        const message = messageOf(length);
        const frames = encodeFrames(message, messageId);
        expect(frames.every(frame => frame.length <= frameBytesMax)).toBe(true);
        const results = pushAll(new Reassembler(), frames);
        expect(results.slice(0, -1).every(result => result.ok && result.message === undefined)).toBe(true);
        const last = results.at(-1);
        expect(
          last?.ok === true && last.message !== undefined && toHex(last.message) === toHex(message),
        ).toBe(true);
      }),
      { numRuns: 60 },
    );
  });

  test('[NET3] the longest message passes; a longer one is the sender’s own mistake', () => {
    const reassembler = new Reassembler();
    const last = pushAll(reassembler, encodeFrames(messageOf(messageBytesMax), 1)).at(-1);
    expect(last?.ok === true && last.message?.length).toBe(messageBytesMax);
    expect(reassembler.heldBytes).toBe(0);
    expect(() => encodeFrames(new Uint8Array(messageBytesMax + 1), 1)).toThrow('too long');
  });
});

describe('reassembly', () => {
  test('[NET4] messages may interleave; each comes out when its last frame is there', () => {
    const reassembler = new Reassembler();
    const lists = [1, 2, 3].map(id => encodeFrames(messageOf(3 * frameBytesMax, id), id));
    const out: number[] = [];
    for (let at = 0; at < 4; at++)
      for (const [which, frames] of lists.entries()) {
        const frame = frames[at];
        if (frame === undefined) continue;
        const result = reassembler.push(frame, 0);
        if (result.ok && result.message !== undefined) {
          expect(toHex(result.message)).toBe(toHex(messageOf(3 * frameBytesMax, which + 1)));
          out.push(which);
        }
      }
    expect(out).toEqual([0, 1, 2]);
    expect(reassembler.openMessages).toBe(0);
  });

  test('[NET5] a gap gives the message up at once, and its remaining frames are unknown', () => {
    const reassembler = new Reassembler();
    const [first, , third, fourth] = encodeFrames(messageOf(4 * frameBytesMax - 100), 1);
    const results = pushAll(
      reassembler,
      [first, third, fourth].map(frame => frame ?? new Uint8Array()),
    );
    expect(results.map(reasonOf)).toEqual([undefined, 'gap', 'unknown-message']);
    expect(results.every(result => result.ok || !result.malformed)).toBe(true);
    expect(reassembler.heldBytes).toBe(0);
    expect(reassembler.abandoned).toBe(1);
  });

  test('[NET5] a frame that comes twice is told apart and does no harm', () => {
    const reassembler = new Reassembler();
    const frames = encodeFrames(messageOf(2 * frameBytesMax), 1).flatMap(frame => [frame, frame]);
    const results = pushAll(reassembler, frames);
    expect(results.map(reasonOf)).toEqual([
      undefined,
      'duplicate',
      undefined,
      'duplicate',
      undefined,
      'unknown-message',
    ]);
    const complete = results[4];
    expect(complete?.ok === true && complete.message?.length).toBe(2 * frameBytesMax);
  });

  test('[NET6] a message that waits ten seconds for its next frame is dropped, one that advances is not', () => {
    const reassembler = new Reassembler();
    const slow = encodeFrames(messageOf(3 * frameBytesMax), 1);
    const [stuck = new Uint8Array()] = encodeFrames(messageOf(3 * frameBytesMax), 2);
    reassembler.push(stuck, 0);
    let last: Reassembled | undefined;
    for (const [i, frame] of slow.entries()) last = reassembler.push(frame, i * (reassemblyTimeoutMs - 1));
    expect(last?.ok === true && last.message?.length).toBe(3 * frameBytesMax);
    expect(reassembler.abandoned).toBe(1);

    reassembler.push(stuck, 50_000);
    reassembler.expire(50_000 + reassemblyTimeoutMs - 1);
    expect(reassembler.openMessages).toBe(1);
    reassembler.expire(50_000 + reassemblyTimeoutMs);
    expect(reassembler.openMessages).toBe(0);
  });

  test('[NET7] with all places taken the one that waited longest makes room', () => {
    const reassembler = new Reassembler();
    const lists = Array.from({ length: openReassembliesMax + 1 }, (_, id) =>
      encodeFrames(messageOf(2 * frameBytesMax), id),
    );
    for (const [at, frames] of lists.entries()) {
      reassembler.push(frames[0] ?? new Uint8Array(), at);
      // Message 0 advances before the last one opens, so message 1 has waited longest.
      if (at === openReassembliesMax - 1) reassembler.push(lists[0]?.[1] ?? new Uint8Array(), at);
    }
    expect(reassembler.openMessages).toBe(openReassembliesMax);
    expect(reasonOf(reassembler.push(lists[1]?.[1] ?? new Uint8Array(), 20))).toBe('unknown-message');
    const done = reassembler.push(lists[0]?.[2] ?? new Uint8Array(), 20);
    expect(done.ok && done.message?.length).toBe(2 * frameBytesMax);
  });

  test.each([
    ['empty', ''],
    ['unknown-version', '0300'],
    ['unknown-version', '2300'],
    ['unknown-flags', '1700'],
    ['unknown-flags', '1b00'],
    ['bad-header', '11'],
    ['bad-header', '1180'],
    ['bad-header', '12ffffffffffffffff7f00aa'],
    ['not-full', '1101000102'],
    ['not-full', '120101'],
    ['bad-index', '120100aa'],
  ])('[NET8] %s: %s is malformed', (reason, hex) => {
    const result = new Reassembler().push(fromHex(hex), 0);
    expect(result).toEqual({ ok: false, reason, malformed: true });
  });

  test('[NET8] a first frame with an index, a frame too long and an endless message are malformed', () => {
    const full = (header: string): Uint8Array =>
      concatBytes(fromHex(header), new Uint8Array(frameBytesMax - header.length / 2));
    const reassembler = new Reassembler();
    expect(reasonOf(reassembler.push(full('110105'), 0))).toBe('bad-index');
    expect(reasonOf(reassembler.push(new Uint8Array(frameBytesMax + 1), 0))).toBe('frame-too-long');
    reassembler.push(full('110100'), 0);
    const results: (string | undefined)[] = [];
    for (let index = 1; index < 70; index++)
      results.push(reasonOf(reassembler.push(full(`1001${index.toString(16).padStart(2, '0')}`), 0)));
    expect(results.find(reason => reason !== undefined)).toBe('message-too-long');
    expect(reassembler.heldBytes).toBe(0);
  });
});

test('[NET9] 50,000 mutated frames: nothing throws, and what is held stays within its bounds', () => {
  const random = new SeededRandom('frames-fuzz');
  const reassembler = new Reassembler();
  const boundBytes = openReassembliesMax * messageBytesMax;
  const corpus = Array.from({ length: 12 }, (_, id) =>
    encodeFrames(messageOf(random.below(6) * 8000 + random.below(200), id), id),
  ).flat();
  let completed = 0;
  let refused = 0;
  for (let round = 0; round < 50_000; round++) {
    const source = corpus[random.below(corpus.length)] ?? new Uint8Array();
    // Most rounds touch only the header, where the decisions are; copying 16 KiB each time would be the test's cost.
    const frame = random.below(4) > 0 ? source : mutated(source, random);
    const result = reassembler.push(frame, round * random.below(3));
    if (!result.ok) refused++;
    else if (result.message !== undefined) completed++;
    if (reassembler.heldBytes > boundBytes || reassembler.openMessages > openReassembliesMax)
      throw new Error('reassembler exceeds its bounds');
  }
  expect(completed).toBeGreaterThan(0);
  expect(refused).toBeGreaterThan(10_000);
});

function mutated(source: Uint8Array, random: SeededRandom): Uint8Array {
  switch (random.below(4)) {
    case 0:
      return source.subarray(0, random.below(source.length + 1));
    case 1:
      return Uint8Array.from({ length: random.below(12) }, () => random.below(256));
    case 2:
      return concatBytes(source, Uint8Array.of(random.below(256)));
    default: {
      const copy = source.slice();
      for (let flips = 1 + random.below(3); flips > 0; flips--)
        copy[random.below(Math.min(copy.length, 6))] = random.below(256);
      return copy;
    }
  }
}
