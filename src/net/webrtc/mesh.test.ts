/** The transport's contract on real RTCPeerConnections, which meet through the real signaling server. */
import { assert } from '../../base/assert.ts';
import { expect, test } from 'vitest';
import { SeededRandom } from '../../base/random.ts';
import { singleFrame } from '../frames.ts';
import { signalingPath } from '../signaling.ts';
import type { LinkId, TransportEvent } from '../transport.ts';
import { transportSuite, type TransportEnd } from '../transport-suite.ts';
import { Mesh } from './mesh.ts';
import { OutboxLane } from './outbox-lane.ts';
import type { LinkIdentity } from './proven-link.ts';
import { newIdentity, newSpace, type Space } from './space.model.ts';
import { SealedSignals } from './sealed-signals.ts';

class MeshEnd implements TransportEnd {
  readonly transport: Mesh;
  readonly outbox = new OutboxLane();
  /** Whatever the mesh has taken back from its outbox. */
  readonly recalled: LinkId[] = [];
  readonly #channels = new Map<LinkId, RTCDataChannel>();

  constructor(topic: string, signals: SealedSignals, identity: LinkIdentity, seed: number) {
    this.transport = new Mesh({
      signalingUrl: `${location.origin.replace(/^http/, 'ws')}${signalingPath}`,
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
  refused(): number {
    return [...this.transport.refusals.entries().values()].reduce((sum, count) => sum + count, 0);
  }
  keptOut(): number {
    const { dropped } = this.transport.conditioner;
    return dropped.get('cut') + dropped.get('offline');
  }
}

async function openEnd(space: Space, seed: number, identity?: LinkIdentity): Promise<MeshEnd> {
  const { topic, signaling } = space;
  const signals = await SealedSignals.create(signaling, topic);
  return new MeshEnd(topic, signals, identity ?? (await newIdentity(space)), seed);
}

async function openPair() {
  const space = newSpace();
  const left = await openEnd(space, 1);
  const right = await openEnd(space, 2);
  const pass = async (): Promise<void> => {
    await new Promise(resolve => setTimeout(resolve, 5));
    left.transport.tick();
    right.transport.tick();
  };
  return { left, right, pass };
}

transportSuite('Mesh', openPair);

async function linkedPair() {
  const { left, right, pass } = await openPair();
  const heard: TransportEvent[] = [];
  const links: LinkId[] = [];
  right.transport.subscribe(event => heard.push(event));
  left.transport.subscribe(event => {
    if (event.type === 'link-up') links.push(event.linkId);
  });
  left.setOnline(true);
  right.setOnline(true);
  const until = async (holds: () => boolean): Promise<void> => {
    while (!holds()) await pass();
  };
  await until(() => links.length === 1 && heard.some(event => event.type === 'link-up'));
  return { left, right, link: links[0] ?? '', heard, until };
}

test('[NET72] what leaves on the outbox lane arrives as data, and is recalled by every switch', async () => {
  const { left, right, link, heard, until } = await linkedPair();
  const frame = singleFrame(Uint8Array.of(1, 2, 3));
  assert(frame !== undefined, 'three bytes fit in a frame');
  await until(() => left.outbox.send(link, frame));
  await until(() => heard.some(event => event.type === 'message'));
  const message = heard.find(event => event.type === 'message');
  expect([message?.lane, [...(message?.bytes ?? [])]]).toEqual(['data', [1, 2, 3]]);
  expect(left.transport.isClear(link)).toBe(true);
  left.setLink(link, false);
  expect([left.transport.isClear(link), left.recalled]).toEqual([false, [link]]);
  left.setLink(link, true);
  left.setOnline(false);
  expect([left.transport.isClear(link), left.recalled]).toEqual([false, [link, link]]);
  left.transport.close();
  right.transport.close();
});
