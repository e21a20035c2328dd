/**
 * Who was met in a space, under which name, and when last: for those who are not there. A database of its own beside the
 * profile's, since it is written all the time and losing it costs a few words on a screen. Relaxed for the same reason.
 */
import { openDB, type DBSchema, type IDBPDatabase } from 'idb';
import type { DeviceId, SpaceId } from '../../base/ids.ts';

export interface MetDevice {
  readonly deviceId: DeviceId;
  /** As it said last. */
  readonly name: string;
  readonly colour: number;
  /** When anything was heard from it last, in milliseconds since 1970 by our clock. */
  readonly metMs: number;
}

interface MetSchema extends DBSchema {
  met: { key: [SpaceId, DeviceId]; value: MetDevice };
}

export class MetStore {
  readonly #database: IDBPDatabase<MetSchema>;
  readonly #spaceId: SpaceId;

  private constructor(database: IDBPDatabase<MetSchema>, spaceId: SpaceId) {
    this.#database = database;
    this.#spaceId = spaceId;
  }

  static async open(spaceId: SpaceId): Promise<MetStore> {
    const database = await openDB<MetSchema>('peerloom-met', 1, {
      upgrade: db => {
        db.createObjectStore('met');
      },
      blocking: (_current, _blocked, event) => {
        (event.target as IDBDatabase).close();
      },
    });
    return new MetStore(database, spaceId);
  }

  all(): Promise<MetDevice[]> {
    return this.#database.getAll('met', IDBKeyRange.bound([this.#spaceId, ''], [this.#spaceId, '\uffff']));
  }

  /** Tabs keep what each has met; the later meeting stays. */
  async keep(devices: readonly MetDevice[]): Promise<void> {
    const transaction = this.#database.transaction('met', 'readwrite', { durability: 'relaxed' });
    for (const device of devices) {
      const key: [SpaceId, DeviceId] = [this.#spaceId, device.deviceId];
      const known = await transaction.store.get(key);
      if (known === undefined || known.metMs <= device.metMs) await transaction.store.put(device, key);
    }
    await transaction.done;
  }

  close(): void {
    this.#database.close();
  }
}
