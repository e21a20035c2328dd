/**
 * A hundred thousand changed frames and as many changed handshakes: nothing throws, and what is held stays within its
 * bound. Signals have theirs in signals.test.ts and webrtc/sealed-signals.test.ts.
 */
import { expect, test } from 'vitest';
import { concatBytes } from '../base/bytes.ts';
import { frameBytesMax, handshakeBytesMax, messageBytesMax, openReassembliesMax } from '../base/limits.ts';
import type { Crypto } from '../base/ports.ts';
import { SeededRandom } from '../base/random.ts';
import { spaceKeysOf } from '../base/space-keys.ts';
import { nobleCrypto } from '../sync/crypto.ts';
import { encodeFrames, Reassembler } from './frames.ts';
import { Handshake, type HandshakeEffect, type SpaceIdentity } from './handshake/handshake.ts';
import type { Role } from './handshake/transcript.ts';

const runs = 100_000;

/** Bits flipped, cut, grown, spliced with another: what a hostile peer and a broken one send. */
function mutated(bytes: Uint8Array, other: Uint8Array, random: SeededRandom): Uint8Array {
  const at = random.below(bytes.length + 1);
  switch (random.below(5)) {
    case 0:
      return bytes.slice(0, at);
    case 1:
      return concatBytes(bytes.subarray(0, at), Uint8Array.of(random.below(256)), bytes.subarray(at));
    case 2:
      return concatBytes(bytes.subarray(0, at), other.subarray(random.below(other.length + 1)));
    case 3:
      return bytes;
    default: {
      const changed = bytes.slice();
      for (let flips = 1 + random.below(3); flips > 0 && changed.length > 0; flips--) {
        const place = random.below(random.below(2) === 0 ? Math.min(8, changed.length) : changed.length);
        changed[place] = (changed[place] ?? 0) ^ (1 << random.below(8));
      }
      return changed;
    }
  }
}

test('[NET9] a hundred thousand changed frames: nothing throws, and no more is held than may be', () => {
  const random = new SeededRandom(9);
  const seeds = [0, 1, 40, 300]
    .map(length => encodeFrames(new Uint8Array(length).fill(7), length))
    .concat(encodeFrames(new Uint8Array(3 * frameBytesMax).fill(8), 5).map(frame => [frame]))
    .flat();
  const reassembler = new Reassembler();
  let most = 0;
  let refused = 0;
  for (let run = 0; run < runs; run++) {
    const pick = () => seeds[random.below(seeds.length)] ?? new Uint8Array();
    const frame = mutated(pick(), pick().subarray(0, 64), random);
    const result = reassembler.push(frame, run);
    if (!result.ok) refused++;
    most = Math.max(most, reassembler.heldBytes);
  }
  expect(refused).toBeGreaterThan(runs / 10);
  expect(most).toBeGreaterThan(0);
  expect(most).toBeLessThanOrEqual(openReassembliesMax * messageBytesMax);
  reassembler.expire(Infinity);
  expect(reassembler.heldBytes).toBe(0);
});

/**
 * Hashes that tell apart what is different (FNV-1a, eight lanes) and hide nothing: what is fuzzed here is the machine and its
 * decoders, and real ones would be nine tenths of the time.
 */
function quickHash(...parts: readonly Uint8Array[]): Uint8Array<ArrayBuffer> {
  const lanes = new Uint32Array(8);
  let [one, other] = [0x811c9dc5, 0x1000193];
  for (const part of parts) {
    for (const byte of part) {
      one = Math.imul(one ^ byte, 0x01000193);
      other = Math.imul(other ^ byte ^ 0xa5, 0x01000193) + 1;
    }
    one = Math.imul(one ^ part.length, 0x01000193);
  }
  for (let lane = 0; lane < lanes.length; lane++)
    lanes[lane] = Math.imul(one + lane * 0x9e3779b9, 0x85ebca6b) ^ (other >>> lane);
  return new Uint8Array(lanes.buffer);
}
const fastCrypto: Crypto = {
  sha256: quickHash,
  hashParts: (_label, parts) => quickHash(...parts),
  hmacSha256: (key, message) => quickHash(key, message),
};
const keys = spaceKeysOf(nobleCrypto, new Uint8Array(32).fill(1));

