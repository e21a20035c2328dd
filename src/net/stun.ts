/**
 * STUN binding (RFC 8489): "from which address do you see me?". A peer behind a NAT learns so what to put into
 * its candidates, and two of them meet without a relay. This is the codec and the answer; the socket is
 * signaling-server/stun.ts.
 *
 * The obvious server, one that answers whatever comes, is a weapon: the sender of a datagram can be forged, so
 * every answer may go to a victim. Therefore only a binding request in perfect form is answered, never an
 * answer, an indication or another method; an answer is at most `stunAnswerFactor` times as long as what asked
 * for it; everything else is dropped with a reason to count. There is no authentication (RFC 8489, section 12:
 * a basic server), so USERNAME and MESSAGE-INTEGRITY are understood and not looked into, and the older
 * RFC 3489 without a magic cookie is not spoken.
 *
 *      0                   1                   2                   3
 *     |0 0| class, method  (14) |    bytes behind the header (16)   |
 *     |                  magic cookie 0x2112a442                    |
 *     |                  transaction id (96)                        |
 *     | attribute type (16)     | bytes of value (16) | value, padded to 4 …
 */
import type { Decoded } from '../base/codec.ts';
import { stunBytesMax } from '../base/limits.ts';

const headerBytes = 20;
const magicCookie = 0x2112a442;
export const transactionIdBytes = 12;
export const bindingMethod = 0x001;

/** Attribute types of RFC 8489, section 18.3. Those below 0x8000 must be understood by whoever reads them. */
export const stunAttribute = {
  mappedAddress: 0x0001,
  username: 0x0006,
  messageIntegrity: 0x0008,
  errorCode: 0x0009,
  unknownAttributes: 0x000a,
  realm: 0x0014,
  nonce: 0x0015,
  messageIntegritySha256: 0x001c,
  passwordAlgorithm: 0x001d,
  userhash: 0x001e,
  xorMappedAddress: 0x0020,
  software: 0x8022,
  fingerprint: 0x8028,
} as const;

const understood: ReadonlySet<number> = new Set(Object.values(stunAttribute));
const optionalFrom = 0x8000;

/** No answer is longer than this many times the request: 56 bytes tell of the one unknown attribute of 24. */
export const stunAnswerFactor = 2.5;
/** Unknown attributes named in one error: more would say no more. */
const unknownNamedMax = 16;

const classes = ['request', 'indication', 'success', 'error'] as const;
export type StunClass = (typeof classes)[number];

export interface StunAttribute {
  readonly type: number;
  /** Without its padding. */
  readonly value: Uint8Array;
}

export interface StunMessage {
  readonly class: StunClass;
  /** 12 bits. */
  readonly method: number;
  /** 96 bits, drawn by whoever asked. */
  readonly transactionId: Uint8Array;
  /** In order, without FINGERPRINT. */
  readonly attributes: readonly StunAttribute[];
  /** Ends with a FINGERPRINT. One that does not fit is refused by `decodeStun`. */
  readonly fingerprint: boolean;
}

/** `address`: 4 or 16 bytes. */
export interface TransportAddress {
  readonly address: Uint8Array;
  readonly port: number;
}

export function encodeStun(message: StunMessage): Uint8Array<ArrayBuffer> {
  const padded = message.attributes.reduce((bytes, { value }) => bytes + 4 + roundUp4(value.length), 0);
  const bytes = new Uint8Array(headerBytes + padded + (message.fingerprint ? 8 : 0));
  const view = new DataView(bytes.buffer);
  view.setUint16(0, typeOf(message.method, classes.indexOf(message.class)));
  view.setUint16(2, bytes.length - headerBytes);
  view.setUint32(4, magicCookie);
  bytes.set(message.transactionId.subarray(0, transactionIdBytes), 8);
  let at = headerBytes;
  for (const { type, value } of message.attributes) {
    view.setUint16(at, type);
    view.setUint16(at + 2, value.length);
    bytes.set(value, at + 4);
    at += 4 + roundUp4(value.length);
  }
  if (message.fingerprint) {
    view.setUint16(at, stunAttribute.fingerprint);
    view.setUint16(at + 2, 4);
    view.setUint32(at + 4, fingerprintOf(bytes.subarray(0, at)));
  }
  return bytes;
}

/** Values of attributes are views into `bytes`. */
export function decodeStun(bytes: Uint8Array): Decoded<StunMessage> {
  if (bytes.length > stunBytesMax) return refuse('too long');
  if (bytes.length < headerBytes) return refuse('short');
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const type = view.getUint16(0);
  if (type >= 0x4000) return refuse('not STUN');
  if (view.getUint32(4) !== magicCookie) return refuse('no magic cookie');
  const length = view.getUint16(2);
  if (length % 4 !== 0 || length !== bytes.length - headerBytes) return refuse('wrong length');
  const attributes: StunAttribute[] = [];
  let fingerprint = false;
  for (let at = headerBytes; at < bytes.length;) {
    const attribute = view.getUint16(at);
    const valueBytes = view.getUint16(at + 2);
    if (at + 4 + roundUp4(valueBytes) > bytes.length) return refuse('attribute overruns');
    if (attribute === stunAttribute.fingerprint) {
      if (valueBytes !== 4) return refuse('wrong fingerprint');
      if (at + 8 < bytes.length) return refuse('something behind the fingerprint');
      if (view.getUint32(at + 4) !== fingerprintOf(bytes.subarray(0, at))) return refuse('wrong fingerprint');
      fingerprint = true;
    } else attributes.push({ type: attribute, value: bytes.subarray(at + 4, at + 4 + valueBytes) });
    at += 4 + roundUp4(valueBytes);
  }
  return {
    ok: true,
    value: {
      class: classes[((type >> 4) & 1) | ((type >> 7) & 2)] as StunClass,
      method: (type & 0xf) | ((type >> 1) & 0x70) | ((type >> 2) & 0xf80),
      transactionId: bytes.subarray(8, headerBytes),
      attributes,
      fingerprint,
    },
  };
}

