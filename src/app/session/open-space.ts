/**
 * Opens a space in this tab: keys, slot, store, replica, mesh, and the session that the screens see. Everything
 * is composed here and nowhere else.
 */
import {
  catalogueIdOf,
  firstPageIdOf,
  type DeviceId,
  type DocumentId,
  type ReplicaId,
  type SpaceId,
} from '../../base/ids.ts';
import { spaceKeysOf } from '../../base/space-keys.ts';
import { encodeLinkFragment } from '../../base/space-keys.ts';
import type { Random } from '../../base/ports.ts';
import { TraceRing } from '../../base/trace.ts';
import { Mesh } from '../../net/webrtc/mesh.ts';
import { browserPlatform } from '../../net/webrtc/platform.ts';
import { signEd25519, verifyEd25519 } from '../../net/webrtc/ed25519.ts';
import { SealedSignals } from '../../net/webrtc/sealed-signals.ts';
import { cleanName } from '../../replica/presence.ts';
import { openReplica } from '../../replica/open-replica.ts';
import type { Replica } from '../../replica/replica.ts';
import { IndexedDbStore } from '../../storage/indexeddb/indexeddb-store.ts';
import { MetStore, type MetDevice } from '../../storage/indexeddb/met-store.ts';
import type { DeviceKeys, ProfileStore } from '../../storage/indexeddb/profile-store.ts';
import { nobleCrypto } from '../../sync/crypto.ts';
import type {
  Met,
  PageSession,
  PastedTexts,
  Person,
  Profile,
  SpacePlace,
  SpaceShelf,
  SpaceSession,
  ValuesSession,
} from '../space-session.ts';
import { loadDocumentEngine } from './load-document-engine.ts';
import { Courier } from './courier.ts';
import { MetBook } from './met-book.ts';
import { NetworkLevers } from './network-levers.ts';
import { LocalDocuments } from './local-documents.ts';
import { ReplicaDriver } from './replica-driver.ts';
import { signalingUrls } from './signaling-urls.ts';
import { shelfOf } from './shelf.ts';
import { claimSlot } from './slot.ts';

export class OpenFailure extends Error {
  override readonly name = 'OpenFailure';
  readonly reason: 'slots' | 'store' | 'damaged';
  constructor(reason: 'slots' | 'store' | 'damaged', cause?: unknown) {
    super(`the space could not be opened: ${reason}`, { cause });
    this.reason = reason;
  }
}

/** WebCrypto's randomness behind the port: for jitter only, where bias of one in 2^32 means nothing. */
const browserRandom: Random = {
  below: below => (crypto.getRandomValues(new Uint32Array(1))[0] ?? 0) % below,
};
const browserClock = { monotonicMs: () => performance.now(), wallMs: () => Date.now() };

async function publicKeyOf(pair: CryptoKeyPair): Promise<Uint8Array> {
  return new Uint8Array(await crypto.subtle.exportKey('raw', pair.publicKey));
}

export interface OpenOptions {
  readonly secret: Uint8Array<ArrayBuffer>;
  readonly keys: DeviceKeys;
  readonly profile: Profile;
  readonly profiles: ProfileStore;
  readonly lastDocument: DocumentId | undefined;
}

export async function openSpace({
  secret,
  keys,
  profile,
  profiles,
  lastDocument,
}: OpenOptions): Promise<SpaceSession> {
  // On its way while the disk is read; the mesh sees and says when it does not come.
  browserPlatform.loadPeers().catch(() => undefined);
  const spaceKeys = spaceKeysOf(nobleCrypto, secret);
  const slot = await claimSlot(spaceKeys.spaceId);
  if (slot === undefined) throw new OpenFailure('slots');
  const store = await IndexedDbStore.open(spaceKeys.spaceId).catch((cause: unknown) => {
    slot.release();
    throw new OpenFailure('store', cause);
  });
  const [{ documentEngine }, stored, signals, deviceKey, sealingKey, meetings] = await Promise.all([
    loadDocumentEngine(),
    store.load(),
    SealedSignals.create(spaceKeys.signaling, spaceKeys.topic),
    publicKeyOf(keys.signing),
    publicKeyOf(keys.sealing),
    openMeetings(spaceKeys.spaceId),
  ]);
  const replica = openReplica(
    {
      keys: spaceKeys,
      slot: slot.number,
      device: { deviceKey, sealingKey },
      crypto: nobleCrypto,
      documents: documentEngine,
      clock: browserClock,
      traced: true,
    },
    stored,
  );
  store.close();
  let tick = (): void => undefined;
  const courier = new Courier(spaceKeys.spaceId, keys.signing.privateKey, () => {
    tick();
  });
  const mesh = new Mesh({
    outbox: courier,
    platform: browserPlatform,
    signalingUrls: signalingUrls(),
    topic: spaceKeys.topic,
    signals,
    identity: {
      crypto: nobleCrypto,
      spaceId: spaceKeys.spaceId,
      topic: spaceKeys.topic,
      authentication: spaceKeys.authentication,
      deviceKey,
      sealingKey,
      slot: slot.number,
      incarnation: replica.incarnation,
      sign: message => signEd25519(keys.signing.privateKey, message),
      verify: verifyEd25519,
    },
    random: browserRandom,
    seed: browserRandom.below(2 ** 32),
  });
  const session = new LocalSession(replica, mesh, courier, profile, {
    link: `${location.origin}/s#${encodeLinkFragment(secret)}`,
    spaceId: spaceKeys.spaceId,
    firstPage: firstPageIdOf(nobleCrypto, spaceKeys.spaceId),
    catalogue: catalogueIdOf(nobleCrypto, spaceKeys.spaceId),
    lastDocument,
    shelf: shelfOf(profiles, spaceKeys.spaceId),
    keepPlace: place => void profiles.keepPlace(spaceKeys.spaceId, place),
    meetings,
    keepProfile: changed => void profiles.setProfile(changed),
    release: () => {
      slot.release();
    },
  });
  tick = () => {
    session.tick();
  };
  return session;
}

