import { expect, test } from 'vitest';
import { between, mapHeight, mapWidth, placesOf, strokeOf } from './mesh-layout.ts';

test('places are inside the map, apart from each other, and ours is on the left', () => {
  for (let count = 1; count <= 12; count++) {
    const places = placesOf(count);
    expect(places).toHaveLength(count);
    for (const [index, { x, y }] of places.entries()) {
      expect(x).toBeGreaterThan(20);
      expect(x).toBeLessThan(mapWidth - 20);
      expect(y).toBeGreaterThan(20);
      expect(y).toBeLessThan(mapHeight - 20);
      for (const other of places.slice(index + 1))
        expect(Math.hypot(x - other.x, y - other.y)).toBeGreaterThan(34);
      if (index > 0) expect(places[0]?.x ?? NaN).toBeLessThanOrEqual(x);
    }
  }
});

test('the middle of a link is half way, and a busy one is thicker, to a limit', () => {
  expect(between({ x: 0, y: 0 }, { x: 10, y: 20 }, 0.5)).toEqual({ x: 5, y: 10 });
  expect(strokeOf(0)).toBe(1.5);
  expect(strokeOf(400)).toBe(2.5);
  expect(strokeOf(1e12)).toBe(6);
});
