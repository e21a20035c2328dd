/** A mesh in a Node process and a page in Chromium, in one room: whichever of the two dials. */
import { replicaIdOf } from '../src/base/ids.ts';
import { SeededRandom } from '../src/base/random.ts';
import { decodeLinkFragment, spaceKeysOf } from '../src/base/space-keys.ts';
import { endNodeWebRtc, nodePlatform } from '../src/net/node-webrtc/node-platform.ts';
import { NodePeerConnection } from '../src/net/node-webrtc/peer-connection.ts';
import { signalingPath } from '../src/net/signaling.ts';
import type { TransportEvent } from '../src/net/transport.ts';
import { Mesh } from '../src/net/webrtc/mesh.ts';
import { SealedSignals } from '../src/net/webrtc/sealed-signals.ts';
import { newIdentity } from '../src/net/webrtc/space.model.ts';
import { nobleCrypto } from '../src/sync/crypto.ts';
import { decodeSyncMessage, encodeSyncMessage, protocolVersion } from '../src/sync/messages.ts';
import { AppServer } from './server.ts';
import { expect, test } from './test.ts';
import { Writer } from './writer.ts';

let server: AppServer;
test.beforeEach(async () => {
  server = await AppServer.start();
});
test.afterEach(async () => {
  await server.stop();
});
test.afterAll(() => {
  endNodeWebRtc();
});

for (const [dialler, self] of [
  ['Node', 'f'.repeat(32)],
  ['the page', '0'.repeat(32)],
] as const) {
  test(`a mesh in Node and a page in Chromium meet when ${dialler} dials, and hear each other on both lanes`, async ({
    browser,
  }) => {
    const ana = await Writer.open(await browser.newContext(), server.url, 'Ana');
    await ana.type('Hello, Node.');
    const fragment = new URL(await ana.shareLink()).hash.slice(1);
    const link = decodeLinkFragment(fragment);
    if (!link.ok) throw new Error(link.reason);
    const keys = spaceKeysOf(nobleCrypto, link.secret);
    const identity = await newIdentity(keys);
    const mesh = new Mesh({
      platform: nodePlatform,
      signalingUrls: [`ws://127.0.0.1:${String(server.port)}${signalingPath}`],
      topic: keys.topic,
      signals: await SealedSignals.create(keys.signaling, keys.topic),
      identity,
      random: new SeededRandom(1),
      seed: 1,
      outbox: { adopt: () => undefined, recall: () => undefined },
      self,
    });
    const heard: TransportEvent[] = [];
    mesh.subscribe(event => heard.push(event));
    /** What this end says again and again, as replicas do: whoever has been silent for seconds cannot say goodbye. */
    let beat = (): void => undefined;
    const beating = setInterval(() => {
      mesh.tick();
      beat();
    }, 250);
    try {
      mesh.setOnline(true);
      const words = (lane: 'data' | 'control') =>
        heard
          .filter(event => event.type === 'message' && event.lane === lane)
          .map(event => (event.type === 'message' ? decodeSyncMessage(event.bytes) : undefined))
          .map(decoded => (decoded?.ok === true ? decoded.value.type : 'not decoded'));
      await expect.poll(() => words('data')).toContain('hello');
      const up = heard.find(event => event.type === 'link-up');
      expect(up?.linkId === undefined ? '' : mesh.self > up.linkId ? 'Node' : 'the page').toBe(dialler);
      // Once she has heard who is there, her page shows one more person and beats towards Node.
      const replicaId = replicaIdOf(nobleCrypto, identity.deviceKey, keys.spaceId, 0, 0);
      const hello = encodeSyncMessage({ type: 'hello', version: protocolVersion, replicaId, heard: true });
      expect(mesh.send(up?.linkId ?? '', 'data', hello)).toEqual({ ok: true });
      beat = () => void mesh.send(up?.linkId ?? '', 'data', hello);
      await ana.connectedTo(1);
      await expect.poll(() => words('control')).toContain('heartbeat');
      expect(words('data')).not.toContain('not decoded');
      expect([...mesh.refusals.entries().keys()]).toEqual([]);
    } finally {
      clearInterval(beating);
      mesh.close();
    }
    // Node says goodbye as a page does.
    await expect.poll(async () => (await ana.peerStates()).length).toBe(0);
    expect(NodePeerConnection.live).toBe(0);
    expect(ana.errors).toEqual([]);
  });
}
