/** A sample of `npm run crash-points`, and that it finds a store which says too early that it has kept something. */
import { expect, test } from 'vitest';
import { crashPoints, pointsOf } from './crash-points.mjs';

test('there are at least 25 points', () => {
  const points = pointsOf();
  expect(points.length).toBeGreaterThanOrEqual(25);
  expect(new Set(points).size).toBe(points.length);
});

test(
  'killed at some points, and with a full disk: nothing that was sent or acknowledged is lost',
  { timeout: 600_000 },
  async () => {
    const points = ['commit.strict', 'commit.relaxed-done'];
    const { rows, violations } = await crashPoints({ points, kills: 1, fulls: 1 });
    expect(violations).toEqual([]);
    expect(rows.reduce((sum, { struck }) => sum + struck, 0)).toBeGreaterThanOrEqual(3);
  },
);

test(
  'planted: a store that answers before it has written loses what was promised, and is found',
  { timeout: 600_000 },
  async () => {
    const { violations } = await crashPoints({
      points: ['commit.strict'],
      kills: 2,
      fulls: 0,
      plant: 'hasty',
    });
    expect(violations.join('\n')).toMatch(/were promised and|was sent and is not there/);
  },
);
