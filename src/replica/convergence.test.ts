import { describe, expect, test } from 'vitest';
import { World, type page, type Peer } from './world.model.ts';

const texts = (world: World) => world.running().map(peer => world.textOf(peer.index));
function expectConverged(world: World, limitMs = 30_000): void {
  expect(world.converge(limitMs), `converged within ${String(limitMs)} ms`).toBeDefined();
  expect(new Set(texts(world)).size).toBe(1);
}
function expectOnce(text: string, tokens: readonly string[]): void {
  for (const token of tokens) expect(text.split(token).length - 1, token).toBe(1);
}
function settled(replicas: number, seed = 1): World {
  const world = new World({ replicas, seed });
  world.run(3000);
  expectConverged(world);
  return world;
}

describe('sending and asking', () => {
  test('[SYNC19] a keystroke is at every linked peer within a hop', () => {
    const world = settled(3);
    world.type(0, 'hello');
    world.run(60);
    expect(texts(world)).toEqual(['hello', 'hello', 'hello']);
  });

  test.each([4000, 25_000])(
    '[SYNC23] two and three replicas that wrote apart for %d ms end with every word of both sides',
    apartMs => {
      const world = settled(5);
      world.type(0, 'before ');
      world.run(500);
      world.partition([0, 1], [2, 3, 4]);
      const tokens: string[] = [];
      for (let round = 0; round < 6; round++) {
        for (let i = 0; i < 5; i++) {
          const token = `<${String(i)}.${String(round)}>`;
          tokens.push(token);
          world.type(i, token, (i * 7 + round) % (world.textOf(i).length + 1));
        }
        world.run(apartMs / 6);
      }
      expect(texts(world)[0]).toBe(texts(world)[1]);
      expect(texts(world)[2]).toBe(texts(world)[4]);
      expect(texts(world)[0]).not.toBe(texts(world)[2]);
      world.heal();
      expectConverged(world, 15_000);
      // Words may be typed into other words; no letter is lost or doubled.
      const letters = (text: string) => [...text].sort().join('');
      expect(letters(world.textOf(0))).toBe(letters(`before ${tokens.join('')}`));
    },
  );

  test('[SYNC23] words written apart at the end of a page are all there, whole', () => {
    const world = settled(4);
    world.partition([0, 1], [2, 3]);
    const tokens = [0, 1, 2, 3].flatMap(i => [0, 1, 2].map(n => `[${String(i)}-${String(n)}]`));
    for (const [at, token] of tokens.entries()) {
      world.type(Math.floor(at / 3), token);
      world.run(100);
    }
    world.heal();
    expectConverged(world);
    expectOnce(world.textOf(0), tokens);
  });

  test('[SYNC20] a guest who knows nobody gets the history about once, whichever six peers it meets', () => {
    const world = settled(6);
    for (let round = 0; round < 30; round++) {
      for (let i = 0; i < 6; i++)
        world.type(i, `${String(i)}:${String(round)} `.padEnd(3000, 'lorem ipsum '));
      world.run(150);
    }
    expectConverged(world);
    const historyBytes = world.peer(0).disk.size;
    expect(historyBytes).toBeGreaterThan(2 * 256 * 1024);
    const guest = world.add({ device: 9 });
    expectConverged(world);
    world.run(3000);
    expect(guest.bytesReceived).toBeGreaterThan(historyBytes);
    expect(guest.bytesReceived).toBeLessThan(1.3 * historyBytes);
  }, 30_000);

  test('[SYNC20] replicas in a line, where most never meet, hold the same in the end', () => {
    const world = new World({ replicas: 5 });
    world.linked = (a, b) => Math.abs(a.index - b.index) === 1;
    world.run(2000);
    for (let i = 0; i < 5; i++) world.type(i, `[${String(i)}]`);
    expectConverged(world);
    expectOnce(world.textOf(4), ['[0]', '[1]', '[2]', '[3]', '[4]']);
  });

  test.each([1, 2, 3, 4])(
    '[SYNC23] links that lose three messages in ten delay, and lose nothing (seed %d)',
    seed => {
      const world = settled(3, seed);
      world.shapeAll({ loss: 0.3, duplicate: 0.2, jitterMs: 60 });
      const tokens: string[] = [];
      for (let round = 0; round < 20; round++) {
        for (let i = 0; i < 3; i++) {
          const token = `<${String(i)}.${String(round)}>`;
          tokens.push(token);
          world.type(i, token);
        }
        world.run(250);
      }
      expectConverged(world, 30_000);
      expectOnce(world.textOf(0), tokens);
    },
  );
});

