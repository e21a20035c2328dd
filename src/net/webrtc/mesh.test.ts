/** The transport's contract on real RTCPeerConnections, which meet through the real signaling server. */
import { assert } from '../../base/assert.ts';
import { expect, test } from 'vitest';
import { singleFrame } from '../frames.ts';
import { signalingPath } from '../signaling.ts';
import type { LinkId, TransportEvent } from '../transport.ts';
import { transportSuite } from '../transport-suite.ts';
import { openEnd, openPair } from './mesh-end.model.ts';
import { browserPlatform } from './platform.ts';
import { newIdentity, newSpace } from './space.model.ts';

const place = {
  platform: browserPlatform,
  signalingUrls: [`${location.origin.replace(/^http/, 'ws')}${signalingPath}`],
};

transportSuite('Mesh', () => openPair(place));

async function linkedPair() {
  const { left, right, pass } = await openPair(place);
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

test('[NET110] a replica that comes back under a new session: the newer link wins, and the old session is not met again', async () => {
  const space = newSpace();
  const identity = await newIdentity(space);
  const [ana, first, second] = await Promise.all([
    openEnd(place, space, 1),
    openEnd(place, space, 2, identity),
    openEnd(place, space, 3, identity),
  ]);
  const ends = [ana, first, second];
  const heard: TransportEvent[] = [];
  ana.transport.subscribe(event => heard.push(event));
  const ups = () => heard.filter(event => event.type === 'link-up');
  const until = async (holds: () => boolean): Promise<void> => {
    while (!holds()) {
      await new Promise(resolve => setTimeout(resolve, 5));
      for (const { transport } of ends) transport.tick();
    }
  };
  ana.setOnline(true);
  first.setOnline(true);
  await until(() => ups().length === 1);
  // The first is still there, as a page that froze would be.
  second.setOnline(true);
  await until(() => ups().length === 2);
  const [old, newer] = ups();
  expect(newer?.replicaId).toBe(old?.replicaId);
  expect(heard.filter(event => event.type === 'link-down')).toEqual([
    { type: 'link-down', linkId: old?.linkId, reason: 'replaced' },
  ]);
  expect(heard.findIndex(({ type }) => type === 'link-down')).toBeLessThan(
    heard.indexOf(newer ?? { type: 'signaling', state: 'off' }),
  );
  // It wants to come back, by an offer or by asking for one, and is not let in.
  await until(() => ana.transport.refusals.get('signal: old-session') > 0);
  expect(ups().length).toBe(2);
  for (const { transport } of ends) transport.close();
});

test('[NET101] a link is open for frames, the outbox lane among them, once the other end is proven and not before', async () => {
  const space = newSpace();
  const thief = await newIdentity(space, { authentication: new Uint8Array(32) });
  const [ana, eve] = [await openEnd(place, space, 1), await openEnd(place, space, 2, thief)];
  const heard: TransportEvent[] = [];
  for (const { transport } of [ana, eve]) transport.subscribe(event => heard.push(event));
  ana.setOnline(true);
  eve.setOnline(true);
  const refused = () =>
    ana.transport.refusals.get('handshake: wrong-mac') + eve.transport.refusals.get('handshake: wrong-mac');
  while (refused() === 0) {
    await new Promise(resolve => setTimeout(resolve, 5));
    for (const { transport } of [ana, eve]) transport.tick();
  }
  expect(heard.filter(({ type }) => type === 'link-up')).toEqual([]);
  for (const link of ana.channels()) {
    expect(ana.transport.isClear(link)).toBe(false);
    expect(ana.transport.send(link, 'data', Uint8Array.of(1))).toEqual({ ok: false, reason: 'closed' });
  }
  for (const { transport } of [ana, eve]) transport.close();
});
