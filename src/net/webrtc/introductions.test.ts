/** Peers that meet through peers, on real connections. */
import { afterEach, expect, test, vi } from 'vitest';
import { SeededRandom } from '../../base/random.ts';
import type { ReplicaId } from '../../base/ids.ts';
import type { LinkId } from '../transport.ts';
import { InPageServer } from './in-page-server.model.ts';
import { Mesh } from './mesh.ts';
import { browserPlatform } from './platform.ts';
import { SealedSignals } from './sealed-signals.ts';
import { newIdentity, newSpace, type Space } from './space.model.ts';

class End {
  readonly mesh: Mesh;
  /** Replicas behind links that are up. */
  readonly linked = new Map<LinkId, ReplicaId | undefined>();
  readonly heard: number[] = [];

  constructor(mesh: Mesh) {
    this.mesh = mesh;
    mesh.subscribe(event => {
      if (event.type === 'link-up') this.linked.set(event.linkId, event.replicaId);
      if (event.type === 'link-down') this.linked.delete(event.linkId);
      if (event.type === 'message') this.heard.push(event.bytes[0] ?? 0);
    });
  }
}

const opened: End[] = [];
afterEach(() => {
  for (const { mesh } of opened.splice(0)) mesh.close();
  vi.unstubAllGlobals();
});

async function enter(space: Space): Promise<End> {
  const seed = opened.length + 1;
  const end = new End(
    new Mesh({
      platform: browserPlatform,
      signalingUrls: ['ws://in.page/signal'],
      topic: space.topic,
      signals: await SealedSignals.create(space.signaling, space.topic),
      identity: await newIdentity(space),
      random: new SeededRandom(seed),
      seed,
      outbox: { adopt: () => undefined, recall: () => undefined },
    }),
  );
  opened.push(end);
  end.mesh.setOnline(true);
  return end;
}

async function until(holds: () => boolean): Promise<void> {
  while (!holds()) {
    await new Promise(resolve => setTimeout(resolve, 10));
    for (const { mesh } of opened) mesh.tick();
  }
}

test('[NET124] a newcomer that reaches one peer meets the rest through it', async () => {
  const server = new InPageServer();
  vi.stubGlobal('WebSocket', server.socket);
  // Everybody sees the first and nobody else.
  server.sees = (one, other) => one === 0 || other === 0;
  const space = newSpace();
  const first = await enter(space);
  await until(() => first.linked.size === 0);
  for (let n = 0; n < 3; n++) await enter(space);
  await until(() => opened.every(({ linked }) => linked.size === 3));
  // What they have is a link like any other: proven, and for messages.
  expect(new Set(opened.flatMap(({ linked }) => [...linked.values()])).size).toBe(4);
  const [, second, third] = opened;
  const links = [...(second?.linked.keys() ?? [])];
  for (const link of links) second?.mesh.send(link, 'data', Uint8Array.of(7));
  await until(() => third?.heard.includes(7) === true);
});

test('[NET124] with the server down a mesh grows together by peers that know each other', async () => {
  const server = new InPageServer();
  vi.stubGlobal('WebSocket', server.socket);
  // A chain: each came when only the one before it was there.
  server.sees = (one, other) => Math.abs(one - other) === 1;
  const space = newSpace();
  const chain: End[] = [];
  for (let n = 0; n < 4; n++) chain.push(await enter(space));
  await until(() => chain.every(({ linked }) => linked.size >= 1));
  server.goDown();
  await until(() => chain.every(({ linked }) => linked.size === 3));
});

test('[NET131] an offer and an answer that people carry make a link with no server at all, and the rest follows', async () => {
  const server = new InPageServer();
  vi.stubGlobal('WebSocket', server.socket);
  const space = newSpace();
  const [ana, bo] = [await enter(space), await enter(space)];
  await until(() => ana.linked.size === 1 && bo.linked.size === 1);
  server.goDown();
  const cy = await enter(space);
  const offer = await ana.mesh.offerText();
  const answer = await cy.mesh.answerText(offer ?? '');
  if (!answer.ok) throw new Error(answer.reason);
  expect(await ana.mesh.acceptText(answer.text)).toEqual({ ok: true });
  await until(() => cy.linked.size === 2 && ana.linked.size === 2 && bo.linked.size === 2);
  for (const link of cy.linked.keys()) cy.mesh.send(link, 'data', Uint8Array.of(9));
  await until(() => ana.heard.includes(9) && bo.heard.includes(9));
});

test('[NET132] texts are used once, by whom they are for, in their turn', async () => {
  const server = new InPageServer();
  vi.stubGlobal('WebSocket', server.socket);
  server.goDown();
  const space = newSpace();
  const [ana, bo, cy] = [await enter(space), await enter(space), await enter(space)];
  const stranger = await enter(newSpace());
  const refused = (reason: string) => ({ ok: false, reason });
  const offer = (await ana.mesh.offerText()) ?? '';
  expect(await ana.mesh.answerText(offer)).toEqual(refused('ourselves'));
  expect(await stranger.mesh.answerText(offer)).toEqual(refused('other-space'));
  expect(await bo.mesh.answerText(`${offer.slice(0, -3)}AAA`)).toEqual(refused('other-space'));
  expect(await bo.mesh.answerText(offer.slice(0, 40))).toEqual(refused('malformed'));
  expect(await bo.mesh.acceptText(offer)).toEqual(refused('wrong-text'));
  const answer = await bo.mesh.answerText(offer);
  expect(await bo.mesh.answerText(offer)).toEqual(refused('used'));
  if (!answer.ok) throw new Error(answer.reason);
  expect(await cy.mesh.acceptText(answer.text)).toEqual(refused('other-space'));
  expect(await ana.mesh.acceptText(answer.text)).toEqual({ ok: true });
  await until(() => ana.linked.size === 1 && bo.linked.size === 1);
  expect(await ana.mesh.acceptText(answer.text)).toEqual(refused('linked'));
});
