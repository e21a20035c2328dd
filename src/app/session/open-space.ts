/**
 * Opens a space in this tab: keys, slot, store, replica, mesh, and the session that the screens see. Everything
 * is composed here and nowhere else.
 */
import { firstPageIdOf, type ReplicaId } from '../../base/ids.ts';
import { spaceKeysOf } from '../../base/space-keys.ts';
import { encodeLinkFragment } from '../../base/space-keys.ts';
import type { Random } from '../../base/ports.ts';
import { TraceRing } from '../../base/trace.ts';
import type { TextChange } from '../../crdt/text/messages.ts';
import { Mesh } from '../../net/webrtc/mesh.ts';
import { browserPlatform } from '../../net/webrtc/platform.ts';
import { signEd25519, verifyEd25519 } from '../../net/webrtc/ed25519.ts';
import { SealedSignals } from '../../net/webrtc/sealed-signals.ts';
import { cleanName } from '../../replica/presence.ts';
import { openReplica } from '../../replica/open-replica.ts';
import type { Replica } from '../../replica/replica.ts';
import { IndexedDbStore } from '../../storage/indexeddb/indexeddb-store.ts';
import type { DeviceKeys, ProfileStore } from '../../storage/indexeddb/profile-store.ts';
import { nobleCrypto } from '../../sync/crypto.ts';
import type {
  PageSession,
  PastedTexts,
  Person,
  Profile,
  RemoteCursor,
  SpaceSession,
} from '../space-session.ts';
import { Courier } from './courier.ts';
import { ReplicaDriver } from './replica-driver.ts';
import { signalingUrls } from './signaling-urls.ts';
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
}

