/**
 * What peers say to each other to make a link, before they have one: descriptions, candidates and the wish to be dialled.
 * Sealed (webrtc/sealed-signals.ts), since a server or another peer carries them; here are the forms inside and outside of
 * the seal, and what of it reaches a connection. Bytes: docs/protocols/link.md.
 *
 * A member can seal what it likes, so the inside is as hostile as the outside: read field by field, and a link takes so
 * many signals and no more.
 */
import { equalBytes, fromBase64Url, toBase64Url, toHex, utf8 } from '../base/bytes.ts';
import { decode, Writer, type Decoded } from '../base/codec.ts';
import { counterMax, dialSignalsMax, iceCandidateLengthMax, signalBytesMax } from '../base/limits.ts';
import { fingerprintOf } from './handshake/fingerprint.ts';

export interface Candidate {
  readonly candidate: string;
  readonly sdpMid: string | null;
  readonly sdpMLineIndex: number | null;
}

/** Asks the other side, which dials by rule, to do so now. */
export const askToDial = 'dial-me';

export type SignalData =
  | { readonly type: 'offer' | 'answer'; readonly sdp: string }
  | { readonly type: 'candidate'; readonly candidate: Candidate }
  | typeof askToDial;

export interface Signal {
  /** One attempt to connect, 16 hex digits; signals of another attempt are stale. Empty in the wish to be dialled. */
  readonly dial: string;
  readonly data: SignalData;
}

// ── Inside the seal ─────────────────────────────────────────────────────────────────────────────────────────────

export function encodeSignal({ dial, data }: Signal): Uint8Array<ArrayBuffer> {
  return utf8(JSON.stringify({ dial, data }));
}

const dialForm = /^(?:[0-9a-f]{16})?$/;

/** What simple-peer hands out or understands, and nothing else; undefined otherwise. */
export function readSignalData(data: unknown): SignalData | undefined {
  if (data === askToDial) return data;
  if (typeof data !== 'object' || data === null) return undefined;
  const { type, sdp, candidate } = data as Readonly<Record<string, unknown>>;
  if ((type === 'offer' || type === 'answer') && typeof sdp === 'string') return { type, sdp };
  if (type !== 'candidate' || typeof candidate !== 'object' || candidate === null) return undefined;
  const { candidate: line, sdpMid = null, sdpMLineIndex = null } = candidate as Record<string, unknown>;
  if (typeof line !== 'string' || line.length > iceCandidateLengthMax) return undefined;
  if (sdpMid !== null && (typeof sdpMid !== 'string' || sdpMid.length > 16)) return undefined;
  const isIndex = (value: unknown): value is number =>
    Number.isInteger(value) && (value as number) >= 0 && (value as number) <= 0xffff;
  if (sdpMLineIndex !== null && !isIndex(sdpMLineIndex)) return undefined;
  // A browser throws at a candidate that names no section.
  if (sdpMid === null && sdpMLineIndex === null) return undefined;
  return { type, candidate: { candidate: line, sdpMid, sdpMLineIndex } };
}

export function decodeSignal(text: string): Signal | undefined {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return undefined;
  }
  if (typeof value !== 'object' || value === null) return undefined;
  const { dial, data } = value as Readonly<Record<string, unknown>>;
  if (typeof dial !== 'string' || !dialForm.test(dial)) return undefined;
  const known = readSignalData(data);
  return known === undefined || (known === askToDial) !== (dial === '') ? undefined : { dial, data: known };
}

// ── Outside of it ───────────────────────────────────────────────────────────────────────────────────────────────

export const sealVersion = 2;
/** SHA-256 over a label and the key, cut. Names the key, so that none is ever tried. */
export const keyIdBytes = 16;
export const ivBytes = 12;
const tagBytes = 16;

export interface Envelope {
  readonly keyId: Uint8Array;
  /** Rises with every signal of a sender, to whomever. */
  readonly sequence: number;
  readonly iv: Uint8Array<ArrayBuffer>;
  /** Ciphertext and tag. */
  readonly sealed: Uint8Array<ArrayBuffer>;
}

/** base64url, for the server and for people who paste it. */
export function encodeEnvelope({ keyId, sequence, iv, sealed }: Envelope): string {
  const writer = new Writer().byte(sealVersion).bytes(keyId).varUint(sequence).bytes(iv);
  return toBase64Url(writer.bytes(sealed).finish());
}

export function decodeEnvelope(body: string): Decoded<Envelope> {
  const bytes = body.length > signalBytesMax ? undefined : fromBase64Url(body);
  if (bytes === undefined) return { ok: false, reason: 'malformed' };
  return decode(bytes, reader => {
    if (reader.byte() !== sealVersion) reader.fail('version');
    const keyId = reader.bytes(keyIdBytes).slice();
    const sequence = reader.varUint(counterMax);
    const iv = reader.bytes(ivBytes).slice();
    if (reader.left <= tagBytes) reader.fail('short');
    return { keyId, sequence, iv, sealed: reader.bytes(reader.left).slice() };
  });
}

/** Everything that is not sealed, bound to what is: JSON with its fields in this order. */
export function sealedWith(
  clear: Pick<Envelope, 'keyId' | 'sequence'> & {
    readonly topic: string;
    readonly from: string;
    readonly to: string;
  },
): Uint8Array<ArrayBuffer> {
  const { keyId, topic, from, to, sequence } = clear;
  return utf8(JSON.stringify({ v: sealVersion, key: toHex(keyId), topic, from, to, sequence }));
}

// ── Before a connection ─────────────────────────────────────────────────────────────────────────────────────────

export type GateRefusal =
  | 'too-many'
  | 'no-fingerprint'
  | 'several-fingerprints'
  | 'bad-fingerprint'
  /** A later description names another certificate. */
  | 'changed-fingerprint';

/** Stands before one connection: what it lets through is bounded, and all of one certificate. */
export class SignalGate {
  #taken = 0;
  #pinned: Uint8Array | undefined;

  /** Undefined when the signal may pass. */
  refuses(data: SignalData): GateRefusal | undefined {
    if (++this.#taken > dialSignalsMax) return 'too-many';
    if (data === askToDial || data.type === 'candidate') return undefined;
    const read = fingerprintOf(data.sdp);
    if (!read.ok) return read.reason;
    if (this.#pinned !== undefined && !equalBytes(this.#pinned, read.fingerprint))
      return 'changed-fingerprint';
    this.#pinned = read.fingerprint;
    return undefined;
  }
}
