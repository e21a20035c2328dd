/**
 * The handshake of one link: before any other byte each end proves that it knows the space's secret and that it holds
 * the device key it names, over the very channel they speak on. Rules NET100 and up in SPEC.md, bytes in
 * docs/protocols/handshake.md.
 *
 * Why sealed signals are not enough: whoever has their key and relays them can answer both ends with certificates of its
 * own and sit in between. So both proofs cover both DTLS fingerprints (SIGMA, Krawczyk 2003; RFC 8122), and a proof
 * made for one leg is worthless on the other.
 *
 *     hello ⇄ hello        at once, both
 *     proof ⇄ proof        HMAC first, so that only members cost us a verification; then Ed25519
 *     ready ⇄ ready        "I have verified you": whoever hears it may send frames, none of which is early
 *
 * Pure and synchronous: signing and verifying are effects that inputs answer. Holds one hello and one proof, whatever
 * comes; after `refuse` and `up` nothing but frames passes through.
 */
import { assert } from '../../base/assert.ts';
import { equalBytes, sameSecretBytes } from '../../base/bytes.ts';
import { replicaIdOf, type ReplicaId, type SpaceId } from '../../base/ids.ts';
import { handshakeTimeoutMs } from '../../base/limits.ts';
import type { Crypto } from '../../base/ports.ts';
import { firstKeyEpoch, linkKinds } from '../../base/space-keys.ts';
import { isWeakKey, isWeakSealingKey } from '../../base/weak-keys.ts';
import {
  decodeHello,
  decodeProof,
  encodeHello,
  encodeProof,
  encodeReady,
  isReady,
  linkVersion,
  type Hello,
} from './messages.ts';
import { otherRole, transcriptOf, type Role } from './transcript.ts';

/** What stays the same on all links of one open space. */
export interface SpaceIdentity {
  readonly crypto: Crypto;
  readonly spaceId: SpaceId;
  readonly topic: string;
  /** HMAC key from the space's secret. */
  readonly authentication: Uint8Array;
  readonly deviceKey: Uint8Array;
  readonly sealingKey: Uint8Array;
  readonly slot: number;
  readonly incarnation: number;
}

/** What belongs to one link. */
export interface Channel {
  readonly role: Role;
  /** 32 random bytes, never used before. */
  readonly nonce: Uint8Array;
  /** Of this end's certificate and of the other's, from the descriptions the channel was made by. */
  readonly fingerprints: { readonly local: Uint8Array; readonly remote: Uint8Array };
  readonly nowMs: number;
  /** Versions offered; for tests of versions to come. */
  readonly versions?: readonly number[];
}

export interface ProvenPeer {
  readonly replicaId: ReplicaId;
  readonly deviceKey: Uint8Array;
  readonly sealingKey: Uint8Array;
  /** The greatest version of the link that both can speak. */
  readonly version: number;
}

export type HandshakeRefusal =
  /** Something else came where a word of the handshake had to: a frame, or a word out of turn. */
  | 'early-frame'
  | 'malformed-hello'
  | 'malformed-proof'
  | 'no-common-version'
  | 'unknown-kind'
  | 'unknown-key-epoch'
  | 'weak-device-key'
  | 'weak-sealing-key'
  /** Our own words came back. */
  | 'reflected'
  /** The other end is this very replica: a copy of our keys, or of our page. */
  | 'ourselves'
  /** It does not know the secret, or the two ends do not see the same link: somebody sits between them. */
  | 'wrong-mac'
  /** It does not hold the device key that it names. */
  | 'wrong-signature'
  | 'too-late'
  /** We could not sign. */
  | 'no-signature';

export type HandshakeInput =
  | { readonly type: 'arrived'; readonly bytes: Uint8Array }
  /** Answers `sign`; undefined when that failed. */
  | { readonly type: 'signed'; readonly signature: Uint8Array | undefined }
  | { readonly type: 'verified'; readonly holds: boolean }
  | { readonly type: 'time'; readonly nowMs: number };

