/** Members of one group in small worlds where everything goes wrong; what must hold is checked after each step. */
import { expect, test } from 'vitest';
import { World } from './world.model.ts';

/** One seed in a message is all it takes to see it again: `new World(seed).play(3000)`. */
test('[RAFT1] 60 worlds: whatever is lost, doubled, overtaken, cut off and killed, what must hold holds', () => {
  for (let seed = 1; seed <= 60; seed++) {
    const world = new World(seed);
    expect(() => world.play(3000), `seed ${seed}`).not.toThrow();
  }
});

test('[RAFT1] the same seed plays the same world', () => {
  const told = (seed: number) => {
    const world = new World(seed);
    world.play(1000);
    return JSON.stringify(world.members.map(({ raft, state }) => [raft?.term, state.index, state.hash]));
  };
  expect(told(7)).toBe(told(7));
  expect(told(7)).not.toBe(told(8));
});
