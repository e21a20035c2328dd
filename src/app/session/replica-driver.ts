/**
 * Runs a replica in a browser: does what its effects say, and hands the answers back as inputs. All promises
 * of a running space live here.
 */
import { singleFrame } from '../../net/frames.ts';
import type { Mesh } from '../../net/webrtc/mesh.ts';
import type { Effect, Input } from '../../replica/effects.ts';
import type { Replica } from '../../replica/replica.ts';
import type { Courier } from './courier.ts';

export type Shown = Extract<
  Effect,
  { type: 'text-changed' | 'presence-changed' | 'status-changed' | 'trace' }
>;

export interface DriverPorts {
  readonly mesh: Mesh;
  readonly courier: Courier;
  /** Ed25519, not extractable. */
  readonly signingKey: CryptoKey;
  readonly shown: (effect: Shown) => void;
}

export class ReplicaDriver {
  readonly #replica: Replica;
  readonly #ports: DriverPorts;
  readonly #verifyKeys = new Map<Uint8Array, Promise<CryptoKey>>();
  #timer: number | undefined;
  #timerAtMs = Infinity;
  #closed = false;

  constructor(replica: Replica, ports: DriverPorts) {
    this.#replica = replica;
    this.#ports = ports;
    ports.mesh.subscribe(event => {
      if (event.type !== 'drained') this.step(event);
    });
  }

  step(input: Input): void {
    if (!this.#closed) this.run(this.#replica.step(input));
  }

  run(effects: readonly Effect[]): void {
    for (const effect of effects) this.#do(effect);
    this.#schedule();
  }

  tick(): void {
    if (this.#closed) return;
    this.#ports.mesh.tick();
    this.step({ type: 'tick' });
  }

  close(): void {
    this.#closed = true;
    clearTimeout(this.#timer);
  }

  #do(effect: Effect): void {
    switch (effect.type) {
      case 'sign':
        void crypto.subtle.sign('Ed25519', this.#ports.signingKey, exact(effect.message)).then(signature => {
          this.step({ type: 'signed', token: effect.token, signature: new Uint8Array(signature) });
        });
        break;
      case 'verify':
        void this.#verify(effect).then(holds => {
          this.step({ type: 'verified', token: effect.token, holds });
        });
        break;
      case 'commit':
        void this.#commit(effect);
        break;
      case 'send':
        // A full queue or a closed link loses the message; clocks find what was lost.
        this.#ports.mesh.send(effect.linkId, effect.lane, effect.bytes);
        break;
      case 'drop-link':
        this.#ports.mesh.drop(effect.linkId, effect.reason);
        break;
      default:
        this.#ports.shown(effect);
    }
  }

  async #commit({ token, transaction, push }: Extract<Effect, { type: 'commit' }>): Promise<void> {
    const { mesh, courier } = this.#ports;
    const frames = push.messages.map(singleFrame).filter(frame => frame !== undefined);
    const fits = frames.length === push.messages.length;
    const clear = fits ? push.linkIds.filter(linkId => mesh.isClear(linkId)) : [];
    const { result, sent } = await courier.commit(transaction, clear, frames);
    if (this.#closed) return;
    if (result.ok) {
      for (const linkId of push.linkIds) {
        if (sent.includes(linkId)) continue;
        for (const bytes of push.messages) mesh.send(linkId, 'data', bytes);
      }
    }
    this.step({ type: 'committed', token, result });
  }

  async #verify(effect: Extract<Effect, { type: 'verify' }>): Promise<boolean> {
    try {
      let key = this.#verifyKeys.get(effect.deviceKey);
      if (key === undefined) {
        key = crypto.subtle.importKey('raw', exact(effect.deviceKey), 'Ed25519', false, ['verify']);
        this.#verifyKeys.set(effect.deviceKey, key);
      }
      return await crypto.subtle.verify('Ed25519', await key, exact(effect.signature), exact(effect.message));
    } catch {
      return false;
    }
  }

  #schedule(): void {
    const dueMs = this.#replica.nextDueMs();
    if (dueMs === undefined || this.#closed) return;
    const atMs = Math.max(dueMs, performance.now());
    if (atMs >= this.#timerAtMs) return;
    clearTimeout(this.#timer);
    this.#timerAtMs = atMs;
    this.#timer = window.setTimeout(
      () => {
        this.#timerAtMs = Infinity;
        this.step({ type: 'tick' });
      },
      Math.ceil(atMs - performance.now()),
    );
  }
}

function exact(bytes: Uint8Array): Uint8Array<ArrayBuffer> {
  return bytes as Uint8Array<ArrayBuffer>;
}