/** XOR-MAPPED-ADDRESS (section 14.2): xored, because some NATs rewrite addresses that they find in packets. */
export function encodeXorAddress({ address, port }: TransportAddress, transactionId: Uint8Array): Uint8Array {
  const value = new Uint8Array(4 + address.length);
  const view = new DataView(value.buffer);
  view.setUint8(1, address.length === 4 ? 1 : 2);
  view.setUint16(2, port ^ (magicCookie >>> 16));
  const key = xorKey(transactionId);
  address.forEach((byte, i) => (value[4 + i] = byte ^ (key[i] as number)));
  return value;
}

export function decodeXorAddress(value: Uint8Array, transactionId: Uint8Array): Decoded<TransportAddress> {
  const family = value[1];
  const fits = (family === 1 && value.length === 8) || (family === 2 && value.length === 20);
  if (!fits) return refuse('bad address');
  const view = new DataView(value.buffer, value.byteOffset, value.byteLength);
  const key = xorKey(transactionId);
  const address = value.slice(4).map((byte, i) => byte ^ (key[i] as number));
  return { ok: true, value: { address, port: view.getUint16(2) ^ (magicCookie >>> 16) } };
}

export type StunAnswer =
  | { readonly ok: true; readonly kind: 'answered' | 'unknown attributes'; readonly bytes: Uint8Array }
  | { readonly ok: false; readonly reason: string };

/** What a basic server says to `packet` that came from `from`: one datagram, or nothing and why. */
export function answerBinding(packet: Uint8Array, from: TransportAddress): StunAnswer {
  const decoded = decodeStun(packet);
  if (!decoded.ok) return decoded;
  const request = decoded.value;
  if (request.class !== 'request') return refuse('not a request');
  if (request.method !== bindingMethod) return refuse('not a binding');
  const unknown = unknownAttributes(request.attributes);
  const { method, transactionId, fingerprint } = request;
  if (unknown.length > 0) {
    const attributes = [
      { type: stunAttribute.errorCode, value: unknownAttributeError },
      { type: stunAttribute.unknownAttributes, value: uint16s(unknown.slice(0, unknownNamedMax)) },
    ];
    const bytes = encodeStun({ class: 'error', method, transactionId, attributes, fingerprint });
    return { ok: true, kind: 'unknown attributes', bytes };
  }
  const value = encodeXorAddress(from, transactionId);
  const attributes = [{ type: stunAttribute.xorMappedAddress, value }];
  const bytes = encodeStun({ class: 'success', method, transactionId, attributes, fingerprint });
  return { ok: true, kind: 'answered', bytes };
}

/** Types that had to be understood and are not; what stands behind a MESSAGE-INTEGRITY does not count (14.5). */
function unknownAttributes(attributes: readonly StunAttribute[]): number[] {
  const unknown = new Set<number>();
  for (const { type } of attributes) {
    if (type === stunAttribute.messageIntegrity || type === stunAttribute.messageIntegritySha256) break;
    if (type < optionalFrom && !understood.has(type)) unknown.add(type);
  }
  return [...unknown];
}

/** ERROR-CODE (14.8): class 4, number 20, and the words that the RFC recommends. */
const unknownAttributeError = Uint8Array.from([
  ...[0, 0, 4, 20],
  ...Array.from('Unknown Attribute', letter => letter.charCodeAt(0)),
]);

function uint16s(numbers: readonly number[]): Uint8Array {
  return Uint8Array.from(numbers.flatMap(number => [number >> 8, number & 255]));
}

/** Class and method, interleaved as RFC 3489 left them (section 5). */
function typeOf(method: number, classBits: number): number {
  const spread = (method & 0xf) | ((method & 0x70) << 1) | ((method & 0xf80) << 2);
  return spread | ((classBits & 1) << 4) | ((classBits & 2) << 7);
}

function xorKey(transactionId: Uint8Array): Uint8Array {
  return Uint8Array.from([0x21, 0x12, 0xa4, 0x42, ...transactionId]);
}

/**
 * Section 14.7: a CRC-32 of what stands before it, xored. The length in the header counts the fingerprint
 * already, which it does here, since FINGERPRINT is always the last.
 */
function fingerprintOf(before: Uint8Array): number {
  return (crc32(before) ^ 0x5354554e) >>> 0;
}

const crcTable = Uint32Array.from({ length: 256 }, (_, byte) => {
  let rest = byte;
  for (let bit = 0; bit < 8; bit++) rest = rest & 1 ? (rest >>> 1) ^ 0xedb88320 : rest >>> 1;
  return rest;
});

/** ISO 3309, as in Ethernet and zip. */
function crc32(bytes: Uint8Array): number {
  let crc = 0xffffffff;
  for (const byte of bytes) crc = (crcTable[(crc ^ byte) & 255] as number) ^ (crc >>> 8);
  return (crc ^ 0xffffffff) >>> 0;
}

const roundUp4 = (bytes: number): number => (bytes + 3) & ~3;

function refuse(reason: string): { readonly ok: false; readonly reason: string } {
  return { ok: false, reason };
}
