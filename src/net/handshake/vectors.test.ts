/** The example of docs/protocols/handshake.md, pinned: another implementation must come to the same bytes. */
import { createPrivateKey, createPublicKey, sign } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { toHex } from '../../base/bytes.ts';
import { spaceKeysOf } from '../../base/space-keys.ts';
import { nobleCrypto } from '../../sync/crypto.ts';
import { Handshake, type HandshakeEffect } from './handshake.ts';
import { transcriptOf } from './transcript.ts';

/** The secret of the example in docs/protocols/link.md: 00 01 02 … 1f. */
const keys = spaceKeysOf(
  nobleCrypto,
  Uint8Array.from({ length: 32 }, (_, n) => n),
);

const pkcs8 = Buffer.from('302e020100300506032b657004220420', 'hex');
function end(role: 'dialler' | 'answerer', seed: number, mine: number, theirs: number, slot: number) {
  const der = Buffer.concat([pkcs8, Buffer.alloc(32, seed)]);
  const privateKey = createPrivateKey({ key: der, format: 'der', type: 'pkcs8' });
  const { x = '' } = createPublicKey(privateKey).export({ format: 'jwk' });
  const { spaceId, topic, authentication } = keys;
  const machine = new Handshake(
    {
      ...{ crypto: nobleCrypto, spaceId, topic, authentication, slot, incarnation: 0 },
      deviceKey: new Uint8Array(Buffer.from(x, 'base64url')),
      sealingKey: new Uint8Array(32).fill(seed + 0x20),
    },
    {
      role,
      nonce: new Uint8Array(32).fill(seed + 0x40),
      fingerprints: { local: new Uint8Array(32).fill(mine), remote: new Uint8Array(32).fill(theirs) },
      nowMs: 0,
    },
  );
  return { machine, privateKey };
}

function said(effects: readonly HandshakeEffect[]): Uint8Array {
  const [effect] = effects;
  if (effect?.type !== 'say') throw new Error('says nothing');
  return effect.bytes;
}

test('[NET100] the example in the document is what the machine says, byte by byte', () => {
  const dialler = end('dialler', 0x01, 0xd1, 0xa5, 0);
  const answerer = end('answerer', 0x02, 0xa5, 0xd1, 3);
  const hellos = { dialler: said(dialler.machine.start()), answerer: said(answerer.machine.start()) };
  const asked = dialler.machine.step({ type: 'arrived', bytes: hellos.answerer })[0];
  if (asked?.type !== 'sign') throw new Error('signs nothing');
  const signature = new Uint8Array(sign(null, asked.message, dialler.privateKey));
  const proof = said(dialler.machine.step({ type: 'signed', signature }));
  answerer.machine.step({ type: 'arrived', bytes: hellos.dialler });
  const verify = answerer.machine.step({ type: 'arrived', bytes: proof })[0];
  expect(verify).toMatchObject({ type: 'verify', message: asked.message, signature });

  const side = (fingerprint: number, hello: Uint8Array) => ({
    fingerprint: new Uint8Array(32).fill(fingerprint),
    hello,
  });
  const sides = { dialler: side(0xd1, hellos.dialler), answerer: side(0xa5, hellos.answerer) };
  expect(transcriptOf('dialler', keys.topic, sides)).toEqual(asked.message);

  const example = {
    'hello of the dialler': toHex(hellos.dialler),
    'hello of the answerer': toHex(hellos.answerer),
    'SHA-256 of its transcript': toHex(nobleCrypto.sha256(asked.message)),
    'proof of the dialler': toHex(proof),
  };
  const document = readFileSync('docs/protocols/handshake.md', 'utf8').replaceAll(/\s+/g, '');
  for (const [name, hex] of Object.entries(example)) expect(document, name).toContain(hex);
});
