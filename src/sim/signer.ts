/**
 * The signer of simulated devices: a keyed hash in the place of Ed25519, which is asynchronous and a thousand times
 * dearer. Whoever has not got a signature cannot guess it, and no simulated peer tries harder than that: what breaks
 * Ed25519 is not looked for here. Four lanes of murmur3's mixing over key and message, spread over 64 bytes.
 */
import { equalBytes } from '../base/bytes.ts';
import { signatureBytes } from '../sync/batch.ts';

function mixed(hash: number): number {
  let h = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b);
  h = Math.imul(h ^ (h >>> 13), 0xc2b2ae35);
  return h ^ (h >>> 16);
}

export function signatureOf(deviceKey: Uint8Array, message: Uint8Array): Uint8Array {
  const lanes = [0x9e3779b9, 0x85ebca77, 0xc2b2ae3d, 0x27d4eb2f];
  let [a = 0, b = 0, c = 0, d = 0] = lanes;
  for (const part of [deviceKey, message]) {
    for (const byte of part) {
      a = Math.imul(a ^ byte, 0x01000193);
      b = (Math.imul(b, 33) + byte) | 0;
      c = Math.imul((c << 5) ^ (c >>> 27) ^ byte, 0x2545f491);
      d = (Math.imul(d ^ (byte + 0x3d), 0x165667b1) + a) | 0;
    }
    a = mixed(a ^ part.length);
  }
  const signature = new Uint8Array(signatureBytes);
  for (let at = 0; at < signatureBytes; at += 16) {
    a = mixed(a + d + at);
    b = mixed(b + a);
    c = mixed(c + b);
    d = mixed(d + c);
    for (let i = 0; i < 4; i++) {
      signature[at + i] = a >>> (8 * i);
      signature[at + 4 + i] = b >>> (8 * i);
      signature[at + 8 + i] = c >>> (8 * i);
      signature[at + 12 + i] = d >>> (8 * i);
    }
  }
  return signature;
}

export function isSignedBy(deviceKey: Uint8Array, message: Uint8Array, signature: Uint8Array): boolean {
  return equalBytes(signatureOf(deviceKey, message), signature);
}
