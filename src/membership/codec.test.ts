/** Bytes of membership: golden ones, and a hundred thousand changed ones. docs/protocols/membership.md describes them. */
import { expect, test } from 'vitest';
import { concatBytes, fromHex, toHex } from '../base/bytes.ts';
import { SeededRandom } from '../base/random.ts';
import { nobleCrypto } from '../sync/crypto.ts';
import { decodeGossip, encodeGossip, isGossip } from './codec.ts';
import { decodeRecord, encodeRecord, signedPart } from './record.ts';
import { record, samples, signedRecord, spaceId } from './samples.model.ts';

const golden: readonly (readonly [string, string])[] = [
  ['heartbeat', 'c1bc050010203040506070efbeadde00'],
  ['probe', 'c201000000010114440e721da87af9a5fa7af29d66d46a05abababababababababababababababab'],
  ['probe-request', 'c3ffffffffabababababababababababababababab0100'],
  ['ack', 'c4040302010100'],
  [
    'gossip',
    'c5010087010114440e721da87af9a5fa7af29d66d46aac020b000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f020103416e61070201020200010203ababababeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeee',
  ],
  ['compare', 'c6020100000002000000030000000000008000'],
  ['share', 'c7020200030102abababababababababababababababab80015a'],
  ['neighbour', 'c80100'],
];

test('[MEM40] the bytes of version 1 are what they were', () => {
  expect(
    samples.map(({ message, rumours }) => [message.type, toHex(encodeGossip(message, rumours))]),
  ).toEqual(golden);
});

test('[MEM40] what is encoded decodes to the same, and is told from messages of sync and introductions', () => {
  for (const { message, rumours } of samples) {
    const bytes = encodeGossip(message, rumours);
    expect(isGossip(bytes)).toBe(true);
    expect(decodeGossip(bytes)).toEqual({ ok: true, value: { message, rumours } });
  }
  for (const first of [0, 1, 7, 0xb1, 0xb3, 0xc0, 0xc9, 0xff])
    expect(isGossip(Uint8Array.of(first))).toBe(false);
  expect(isGossip(new Uint8Array())).toBe(false);
});

test('[MEM41] a record decodes to what was signed, and names the replica that its key makes', () => {
  const decoded = decodeRecord(nobleCrypto, spaceId, signedRecord);
  expect(decoded).toMatchObject({ ok: true, value: { record, message: signedPart(encodeRecord(record)) } });
  const others = { ...record, slot: 3 };
  const lying = concatBytes(encodeRecord(others), new Uint8Array(64));
  expect(decodeRecord(nobleCrypto, spaceId, lying)).toEqual({ ok: false, reason: 'not the id of its key' });
});

test('[MEM41] a record that is short, long, of another version or in another order is refused', () => {
  const refused = (bytes: Uint8Array) => decodeRecord(nobleCrypto, spaceId, bytes).ok;
  for (let length = 0; length < signedRecord.length; length++)
    expect(refused(signedRecord.subarray(0, length))).toBe(false);
  expect(refused(concatBytes(signedRecord, Uint8Array.of(0)))).toBe(false);
  expect(refused(concatBytes(Uint8Array.of(2), signedRecord.subarray(1)))).toBe(false);
  const swapped = { ...record, neighbours: record.neighbours.toReversed() };
  expect(refused(concatBytes(encodeRecord(swapped), new Uint8Array(64)))).toBe(false);
});

const runs = 100_000;

/** Bits flipped, cut, grown, spliced with another: what a hostile peer and a broken one send. */
function mutated(bytes: Uint8Array, other: Uint8Array, random: SeededRandom): Uint8Array {
  const at = random.below(bytes.length + 1);
  switch (random.below(4)) {
    case 0:
      return bytes.slice(0, at);
    case 1:
      return concatBytes(bytes.subarray(0, at), Uint8Array.of(random.below(256)), bytes.subarray(at));
    case 2:
      return concatBytes(bytes.subarray(0, at), other.subarray(random.below(other.length + 1)));
    default: {
      const changed = bytes.slice();
      for (let flips = 1 + random.below(3); flips > 0 && changed.length > 0; flips--) {
        const place = random.below(changed.length);
        changed[place] = (changed[place] ?? 0) ^ (1 << random.below(8));
      }
      return changed;
    }
  }
}

test('[MEM42] a hundred thousand changed messages: nothing throws, and what is accepted has one form', () => {
  const random = new SeededRandom(42);
  const all = golden.map(([, hex]) => fromHex(hex));
  const pick = () => all[random.below(all.length)] ?? new Uint8Array();
  let accepted = 0;
  for (let run = 0; run < runs; run++) {
    const bytes = mutated(pick(), pick(), random);
    const decoded = decodeGossip(bytes);
    if (!decoded.ok) continue;
    accepted++;
    const { message, rumours } = decoded.value;
    if (run % 20 === 0) expect(toHex(encodeGossip(message, rumours))).toBe(toHex(bytes));
    for (const rumour of rumours)
      if (rumour.type === 'record') decodeRecord(nobleCrypto, spaceId, rumour.bytes);
  }
  expect(accepted).toBeGreaterThan(runs / 20);
  expect(accepted).toBeLessThan(runs);
});
