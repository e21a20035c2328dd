/** The ports of a replica's driver in a browser: WebCrypto, the mesh, the courier and this window's timers. */
import type { Mesh } from '../../net/webrtc/mesh.ts';
import { Driver, type DriverPorts, type Shown } from '../../replica/driver.ts';
import type { Effect, Input } from '../../replica/effects.ts';
import type { Replica } from '../../replica/replica.ts';
import type { Courier } from './courier.ts';

export interface BrowserPorts {
  readonly mesh: Mesh;
  readonly courier: Courier;
  readonly shown: (effect: Shown) => void;
}

/** All promises of a running space live here. */
export class ReplicaDriver {
  readonly #driver: Driver;
  readonly #mesh: Mesh;
  readonly #verifyKeys = new Map<Uint8Array, Promise<CryptoKey>>();
  #timer: number | undefined;

  constructor(replica: Replica, { mesh, courier, shown }: BrowserPorts) {
    this.#mesh = mesh;
    this.#driver = new Driver(replica, {
      clock: { monotonicMs: () => performance.now() },
      verify: (effect, answer) => {
        void this.#verify(effect).then(answer);
      },
      isClear: linkId => mesh.isClear(linkId),
      keep: (commit, answer) => {
        void courier.commit(commit).then(committed => {
          for (const linkId of committed.sent) mesh.leftOnOutbox(linkId, commit.frame?.length ?? 0);
          answer(committed);
        });
      },
      send: (linkId, lane, bytes) => {
        mesh.send(linkId, lane, bytes);
      },
      drop: (linkId, reason) => {
        mesh.drop(linkId, reason);
      },
      wakeAt: monotonicMs => {
        clearTimeout(this.#timer);
        this.#timer = window.setTimeout(
          () => {
            this.#driver.wake();
          },
          Math.ceil(monotonicMs - performance.now()),
        );
      },
      shown,
    });
    mesh.subscribe(event => {
      if (event.type !== 'drained') this.step(event);
    });
  }

  step(input: Input): void {
    this.#driver.step(input);
  }

  run(effects: readonly Effect[]): void {
    this.#driver.run(effects);
  }

  tick(): void {
    this.#mesh.tick();
    this.step({ type: 'tick' });
  }

  close(): void {
    this.#driver.close();
    clearTimeout(this.#timer);
  }

  async #verify(effect: Parameters<DriverPorts['verify']>[0]): Promise<boolean> {
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
}

function exact(bytes: Uint8Array): Uint8Array<ArrayBuffer> {
  return bytes as Uint8Array<ArrayBuffer>;
}
