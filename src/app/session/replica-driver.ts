/** The ports of a replica's driver in a browser: WebCrypto, the mesh, the courier and this window's timers. */
import { Ed25519Verifier } from '../../net/webrtc/ed25519.ts';
import type { Mesh } from '../../net/webrtc/mesh.ts';
import { Driver, type Shown } from '../../replica/driver.ts';
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
  readonly #verifier = new Ed25519Verifier();
  #timer: number | undefined;

  constructor(replica: Replica, { mesh, courier, shown }: BrowserPorts) {
    this.#mesh = mesh;
    this.#driver = new Driver(replica, {
      clock: { monotonicMs: () => performance.now() },
      verify: ({ deviceKey, message, signature }, answer) => {
        void this.#verifier.verify(deviceKey, message, signature).then(answer);
      },
      isClear: linkId => mesh.isClear(linkId),
      keep: (commit, answer) => {
        void courier.commit(commit).then(committed => {
          for (const linkId of committed.sent) mesh.leftOnOutbox(linkId, commit.frame?.length ?? 0);
          answer(committed);
        });
      },
      scrub: (after, recordsMax, answer) => {
        void courier.scrub(after, recordsMax).then(answer);
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
}