export type HandshakeEffect =
  | { readonly type: 'say'; readonly bytes: Uint8Array<ArrayBuffer> }
  | { readonly type: 'sign'; readonly message: Uint8Array }
  | {
      readonly type: 'verify';
      readonly deviceKey: Uint8Array;
      readonly message: Uint8Array;
      readonly signature: Uint8Array;
    }
  /** Both proofs hold and the other end knows it. Frames may go. */
  | { readonly type: 'up'; readonly peer: ProvenPeer }
  /** What arrived is a frame of a peer that is up. */
  | { readonly type: 'frame'; readonly bytes: Uint8Array }
  /** The link has to be closed. */
  | { readonly type: 'refuse'; readonly reason: HandshakeRefusal };

type State =
  /** Nothing has come. */
  | 'greeting'
  /** Their hello is here, their proof is not. */
  | 'hearing'
  /** Their signature is being verified. */
  | 'verifying'
  /** Theirs holds. We are up when ours has gone and they say that it holds. */
  | 'verified'
  | 'up'
  | 'refused';

export class Handshake {
  readonly #identity: SpaceIdentity;
  readonly #channel: Channel;
  readonly #hello: Uint8Array<ArrayBuffer>;
  readonly #versions: readonly number[];
  #state: State = 'greeting';
  /** From their hello on. Believed once the proofs hold. */
  #theirs: { readonly peer: ProvenPeer; readonly hello: Uint8Array } | undefined;
  #proofSent = false;
  #readyHeard = false;

