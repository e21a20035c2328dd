/** The transport's contract on real RTCPeerConnections, which meet through the real signaling server. */
import { assert } from '../../base/assert.ts';
import { expect, test } from 'vitest';
import { singleFrame } from '../frames.ts';
import { signalingPath } from '../signaling.ts';
import type { LinkId, TransportEvent } from '../transport.ts';
import { transportSuite } from '../transport-suite.ts';
import { openPair } from './mesh-end.model.ts';
import { browserPlatform } from './platform.ts';

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
