import { expect, test } from 'vitest';
import { World } from './world.model.ts';

const pill = (world: World, index = 0) => world.peer(index).replica.status().pill;

test('[SYNC26] only here, until another device was ever seen; then alone, with what nobody else has', () => {
  const world = new World({ replicas: 1 });
  world.run(500);
  expect(pill(world)).toEqual({ type: 'only-here', keeping: false, signaling: 'connected' });
  world.type(0, 'first');
  expect(pill(world)).toMatchObject({ type: 'only-here', keeping: true });
  world.run(100);
  expect(pill(world)).toMatchObject({ type: 'only-here', keeping: false });
  world.add({ device: 1 });
  world.run(3000);
  expect(pill(world)).toMatchObject({ type: 'together', holding: 2, known: 2, keeping: false });
  world.close(1);
  world.run(100);
  expect(pill(world)).toMatchObject({ type: 'alone', changes: 0 });
  for (const word of ['one', 'two', 'three']) {
    world.type(0, word);
    world.run(100);
  }
  expect(pill(world)).toMatchObject({ type: 'alone', changes: 3 });
  // It is remembered over a restart.
  world.close(0);
  world.open(0);
  world.run(100);
  expect(pill(world)).toMatchObject({ type: 'alone', changes: 3 });
  world.open(1);
  world.run(3000);
  expect(pill(world)).toMatchObject({ type: 'together', holding: 2, known: 2 });
});

test('[SYNC26] offline counts the changes that wait, each once, and forgets them when they arrive', () => {
  const world = new World({ replicas: 2 });
  world.run(3000);
  world.shapeAll({ cut: true });
  world.step(0, { type: 'online', online: false });
  expect(pill(world)).toEqual({ type: 'offline', changes: 0 });
  for (let i = 1; i <= 3; i++) {
    world.type(0, String(i));
    world.run(100);
    expect(pill(world)).toEqual({ type: 'offline', changes: i });
  }
  expect(world.peer(0).replica.status().peers[0]).toMatchObject({ state: 'gone' });
  world.shapeAll({ cut: false });
  world.step(0, { type: 'online', online: true });
  world.run(1500);
  expect(world.textOf(1)).toBe('123');
  expect(pill(world)).toMatchObject({ type: 'together', holding: 2, known: 2 });
});

test('[SYNC26] together counts the devices that hold every change made here', () => {
  const world = new World({ replicas: 4 });
  world.run(3000);
  world.partition([0, 1, 2], [3]);
  world.type(0, 'x');
  world.run(1500);
  expect(pill(world)).toMatchObject({ type: 'together', holding: 3, known: 4 });
  world.partition([0, 1], [2], [3]);
  world.type(0, 'y');
  world.run(1500);
  expect(pill(world)).toMatchObject({ type: 'together', holding: 2, known: 4 });
  world.heal();
  world.run(6000);
  expect(pill(world)).toMatchObject({ type: 'together', holding: 4, known: 4 });
});

test('[SYNC18] a peer is silent after 3.5 s without a word and dropped after 10 s', () => {
  const world = new World({ replicas: 2 });
  world.run(3000);
  const state = () => world.peer(0).replica.status().peers[0]?.state;
  expect(state()).toBe('connected');
  world.shape(0, 1, { cut: true });
  world.run(2400);
  expect(state()).toBe('connected');
  world.run(2200);
  expect(state()).toBe('silent');
  world.run(4000);
  expect(world.peer(0).drops).toEqual([]);
  world.run(2500);
  expect(world.peer(0).drops).toEqual(['silent']);
  expect(state()).toBe('gone');
  world.heal();
  world.run(2000);
  expect(state()).toBe('connected');
});

test('[SYNC18] who said goodbye is not shown as missing', () => {
  const world = new World({ replicas: 2 });
  world.run(2000);
  world.close(1);
  world.run(100);
  expect(world.peer(0).replica.status().peers).toEqual([]);
});
