import fc from 'fast-check';
import { expect, test } from 'vitest';
import { covers } from '../clocks/vector-clock.ts';
import { World } from './world.model.ts';

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

function happen(world: World, event: Happening): void {
  const peers = world.peers.length;
  switch (event.type) {
    case 'edit': {
      const index = event.who % peers;
      if (!world.peer(index).running) return;
      const { length } = world.textOf(index);
      const from = event.at % (length + 1);
      world.edit(index, [{ from, to: Math.min(length, from + event.remove), insert: event.insert }]);
      break;
    }
    case 'cut':
    case 'heal':
    case 'lossy': {
      const [from, to] = [event.from % peers, event.to % peers];
      if (from === to) return;
      const change =
        event.type === 'lossy'
          ? { loss: event.percent / 100, duplicate: 0.2 }
          : { cut: event.type === 'cut' };
      if (event.type === 'cut' && !event.bothWays) Object.assign(world.direction(from, to), change);
      else world.shape(from, to, change);
      break;
    }
    case 'crash': {
      const peer = world.peer(event.who % peers);
      // The power of a device goes for all its tabs at once.
      if (event.power)
        for (const tab of world.peers) if (tab.device === peer.device) world.crash(tab.index, true);
      world.crash(peer.index);
      break;
    }
    case 'close':
      if (world.peer(event.who % peers).running) world.close(event.who % peers);
      break;
    case 'open':
      world.open(event.who % peers);
      break;
    case 'disk': {
      const { disk } = world.peer(event.who % peers);
      disk.failure = event.full ? 'full' : undefined;
      disk.commitMs = event.commitMs;
      break;
    }
    case 'wait':
      world.run(event.forMs);
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
        const world = new World({ replicas: devices, seed });
        if (secondTab) world.add({ device: 0, slot: 1 });
        for (const event of events) happen(world, event);

        world.heal();
        for (const { index, disk } of world.peers) {
          disk.failure = undefined;
          disk.commitMs = 3;
          world.open(index);
        }
        expect(world.converge(60_000), 'converged').toBeDefined();
        expect(new Set(world.peers.map(peer => world.textOf(peer.index))).size).toBe(1);
        for (const { replica } of world.peers) expect(covers(replica.clock, world.promised)).toBe(true);
        // Every replica knows of it, too.
        world.run(6000);
        for (const { replica } of world.peers) {
          expect(replica.status().pill).toMatchObject({ type: 'together', holding: devices, known: devices });
          for (const peer of replica.status().peers) expect(peer.behind).toBe(0);
        }
      }),
      { numRuns: 80 },
    );
  },
  timeLimitMs,
);
