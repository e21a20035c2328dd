/** The handshake between two ends, and everybody who is refused. Signatures are Node's, as the adapters' are WebCrypto's. */
import { createPublicKey, generateKeyPairSync, sign, verify, type KeyObject } from 'node:crypto';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { fromHex, toBase64Url } from '../../base/bytes.ts';
import { handshakeTimeoutMs } from '../../base/limits.ts';
import { spaceKeysOf } from '../../base/space-keys.ts';
import { nobleCrypto } from '../../sync/crypto.ts';
import { singleFrame } from '../frames.ts';
import {
  Handshake,
  type Channel,
  type HandshakeEffect,
  type HandshakeInput,
  type SpaceIdentity,
} from './handshake.ts';
import { decodeHello, encodeHello, encodeProof, encodeReady, type Hello } from './messages.ts';

const keys = spaceKeysOf(nobleCrypto, new Uint8Array(32).fill(1));
const certificate = { ana: new Uint8Array(32).fill(0xaa), bo: new Uint8Array(32).fill(0xbb) };
const mallorys = { toAna: new Uint8Array(32).fill(0x1e), toBo: new Uint8Array(32).fill(0x2e) };

interface Device {
  readonly privateKey: KeyObject;
  readonly identity: SpaceIdentity;
}

function device(name: string, changes: Partial<SpaceIdentity> = {}): Device {
  const { privateKey, publicKey } = generateKeyPairSync('ed25519');
  const deviceKey = new Uint8Array(Buffer.from(publicKey.export({ format: 'jwk' }).x ?? '', 'base64url'));
  const sealingKey = nobleCrypto.hashParts(name, []);
  sealingKey[31] = (sealingKey[31] ?? 0) & 0x7f;
  const { spaceId, topic, authentication } = keys;
  const identity: SpaceIdentity = {
    ...{
      crypto: nobleCrypto,
      spaceId,
      topic,
      authentication,
      deviceKey,
      sealingKey,
      slot: 0,
      incarnation: 0,
    },
    ...changes,
  };
  return { privateKey, identity };
}

let nonces = 0;
function nonce(): Uint8Array {
  return nobleCrypto.hashParts('nonce', [Uint8Array.of(++nonces)]);
}

/** One end: answers what it asks, and keeps what it says until somebody carries it. */
class End {
  readonly machine: Handshake;
  readonly said: Uint8Array[] = [];
  readonly effects: HandshakeEffect[] = [];
  readonly #privateKey: KeyObject;
  /** What was asked of WebCrypto and is not answered yet; answered at once unless `slow`. */
  readonly asked: HandshakeInput[] = [];
  slow = false;

  constructor(
    { identity, privateKey }: Device,
    channel: Omit<Channel, 'nonce' | 'nowMs'> & Partial<Channel>,
  ) {
    this.machine = new Handshake(identity, { nonce: nonce(), nowMs: 0, ...channel });
    this.#privateKey = privateKey;
    this.#take(this.machine.start());
  }

  step(input: HandshakeInput): void {
    this.#take(this.machine.step(input));
  }
  hear(bytes: Uint8Array): void {
    this.step({ type: 'arrived', bytes });
  }
  answerAll(): void {
    for (const input of this.asked.splice(0)) this.step(input);
  }

