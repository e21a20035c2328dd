/** Everything that must hold between two calls, checked the slow way. Throws where it does not. */
import { assert } from '../../base/assert.ts';
import type { RunTree } from './run-tree.ts';
import { CHAIN, LEFT, RIGHT, ROOT } from './runs.ts';

export function checkTree(tree: RunTree): void {
  const { runs, blocks, agents } = tree;
  const order = blocks.all();
  assert(order[0] === ROOT, 'the root comes first');
  const start = (run: number): number => runs.start[run] as number;
  const visible = (run: number): number => runs.visible[run] as number;
  const walked: number[] = [];
  const visit = (run: number): void => {
    const left = runs.children(runs.left[run] as number);
    const right = runs.children(runs.right[run] as number);
    for (const siblings of [left, right]) {
      siblings.forEach((child, i) => {
        assert(i === 0 || runs.compare(siblings[i - 1] as number, child, agents) < 0, 'siblings are sorted');
        const hang = runs.hang[child];
        if (hang === CHAIN) {
          const goesOn = runs.agent[child] === runs.agent[run] && start(child) === runs.end(run);
          assert(siblings === right && goesOn, 'a chain goes on');
        } else {
          assert(runs.parentAgent[child] === runs.agent[run], 'a child knows its parent');
          assert(hang === (siblings === left ? LEFT : RIGHT), 'a child knows its side');
          const end = hang === LEFT ? start(run) : runs.end(run) - 1;
          assert(runs.parentCounter[child] === end, 'children hang on the ends');
        }
      });
    }
    assert(
      [runs.left[run], runs.right[run]].every(column => (column as number) >= 0) ||
        left.length > 1 ||
        right.length > 1,
      'a family is two or more',
    );
    left.forEach(visit);
    walked.push(run);
    right.forEach(visit);
  };
  visit(ROOT);
  assert(order.includes(blocks.cursor), 'the cursor is on a run that is there');
  assert(
    walked.length === order.length && walked.every((run, i) => run === order[i]),
    'the blocks are the walk',
  );

  const { cursor, cursorStart } = blocks;
  let position = 0;
  let text = '';
  for (const run of order) {
    assert((runs.length[run] as number) > 0, 'a run has characters');
    assert(visible(run) === 0 || visible(run) === runs.length[run], 'a run is in one state');
    assert(run !== cursor || cursorStart === position, 'the cursor is true');
    assert(blocks.startOf(run) === position, 'the counts are right');
    if (visible(run) > 0) assert(blocks.locate(position) === run, 'a position is found');
    const part = tree.textOf(run);
    assert(part.length === visible(run), 'the pool has the text');
    text += part;
    position += visible(run);
  }
  assert(blocks.visible === position, 'the root counts all');
  for (const [i, run] of order.entries()) {
    assert(blocks.nextOf(run) === (order[i + 1] ?? -1), 'a run knows its next');
    assert(blocks.previousOf(run) === (order[i - 1] ?? -1), 'a run knows its previous');
  }
  assert(tree.slice(0, position) === text, 'a slice is the text of the runs');
  blocks.setCursor(cursor, cursorStart);

  let indexed = 0;
  for (const agent of agents.all()) {
    let end = 0;
    for (const run of agent.runs()) {
      assert(tree.agentOf(run) === agent && start(run) >= end, 'the index is sorted');
      for (const counter of [start(run), runs.end(run) - 1])
        assert(agent.find(counter) === run, 'the index finds');
      end = runs.end(run);
      indexed++;
    }
    assert(agent.end === end, 'an agent knows its end');
  }
  assert(indexed === order.length - 1, 'the index has every run');
}
