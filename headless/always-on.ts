/**
 * An always-on replica: one more member of a space that is never away, so that people who are never online together still meet. The
 * same replica as in a tab, in a Node process: it keeps what it is told before it says so, and gives it to whoever lacks it. It has
 * the space's secret, as everyone has whom the link was given to.
 */
import { join } from 'node:path';
import { toHex } from '../src/base/bytes.ts';
import { spaceKeysOf } from '../src/base/space-keys.ts';
import { countAhead } from '../src/clocks/vector-clock.ts';
import { nodePlatform } from '../src/net/node-webrtc/node-platform.ts';
import { signEd25519, verifyEd25519 } from '../src/net/webrtc/ed25519.ts';
import { Mesh } from '../src/net/webrtc/mesh.ts';
import { SealedSignals } from '../src/net/webrtc/sealed-signals.ts';
import { documentEngine } from '../src/replica/document-engine.ts';
import { openReplica } from '../src/replica/open-replica.ts';
import { cleanName } from '../src/replica/presence.ts';
import type { Replica } from '../src/replica/replica.ts';
import { nobleCrypto } from '../src/sync/crypto.ts';
import { openDevice } from './device.ts';
import { LevelStore } from './level-store.ts';
import { NodeDriver } from './node-driver.ts';

export interface AlwaysOnOptions {
  /** The space's, from its link. */
  readonly secret: Uint8Array;
  readonly signalingUrls: readonly string[];
  readonly dataDir: string;
  /** What people see it as. */
  readonly name: string;
}

/** The process has its folder to itself, so there is one replica of this device in the space. */
const slot = 0;
/** Of the twelve peer hues. */
const colour = 7;
/** How long closing waits for what was delivered and is not kept yet; others have it, too. */
const closeWithinMs = 5000;

const random = {
  below: (below: number) => (crypto.getRandomValues(new Uint32Array(1))[0] ?? 0) % below,
};

export class AlwaysOn {
  readonly replica: Replica;
  readonly mesh: Mesh;
  readonly store: LevelStore;
  readonly #driver: NodeDriver;

  private constructor(replica: Replica, mesh: Mesh, store: LevelStore, driver: NodeDriver) {
    this.replica = replica;
    this.mesh = mesh;
    this.store = store;
    this.#driver = driver;
  }

  /** Rejects with `StoreBusy` when another process has the folder, and with what the system says when it cannot be used. */
  static async open({ secret, signalingUrls, dataDir, name }: AlwaysOnOptions): Promise<AlwaysOn> {
    const keys = spaceKeysOf(nobleCrypto, secret);
    const device = await openDevice(dataDir);
    const store = await LevelStore.open(join(dataDir, 'spaces', keys.spaceId));
    const { deviceKey, sealingKey, signingKey } = device;
    const replica = openReplica(
      {
        keys,
        slot,
        device: { deviceKey, sealingKey },
        crypto: nobleCrypto,
        documents: documentEngine,
        clock: { monotonicMs: () => performance.now(), wallMs: () => Date.now() },
      },
      await store.load(),
      store.putAside,
    );
    const mesh = new Mesh({
      platform: nodePlatform,
      signalingUrls,
      topic: keys.topic,
      signals: await SealedSignals.create(keys.signaling, keys.topic),
      identity: {
        crypto: nobleCrypto,
        spaceId: keys.spaceId,
        topic: keys.topic,
        authentication: keys.authentication,
        deviceKey,
        sealingKey,
        slot,
        incarnation: replica.incarnation,
        sign: message => signEd25519(signingKey, message),
        verify: verifyEd25519,
      },
      random,
      seed: random.below(2 ** 32),
      outbox: { adopt: () => undefined, recall: () => undefined },
      self: toHex(crypto.getRandomValues(new Uint8Array(16))),
    });
    const driver = new NodeDriver(replica, { links: mesh, store, signingKey });
    driver.run(replica.open({ name: cleanName(name), colour }));
    mesh.setOnline(true);
    driver.step({ type: 'online', online: true });
    return new AlwaysOn(replica, mesh, store, driver);
  }

  /** Batches that were delivered and are not on the disk yet. */
  get unkept(): number {
    return countAhead(this.replica.clock, this.replica.durableClock);
  }

  /** Says goodbye, keeps what it was told, and lets go of the folder. */
  async close(): Promise<void> {
    // Nothing new comes in, and the others see at once that it is away.
    this.mesh.close();
    const untilMs = performance.now() + closeWithinMs;
    while (this.unkept > 0 && performance.now() < untilMs)
      await new Promise(resolve => setTimeout(resolve, 20));
    this.#driver.close();
    await this.store.closed();
  }
}
