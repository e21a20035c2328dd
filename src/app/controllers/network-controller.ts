/**
 * Samples the network twice a second while its view is shown, and keeps the last minute: what passed on each link, and how
 * long nothing was heard.
 */
import type { ReactiveController, ReactiveControllerHost } from 'lit';
import type { ReplicaId } from '../../base/ids.ts';
import type { SyncStatus } from '../../replica/status.ts';
import type { NetworkReading, SpaceSession } from '../space-session.ts';

export const sampleEveryMs = 500;
export const samplesMax = 120;

interface LinkHistory {
  /** Oldest first, at most `samplesMax`. */
  readonly silentMs: readonly number[];
  /** Both directions together, over the last sample. */
  readonly bytesPerS: number;
}

export interface NetworkSample {
  readonly status: SyncStatus;
  readonly reading: NetworkReading;
  readonly histories: ReadonlyMap<ReplicaId, LinkHistory>;
}

type Source = Pick<SpaceSession, 'status' | 'network'>;

export class NetworkController implements ReactiveController {
  sample: NetworkSample | undefined;
  readonly #host: ReactiveControllerHost;
  #source: Source | undefined;
  #timer: number | undefined;
  #sampledMs = 0;

  constructor(host: ReactiveControllerHost) {
    this.#host = host;
    host.addController(this);
  }

  follow(source: Source): void {
    if (source === this.#source) return;
    this.#source = source;
    this.sample = undefined;
    this.read();
  }

  hostConnected(): void {
    this.#timer = window.setInterval(() => {
      if (!document.hidden) this.read();
    }, sampleEveryMs);
  }
  hostDisconnected(): void {
    window.clearInterval(this.#timer);
  }

  /** Also after a lever was pulled, so that it answers at once. */
  read(): void {
    if (this.#source === undefined) return;
    const nowMs = performance.now();
    const seconds = Math.max(0.05, (nowMs - this.#sampledMs) / 1000);
    this.#sampledMs = nowMs;
    const status = this.#source.status();
    const reading = this.#source.network.read();
    const histories = new Map<ReplicaId, LinkHistory>();
    for (const { replicaId, silentMs } of status.peers) {
      const past = this.sample?.histories.get(replicaId)?.silentMs ?? [];
      histories.set(replicaId, {
        silentMs: [...past, silentMs].slice(-samplesMax),
        bytesPerS: passedSince(this.sample?.reading, reading, replicaId) / seconds,
      });
    }
    this.sample = { status, reading, histories };
    this.#host.requestUpdate();
  }
}

/** A new connection counts from nothing. */
function passedSince(before: NetworkReading | undefined, now: NetworkReading, peer: ReplicaId): number {
  const link = now.links.get(peer);
  const past = before?.links.get(peer);
  if (link === undefined || past === undefined) return 0;
  const total = link.inBytes + link.outBytes;
  const passed = total - past.inBytes - past.outBytes;
  return passed < 0 ? total : passed;
}
