/**
 * All open relays: pinged each in its own time, and let go together. To ping all of them in one instant, as the
 * obvious interval does, would stop everything else for as long as ten thousand writes take.
 */
import type { WebSocket } from 'ws';
import { retryAfterMsMax } from '../src/base/limits.ts';
import type { Random } from '../src/base/ports.ts';
import { RelaySocket, type Caller, type RelaySettings } from './relay.ts';

/** The first second is for the restart itself. */
const returnMinMs = 1000;

export class Relays {
  readonly #settings: RelaySettings;
  readonly #random: Random;
  /** When each is to be pinged next, in this order. */
  readonly #relays = new Map<RelaySocket, number>();
  #whenEmpty = (): void => undefined;

  constructor(settings: RelaySettings, random: Random) {
    this.#settings = settings;
    this.#random = random;
  }

  add(webSocket: WebSocket, caller: Caller): void {
    const { admission, limits, nowMs } = this.#settings;
    const relay = new RelaySocket(webSocket, caller, this.#settings);
    admission.sockets.add(caller.address);
    this.#relays.set(relay, nowMs() + limits.pingEveryMs);
    webSocket.on('close', () => {
      admission.sockets.delete(caller.address);
      this.#relays.delete(relay);
      if (this.#relays.size === 0) this.#whenEmpty();
    });
  }

  /** Call some times between two pings. */
  pingDue(): void {
    const { limits, nowMs } = this.#settings;
    const now = nowMs();
    for (const [relay, dueMs] of this.#relays) {
      if (dueMs > now) break;
      this.#relays.delete(relay);
      this.#relays.set(relay, dueMs + limits.pingEveryMs);
      relay.checkAlive();
    }
  }

  /**
   * Tells every peer that we go, and each another time to come back, so that they come no faster than
   * `returnsPerSecond`. Resolves when all have gone; who has not after `drainMs` is cut off.
   */
  async letGo(): Promise<void> {
    const { returnsPerSecond, drainMs } = this.#settings.limits;
    const spreadMs = Math.ceil((1000 * this.#relays.size) / returnsPerSecond);
    const latestMs = Math.min(returnMinMs + spreadMs, retryAfterMsMax - returnMinMs);
    for (const relay of [...this.#relays.keys()])
      relay.refuse('shutting-down', returnMinMs + this.#random.below(latestMs));
    let timer: NodeJS.Timeout | undefined;
    if (this.#relays.size > 0)
      await new Promise<void>(resolve => {
        this.#whenEmpty = resolve;
        timer = setTimeout(resolve, drainMs);
      });
    clearTimeout(timer);
    for (const relay of [...this.#relays.keys()]) relay.terminate();
  }
}