export async function openSpace({ secret, keys, profile, profiles }: OpenOptions): Promise<SpaceSession> {
  // On its way while the disk is read; the mesh sees and says when it does not come.
  browserPlatform.loadPeers().catch(() => undefined);
  const spaceKeys = spaceKeysOf(nobleCrypto, secret);
  const slot = await claimSlot(spaceKeys.spaceId);
  if (slot === undefined) throw new OpenFailure('slots');
  const store = await IndexedDbStore.open(spaceKeys.spaceId).catch((cause: unknown) => {
    slot.release();
    throw new OpenFailure('store', cause);
  });
  const [stored, signals, deviceKey, sealingKey] = await Promise.all([
    store.load(),
    SealedSignals.create(spaceKeys.signaling, spaceKeys.topic),
    publicKeyOf(keys.signing),
    publicKeyOf(keys.sealing),
  ]);
  const replica = openReplica(
    {
      keys: spaceKeys,
      slot: slot.number,
      device: { deviceKey, sealingKey },
      crypto: nobleCrypto,
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
    firstPage: firstPageIdOf(nobleCrypto, spaceKeys.spaceId),
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

/** How long changes of status gather before the screens hear of them: too short to be seen, */
const statusSoonMs = 60;
/** and the distance of one telling to the next: words that change more often are not read. */
const statusEveryMs = 250;

/** A space that is being opened fills for about this long. */
const arrivingMs = 3000;

interface Place {
  readonly link: string;
  readonly firstPage: ReturnType<typeof firstPageIdOf>;
  readonly keepProfile: (profile: Profile) => void;
  readonly release: () => void;
}

class LocalSession implements SpaceSession {
  readonly page: PageSession;
  readonly pasted: PastedTexts;
  readonly replica: Replica;
  readonly mesh: Mesh;
  /** The last events of the cores: for the console, later for the Lab. */
  readonly trace = new TraceRing();
  readonly #driver: ReplicaDriver;
  readonly #courier: Courier;
  readonly #place: Place;
  readonly #subscribers = new Set<() => void>();
  readonly #textSubscribers = new Set<
    (changes: readonly TextChange[], author: Profile | undefined) => void
  >();
  readonly #cursorSubscribers = new Set<() => void>();
  readonly #lastProfiles = new Map<ReplicaId, Profile>();
  readonly #cutLinks = new Set<ReplicaId>();
  readonly #unlisten = new AbortController();
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
          if (effect.documentId !== place.firstPage) return;
          // What one finds on arriving is not fresh; what comes while one looks on is.
          const arriving = performance.now() - this.#openedMs < arrivingMs;
          const author = arriving ? undefined : this.#profileOf(effect.author);
          for (const notify of this.#textSubscribers) notify(effect.changes, author);
        } else if (effect.type === 'presence-changed') {
          for (const notify of this.#cursorSubscribers) notify();
          this.#changed();
        } else if (effect.type === 'own-log-forked') {
          // A copy of this profile writes, too. All is kept; opened anew, this tab has another name.
          location.reload();
        } else if (effect.type === 'trace') this.trace.record(performance.now(), effect.event);
        else this.#changed();
      },
    });
    this.page = this.#pageSession();
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

  #pageSession(): PageSession {
    const documentId = this.#place.firstPage;
    return {
      // Asked for each time: after a fork the document is another one.
      text: () => this.replica.text(documentId).toString(),
      edit: changes => {
        this.#driver.run(this.replica.edit(documentId, changes));
      },
      subscribe: notify => {
        this.#textSubscribers.add(notify);
        return () => this.#textSubscribers.delete(notify);
      },
      select: selection => {
        this.#driver.run(this.replica.select(selection && { documentId, ...selection }));
      },
      cursors: () => this.#cursors(),
      subscribeCursors: notify => {
        this.#cursorSubscribers.add(notify);
        return () => this.#cursorSubscribers.delete(notify);
      },
    };
  }

  #cursors(): RemoteCursor[] {
    const text = this.replica.text(this.#place.firstPage);
    const cursors: RemoteCursor[] = [];
    for (const replicaId of this.replica.peerIds()) {
      const presence = this.replica.presenceOf(replicaId);
      if (presence?.selection?.documentId !== this.#place.firstPage) continue;
      const anchor = text.indexOf(presence.selection.anchor);
      const head = text.indexOf(presence.selection.head);
      const profile = { name: presence.name, colour: presence.colour };
      if (anchor !== undefined && head !== undefined) cursors.push({ replicaId, profile, anchor, head });
    }
    return cursors;
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
    const peers = this.status().peers.map(({ replicaId }) => {
      const profile = this.#profileOf(replicaId) ?? {
        name: 'Someone',
        colour: 1 + (parseInt(replicaId.slice(0, 4), 16) % 12),
      };
      return { replicaId, profile, self: false, away: this.replica.presenceOf(replicaId)?.away === true };
    });
    return [self, ...peers];
  }

  profile(): Profile {
    return this.#profile;
  }

  subscribe(notify: () => void): () => void {
    this.#subscribers.add(notify);
    return () => this.#subscribers.delete(notify);
  }

  /** A peer that comes back in a new session has a new link; its switch is still off. */
  #keepLinksCut(): void {
    for (const peer of this.#cutLinks) {
      const linkId = this.replica.linkOf(peer);
      if (linkId !== undefined && !this.mesh.conditioner.settings(linkId, 'out').cut)
        this.mesh.setLink(linkId, false);
    }
  }

  #changed(): void {
    this.#keepLinksCut();
    // Gathered, and off the path of a keystroke: what is shown about state may follow a moment later.
    if (this.#notifying) return;
    this.#notifying = true;
    const nowMs = performance.now();
    this.#notifiedMs = Math.max(nowMs + statusSoonMs, this.#notifiedMs + statusEveryMs);
    setTimeout(() => {
      this.#notifying = false;
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
    if (on) this.#cutLinks.delete(replicaId);
    else this.#cutLinks.add(replicaId);
    const linkId = this.replica.linkOf(replicaId);
    if (linkId !== undefined) this.mesh.setLink(linkId, on);
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
    this.mesh.close();
    this.#courier.close();
    this.#place.release();
  }
}
