import { describe, expect, test } from 'vitest';
import { Scene, type Peer } from '../sim/scene.model.ts';

const texts = (scene: Scene) => scene.running().map(peer => scene.textOf(peer.index));
function expectConverged(scene: Scene, limitMs = 30_000): void {
  expect(scene.converge(limitMs), `converged within ${String(limitMs)} ms`).toBeDefined();
  expect(new Set(texts(scene)).size).toBe(1);
}
function expectOnce(text: string, tokens: readonly string[]): void {
  for (const token of tokens) expect(text.split(token).length - 1, token).toBe(1);
}
function settled(replicas: number, seed = 1): Scene {
  const scene = new Scene({ replicas, seed });
  scene.run(3000);
  expectConverged(scene);
  return scene;
}

describe('sending and asking', () => {
  test('[SYNC19] a keystroke is at every linked peer within a hop', () => {
    const scene = settled(3);
    scene.type(0, 'hello');
    scene.run(60);
    expect(texts(scene)).toEqual(['hello', 'hello', 'hello']);
  });

  test.each([4000, 25_000])(
    '[SYNC23] two and three replicas that wrote apart for %d ms end with every word of both sides',
    apartMs => {
      const scene = settled(5);
      scene.type(0, 'before ');
      scene.run(500);
      scene.partition([0, 1], [2, 3, 4]);
      const tokens: string[] = [];
      for (let round = 0; round < 6; round++) {
        for (let i = 0; i < 5; i++) {
          const token = `<${String(i)}.${String(round)}>`;
          tokens.push(token);
          scene.type(i, token, (i * 7 + round) % (scene.textOf(i).length + 1));
        }
        scene.run(apartMs / 6);
      }
      expect(texts(scene)[0]).toBe(texts(scene)[1]);
      expect(texts(scene)[2]).toBe(texts(scene)[4]);
      expect(texts(scene)[0]).not.toBe(texts(scene)[2]);
      scene.heal();
      expectConverged(scene, 15_000);
      // Words may be typed into other words; no letter is lost or doubled.
      const letters = (text: string) => [...text].sort().join('');
      expect(letters(scene.textOf(0))).toBe(letters(`before ${tokens.join('')}`));
    },
  );

  test('[SYNC23] words written apart at the end of a page are all there, whole', () => {
    const scene = settled(4);
    scene.partition([0, 1], [2, 3]);
    const tokens = [0, 1, 2, 3].flatMap(i => [0, 1, 2].map(n => `[${String(i)}-${String(n)}]`));
    for (const [at, token] of tokens.entries()) {
      scene.type(Math.floor(at / 3), token);
      scene.run(100);
    }
    scene.heal();
    expectConverged(scene);
    expectOnce(scene.textOf(0), tokens);
  });

  test('[SYNC20] a guest who knows nobody gets the history about once, whichever six peers it meets', () => {
    const scene = settled(6);
    for (let round = 0; round < 30; round++) {
      for (let i = 0; i < 6; i++)
        scene.type(i, `${String(i)}:${String(round)} `.padEnd(3000, 'lorem ipsum '));
      scene.run(150);
    }
    expectConverged(scene);
    const stored = scene.peer(0).disk.load().batches;
    const historyBytes = stored.reduce((sum, { bytes }) => sum + bytes.length, 0);
    expect(historyBytes).toBeGreaterThan(2 * 256 * 1024);
    const guest = scene.add({ device: 9 });
    expectConverged(scene);
    scene.run(3000);
    expect(guest.process.session.arrivedBytes).toBeGreaterThan(historyBytes);
    expect(guest.process.session.arrivedBytes).toBeLessThan(1.3 * historyBytes);
  }, 30_000);

  test('[SYNC20] replicas in a line, where most never meet, hold the same in the end', () => {
    const scene = new Scene({ replicas: 5 });
    scene.link((a, b) => Math.abs(a - b) === 1);
    scene.run(2000);
    for (let i = 0; i < 5; i++) scene.type(i, `[${String(i)}]`);
    expectConverged(scene);
    expectOnce(scene.textOf(4), ['[0]', '[1]', '[2]', '[3]', '[4]']);
  });

  test.each([1, 2, 3, 4])(
    '[SYNC23] links that lose three messages in ten delay, and lose nothing (seed %d)',
    seed => {
      const scene = settled(3, seed);
      scene.shapeAll({ loss: 0.3, duplicate: 0.2, jitterMs: 60 });
      const tokens: string[] = [];
      for (let round = 0; round < 20; round++) {
        for (let i = 0; i < 3; i++) {
          const token = `<${String(i)}.${String(round)}>`;
          tokens.push(token);
          scene.type(i, token);
        }
        scene.run(250);
      }
      expectConverged(scene, 30_000);
      expectOnce(scene.textOf(0), tokens);
    },
  );
});