  #take(effects: readonly HandshakeEffect[]): void {
    for (const effect of effects) {
      this.effects.push(effect);
      if (effect.type === 'say') this.said.push(effect.bytes);
      if (effect.type === 'sign')
        this.asked.push({ type: 'signed', signature: sign(null, effect.message, this.#privateKey) });
      if (effect.type === 'verify') {
        const { deviceKey, message, signature } = effect;
        const key = createPublicKey({
          key: { kty: 'OKP', crv: 'Ed25519', x: toBase64Url(deviceKey) },
          format: 'jwk',
        });
        this.asked.push({ type: 'verified', holds: verify(null, message, key, signature) });
      }
    }
    if (!this.slow) this.answerAll();
  }

  /** The last word: `up`, or why not. */
  get outcome(): string {
    const last = this.effects.findLast(({ type }) => type === 'up' || type === 'refuse');
    return last?.type === 'refuse' ? last.reason : (last?.type ?? 'waiting');
  }
  get peer() {
    const up = this.effects.find(effect => effect.type === 'up');
    return up?.peer;
  }
  get frames(): Uint8Array[] {
    return this.effects.filter(effect => effect.type === 'frame').map(({ bytes }) => bytes);
  }
}

interface Changes {
  readonly ana?: Partial<Channel>;
  readonly bo?: Partial<Channel>;
}

/** Ana dials Bo. */
function ends(ana = device('ana'), bo = device('bo'), changes: Changes = {}) {
  const left = new End(ana, {
    role: 'dialler',
    fingerprints: { local: certificate.ana, remote: certificate.bo },
    ...changes.ana,
  });
  const right = new End(bo, {
    role: 'answerer',
    fingerprints: { local: certificate.bo, remote: certificate.ana },
    ...changes.bo,
  });
  return { left, right };
}

/** Carries everything both ways until nobody has more to say; `through` sees and may change what passes. */
function carry(left: End, right: End, through = (bytes: Uint8Array, _from: 'left' | 'right') => bytes): void {
  while (left.said.length + right.said.length > 0) {
    const [fromLeft, fromRight] = [left.said.splice(0), right.said.splice(0)];
    for (const bytes of fromLeft) right.hear(through(bytes, 'left'));
    for (const bytes of fromRight) left.hear(through(bytes, 'right'));
  }
}

const frame = singleFrame(Uint8Array.of(1, 2, 3)) ?? new Uint8Array();

describe('two members', () => {
  test('[NET100] both are up, each knows the other by device and replica, and three words went each way', () => {
    const [ana, bo] = [device('ana', { slot: 3 }), device('bo', { incarnation: 7 })];
    const { left, right } = ends(ana, bo);
    carry(left, right);
    expect([left.outcome, right.outcome]).toEqual(['up', 'up']);
    expect(right.peer?.deviceKey).toEqual(ana.identity.deviceKey);
    expect(left.peer?.sealingKey).toEqual(bo.identity.sealingKey);
    expect(left.peer?.replicaId).not.toBe(right.peer?.replicaId);
    for (const end of [left, right]) {
      expect(end.effects.filter(({ type }) => type === 'say').length).toBe(3);
      expect(end.effects.map(({ type }) => type).at(-1)).toBe('up');
    }
  });

  test('[NET100] however long signing and verifying take at either end, both come up', () => {
    fc.assert(
      fc.property(fc.infiniteStream(fc.nat(3)), choices => {
        const { left, right } = ends();
        left.slow = right.slow = true;
        const turns = [
          () => left.answerAll(),
          () => right.answerAll(),
          () =>
            left.said.splice(0, 1).forEach(bytes => {
              right.hear(bytes);
            }),
          () =>
            right.said.splice(0, 1).forEach(bytes => {
              left.hear(bytes);
            }),
        ];
        for (let turn = 0; turn < 400; turn++) {
          if (left.machine.isUp && right.machine.isUp) break;
          turns[choices.next().value ?? 0]?.();
        }
        expect([left.outcome, right.outcome]).toEqual(['up', 'up']);
      }),
      { numRuns: 100 },
    );
  });

  test('[NET101] whoever is up may send at once: a frame that overtakes `ready` counts as it and is not lost', () => {
    const other = ends();
    // By hand: hello, proof, then Bo's frame on another channel before Bo's `ready`.
    for (let word = 0; word < 2; word++) {
      const [fromLeft, fromRight] = [other.left.said.splice(0), other.right.said.splice(0)];
      for (const bytes of fromLeft) other.right.hear(bytes);
      for (const bytes of fromRight) other.left.hear(bytes);
    }
    expect(other.left.outcome).toBe('waiting');
    other.left.hear(frame);
    expect([other.left.outcome, other.left.frames]).toEqual(['up', [frame]]);
    other.left.hear(encodeReady());
    other.left.hear(frame);
    expect(other.left.frames).toEqual([frame, frame]);
    // Only one `ready` is one: a second is whatever frames make of it.
    other.left.hear(encodeReady());
    expect(other.left.frames.length).toBe(3);
  });

  test('[NET104] they speak the greatest version that both offer', () => {
    const { left, right } = ends(device('ana'), device('bo'), {
      ana: { versions: [1, 2, 4] },
      bo: { versions: [1, 2, 3] },
    });
    carry(left, right);
    expect([left.peer?.version, right.peer?.version]).toEqual([2, 2]);
  });
});

describe('who is refused', () => {
  test('[NET102] the lying server: it ends both legs with certificates of its own and passes on every word', () => {
    const { left, right } = ends(device('ana'), device('bo'), {
      ana: { fingerprints: { local: certificate.ana, remote: mallorys.toAna } },
      bo: { fingerprints: { local: certificate.bo, remote: mallorys.toBo } },
    });
    carry(left, right);
    expect([left.outcome, right.outcome]).toEqual(['wrong-mac', 'wrong-mac']);
  });

  test('[NET102] a member in between, who can make every HMAC anew, cannot sign for the devices', () => {
    const [ana, bo] = [device('ana'), device('bo')];
    const { left, right } = ends(ana, bo, {
      ana: { fingerprints: { local: certificate.ana, remote: mallorys.toAna } },
      bo: { fingerprints: { local: certificate.bo, remote: mallorys.toBo } },
    });
    // Mallory's own two machines make the right HMAC for each leg; only the signature has to be the victim's.
    const hellos = { left: left.said[0], right: right.said[0] };
    if (hellos.left === undefined || hellos.right === undefined) throw new Error('no hello');
    const as = (of: Uint8Array): Device => {
      const decoded = decodeHello(of);
      if (!decoded.ok) throw new Error(decoded.reason);
      return { privateKey: device('mallory').privateKey, identity: { ...ana.identity, ...decoded.value } };
    };
    const nonceOf = (of: Uint8Array): Uint8Array => {
      const decoded = decodeHello(of);
      return decoded.ok ? decoded.value.nonce : of;
    };
    const asBo = new End(as(hellos.right), {
      role: 'answerer',
      nonce: nonceOf(hellos.right),
      fingerprints: { local: mallorys.toAna, remote: certificate.ana },
    });
    carry(left, asBo);
    expect(left.outcome).toBe('wrong-signature');
    const asAna = new End(as(hellos.left), {
      role: 'dialler',
      nonce: nonceOf(hellos.left),
      fingerprints: { local: mallorys.toBo, remote: certificate.bo },
    });
    carry(asAna, right);
    expect(right.outcome).toBe('wrong-signature');
  });

  test('[NET102] a replayed handshake: what both said on an earlier link, word by word', () => {
    const [ana, bo] = [device('ana'), device('bo')];
    const first = ends(ana, bo);
    const recorded: Uint8Array[] = [];
    carry(first.left, first.right, (bytes, from) => {
      if (from === 'left') recorded.push(bytes);
      return bytes;
    });
    expect([first.right.outcome, recorded.length]).toEqual(['up', 3]);
    // Even over the same two certificates: Bo's nonce is another.
    const { right } = ends(ana, bo);
    for (const bytes of recorded) right.hear(bytes);
    expect(right.outcome).toBe('wrong-mac');
  });

  test('[NET102] a reflected hello, and a reflected proof', () => {
    const { left } = ends();
    const [hello] = left.said;
    left.hear(hello ?? frame);
    expect(left.outcome).toBe('reflected');

    // Another slot and nonce of the same device: only the role in the transcript tells the proofs apart.
    const again = ends();
    const [own] = again.left.said.splice(0);
    const decoded = decodeHello(own ?? frame);
    if (!decoded.ok) throw new Error(decoded.reason);
    again.left.hear(encodeHello({ ...decoded.value, slot: 9, nonce: nonce() }));
    const [proof] = again.left.said.splice(0);
    again.left.hear(proof ?? frame);
    expect(again.left.outcome).toBe('wrong-mac');
  });

  test('[NET104] a downgraded version: an offer that lost its best on the way', () => {
    const offers = { ana: { versions: [1, 2] }, bo: { versions: [1, 2] } };
    const { left, right } = ends(device('ana'), device('bo'), offers);
    const without2 = (bytes: Uint8Array): Uint8Array => {
      const decoded = decodeHello(bytes);
      return decoded.ok ? encodeHello({ ...decoded.value, versions: [1] }) : bytes;
    };
    carry(left, right, without2);
    expect([left.outcome, right.outcome]).toEqual(['wrong-mac', 'wrong-mac']);
  });

  test('[NET102] a stolen room name: the topic and the key of the signals, without the secret', () => {
    const thief = device('thief', { authentication: new Uint8Array(32).fill(9) });
    const { left, right } = ends(thief);
    carry(left, right);
    expect(right.outcome).toBe('wrong-mac');
    expect(right.effects.filter(({ type }) => type === 'verify')).toEqual([]);
  });

  test('[NET102] somebody who names the device key of another', () => {
    const ana = device('ana');
    const { left, right } = ends({ ...device('thief'), identity: ana.identity });
    carry(left, right);
    expect(right.outcome).toBe('wrong-signature');
  });

  test('[NET102] a copy of this very replica', () => {
    const ana = device('ana');
    const { left, right } = ends(ana, ana);
    carry(left, right);
    expect([left.outcome, right.outcome]).toEqual(['ourselves', 'ourselves']);
    const tabs = ends(ana, { ...ana, identity: { ...ana.identity, slot: 1 } });
    carry(tabs.left, tabs.right);
    expect([tabs.left.outcome, tabs.right.outcome]).toEqual(['up', 'up']);
  });

  const greeting: Hello = {
    versions: [1],
    kind: 1,
    keyEpoch: 0,
    nonce: new Uint8Array(32).fill(5),
    deviceKey: device('eve').identity.deviceKey,
    sealingKey: device('eve').identity.sealingKey,
    slot: 0,
    incarnation: 0,
  };
  test.each<[string, string, Partial<Hello>]>([
    ['NET103', 'weak-device-key', { deviceKey: new Uint8Array(32) }],
    ['NET103', 'weak-device-key', { deviceKey: fromHex(`ee${'ff'.repeat(31)}`) }],
    ['NET103', 'weak-sealing-key', { sealingKey: new Uint8Array(32) }],
    ['NET103', 'weak-sealing-key', { sealingKey: fromHex(`09${'00'.repeat(30)}80`) }],
    ['NET104', 'no-common-version', { versions: [2, 3] }],
    ['NET105', 'unknown-kind', { kind: 2 }],
    ['NET105', 'unknown-key-epoch', { keyEpoch: 1 }],
  ])('[%s] %s', (_, reason, changes) => {
    const { right } = ends();
    right.hear(encodeHello({ ...greeting, ...changes }));
    expect([right.outcome, right.asked.length]).toEqual([reason, 0]);
  });

  test('[NET101] a frame before the handshake is over, whenever it comes', () => {
    for (const words of [0, 1]) {
      const { left, right } = ends();
      for (const bytes of left.said.splice(0, words)) right.hear(bytes);
      right.hear(frame);
      expect([right.outcome, right.frames]).toEqual(['early-frame', []]);
    }
    // Both proofs are here, and theirs is still being verified.
    const { left, right } = ends();
    right.slow = true;
    for (const bytes of left.said.splice(0)) right.hear(bytes);
    right.answerAll();
    for (const bytes of right.said.splice(0)) left.hear(bytes);
    for (const bytes of left.said.splice(0)) right.hear(bytes);
    right.hear(frame);
    expect([right.outcome, right.frames]).toEqual(['early-frame', []]);
  });

  test('[NET106] whoever is not done by the deadline; whoever is done has no deadline any more', () => {
    const { left, right } = ends();
    left.step({ type: 'time', nowMs: handshakeTimeoutMs - 1 });
    expect(left.outcome).toBe('waiting');
    left.step({ type: 'time', nowMs: handshakeTimeoutMs });
    expect(left.outcome).toBe('too-late');
    for (const bytes of right.said.splice(0)) left.hear(bytes);
    expect(left.effects.at(-1)?.type).toBe('refuse');
    const others = ends();
    carry(others.left, others.right);
    others.left.step({ type: 'time', nowMs: 10 * handshakeTimeoutMs });
    expect(others.left.outcome).toBe('up');
  });

  test('[NET107] whatever bytes come, nothing throws, each machine ends once, and only what was proven is up', () => {
    const { left, right } = ends();
    const words: Uint8Array[] = [];
    carry(left, right, bytes => {
      words.push(bytes);
      return bytes;
    });
    words.push(
      frame,
      new Uint8Array(),
      new Uint8Array(2000).fill(0xa1),
      encodeProof({ mac: new Uint8Array(32), signature: new Uint8Array(64) }),
    );
    const word = fc.constantFrom(...words);
    const step = fc.oneof(word, fc.uint8Array({ maxLength: 200 }));
    fc.assert(
      fc.property(fc.array(step, { maxLength: 8 }), script => {
        const { right: end } = ends();
        for (const bytes of script) end.hear(bytes);
        expect(end.effects.filter(({ type }) => type === 'refuse').length).toBeLessThanOrEqual(1);
        expect(end.effects.some(({ type }) => type === 'up' || type === 'frame')).toBe(false);
      }),
      { numRuns: 300 },
    );
  });
});