interface Meetings {
  readonly store: Pick<MetStore, 'keep' | 'close'>;
  readonly known: readonly MetDevice[];
}

/** Who was met before is good to know; a space opens without it as well. */
async function openMeetings(spaceId: SpaceId): Promise<Meetings> {
  try {
    const store = await MetStore.open(spaceId);
    return { store, known: await store.all() };
  } catch {
    return { store: { keep: () => Promise.resolve(), close: () => undefined }, known: [] };
  }
}

/** How long changes of status gather before the screens hear of them: too short to be seen, */
const statusSoonMs = 60;
/** and the distance of one telling to the next: words that change more often are not read. */
const statusEveryMs = 250;

/** A space that is being opened fills for about this long. */
const arrivingMs = 3000;

interface Place {
  readonly link: string;
  readonly spaceId: SpaceId;
  readonly firstPage: DocumentId;
  readonly catalogue: DocumentId;
  readonly lastDocument: DocumentId | undefined;
  readonly keepPlace: (place: SpacePlace) => void;
  readonly shelf: SpaceShelf;
  readonly meetings: Meetings;
  readonly keepProfile: (profile: Profile) => void;
  readonly release: () => void;
}

/** Who has not said a name: always in the same colour. */
function strangerOf(replicaId: ReplicaId): Profile {
  return { name: 'Someone', colour: 1 + (parseInt(replicaId.slice(0, 4), 16) % 12) };
}

class LocalSession implements SpaceSession {
  readonly page: PageSession;
  readonly catalogue: ValuesSession;
  readonly network: NetworkLevers;
  readonly pasted: PastedTexts;
  readonly replica: Replica;
  readonly mesh: Mesh;
  /** The last events of the cores: for the console, later for the Lab. */
  readonly trace = new TraceRing();
  readonly #driver: ReplicaDriver;
  readonly #courier: Courier;
  readonly #place: Place;
  readonly #subscribers = new Set<() => void>();
  readonly #documents: LocalDocuments;
  readonly #lastProfiles = new Map<ReplicaId, Profile>();
  readonly #book: MetBook;
  readonly #unlisten = new AbortController();
  #protected = false;
  #profile: Profile;
  #switchedOn = true;
  #notifying = false;
  #notifiedMs = -Infinity;
  readonly #openedMs = performance.now();

