/** One end of a mesh on real connections, with the levers that the transport's contract pulls: in a page and in Node. */
import { SeededRandom } from '../../base/random.ts';
import type { LinkId } from '../transport.ts';
import type { TransportEnd } from '../transport-suite.ts';
import { Mesh } from './mesh.ts';
import { OutboxLane } from './outbox-lane.ts';
import type { Platform } from './platform.ts';
import type { LinkIdentity } from './proven-link.ts';
import { SealedSignals } from './sealed-signals.ts';
import { newIdentity, newSpace, type Space } from './space.model.ts';

/** Where the two meet, and on what. */
export interface MeetingPlace {
  readonly platform: Platform;
  readonly signalingUrls: readonly string[];
}

export class MeshEnd implements TransportEnd {
  readonly transport: Mesh;
  readonly outbox = new OutboxLane();
  /** Whatever the mesh has taken back from its outbox. */
  readonly recalled: LinkId[] = [];
  readonly #channels = new Map<LinkId, RTCDataChannel>();

  constructor(
    place: MeetingPlace,
    topic: string,
    signals: SealedSignals,
    identity: LinkIdentity,
    seed: number,
  ) {
    this.transport = new Mesh({
      ...place,
      topic,
      signals,
      identity,
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
  /** Links whose channels were made, up or not. */
  channels(): LinkId[] {
    return [...this.#channels.keys()];
  }
  refused(): number {
    return [...this.transport.refusals.entries().values()].reduce((sum, count) => sum + count, 0);
  }
  keptOut(): number {
    const { dropped } = this.transport.conditioner;
    return dropped.get('cut') + dropped.get('offline');
  }
}

export async function openEnd(
  place: MeetingPlace,
  space: Space,
  seed: number,
  identity?: LinkIdentity,
): Promise<MeshEnd> {
  const { topic, signaling } = space;
  const signals = await SealedSignals.create(signaling, topic);
  return new MeshEnd(place, topic, signals, identity ?? (await newIdentity(space)), seed);
}

export async function openPair(place: MeetingPlace) {
  const space = newSpace();
  const left = await openEnd(place, space, 1);
  const right = await openEnd(place, space, 2);
  const pass = async (): Promise<void> => {
    await new Promise(resolve => setTimeout(resolve, 5));
    left.transport.tick();
    right.transport.tick();
  };
  return { left, right, pass };
}
