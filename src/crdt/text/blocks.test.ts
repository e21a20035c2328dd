import { expect, test } from 'vitest';
import { Text } from './text.ts';
import { replicaId } from './text.model.ts';

test('[TEXT3] neighbours and the order of runs are those of the walk, however deep the tree of blocks is', () => {
  const text = new Text(replicaId('a'), { next: 0 });
  for (let i = 0; i < 60_000; i++) text.localInsert(0, 'x');
  const { blocks } = text.tree;
  const runs = [...blocks.all()];
  expect(runs.length).toBeGreaterThan(50_000);
  const wrong = runs.filter(
    (run, i) =>
      blocks.previousOf(run) !== (runs[i - 1] ?? -1) ||
      blocks.nextOf(run) !== (runs[i + 1] ?? -1) ||
      // Near and far, both ways.
      [1, 40, 700, 20_000].some(step => {
        const other = runs[i + step];
        return other !== undefined && (blocks.compare(run, other) >= 0 || blocks.compare(other, run) <= 0);
      }) ||
      blocks.compare(run, run) !== 0,
  );
  expect(wrong).toHaveLength(0);
});
