/** Whoever leaves in the middle of dialling us, in whatever order that is heard, leaves no half of a connection behind. */
import { afterAll, expect, test } from 'vitest';
import { SeededRandom } from '../../base/random.ts';
import { InPageSocket } from '../webrtc/in-page-server.model.ts';
import { Mesh } from '../webrtc/mesh.ts';
import { SealedSignals } from '../webrtc/sealed-signals.ts';
import { newIdentity, newSpace } from '../webrtc/space.model.ts';
import { endNodeWebRtc, nodePlatform } from './node-platform.ts';
import { NodePeerConnection } from './peer-connection.ts';

afterAll(() => {
  endNodeWebRtc();
});

const [self, dialler] = ['0'.repeat(32), 'f'.repeat(32)];

/** The description of a connection that is closed again. */
async function anOffer(): Promise<{ type: 'offer'; sdp: string }> {
  const connection = new NodePeerConnection();
  connection.createDataChannel('data');
  const { sdp = '' } = await connection.createOffer();
  connection.close();
  return { type: 'offer', sdp };
}

test('[NET96] an offer that is still being opened when its sender leaves the room leaves no connection', async () => {
  const space = newSpace();
  const seal = () => SealedSignals.create(space.signaling, space.topic);
  const socket = new InPageSocket();
  const mesh = new Mesh({
    platform: { ...nodePlatform, openSocket: () => socket as unknown as WebSocket },
    signalingUrls: ['ws://nowhere'],
    topic: space.topic,
    signals: await seal(),
    identity: await newIdentity(space),
    random: new SeededRandom(1),
    seed: 1,
    outbox: { adopt: () => undefined, recall: () => undefined },
    self,
  });
  const body = await (await seal()).seal(dialler, self, { dial: '0011223344556677', data: await anOffer() });
  mesh.setOnline(true);
  await expect.poll(() => socket.onmessage).not.toBeNull();
  socket.onopen?.();
  socket.say({ type: 'welcome', peers: [dialler] });
  socket.say({ type: 'signal', from: dialler, body });
  socket.say({ type: 'left', peer: dialler });
  // Read after the offer, whatever becomes of that: now it has been opened.
  socket.say({ type: 'signal', from: dialler, body });
  await expect.poll(() => [...mesh.refusals.entries().keys()]).toContain('signal: replayed');
  await expect.poll(() => NodePeerConnection.live, { timeout: 3_000 }).toBe(0);
  mesh.close();
});
