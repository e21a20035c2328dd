/**
 * Signals sealed with a key from the space's secret (AES-256-GCM). The signaling server relays them without
 * reading them, and since an SDP carries the DTLS fingerprint, a server that tried to put itself between two
 * peers would have to forge a seal. Version, key, topic, sender, receiver and sequence are bound in as additional data.
 * The sequence must rise, so that a replayed signal is dropped.
 *
 * AES-GCM does not commit to its key: one text can open under two. So a signal names the key it is sealed with by its
 * hash, and no key is tried that it does not name.
 */
import { concatBytes, equalBytes, utf8 } from '../../base/bytes.ts';
import { sealingPeersMax } from '../../base/limits.ts';
import {
  decodeEnvelope,
  decodeSignal,
  encodeEnvelope,
  encodeSignal,
  ivBytes,
  keyIdBytes,
  sealedWith,
  type Envelope,
  type Signal,
} from '../signals.ts';

export type SealRefusal =
  | 'malformed'
  | 'version'
  /** Sealed with a key that we do not have. */
  | 'key'
  /** It, or who it says it is from or for, was changed; or it is of another topic. */
  | 'seal'
  /** It was here before, or one after it. */
  | 'replayed'
  /** Sealed by a member, and yet no signal. */
  | 'form';

export type Opened =
  { readonly ok: true; readonly signal: Signal } | { readonly ok: false; readonly reason: SealRefusal };

const keyIdLabel = utf8('peerloom/signaling-key');

export class SealedSignals {
  readonly #key: CryptoKey;
  readonly #keyId: Uint8Array;
  readonly #topic: string;
  #sequence = 0;
  /** The last sequence of each sender: the least recent one is forgotten when there are too many. */
  readonly #lastFrom = new Map<string, number>();

  private constructor(key: CryptoKey, keyId: Uint8Array, topic: string) {
    this.#key = key;
    this.#keyId = keyId;
    this.#topic = topic;
  }

  static async create(key: Uint8Array, topic: string): Promise<SealedSignals> {
    const hash = await crypto.subtle.digest('SHA-256', concatBytes(keyIdLabel, key));
    const sealing = await crypto.subtle.importKey('raw', key.slice(), 'AES-GCM', false, [
      'encrypt',
      'decrypt',
    ]);
    return new SealedSignals(sealing, new Uint8Array(hash, 0, keyIdBytes), topic);
  }

  /** How many senders' sequences are kept. */
  get senders(): number {
    return this.#lastFrom.size;
  }

  async seal(from: string, to: string, signal: Signal): Promise<string> {
    const iv = crypto.getRandomValues(new Uint8Array(ivBytes));
    const clear = { keyId: this.#keyId, sequence: ++this.#sequence, iv };
    const parameters = this.#parameters(clear, from, to);
    const sealed = await crypto.subtle.encrypt(parameters, this.#key, encodeSignal(signal));
    return encodeEnvelope({ ...clear, sealed: new Uint8Array(sealed) });
  }

  /** One at a time: of two at once the later sequence would win. */
  async open(from: string, to: string, body: string): Promise<Opened> {
    const decoded = decodeEnvelope(body);
    if (!decoded.ok) return refuse(decoded.reason === 'version' ? 'version' : 'malformed');
    const envelope = decoded.value;
    if (!equalBytes(envelope.keyId, this.#keyId)) return refuse('key');
    if (envelope.sequence <= (this.#lastFrom.get(from) ?? 0)) return refuse('replayed');
    let opened: ArrayBuffer;
    try {
      opened = await crypto.subtle.decrypt(this.#parameters(envelope, from, to), this.#key, envelope.sealed);
    } catch {
      return refuse('seal');
    }
    this.#note(from, envelope.sequence);
    const signal = decodeSignal(new TextDecoder().decode(opened));
    return signal === undefined ? refuse('form') : { ok: true, signal };
  }

  #note(from: string, sequence: number): void {
    this.#lastFrom.delete(from);
    this.#lastFrom.set(from, sequence);
    const [oldest] = this.#lastFrom.keys();
    if (this.#lastFrom.size > sealingPeersMax && oldest !== undefined) this.#lastFrom.delete(oldest);
  }

  #parameters(
    { keyId, sequence, iv }: Pick<Envelope, 'keyId' | 'sequence' | 'iv'>,
    from: string,
    to: string,
  ): AesGcmParams {
    const additionalData = sealedWith({ keyId, sequence, topic: this.#topic, from, to });
    return { name: 'AES-GCM', iv, additionalData };
  }
}

function refuse(reason: SealRefusal): { readonly ok: false; readonly reason: SealRefusal } {
  return { ok: false, reason };
}
