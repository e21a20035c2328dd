import fc from 'fast-check';
import { expect, test } from 'vitest';
import { covers } from '../clocks/vector-clock.ts';
import { acknowledgeWithinMs, convergeWithinMs } from '../sim/play.ts';
import { Scene } from '../sim/scene.model.ts';

type Happening =
  | {
      readonly type: 'edit';
      readonly who: number;
      readonly at: number;
      readonly remove: number;
      readonly insert: string;
    }
  | { readonly type: 'cut'; readonly from: number; readonly to: number; readonly bothWays: boolean }
  | { readonly type: 'heal'; readonly from: number; readonly to: number }
  | { readonly type: 'lossy'; readonly from: number; readonly to: number; readonly percent: number }
  | { readonly type: 'crash'; readonly who: number; readonly power: boolean }
  | { readonly type: 'close'; readonly who: number }
  | { readonly type: 'open'; readonly who: number }
  | { readonly type: 'disk'; readonly who: number; readonly full: boolean; readonly commitMs: number }
  | { readonly type: 'wait'; readonly forMs: number };

const who = fc.nat(4);
const happenings: fc.Arbitrary<Happening> = fc.oneof(
  {
    weight: 8,
    arbitrary: fc.record({
      type: fc.constant('edit' as const),
      who,
      at: fc.nat(200),
      remove: fc.oneof(fc.constant(0), fc.nat(6)),
      insert: fc.oneof(fc.constantFrom('', 'a', 'words ', 'müde\n'), fc.string({ maxLength: 12 })),
    }),
  },
  {
    weight: 2,
    arbitrary: fc.record({ type: fc.constant('cut' as const), from: who, to: who, bothWays: fc.boolean() }),
  },
  { weight: 2, arbitrary: fc.record({ type: fc.constant('heal' as const), from: who, to: who }) },
  {
    weight: 1,
    arbitrary: fc.record({ type: fc.constant('lossy' as const), from: who, to: who, percent: fc.nat(60) }),
  },
  { weight: 1, arbitrary: fc.record({ type: fc.constant('crash' as const), who, power: fc.boolean() }) },
  { weight: 1, arbitrary: fc.record({ type: fc.constant('close' as const), who }) },
  { weight: 2, arbitrary: fc.record({ type: fc.constant('open' as const), who }) },
  {
    weight: 1,
    arbitrary: fc.record({
      type: fc.constant('disk' as const),
      who,
      full: fc.boolean(),
      commitMs: fc.constantFrom(1, 50, 600),
    }),
  },
  {
    weight: 4,
    arbitrary: fc.record({
      type: fc.constant('wait' as const),
      forMs: fc.constantFrom(1, 20, 300, 1500, 12_000),
    }),
  },
);

function happen(scene: Scene, event: Happening): void {
  const peers = scene.peers.length;
  switch (event.type) {
    case 'edit': {
      const index = event.who % peers;
      if (!scene.peer(index).running) return;
      const { length } = scene.textOf(index);
      const from = event.at % (length + 1);
      scene.edit(index, [{ from, to: Math.min(length, from + event.remove), insert: event.insert }]);
      break;
    }
    case 'cut':
    case 'heal':
    case 'lossy': {
      const [from, to] = [event.from % peers, event.to % peers];
      if (from === to) return;
      const ways: [number, number][] = [
        [from, to],
        [to, from],
      ];
      if (event.type === 'cut' && !event.bothWays) ways.pop();
      for (const [a, b] of ways) {
        if (event.type === 'lossy') scene.shape(a, b, { loss: event.percent / 100, duplicate: 0.2 });
        else scene.cut(a, b, event.type === 'cut');
      }
      break;
    }
    case 'crash': {
      if (event.power) scene.cutPower(event.who % peers);
      else scene.crash(event.who % peers);
      break;
    }
    case 'close':
      if (scene.peer(event.who % peers).running) scene.close(event.who % peers);
      break;
    case 'open':
      scene.open(event.who % peers);
      break;
    case 'disk': {
      const { disk } = scene.peer(event.who % peers);
      disk.failure = event.full ? 'full' : undefined;
      scene.slow(event.who % peers, event.commitMs);
      break;
    }
    case 'wait':
      scene.run(event.forMs);
      break;
  }
}

/** Short on an idle machine; the limit is for a busy one. */
const timeLimitMs = 60_000;

test(
  '[SYNC23] whatever happened, once everything works again all hold the same, and nothing kept is lost',
  () => {
    const scenes = fc.record({
      seed: fc.nat(),
      devices: fc.integer({ min: 2, max: 4 }),
      secondTab: fc.boolean(),
      events: fc.array(happenings, { minLength: 5, maxLength: 40 }),
    });
    fc.assert(
      fc.property(scenes, ({ seed, devices, secondTab, events }) => {
        const scene = new Scene({ replicas: devices, seed });
        if (secondTab) scene.add({ device: 0 });
        for (const event of events) happen(scene, event);

        scene.heal();
        for (const { index, disk } of scene.peers) {
          disk.failure = undefined;
          scene.slow(index, 3);
          scene.open(index);
        }
        expect(scene.converge(convergeWithinMs), 'converged').toBeDefined();
        expect(new Set(scene.peers.map(peer => scene.textOf(peer.index))).size).toBe(1);
        const promised = new Map(scene.world.ledger.logs.map(log => [log.replicaId, log.promised]));
        for (const { replica } of scene.peers) expect(covers(replica.clock, promised)).toBe(true);
        // Every replica knows of it, too.
        scene.run(acknowledgeWithinMs);
        for (const { replica } of scene.peers) {
          expect(replica.status().pill).toMatchObject({ type: 'together', holding: devices, known: devices });
          for (const peer of replica.status().peers) expect(peer.behind).toBe(0);
        }
      }),
      { numRuns: 80 },
    );
  },
  timeLimitMs,
);
