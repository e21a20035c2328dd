/** One end of a mesh on real connections, with the levers that the transport's contract pulls: in a page and in Node. */
import { toHex } from '../../base/bytes.ts';
import { SeededRandom } from '../../base/random.ts';
import type { LinkId } from '../transport.ts';
import type { TransportEnd } from '../transport-suite.ts';
import { Mesh } from './mesh.ts';
import { OutboxLane } from './outbox-lane.ts';
import type { Platform } from './platform.ts';
import { SealedSignals } from './sealed-signals.ts';

/** Where the two meet, and on what. */
export interface MeetingPlace {
  readonly platform: Platform;
  readonly signalingUrls: readonly string[];
}

export const randomHex = (bytes: number): string => toHex(crypto.getRandomValues(new Uint8Array(bytes)));

export class MeshEnd implements TransportEnd {
  readonly transport: Mesh;
  readonly outbox = new OutboxLane();
  /** Whatever the mesh has taken back from its outbox. */
  readonly recalled: LinkId[] = [];
  readonly #channels = new Map<LinkId, RTCDataChannel>();

  constructor(place: MeetingPlace, topic: string, signals: SealedSignals, seed: number) {
    this.transport = new Mesh({
      ...place,
      topic,
      signals,
      random: new SeededRandom(seed),
      seed,
      outbox: {
        adopt: (linkId, channel) => {
          this.#channels.set(linkId, channel);
          this.outbox.adopt(linkId, channel);
        },
        recall: linkIds => this.recalled.push(...linkIds),
      },
    });
  }

  setOnline(online: boolean): void {
    this.transport.setOnline(online);
  }
  setLink(linkId: LinkId, on: boolean): void {
    this.transport.setLink(linkId, on);
  }
  sendRaw(linkId: LinkId, frame: Uint8Array): void {
    this.#channels.get(linkId)?.send(frame as Uint8Array<ArrayBuffer>);
  }
  refused(): number {
    return [...this.transport.refusals.entries().values()].reduce((sum, count) => sum + count, 0);
  }
  keptOut(): number {
    const { dropped } = this.transport.conditioner;
    return dropped.get('cut') + dropped.get('offline');
  }
}

export async function openPair(place: MeetingPlace) {
  const topic = randomHex(32);
  const key = crypto.getRandomValues(new Uint8Array(32));
  const left = new MeshEnd(place, topic, await SealedSignals.create(key, topic), 1);
  const right = new MeshEnd(place, topic, await SealedSignals.create(key, topic), 2);
  const pass = async (): Promise<void> => {
    await new Promise(resolve => setTimeout(resolve, 5));
    left.transport.tick();
    right.transport.tick();
  };
  return { left, right, pass };
}
