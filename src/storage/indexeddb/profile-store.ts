/**
 * What belongs to the device and not to a space: its keys, its person's name and colour, which spaces it has.
 * One small database, strict for keys: a device whose key is lost is a stranger in its own spaces.
 */
import { openDB, type DBSchema, type IDBPDatabase } from 'idb';
import type { DocumentId, SpaceId } from '../../base/ids.ts';

export interface DeviceKeys {
  /** Ed25519. The private half cannot be exported, by this app or by a script that got into it. */
  readonly signing: CryptoKeyPair;
  /** X25519, for sealing key epochs to this device later. */
  readonly sealing: CryptoKeyPair;
}

export interface SpaceRecord {
  readonly spaceId: SpaceId;
  /** Readable, since an invitation must carry it. */
  readonly secret: Uint8Array<ArrayBuffer>;
  /** Milliseconds since 1970. */
  readonly openedMs: number;
  /** What was shown of it last, for a list of spaces and for opening it again. Missing until it was shown. */
  readonly place?: SpacePlaceRecord;
}

export interface SpacePlaceRecord {
  readonly lastDocument: DocumentId;
  readonly name: string;
  readonly documents: number;
}

export interface StoredProfile {
  readonly name: string;
  readonly colour: number;
}

interface ProfileSchema extends DBSchema {
  device: { key: 'keys'; value: DeviceKeys };
  profile: { key: 'me'; value: StoredProfile };
  spaces: { key: SpaceId; value: SpaceRecord };
}

export class ProfileStore {
  readonly #database: IDBPDatabase<ProfileSchema>;

  private constructor(database: IDBPDatabase<ProfileSchema>) {
    this.#database = database;
  }

  static async open(): Promise<ProfileStore> {
    const database = await openDB<ProfileSchema>('peerloom', 1, {
      upgrade: db => {
        db.createObjectStore('device');
        db.createObjectStore('profile');
        db.createObjectStore('spaces');
      },
      blocking: (_current, _blocked, event) => {
        (event.target as IDBDatabase).close();
      },
    });
    return new ProfileStore(database);
  }

  /** The device's keys, made on the first call. Two tabs that make them at once end with the same pair. */
  async deviceKeys(): Promise<DeviceKeys> {
    const kept = await this.#database.get('device', 'keys');
    if (kept !== undefined) return kept;
    const made: DeviceKeys = {
      signing: await crypto.subtle.generateKey('Ed25519', false, ['sign', 'verify']),
      sealing: await crypto.subtle.generateKey('X25519', false, ['deriveBits']),
    };
    const transaction = this.#database.transaction('device', 'readwrite', { durability: 'strict' });
    const first = await transaction.store.get('keys');
    if (first === undefined) await transaction.store.put(made, 'keys');
    await transaction.done;
    return first ?? made;
  }

  profile(): Promise<StoredProfile | undefined> {
    return this.#database.get('profile', 'me');
  }
  async setProfile(profile: StoredProfile): Promise<void> {
    await this.#database.put('profile', profile, 'me');
  }

  /** The last opened first. */
  async spaces(): Promise<SpaceRecord[]> {
    const spaces = await this.#database.getAll('spaces');
    return spaces.sort((a, b) => b.openedMs - a.openedMs);
  }
  /** Opened now. What was shown of it last stays. */
  async keepSpace(space: SpaceRecord): Promise<SpaceRecord> {
    const transaction = this.#database.transaction('spaces', 'readwrite', { durability: 'strict' });
    const before = await transaction.store.get(space.spaceId);
    const kept = before?.place === undefined ? space : { place: before.place, ...space };
    await transaction.store.put(kept, space.spaceId);
    await transaction.done;
    return kept;
  }
  async keepPlace(spaceId: SpaceId, place: SpacePlaceRecord): Promise<void> {
    const transaction = this.#database.transaction('spaces', 'readwrite');
    const before = await transaction.store.get(spaceId);
    if (before !== undefined) await transaction.store.put({ ...before, place }, spaceId);
    await transaction.done;
  }

  close(): void {
    this.#database.close();
  }
}