  constructor(identity: SpaceIdentity, channel: Channel) {
    this.#identity = identity;
    this.#channel = channel;
    this.#versions = channel.versions ?? [linkVersion];
    const { deviceKey, sealingKey, slot, incarnation } = identity;
    this.#hello = encodeHello({
      versions: this.#versions,
      kind: linkKinds.edit,
      keyEpoch: firstKeyEpoch,
      nonce: channel.nonce,
      deviceKey,
      sealingKey,
      slot,
      incarnation,
    });
  }

  /** The other end has proven itself and knows that we have. */
  get isUp(): boolean {
    return this.#state === 'up';
  }

  /** Bytes kept of what the other end has sent: its hello, at most `handshakeBytesMax`. */
  get heldBytes(): number {
    return this.#theirs?.hello.length ?? 0;
  }

  /** Once, when the channel is open. */
  start(): HandshakeEffect[] {
    return [{ type: 'say', bytes: this.#hello }];
  }

  step(input: HandshakeInput): HandshakeEffect[] {
    if (this.#state === 'refused') return [];
    switch (input.type) {
      case 'arrived':
        return this.#arrived(input.bytes);
      case 'signed':
        return this.#signed(input.signature);
      case 'verified':
        return this.#verified(input.holds);
      case 'time':
        if (this.#state === 'up' || input.nowMs - this.#channel.nowMs < handshakeTimeoutMs) return [];
        return this.#refuse('too-late');
    }
  }

  #arrived(bytes: Uint8Array): HandshakeEffect[] {
    switch (this.#state) {
      case 'greeting':
        return this.#greeted(bytes);
      case 'hearing':
        return this.#proofCame(bytes);
      case 'verified':
        return this.#heard(bytes);
      case 'up':
        if (!this.#readyHeard && isReady(bytes)) {
          this.#readyHeard = true;
          return [];
        }
        return [{ type: 'frame', bytes }];
      case 'verifying':
        // They may have been faster. Frames wait until we have said `ready`.
        if (!isReady(bytes) || !this.#proofSent || this.#readyHeard) return this.#refuse('early-frame');
        this.#readyHeard = true;
        return [];
      case 'refused':
        return [];
    }
  }

  #greeted(bytes: Uint8Array): HandshakeEffect[] {
    const decoded = decodeHello(bytes);
    if (!decoded.ok)
      return this.#refuse(decoded.reason === 'not a hello' ? 'early-frame' : 'malformed-hello');
    const hello = decoded.value;
    const refused = this.#refusalOf(hello);
    if (refused !== undefined) return this.#refuse(refused);
    const { crypto, spaceId } = this.#identity;
    const { deviceKey, sealingKey, slot, incarnation } = hello;
    const version = Math.max(...this.#versions.filter(ours => hello.versions.includes(ours)));
    const replicaId = replicaIdOf(crypto, deviceKey, spaceId, slot, incarnation);
    const { deviceKey: ownKey, slot: ownSlot, incarnation: ownIncarnation } = this.#identity;
    if (replicaId === replicaIdOf(crypto, ownKey, spaceId, ownSlot, ownIncarnation))
      return this.#refuse('ourselves');
    this.#theirs = { peer: { replicaId, deviceKey, sealingKey, version }, hello: bytes.slice() };
    this.#state = 'hearing';
    return [{ type: 'sign', message: this.#transcript(this.#channel.role) }];
  }

  #refusalOf(hello: Hello): HandshakeRefusal | undefined {
    if (equalBytes(hello.nonce, this.#channel.nonce)) return 'reflected';
    if (!this.#versions.some(ours => hello.versions.includes(ours))) return 'no-common-version';
    if (hello.kind !== linkKinds.edit) return 'unknown-kind';
    if (hello.keyEpoch !== firstKeyEpoch) return 'unknown-key-epoch';
    if (isWeakKey(hello.deviceKey)) return 'weak-device-key';
    if (isWeakSealingKey(hello.sealingKey)) return 'weak-sealing-key';
    return undefined;
  }

  #hearing(): { readonly peer: ProvenPeer; readonly hello: Uint8Array } {
    assert(this.#theirs !== undefined, 'their hello is here');
    return this.#theirs;
  }

  /** Of a proof made by this role; both hellos are here. */
  #transcript(prover: Role): Uint8Array<ArrayBuffer> {
    const { role, fingerprints } = this.#channel;
    const own = { fingerprint: fingerprints.local, hello: this.#hello };
    const theirs = { fingerprint: fingerprints.remote, hello: this.#hearing().hello };
    const sides =
      role === 'dialler' ? { dialler: own, answerer: theirs } : { dialler: theirs, answerer: own };
    return transcriptOf(prover, this.#identity.topic, sides);
  }
  #mac(transcript: Uint8Array): Uint8Array {
    return this.#identity.crypto.hmacSha256(this.#identity.authentication, transcript);
  }

  #signed(signature: Uint8Array | undefined): HandshakeEffect[] {
    if (this.#theirs === undefined || this.#proofSent) return [];
    if (signature === undefined) return this.#refuse('no-signature');
    this.#proofSent = true;
    const mac = this.#mac(this.#transcript(this.#channel.role));
    const effects: HandshakeEffect[] = [{ type: 'say', bytes: encodeProof({ mac, signature }) }];
    if (this.#state === 'verified') effects.push({ type: 'say', bytes: encodeReady() });
    return effects;
  }

  #proofCame(bytes: Uint8Array): HandshakeEffect[] {
    const decoded = decodeProof(bytes);
    if (!decoded.ok)
      return this.#refuse(decoded.reason === 'not a proof' ? 'early-frame' : 'malformed-proof');
    const { mac, signature } = decoded.value;
    const message = this.#transcript(otherRole(this.#channel.role));
    if (!sameSecretBytes(mac, this.#mac(message))) return this.#refuse('wrong-mac');
    this.#state = 'verifying';
    return [{ type: 'verify', deviceKey: this.#hearing().peer.deviceKey, message, signature }];
  }

  #verified(holds: boolean): HandshakeEffect[] {
    if (this.#state !== 'verifying') return [];
    if (!holds) return this.#refuse('wrong-signature');
    this.#state = 'verified';
    if (!this.#proofSent) return [];
    const ready: HandshakeEffect = { type: 'say', bytes: encodeReady() };
    return this.#readyHeard ? [ready, ...this.#up()] : [ready];
  }

  /**
   * Something came from an end that has proven itself. Only one that has verified us sends anything now, so a frame that
   * overtook `ready` on another channel says as much; before our proof went, nobody can have.
   */
  #heard(bytes: Uint8Array): HandshakeEffect[] {
    if (!this.#proofSent) return this.#refuse('early-frame');
    this.#readyHeard = isReady(bytes);
    return this.#readyHeard ? this.#up() : [...this.#up(), { type: 'frame', bytes }];
  }

  #up(): HandshakeEffect[] {
    const { peer } = this.#hearing();
    this.#state = 'up';
    return [{ type: 'up', peer }];
  }

  #refuse(reason: HandshakeRefusal): HandshakeEffect[] {
    this.#state = 'refused';
    this.#theirs = undefined;
    return [{ type: 'refuse', reason }];
  }
}
