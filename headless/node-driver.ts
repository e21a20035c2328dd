/**
 * The ports of a replica's driver in a Node process: WebCrypto, a mesh, a store, timers. The counterpart of `src/app/session`; there
 * a Worker signs and keeps while the page draws, here nothing is drawn.
 */
import { Ed25519Verifier, signEd25519 } from '../src/net/webrtc/ed25519.ts';
import type { Lane, LinkId, TransportEvent } from '../src/net/transport.ts';
import { Driver, fillIn, type Committed, type Keep, type Shown } from '../src/replica/driver.ts';
import type { Effect, Input } from '../src/replica/effects.ts';
import type { Replica } from '../src/replica/replica.ts';
import { nobodyThere, type Reach } from '../src/storage/failpoints.ts';
import type { CommitResult, Store } from '../src/storage/store.ts';

/** What a driver needs of a mesh. */
export interface Links {
  send(linkId: LinkId, lane: Lane, bytes: Uint8Array): unknown;
  drop(linkId: LinkId, reason: string): void;
  tick(): void;
  subscribe(notify: (event: TransportEvent) => void): () => void;
}

export interface NodePorts {
  readonly links: Links;
  readonly store: Store;
  readonly signingKey: CryptoKey;
  readonly shown?: (effect: Shown) => void;
  readonly reach?: Reach;
}

const tickEveryMs = 250;

/** All promises of a running replica live here. */
export class NodeDriver {
  readonly #driver: Driver;
  readonly #ports: NodePorts;
  readonly #reach: Reach;
  readonly #verifier = new Ed25519Verifier();
  readonly #unsubscribe: () => void;
  readonly #ticking: NodeJS.Timeout;
  #timer: NodeJS.Timeout | undefined;

  constructor(replica: Replica, ports: NodePorts) {
    const { links, shown } = ports;
    this.#ports = ports;
    this.#reach = ports.reach ?? nobodyThere;
    this.#driver = new Driver(replica, {
      clock: { monotonicMs: () => performance.now() },
      verify: (effect, answer) => {
        void this.#verify(effect).then(answer);
      },
      // Nobody but this thread sends, so that nothing is gained by an outbox lane.
      isClear: () => false,
      keep: (commit, answer) => {
        void this.#keep(commit).then(answer);
      },
      scrub: (after, recordsMax, answer) => {
        void ports.store.scrub(after, recordsMax).then(answer);
      },
      send: (linkId, lane, bytes) => {
        links.send(linkId, lane, bytes);
      },
      drop: (linkId, reason) => {
        links.drop(linkId, reason);
      },
      wakeAt: monotonicMs => {
        clearTimeout(this.#timer);
        const inMs = Math.ceil(monotonicMs - performance.now());
        this.#timer = setTimeout(() => {
          this.#driver.wake();
        }, inMs);
      },
      shown: shown ?? (() => undefined),
    });
    this.#unsubscribe = links.subscribe(event => {
      if (event.type !== 'drained') this.step(event);
    });
    this.#ticking = setInterval(() => {
      links.tick();
      this.step({ type: 'tick' });
    }, tickEveryMs);
  }

  step(input: Input): void {
    this.#driver.step(input);
  }

  run(effects: readonly Effect[]): void {
    this.#driver.run(effects);
  }

  close(): void {
    this.#driver.close();
    this.#unsubscribe();
    clearInterval(this.#ticking);
    clearTimeout(this.#timer);
  }

  async #verify({ deviceKey, message, signature }: Extract<Effect, { type: 'verify' }>): Promise<boolean> {
    const holds = await this.#verifier.verify(deviceKey, message, signature);
    await this.#reach('verify.done');
    return holds;
  }

  async #keep(commit: Keep): Promise<Committed> {
    const signature = commit.sign && (await this.#signed(commit.sign.message));
    const result = await this.#kept(commit, signature);
    await this.#reach('keep.answered');
    return { result, signature, sent: [] };
  }

  /** What cannot be signed is not kept: without its signature a batch is nobody's. */
  async #kept(commit: Keep, signature: Uint8Array | undefined): Promise<CommitResult> {
    if (commit.sign !== undefined) {
      if (signature === undefined) return { ok: false, reason: 'failed' };
      fillIn(commit, signature);
    }
    return this.#ports.store.commit(commit.transaction);
  }

  async #signed(message: Uint8Array): Promise<Uint8Array | undefined> {
    try {
      await this.#reach('sign.begun');
      const signature = await signEd25519(this.#ports.signingKey, message);
      await this.#reach('sign.done');
      return signature;
    } catch {
      return undefined;
    }
  }
}