describe('acknowledging', () => {
  test.each([1, 2, 3])(
    '[SYNC17] an acknowledgement that was lost is made good by heartbeats (seed %d)',
    seed => {
      const scene = settled(2, seed);
      scene.type(0, 'kept by both');
      scene.run(40);
      // The batch has arrived; what 1 says of it does not.
      scene.shape(1, 0, { loss: 1 });
      scene.run(900);
      expect(scene.textOf(1)).toBe('kept by both');
      scene.shape(1, 0, { loss: 0 });
      scene.run(4000);
      expect(scene.peer(0).replica.status().pill).toMatchObject({ type: 'together', holding: 2, known: 2 });
      for (const { replica } of scene.peers) expect(replica.status().peers[0]).toMatchObject({ behind: 0 });
    },
  );

  test('[SYNC11] each peer is known to have what it has, a while after the last change', () => {
    const scene = settled(4);
    for (let i = 0; i < 4; i++) scene.type(i, `[${String(i)}]`);
    expectConverged(scene);
    scene.run(4000);
    for (const { replica } of scene.peers) {
      expect(replica.status().pill).toMatchObject({ type: 'together', holding: 4, known: 4 });
      for (const peer of replica.status().peers) expect(peer.behind).toBe(0);
    }
  });
});

describe('keeping', () => {
  test('[SYNC10] nothing of a batch leaves before its commit was answered', () => {
    const scene = settled(2);
    scene.slow(0, 800);
    const sentBefore = scene.peer(0).batchesSent.length;
    scene.type(0, 'slowly');
    scene.run(700);
    expect(scene.textOf(0)).toBe('slowly');
    expect(scene.peer(0).batchesSent.length).toBe(sentBefore);
    expect(scene.textOf(1)).toBe('');
    expect(scene.peer(0).replica.status().keeping).toEqual({ type: 'keeping', changes: 1 });
    scene.run(300);
    expect(scene.textOf(1)).toBe('slowly');
    expect(scene.peer(0).replica.status().keeping).toEqual({ type: 'kept' });
  });

  test('[SYNC12] a full disk: said so, sent nothing; with room again everything arrives', () => {
    const scene = settled(2);
    scene.type(0, 'kept. ');
    scene.run(500);
    scene.peer(0).disk.failure = 'full';
    const sentBefore = scene.peer(0).batchesSent.length;
    for (let i = 0; i < 5; i++) {
      scene.type(0, `<${String(i)}>`);
      scene.run(1500);
    }
    const { keeping, pill } = scene.peer(0).replica.status();
    expect(keeping).toMatchObject({ type: 'not-kept', reason: 'full' });
    expect(pill).toEqual(keeping);
    expect(scene.peer(0).batchesSent.length).toBe(sentBefore);
    expect(scene.textOf(1)).toBe('kept. ');
    // What others write is shown meanwhile, and not acknowledged.
    scene.type(1, 'from 1');
    scene.run(1000);
    expect(scene.textOf(0)).toContain('from 1');
    expect(scene.peer(1).replica.status().pill).toMatchObject({ holding: 1, known: 2 });
    scene.peer(0).disk.failure = undefined;
    expectConverged(scene, 5000);
    expectOnce(scene.textOf(1), ['<0>', '<1>', '<2>', '<3>', '<4>', 'from 1']);
    scene.run(2500);
    expect(scene.peer(0).replica.status().pill).toMatchObject({ type: 'together', holding: 2 });
    expect(scene.peer(1).replica.status().pill).toMatchObject({ type: 'together', holding: 2 });
  });

  test('[SYNC12] whoever goes on typing on a full disk finds out at once that there is room', () => {
    const scene = settled(2);
    scene.peer(0).disk.failure = 'full';
    scene.type(0, 'a');
    scene.run(100);
    scene.peer(0).disk.failure = undefined;
    scene.type(0, 'b');
    scene.run(150);
    expect(scene.textOf(1)).toBe('ab');
  });

  test('[SYNC14] a crash before the commit loses what nobody was promised; after it, nothing', () => {
    const scene = settled(2);
    scene.type(0, 'kept');
    scene.run(1000);
    scene.partition([0], [1]);
    scene.type(0, ' and kept here alone');
    scene.run(40);
    scene.slow(0, 500);
    // Signing and queueing take a moment: this one has not even begun to be written.
    scene.type(0, ' LOST');
    scene.crash(0);
    scene.run(2000);
    scene.open(0);
    expect(scene.textOf(0)).toBe('kept and kept here alone');
    expect(scene.peer(0).replica.status().pill).toMatchObject({ changes: 1 });
    scene.heal();
    expectConverged(scene);
    expect(scene.textOf(1)).toBe('kept and kept here alone');
    scene.type(0, ' and on');
    scene.type(1, '>', 0);
    expectConverged(scene);
    expect(scene.textOf(1)).toBe('>kept and kept here alone and on');
  });

  test('[SYNC14] a power cut takes only what another device holds already', () => {
    const scene = settled(2);
    scene.type(0, 'mine ');
    scene.run(40);
    scene.type(1, 'theirs');
    scene.run(1000);
    scene.cutPower(0);
    scene.open(0);
    scene.run(1);
    expect(scene.textOf(0)).toContain('mine');
    expectConverged(scene);
    expectOnce(scene.textOf(0), ['mine', 'theirs']);
  });
});

