/**
 * What two ends of a link say before anything else: who they are (`hello`), that they are it (`proof`), and that they
 * have seen the other's (`ready`). Bytes: docs/protocols/handshake.md.
 *
 * No first byte is one of a frame, so that neither can be taken for the other. A hello looks the same in all versions to
 * come: what it may grow is the list of versions, and what follows depends on the one both know.
 */
import { assert } from '../../base/assert.ts';
import { decode, Writer, type Decoded } from '../../base/codec.ts';
import { counterMax, handshakeBytesMax, linkVersionsMax, slotMax } from '../../base/limits.ts';

/** Of frames and of what replicas say in them. */
export const linkVersion = 1;

export const nonceBytes = 32;
const keyBytes = 32;
const macBytes = 32;
export const signatureBytes = 64;

const formVersion = 1;
const HELLO = 0xa1;
const PROOF = 0xa2;
const READY = 0xa3;

export interface Hello {
  /** Versions of the link this end can speak, rising. */
  readonly versions: readonly number[];
  /** What its invitation allows: 1, to edit. Others are reserved. */
  readonly kind: number;
  /** Which secret of the space its proof is made with: 0, the first. */
  readonly keyEpoch: number;
  /** 32 random bytes, drawn for this link. */
  readonly nonce: Uint8Array;
  /** Ed25519: what the proof is signed with. */
  readonly deviceKey: Uint8Array;
  /** X25519: what a later key epoch is sealed to. */
  readonly sealingKey: Uint8Array;
  /** With the device key and the space they make the replica's id, so nobody can claim another device's replica. */
  readonly slot: number;
  readonly incarnation: number;
}

export interface Proof {
  /** HMAC-SHA-256 over the transcript: this end knows the space's secret. */
  readonly mac: Uint8Array;
  /** Ed25519 over the transcript: this end is the device of its hello. */
  readonly signature: Uint8Array;
}

export function encodeHello(hello: Hello): Uint8Array<ArrayBuffer> {
  const { versions, kind, keyEpoch, nonce, deviceKey, sealingKey, slot, incarnation } = hello;
  const writer = new Writer().byte(HELLO).byte(formVersion).byte(versions.length);
  for (const version of versions) writer.byte(version);
  writer.byte(kind).varUint(keyEpoch).bytes(nonce).bytes(deviceKey).bytes(sealingKey);
  const bytes = writer.varUint(slot).varUint(incarnation).finish();
  assert(bytes.length <= handshakeBytesMax, 'a hello fits');
  return bytes;
}

export function decodeHello(bytes: Uint8Array): Decoded<Hello> {
  if (bytes.length > handshakeBytesMax) return { ok: false, reason: 'too long' };
  return decode(bytes, reader => {
    if (reader.byte() !== HELLO) reader.fail('not a hello');
    if (reader.byte() !== formVersion) reader.fail('unknown form');
    const count = reader.byte();
    if (count === 0 || count > linkVersionsMax) reader.fail('bad versions');
    const versions: number[] = [];
    for (let n = 0; n < count; n++) {
      const version = reader.byte();
      if (version <= (versions.at(-1) ?? 0)) reader.fail('bad versions');
      versions.push(version);
    }
    return {
      versions,
      kind: reader.byte(),
      keyEpoch: reader.varUint(counterMax),
      nonce: reader.bytes(nonceBytes).slice(),
      deviceKey: reader.bytes(keyBytes).slice(),
      sealingKey: reader.bytes(keyBytes).slice(),
      slot: reader.varUint(slotMax),
      incarnation: reader.varUint(counterMax),
    };
  });
}

export function encodeProof({ mac, signature }: Proof): Uint8Array<ArrayBuffer> {
  return new Writer().byte(PROOF).bytes(mac).bytes(signature).finish();
}

export function decodeProof(bytes: Uint8Array): Decoded<Proof> {
  return decode(bytes, reader => {
    if (reader.byte() !== PROOF) reader.fail('not a proof');
    return { mac: reader.bytes(macBytes).slice(), signature: reader.bytes(signatureBytes).slice() };
  });
}

export function encodeReady(): Uint8Array<ArrayBuffer> {
  return Uint8Array.of(READY);
}
export function isReady(bytes: Uint8Array): boolean {
  return bytes.length === 1 && bytes[0] === READY;
}
