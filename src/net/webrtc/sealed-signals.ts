/**
 * Signals sealed with a key from the space's secret (AES-256-GCM). The signaling server relays them without
 * reading them, and since an SDP carries the DTLS fingerprint, a server that tried to put itself between two
 * peers would have to forge a seal. Topic, sender and receiver are bound in as additional data; the sequence
 * inside must rise, so that a replayed signal is dropped.
 */
import { fromBase64Url, toBase64Url, utf8 } from '../../base/bytes.ts';

export interface Signal {
  /** One attempt to connect; signals of another attempt are stale. */
  readonly dial: string;
  /** An SDP or a candidate of simple-peer, or the wish to be dialled. */
  readonly data: unknown;
}

const ivBytes = 12;

export class SealedSignals {
  readonly #key: CryptoKey;
  readonly #topic: string;
  #sequence = 0;
  readonly #lastFrom = new Map<string, number>();

  private constructor(key: CryptoKey, topic: string) {
    this.#key = key;
    this.#topic = topic;
  }

  static async create(key: Uint8Array, topic: string): Promise<SealedSignals> {
    const sealing = await crypto.subtle.importKey('raw', key.slice(), 'AES-GCM', false, [
      'encrypt',
      'decrypt',
    ]);
    return new SealedSignals(sealing, topic);
  }

  async seal(from: string, to: string, signal: Signal): Promise<string> {
    const iv = crypto.getRandomValues(new Uint8Array(ivBytes));
    const body = utf8(JSON.stringify({ ...signal, sequence: ++this.#sequence }));
    const sealed = await crypto.subtle.encrypt(this.#parameters(iv, from, to), this.#key, body);
    const whole = new Uint8Array(ivBytes + sealed.byteLength);
    whole.set(iv);
    whole.set(new Uint8Array(sealed), ivBytes);
    return toBase64Url(whole);
  }

  /** The signal, or undefined when the seal is broken, the form is wrong or it was seen before. */
  async open(from: string, to: string, body: string): Promise<Signal | undefined> {
    const whole = fromBase64Url(body);
    if (whole === undefined || whole.length <= ivBytes) return undefined;
    try {
      const parameters = this.#parameters(whole.slice(0, ivBytes), from, to);
      const opened = await crypto.subtle.decrypt(parameters, this.#key, whole.slice(ivBytes));
      const parsed: unknown = JSON.parse(new TextDecoder().decode(opened));
      if (typeof parsed !== 'object' || parsed === null) return undefined;
      const { dial, data, sequence } = parsed as Record<string, unknown>;
      if (typeof dial !== 'string' || typeof sequence !== 'number') return undefined;
      if (sequence <= (this.#lastFrom.get(from) ?? 0)) return undefined;
      this.#lastFrom.set(from, sequence);
      return { dial, data };
    } catch {
      return undefined;
    }
  }

  #parameters(iv: Uint8Array<ArrayBuffer>, from: string, to: string): AesGcmParams {
    return { name: 'AES-GCM', iv, additionalData: utf8(`${this.#topic}|${from}|${to}`) };
  }
}