describe('acknowledging', () => {
  test.each([1, 2, 3])(
    '[SYNC17] an acknowledgement that was lost is made good by heartbeats (seed %d)',
    seed => {
      const world = settled(2, seed);
      world.type(0, 'kept by both');
      world.run(40);
      // The batch has arrived; what 1 says of it does not.
      world.direction(1, 0).loss = 1;
      world.run(900);
      expect(world.textOf(1)).toBe('kept by both');
      world.direction(1, 0).loss = 0;
      world.run(4000);
      expect(world.peer(0).replica.status().pill).toMatchObject({ type: 'together', holding: 2, known: 2 });
      for (const { replica } of world.peers) expect(replica.status().peers[0]).toMatchObject({ behind: 0 });
    },
  );

  test('[SYNC11] each peer is known to have what it has, a while after the last change', () => {
    const world = settled(4);
    for (let i = 0; i < 4; i++) world.type(i, `[${String(i)}]`);
    expectConverged(world);
    world.run(4000);
    for (const { replica } of world.peers) {
      expect(replica.status().pill).toMatchObject({ type: 'together', holding: 4, known: 4 });
      for (const peer of replica.status().peers) expect(peer.behind).toBe(0);
    }
  });
});

describe('keeping', () => {
  test('[SYNC10] nothing of a batch leaves before its commit was answered', () => {
    const world = settled(2);
    world.peer(0).disk.commitMs = 800;
    const sentBefore = world.peer(0).batchesSent.length;
    world.type(0, 'slowly');
    world.run(700);
    expect(world.textOf(0)).toBe('slowly');
    expect(world.peer(0).batchesSent.length).toBe(sentBefore);
    expect(world.textOf(1)).toBe('');
    expect(world.peer(0).replica.status().keeping).toEqual({ type: 'keeping', changes: 1 });
    world.run(300);
    expect(world.textOf(1)).toBe('slowly');
    expect(world.peer(0).replica.status().keeping).toEqual({ type: 'kept' });
  });

  test('[SYNC12] a full disk: said so, sent nothing; with room again everything arrives', () => {
    const world = settled(2);
    world.type(0, 'kept. ');
    world.run(500);
    world.peer(0).disk.failure = 'full';
    const sentBefore = world.peer(0).batchesSent.length;
    for (let i = 0; i < 5; i++) {
      world.type(0, `<${String(i)}>`);
      world.run(1500);
    }
    const { keeping, pill } = world.peer(0).replica.status();
    expect(keeping).toMatchObject({ type: 'not-kept', reason: 'full' });
    expect(pill).toEqual(keeping);
    expect(world.peer(0).batchesSent.length).toBe(sentBefore);
    expect(world.textOf(1)).toBe('kept. ');
    // What others write is shown meanwhile, and not acknowledged.
    world.type(1, 'from 1');
    world.run(1000);
    expect(world.textOf(0)).toContain('from 1');
    expect(world.peer(1).replica.status().pill).toMatchObject({ holding: 1, known: 2 });
    world.peer(0).disk.failure = undefined;
    expectConverged(world, 5000);
    expectOnce(world.textOf(1), ['<0>', '<1>', '<2>', '<3>', '<4>', 'from 1']);
    world.run(2500);
    expect(world.peer(0).replica.status().pill).toMatchObject({ type: 'together', holding: 2 });
    expect(world.peer(1).replica.status().pill).toMatchObject({ type: 'together', holding: 2 });
  });

  test('[SYNC12] whoever goes on typing on a full disk finds out at once that there is room', () => {
    const world = settled(2);
    world.peer(0).disk.failure = 'full';
    world.type(0, 'a');
    world.run(100);
    world.peer(0).disk.failure = undefined;
    world.type(0, 'b');
    world.run(150);
    expect(world.textOf(1)).toBe('ab');
  });

  test('[SYNC14] a crash before the commit loses what nobody was promised; after it, nothing', () => {
    const world = settled(2);
    world.type(0, 'kept');
    world.run(1000);
    world.partition([0], [1]);
    world.type(0, ' and kept here alone');
    world.run(40);
    world.peer(0).disk.commitMs = 500;
    // Signing and queueing take a moment: this one has not even begun to be written.
    world.type(0, ' LOST');
    world.crash(0);
    world.run(2000);
    world.open(0);
    expect(world.textOf(0)).toBe('kept and kept here alone');
    expect(world.peer(0).replica.status().pill).toMatchObject({ changes: 1 });
    world.heal();
    expectConverged(world);
    expect(world.textOf(1)).toBe('kept and kept here alone');
    world.type(0, ' and on');
    world.type(1, '>', 0);
    expectConverged(world);
    expect(world.textOf(1)).toBe('>kept and kept here alone and on');
  });

  test('[SYNC14] a power cut takes only what another device holds already', () => {
    const world = settled(2);
    world.type(0, 'mine ');
    world.run(40);
    world.type(1, 'theirs');
    world.run(1000);
    world.crash(0, true);
    world.open(0);
    world.run(1);
    expect(world.textOf(0)).toContain('mine');
    expectConverged(world);
    expectOnce(world.textOf(0), ['mine', 'theirs']);
  });
});

