/** Writes down whom this tab hears, so that the next one knows when that was. */
import type { DeviceId, ReplicaId } from '../../base/ids.ts';
import type { SyncStatus } from '../../replica/status.ts';
import type { MetDevice, MetStore } from '../../storage/indexeddb/met-store.ts';
import type { Met, Profile } from '../space-session.ts';

/** A meeting is known to the half minute; more often would keep a phone's disk awake. */
export const writtenEveryMs = 30_000;

export class MetBook {
  readonly met = new Map<DeviceId, Met>();
  readonly #store: Pick<MetStore, 'keep' | 'close'>;
  readonly #profileOf: (replicaId: ReplicaId) => Profile | undefined;
  #writtenMs = -Infinity;
  #written = '';

  constructor(
    store: Pick<MetStore, 'keep' | 'close'>,
    known: readonly MetDevice[],
    profileOf: (replicaId: ReplicaId) => Profile | undefined,
  ) {
    this.#store = store;
    this.#profileOf = profileOf;
    for (const { deviceId, name, colour, metMs } of known)
      this.met.set(deviceId, { profile: { name, colour }, metMs });
  }

  /** Call when status has changed, and now and then. Who is heard and is new, or has another name, is written at once. */
  note({ peers }: Pick<SyncStatus, 'peers'>, nowMs: number): void {
    const heard: MetDevice[] = [];
    for (const { replicaId, deviceId, sameDevice, state, silentMs } of peers) {
      const profile = this.#profileOf(replicaId);
      if (deviceId === undefined || sameDevice || state === 'gone' || profile === undefined) continue;
      const metMs = nowMs - silentMs;
      this.met.set(deviceId, { profile, metMs });
      heard.push({ deviceId, ...profile, metMs });
    }
    const who = heard.map(({ deviceId, name, colour }) => `${deviceId} ${name} ${String(colour)}`).join('\n');
    if (heard.length === 0 || (who === this.#written && nowMs - this.#writtenMs < writtenEveryMs)) return;
    this.#written = who;
    this.#writtenMs = nowMs;
    // A full disk is said elsewhere, where it costs more than a few words on a screen.
    this.#store.keep(heard).catch(() => undefined);
  }

  close(): void {
    this.#store.close();
  }
}
