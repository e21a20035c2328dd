/** Many come and go, some of them in the middle of being dialled: no connection, descriptor or thread is left behind. */
import { readdirSync } from 'node:fs';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { createSignalingServer, type SignalingServer } from '../../../signaling-server/server.ts';
import { SeededRandom } from '../../base/random.ts';
import { openEnd, type MeetingPlace, type MeshEnd } from '../webrtc/mesh-end.model.ts';
import { newSpace } from '../webrtc/space.model.ts';
import { endNodeWebRtc, nodePlatform } from './node-platform.ts';
import { NodePeerConnection } from './peer-connection.ts';

let server: SignalingServer;
beforeAll(async () => {
  const limits = { upgradesBurst: 10_000, upgradesPerSecond: 10_000, socketsPerAddress: 1000 };
  server = await createSignalingServer({ distDir: '/nowhere', host: '127.0.0.1', port: 0, limits });
});
afterAll(async () => {
  await server.close();
  endNodeWebRtc();
});

const rooms = 40;
const joinsEach = 25;

const soon = (ms = 5): Promise<void> => new Promise(resolve => setTimeout(resolve, ms));
/** What this process holds of the kernel's, where that can be seen. */
const held = (what: 'fd' | 'task'): number => {
  try {
    return readdirSync(`/proc/self/${what}`).length;
  } catch {
    return 0;
  }
};

/** One stays; the others come one after the other. `met`: how many of them. */
async function comeAndGo(place: MeetingPlace, seed: number): Promise<{ stays: MeshEnd; met: number }> {
  const random = new SeededRandom(seed);
  const space = newSpace();
  const stays = await openEnd(place, space, seed);
  let up = 0;
  let met = 0;
  stays.transport.subscribe(event => {
    if (event.type === 'link-up') up++;
    if (event.type === 'link-down') up--;
  });
  stays.setOnline(true);
  for (let join = 0; join < joinsEach; join++) {
    const comes = await openEnd(place, space, seed + join);
    comes.setOnline(true);
    // Every third leaves while it is being dialled, at whatever point of that.
    const leavesAfter = join % 3 === 2 ? random.below(12) : Infinity;
    for (let passed = 0; up === 0 && passed < leavesAfter; passed++) {
      await soon();
      stays.transport.tick();
      comes.transport.tick();
    }
    if (up > 0) met++;
    // One says goodbye by going, one by its switch; either way the other end closes its half.
    if (join % 2 === 0) comes.setOnline(false);
    comes.transport.close();
    while (up > 0) await soon();
  }
  return { stays, met };
}

test('[NET96] after 1,000 joins and leaves no connection is left, and no descriptor or thread of one', async () => {
  const place = {
    platform: nodePlatform,
    signalingUrls: [`ws://127.0.0.1:${String(server.port)}/signal`],
  };
  // The library's own threads and pools are there after the first few.
  (await comeAndGo(place, 0)).stays.transport.close();
  await soon(200);
  const [descriptors, threads] = [held('fd'), held('task')];
  const all = await Promise.all(
    Array.from({ length: rooms }, (_, room) => comeAndGo(place, 1000 * (room + 1))),
  );
  expect(all.reduce((sum, { met }) => sum + met, 0)).toBeGreaterThan((rooms * joinsEach) / 2);
  // Those that stay are still there, and ticking: what they hold now they hold for nobody.
  for (let waited = 0; waited < 200 && NodePeerConnection.live > 0; waited++) {
    for (const { stays } of all) stays.transport.tick();
    await soon(10);
  }
  expect(NodePeerConnection.live).toBe(0);
  for (const { stays } of all) stays.transport.close();
  // What the kernel is given back comes a moment later.
  for (let waited = 0; waited < 400 && held('fd') > descriptors + 10; waited++) await soon(10);
  expect(held('fd')).toBeLessThanOrEqual(descriptors + 10);
  expect(held('task')).toBeLessThanOrEqual(threads + 4);
});