describe('tabs of one device', () => {
  function tabs(): { scene: Scene; other: Peer } {
    const scene = new Scene();
    scene.add({ device: 0 });
    scene.run(500);
    scene.add({ device: 0 });
    const other = scene.add({ device: 1 });
    scene.run(3000);
    return { scene, other };
  }

  test('[SYNC25] two tabs are one device, in the list and in every count', () => {
    const { scene, other } = tabs();
    const of = (index: number) =>
      scene
        .peer(index)
        .replica.status()
        .peers.find(({ replicaId }) => replicaId === scene.peer(0).replicaId);
    scene.type(0, 'from the first tab');
    scene.run(2500);
    expect(of(1)).toMatchObject({ sameDevice: true, state: 'connected', behind: 0 });
    expect(of(2)).toMatchObject({ sameDevice: false });
    expect(scene.peer(0).replica.deviceId).toBe(scene.peer(1).replica.deviceId);
    for (const { replica } of scene.peers) {
      expect(replica.status().pill).toMatchObject({ type: 'together', holding: 2, known: 2 });
    }
    // The other tab has it, which is no other device.
    scene.crash(other.index);
    scene.run(12_000);
    scene.type(0, '!');
    scene.run(2000);
    expect(scene.textOf(1)).toBe('from the first tab!');
    expect(scene.peer(0).replica.status().pill).toMatchObject({ type: 'alone', changes: 1 });
    expect(scene.peer(1).replica.status().pill).toMatchObject({ type: 'alone' });
  });

  test('[SYNC14] what either tab wrote both find on the disk they share, without any link', () => {
    const { scene } = tabs();
    scene.partition([0], [1], [2]);
    scene.type(0, '<zero>');
    scene.type(1, '<one>');
    scene.run(500);
    scene.close(0);
    scene.close(1);
    scene.open(1);
    expectOnce(scene.textOf(1), ['<zero>', '<one>']);
    scene.open(0);
    expect(scene.textOf(0)).toBe(scene.textOf(1));
    scene.type(0, '<again>');
    scene.heal();
    expectConverged(scene);
    expectOnce(scene.textOf(2), ['<zero>', '<one>', '<again>']);
  });
});

test('[SYNC13] while a batch is being kept, further typing gathers and shares the next one', () => {
  const scene = settled(2);
  scene.slow(0, 400);
  for (const letter of 'a burst of typing') scene.type(0, letter);
  scene.run(1500);
  expect(scene.textOf(1)).toBe('a burst of typing');
  expect(scene.peer(0).replica.clock.get(scene.peer(0).replicaId)).toBe(3);
});

test('several documents travel in one batch and stay apart', () => {
  const scene = settled(2);
  const second = scene.document(1);
  scene.slow(0, 100);
  for (let i = 0; i < 3; i++) {
    scene.type(0, 'a');
    scene.edit(0, [{ from: 0, to: 0, insert: 'b' }], second);
  }
  expectConverged(scene);
  expect([scene.textOf(1), scene.textOf(1, second)]).toEqual(['aaa', 'bbb']);
});
