/** The transport's contract on node-datachannel, between ends in this process, through the real signaling server. */
import { afterAll, beforeAll } from 'vitest';
import { createSignalingServer, type SignalingServer } from '../../../signaling-server/server.ts';
import { transportSuite } from '../transport-suite.ts';
import { openPair } from '../webrtc/mesh-end.model.ts';
import { endNodeWebRtc, nodePlatform } from './node-platform.ts';

let server: SignalingServer;
beforeAll(async () => {
  server = await createSignalingServer({ distDir: '/nowhere', host: '127.0.0.1', port: 0 });
});
afterAll(async () => {
  await server.close();
  endNodeWebRtc();
});

transportSuite('Mesh in Node', () =>
  openPair({
    platform: nodePlatform,
    signalingUrls: [`ws://127.0.0.1:${String(server.port)}/signal`],
  }),
);