  constructor(replica: Replica, mesh: Mesh, courier: Courier, profile: Profile, place: Place) {
    this.replica = replica;
    this.mesh = mesh;
    this.#courier = courier;
    this.#profile = profile;
    this.#place = place;
    this.#book = new MetBook(place.meetings.store, place.meetings.known, peer => this.#profileOf(peer));
    navigator.storage.persisted().then(
      isProtected => {
        this.#protected = isProtected;
        this.#changed();
      },
      () => undefined,
    );
    this.network = new NetworkLevers(replica, mesh, this.trace);
    this.pasted = {
      offer: () => mesh.offerText(),
      answer: offer => mesh.answerText(offer),
      accept: answer => mesh.acceptText(answer),
    };
    this.#driver = new ReplicaDriver(replica, {
      mesh,
      courier,
      shown: effect => {
        if (effect.type === 'text-changed') {
          this.#documents.textChanged(effect.documentId, effect.changes, this.#authorOf(effect.author));
        } else if (effect.type === 'document-changed') {
          this.#documents.valuesChanged(effect.documentId, effect.changes, this.#authorOf(effect.author));
        } else if (effect.type === 'presence-changed') {
          this.#documents.cursorsMoved();
          this.#changed();
        } else if (effect.type === 'own-log-forked') {
          // A copy of this profile writes, too. All is kept; opened anew, this tab has another name.
          location.reload();
        } else if (effect.type === 'trace') this.trace.record(performance.now(), effect.event);
        else this.#changed();
      },
    });
    this.#documents = new LocalDocuments(
      replica,
      effects => {
        this.#driver.run(effects);
      },
      replicaId => this.#writerOf(replicaId),
    );
    this.page = this.pageOf(place.firstPage);
    this.catalogue = this.valuesOf(place.catalogue);
    this.#driver.run(replica.open(profile));
    const { signal } = this.#unlisten;
    for (const type of ['online', 'offline']) {
      addEventListener(
        type,
        () => {
          this.#applyNetwork();
        },
        { signal },
      );
    }
    // A page that goes away says goodbye; one that is killed cannot, and the others' heartbeats tell.
    addEventListener(
      'pagehide',
      () => {
        this.close();
      },
      { signal },
    );
    document.addEventListener(
      'visibilitychange',
      () => {
        this.#driver.run(this.replica.setAway(document.hidden));
      },
      { signal },
    );
    this.#driver.run(this.replica.setAway(document.hidden));
    this.#applyNetwork();
  }

  get spaceId(): SpaceId {
    return this.#place.spaceId;
  }
  get deviceId(): DeviceId {
    return this.replica.deviceId;
  }
  get firstPage(): DocumentId {
    return this.#place.firstPage;
  }
  get lastDocument(): DocumentId | undefined {
    return this.#place.lastDocument;
  }
  get shelf(): SpaceShelf {
    return this.#place.shelf;
  }
  keepPlace(place: SpacePlace): void {
    this.#place.keepPlace(place);
  }

  pageOf(documentId: DocumentId): PageSession {
    return this.#documents.pageOf(documentId);
  }
  valuesOf(documentId: DocumentId): ValuesSession {
    return this.#documents.valuesOf(documentId);
  }

  /** Whoever wrote, present or not. */
  #writerOf(replicaId: ReplicaId): { readonly profile: Profile; readonly self: boolean } {
    const device = this.status().devices.find(({ replicaIds }) => replicaIds.includes(replicaId));
    if (device === undefined) return { profile: this.#profile, self: true };
    const met = this.#book.met.get(device.deviceId)?.profile;
    return { profile: this.#profileOf(replicaId) ?? met ?? strangerOf(replicaId), self: false };
  }

  /** Whoever wrote what comes now. What one finds on arriving is not fresh; what comes while one looks on is. */
  #authorOf(replicaId: ReplicaId): Profile | undefined {
    const arriving = performance.now() - this.#openedMs < arrivingMs;
    return arriving ? undefined : this.#profileOf(replicaId);
  }

  /** What a peer last said of itself; kept while it is away, so that it does not lose its name. */
  #profileOf(replicaId: ReplicaId): Profile | undefined {
    const presence = this.replica.presenceOf(replicaId);
    if (presence !== undefined) {
      this.#lastProfiles.set(replicaId, { name: presence.name, colour: presence.colour });
    }
    return this.#lastProfiles.get(replicaId);
  }

  status(): ReturnType<Replica['status']> {
    return this.replica.status();
  }

  people(): Person[] {
    const self = { replicaId: this.replica.replicaId, profile: this.#profile, self: true };
    const peers = this.status().peers.map(({ replicaId, deviceId }) => {
      const met = deviceId && this.#book.met.get(deviceId)?.profile;
      const profile = this.#profileOf(replicaId) ?? met ?? strangerOf(replicaId);
      return { replicaId, profile, self: false, away: this.replica.presenceOf(replicaId)?.away === true };
    });
    return [self, ...peers];
  }

  met(): ReadonlyMap<DeviceId, Met> {
    return this.#book.met;
  }
  isProtected(): boolean {
    return this.#protected;
  }

  profile(): Profile {
    return this.#profile;
  }

  subscribe(notify: () => void): () => void {
    this.#subscribers.add(notify);
    return () => this.#subscribers.delete(notify);
  }

  #changed(): void {
    this.network.keep();
    // Gathered, and off the path of a keystroke: what is shown about state may follow a moment later.
    if (this.#notifying) return;
    this.#notifying = true;
    const nowMs = performance.now();
    this.#notifiedMs = Math.max(nowMs + statusSoonMs, this.#notifiedMs + statusEveryMs);
    setTimeout(() => {
      this.#notifying = false;
      this.#book.note(this.status(), Date.now());
      for (const subscriber of this.#subscribers) subscriber();
    }, this.#notifiedMs - nowMs);
  }

  setProfile(profile: Profile): void {
    this.#profile = { name: cleanName(profile.name), colour: profile.colour };
    this.#place.keepProfile(this.#profile);
    this.#driver.run(this.replica.setProfile(this.#profile));
    this.#changed();
  }

  setNetwork(on: boolean): void {
    this.#switchedOn = on;
    this.#applyNetwork();
  }

  #applyNetwork(): void {
    const online = this.#switchedOn && navigator.onLine;
    this.mesh.setOnline(online);
    this.#driver.step({ type: 'online', online });
  }

  setLink(replicaId: ReplicaId, on: boolean): void {
    this.network.setLink(replicaId, on);
    this.#driver.step({ type: 'link-switched', peer: replicaId, on });
  }

  shareLink(): string {
    return this.#place.link;
  }

  tick(): void {
    this.#driver.tick();
  }

  close(): void {
    this.#unlisten.abort();
    this.#driver.close();
    this.#book.close();
    this.mesh.close();
    this.#courier.close();
    this.#place.release();
  }
}