describe('tabs of one device', () => {
  function tabs(): { world: World; other: Peer } {
    const world = new World();
    world.add({ device: 0, slot: 0 });
    world.run(500);
    world.add({ device: 0, slot: 1 });
    const other = world.add({ device: 1 });
    world.run(3000);
    return { world, other };
  }

  test('[SYNC25] two tabs are one device, in the list and in every count', () => {
    const { world, other } = tabs();
    const of = (index: number) =>
      world
        .peer(index)
        .replica.status()
        .peers.find(({ replicaId }) => replicaId === world.peer(0).replicaId);
    world.type(0, 'from the first tab');
    world.run(2500);
    expect(of(1)).toMatchObject({ sameDevice: true, state: 'connected', behind: 0 });
    expect(of(2)).toMatchObject({ sameDevice: false });
    expect(world.peer(0).replica.deviceId).toBe(world.peer(1).replica.deviceId);
    for (const { replica } of world.peers) {
      expect(replica.status().pill).toMatchObject({ type: 'together', holding: 2, known: 2 });
    }
    // The other tab has it, which is no other device.
    world.crash(other.index);
    world.run(12_000);
    world.type(0, '!');
    world.run(2000);
    expect(world.textOf(1)).toBe('from the first tab!');
    expect(world.peer(0).replica.status().pill).toMatchObject({ type: 'alone', changes: 1 });
    expect(world.peer(1).replica.status().pill).toMatchObject({ type: 'alone' });
  });

  test('[SYNC14] what either tab wrote both find on the disk they share, without any link', () => {
    const { world } = tabs();
    world.partition([0], [1], [2]);
    world.type(0, '<zero>');
    world.type(1, '<one>');
    world.run(500);
    world.close(0);
    world.close(1);
    world.open(1);
    expectOnce(world.textOf(1), ['<zero>', '<one>']);
    world.open(0);
    expect(world.textOf(0)).toBe(world.textOf(1));
    world.type(0, '<again>');
    world.heal();
    expectConverged(world);
    expectOnce(world.textOf(2), ['<zero>', '<one>', '<again>']);
  });
});

test('[SYNC13] while a batch is being kept, further typing gathers and shares the next one', () => {
  const world = settled(2);
  world.peer(0).disk.commitMs = 400;
  for (const letter of 'a burst of typing') world.type(0, letter);
  world.run(1500);
  expect(world.textOf(1)).toBe('a burst of typing');
  expect(world.peer(0).replica.clock.get(world.peer(0).replicaId)).toBe(3);
});

test('several documents travel in one batch and stay apart', () => {
  const world = settled(2);
  const second = 'd'.repeat(32) as typeof page;
  world.peer(0).disk.commitMs = 100;
  for (let i = 0; i < 3; i++) {
    world.type(0, 'a');
    world.edit(0, [{ from: 0, to: 0, insert: 'b' }], second);
  }
  expectConverged(world);
  expect([world.textOf(1), world.textOf(1, second)]).toEqual(['aaa', 'bbb']);
});