/** Signatures by a keyed hash, as the simulator's: what is fuzzed here is the machine and its decoders. */
const signature = (deviceKey: Uint8Array, message: Uint8Array): Uint8Array<ArrayBuffer> => {
  const half = fastCrypto.hmacSha256(deviceKey, message);
  return concatBytes(half, half);
};

function identityOf(name: number): SpaceIdentity {
  const { spaceId, topic, authentication } = keys;
  const key = (use: string): Uint8Array => {
    const bytes = nobleCrypto.hashParts(use, [Uint8Array.of(name)]);
    bytes[31] = (bytes[31] ?? 0) & 0x7f;
    return bytes;
  };
  const [deviceKey, sealingKey] = [key('device'), key('sealing')];
  return {
    crypto: fastCrypto,
    spaceId,
    topic,
    authentication,
    deviceKey,
    sealingKey,
    slot: 0,
    incarnation: 0,
  };
}

const identities = { dialler: identityOf(1), answerer: identityOf(2) };
const certificates = { dialler: new Uint8Array(32).fill(0xaa), answerer: new Uint8Array(32).fill(0xbb) };

class End {
  readonly machine: Handshake;
  readonly said: Uint8Array[] = [];
  readonly kinds: HandshakeEffect['type'][] = [];
  readonly #role: Role;

  constructor(role: Role, nonce: number) {
    const other = role === 'dialler' ? 'answerer' : 'dialler';
    this.#role = role;
    this.machine = new Handshake(identities[role], {
      role,
      nonce: new Uint8Array(32).fill(nonce),
      fingerprints: { local: certificates[role], remote: certificates[other] },
      nowMs: 0,
    });
    this.take(this.machine.start());
  }

  take(effects: readonly HandshakeEffect[]): void {
    for (const effect of effects) {
      this.kinds.push(effect.type);
      if (effect.type === 'say') this.said.push(effect.bytes);
      if (effect.type === 'sign') {
        const { deviceKey } = identities[this.#role];
        this.take(this.machine.step({ type: 'signed', signature: signature(deviceKey, effect.message) }));
      }
      if (effect.type === 'verify') {
        const expected = signature(effect.deviceKey, effect.message);
        const holds = effect.signature.every((byte, at) => byte === expected[at]);
        this.take(this.machine.step({ type: 'verified', holds }));
      }
    }
  }
  hear(bytes: Uint8Array): void {
    this.take(this.machine.step({ type: 'arrived', bytes }));
  }
}

test('[NET107] a hundred thousand changed handshakes: nothing throws, one hello is held at most, and only honest words lead up', () => {
  const random = new SeededRandom(107);
  // Nonces and certificates stay, so an honest dialler says the same each time.
  const [dialler, answerer] = [new End('dialler', 1), new End('answerer', 2)];
  const honest: Uint8Array[] = [];
  while (dialler.said.length > 0) {
    const words = dialler.said.splice(0);
    honest.push(...words);
    for (const bytes of words) answerer.hear(bytes);
    for (const bytes of answerer.said.splice(0)) dialler.hear(bytes);
  }
  const outcomes = { up: 0, refuse: 0, waiting: 0 };
  for (let run = 0; run < runs; run++) {
    const end = new End('answerer', 2);
    const changedAt = random.below(honest.length + 1);
    let changed = false;
    for (const [word, said] of honest.entries()) {
      const other = honest[random.below(honest.length)] ?? said;
      const bytes = word === changedAt ? mutated(said, other, random) : said;
      changed ||= bytes.length !== said.length || bytes.some((byte, at) => byte !== said[at]);
      end.hear(bytes);
      if (end.machine.heldBytes > handshakeBytesMax) throw new Error('holds more than a hello');
    }
    const ends = end.kinds.filter(type => type === 'up' || type === 'refuse');
    const [outcome = 'waiting', ...more] = ends;
    if (more.length > 0) throw new Error(`ended twice: ${ends.join()}`);
    // A changed `ready` is a frame; any other changed word is the end.
    if (changed && changedAt < 2 && outcome === 'up') throw new Error('up by a changed word');
    outcomes[outcome]++;
  }
  expect(honest.length).toBe(3);
  expect(outcomes.up).toBeGreaterThan(runs / 10);
  expect(outcomes.refuse).toBeGreaterThan(runs / 10);
});
