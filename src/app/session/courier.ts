/** The page's side of the courier (courier.worker.ts): the disk, the outbox lane and the beat of an open space. */
import type { SpaceId } from '../../base/ids.ts';
import type { LinkId } from '../../net/transport.ts';
import type { OutboxCarrier } from '../../net/webrtc/mesh.ts';
import type { Committed, Keep } from '../../replica/driver.ts';
import type { BatchKey, ScrubStep } from '../../storage/store.ts';
import type { FromCourier, ToCourier } from './courier-messages.ts';
import workerUrl from './courier.worker.ts?worker&url';
import { scriptUrl } from './trusted.ts';

export class Courier implements OutboxCarrier {
  readonly #worker: Worker;
  readonly #waiting = new Map<number, (committed: Committed) => void>();
  readonly #scrubs = new Map<number, (step: ScrubStep) => void>();
  #lastNumber = 0;
  #broken = false;

  /** `signingKey`: Ed25519, not extractable. `tick` is called four times a second, in a hidden tab too. */
  constructor(spaceId: SpaceId, signingKey: CryptoKey, tick: () => void) {
    this.#worker = new Worker(scriptUrl(workerUrl), { type: 'module' });
    this.#worker.onmessage = ({ data: message }: MessageEvent<FromCourier>) => {
      if (message.type === 'tick') tick();
      else if (message.type === 'scrubbed') this.#scrubbed(message.number, message.step);
      else this.#answer(message.number, message.committed);
    };
    // A Worker that does not run keeps nothing, and the page must hear that rather than wait for ever.
    this.#worker.onerror = () => {
      this.#broken = true;
      for (const number of [...this.#waiting.keys()]) this.#answer(number, notCommitted);
      for (const number of [...this.#scrubs.keys()]) this.#scrubbed(number, notScrubbed);
    };
    this.#tell({ type: 'open', spaceId, signingKey });
  }

  /** Signs, keeps, then sends. Never rejects. One at a time. */
  commit(commit: Keep): Promise<Committed> {
    if (this.#broken) return Promise.resolve(notCommitted);
    const number = ++this.#lastNumber;
    return new Promise(resolve => {
      this.#waiting.set(number, resolve);
      this.#tell({ type: 'commit', number, commit });
    });
  }

  /** As the store's. */
  scrub(after: BatchKey | undefined, recordsMax: number): Promise<ScrubStep> {
    if (this.#broken) return Promise.resolve(notScrubbed);
    const number = ++this.#lastNumber;
    return new Promise(resolve => {
      this.#scrubs.set(number, resolve);
      this.#tell({ type: 'scrub', number, after, recordsMax });
    });
  }

  adopt(linkId: LinkId, channel: RTCDataChannel): void {
    try {
      this.#tell({ type: 'adopt', linkId, channel }, [channel]);
    } catch {
      // This browser keeps channels where they were made: the data lane carries what the outbox lane would.
    }
  }

  recall(linkIds: readonly LinkId[]): void {
    this.#tell({ type: 'recall', linkIds });
  }

  close(): void {
    this.#tell({ type: 'close' });
    this.#worker.onmessage = null;
  }

  #answer(number: number, committed: Committed): void {
    this.#waiting.get(number)?.(committed);
    this.#waiting.delete(number);
  }
  #scrubbed(number: number, step: ScrubStep): void {
    this.#scrubs.get(number)?.(step);
    this.#scrubs.delete(number);
  }
  #tell(message: ToCourier, transferred: Transferable[] = []): void {
    this.#worker.postMessage(message, transferred);
  }
}

const notScrubbed: ScrubStep = { ok: false, reason: 'failed' };
const notCommitted: Committed = {
  result: { ok: false, reason: 'failed' },
  signature: undefined,
  sent: [],
};
