/** A member of a space in this process, on a real mesh, whose disk is memory: for tests of the always-on replica. */
import { firstPageIdOf, type DocumentId } from '../src/base/ids.ts';
import { SeededRandom } from '../src/base/random.ts';
import { spaceKeysOf } from '../src/base/space-keys.ts';
import { nodePlatform } from '../src/net/node-webrtc/node-platform.ts';
import { Mesh } from '../src/net/webrtc/mesh.ts';
import { SealedSignals } from '../src/net/webrtc/sealed-signals.ts';
import { signEd25519, verifyEd25519 } from '../src/net/webrtc/ed25519.ts';
import { documentEngine } from '../src/replica/document-engine.ts';
import { openReplica } from '../src/replica/open-replica.ts';
import type { Replica } from '../src/replica/replica.ts';
import { MemoryStore } from '../src/storage/memory-store.ts';
import { nobleCrypto } from '../src/sync/crypto.ts';
import { NodeDriver } from './node-driver.ts';

export class Person {
  readonly replica: Replica;
  readonly #mesh: Mesh;
  readonly #driver: NodeDriver;
  readonly #page: DocumentId;

  private constructor(replica: Replica, mesh: Mesh, driver: NodeDriver, page: DocumentId) {
    this.replica = replica;
    this.#mesh = mesh;
    this.#driver = driver;
    this.#page = page;
  }

  static async open(secret: Uint8Array, signalingUrl: string, seed: number): Promise<Person> {
    const keys = spaceKeysOf(nobleCrypto, secret);
    const signing = await crypto.subtle.generateKey('Ed25519', false, ['sign', 'verify']);
    const sealing = await crypto.subtle.generateKey('X25519', false, ['deriveBits']);
    const raw = async ({ publicKey }: CryptoKeyPair) =>
      new Uint8Array(await crypto.subtle.exportKey('raw', publicKey));
    const device = { deviceKey: await raw(signing), sealingKey: await raw(sealing) };
    const store = new MemoryStore();
    const clock = { monotonicMs: () => performance.now(), wallMs: () => Date.now() };
    const config = { keys, slot: 0, device, crypto: nobleCrypto, documents: documentEngine, clock };
    const replica = openReplica(config, await store.load());
    const mesh = new Mesh({
      platform: nodePlatform,
      signalingUrls: [signalingUrl],
      topic: keys.topic,
      signals: await SealedSignals.create(keys.signaling, keys.topic),
      identity: {
        ...keys,
        ...device,
        crypto: nobleCrypto,
        slot: 0,
        incarnation: 0,
        sign: message => signEd25519(signing.privateKey, message),
        verify: verifyEd25519,
      },
      random: new SeededRandom(seed),
      seed,
      outbox: { adopt: () => undefined, recall: () => undefined },
    });
    const driver = new NodeDriver(replica, { links: mesh, store, signingKey: signing.privateKey });
    driver.run(replica.open({ name: `Person ${String(seed)}`, colour: 1 }));
    mesh.setOnline(true);
    return new Person(replica, mesh, driver, firstPageIdOf(nobleCrypto, keys.spaceId));
  }

  get text(): string {
    return this.replica.text(this.#page).toString();
  }
  append(text: string): void {
    const at = this.text.length;
    this.#driver.run(this.replica.edit(this.#page, [{ from: at, to: at, insert: text }]));
  }
  /** How many devices, this one included, have everything that was written here. */
  get holding(): number {
    const { pill } = this.replica.status();
    return pill.type === 'together' ? pill.holding : 1;
  }
  leave(): void {
    this.#driver.close();
    this.#mesh.close();
  }
}
