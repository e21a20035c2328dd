import { expect, test } from 'vitest';
import { backoffMaxMs, dialTimeoutMs } from '../net/dialer.ts';
import { Scene } from '../sim/scene.model.ts';

const pill = (scene: Scene, index = 0) => scene.peer(index).replica.status().pill;

test('[SYNC26] only here, until another device was ever seen; then alone, with what nobody else has', () => {
  const scene = new Scene({ replicas: 1 });
  scene.run(500);
  expect(pill(scene)).toEqual({ type: 'only-here', keeping: false, signaling: 'connected' });
  scene.type(0, 'first');
  expect(pill(scene)).toMatchObject({ type: 'only-here', keeping: true });
  scene.run(100);
  expect(pill(scene)).toMatchObject({ type: 'only-here', keeping: false });
  scene.add({ device: 1 });
  scene.run(3000);
  expect(pill(scene)).toMatchObject({ type: 'together', holding: 2, known: 2, keeping: false });
  scene.close(1);
  scene.run(100);
  expect(pill(scene)).toMatchObject({ type: 'alone', changes: 0 });
  for (const word of ['one', 'two', 'three']) {
    scene.type(0, word);
    scene.run(100);
  }
  expect(pill(scene)).toMatchObject({ type: 'alone', changes: 3 });
  // It is remembered over a restart.
  scene.close(0);
  scene.open(0);
  scene.run(100);
  expect(pill(scene)).toMatchObject({ type: 'alone', changes: 3 });
  scene.open(1);
  scene.run(3000);
  expect(pill(scene)).toMatchObject({ type: 'together', holding: 2, known: 2 });
});

test('[SYNC26] offline counts the changes that wait, each once, and forgets them when they arrive', () => {
  const scene = new Scene({ replicas: 2 });
  scene.run(3000);
  scene.partition();
  scene.setOnline(0, false);
  expect(pill(scene)).toEqual({ type: 'offline', changes: 0 });
  for (let i = 1; i <= 3; i++) {
    scene.type(0, String(i));
    scene.run(100);
    expect(pill(scene)).toEqual({ type: 'offline', changes: i });
  }
  expect(scene.peer(0).replica.status().peers[0]).toMatchObject({ state: 'gone' });
  scene.heal();
  scene.setOnline(0, true);
  scene.run(1500);
  expect(scene.textOf(1)).toBe('123');
  expect(pill(scene)).toMatchObject({ type: 'together', holding: 2, known: 2 });
});

test('[SYNC26] together counts the devices that hold every change made here', () => {
  const scene = new Scene({ replicas: 4 });
  scene.run(3000);
  scene.partition([0, 1, 2], [3]);
  scene.type(0, 'x');
  scene.run(1500);
  expect(pill(scene)).toMatchObject({ type: 'together', holding: 3, known: 4 });
  scene.partition([0, 1], [2], [3]);
  scene.type(0, 'y');
  scene.run(1500);
  expect(pill(scene)).toMatchObject({ type: 'together', holding: 2, known: 4 });
  scene.heal();
  scene.run(6000);
  expect(pill(scene)).toMatchObject({ type: 'together', holding: 4, known: 4 });
});

test('[SYNC18] a peer is silent after 3.5 s without a word and dropped after 10 s', () => {
  const scene = new Scene({ replicas: 2 });
  scene.run(3000);
  const state = () => scene.peer(0).replica.status().peers[0]?.state;
  expect(state()).toBe('connected');
  scene.partition();
  scene.run(2400);
  expect(state()).toBe('connected');
  scene.run(2200);
  expect(state()).toBe('silent');
  scene.run(4000);
  expect(scene.peer(0).linksEnded).toEqual([]);
  scene.run(2500);
  expect(scene.peer(0).linksEnded).toEqual(['silent']);
  expect(state()).toBe('gone');
  scene.heal();
  // An attempt to dial that began while it was cut is given up after 12 s, and the next waits a little.
  scene.run(dialTimeoutMs + 2 * backoffMaxMs);
  expect(state()).toBe('connected');
});

test('[SYNC18] who said goodbye is not shown as missing', () => {
  const scene = new Scene({ replicas: 2 });
  scene.run(2000);
  scene.close(1);
  scene.run(100);
  expect(scene.peer(0).replica.status().peers).toEqual([]);
});

test('[SYNC91] each other device of the space is told with what it lacks, or that it has not said', () => {
  const scene = new Scene({ replicas: 1 });
  scene.run(500);
  scene.add({ device: 1 });
  scene.add({ device: 1 });
  scene.run(3000);
  const of = () => scene.peer(0).replica.status();
  expect(of().devices).toMatchObject([{ lacks: 0 }]);
  expect(of().devices[0]?.replicaIds).toHaveLength(2);
  expect(of().whole).toBe(true);
  scene.partition([0], [1, 2]);
  scene.type(0, 'x');
  expect(of().whole).toBe(false);
  scene.run(500);
  expect(of()).toMatchObject({ whole: true, devices: [{ lacks: 1 }] });
  // Whoever restarts knows of it and not what it has.
  scene.close(0);
  scene.open(0);
  scene.run(100);
  expect(of()).toMatchObject({ whole: true, devices: [{ lacks: undefined }] });
});
