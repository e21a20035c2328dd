/** Everything that must hold between two calls, checked the slow way. Throws where it does not. */
import { assert } from '../../base/assert.ts';
import type { Block } from './blocks.ts';
import { compareIds } from './run.ts';
import type { Run } from './run.ts';
import type { RunTree } from './run-tree.ts';

interface Branch {
  readonly parent: Branch | undefined;
  readonly visible: number;
  readonly children: readonly (Block | Branch)[];
}

export function checkTree(tree: RunTree): void {
  const runs = [...tree.blocks.all()];
  assert(runs[0] === tree.root, 'the root comes first');
  const walked: Run[] = [];
  const visit = (run: Run): void => {
    for (const siblings of [run.left, run.right]) {
      assert(siblings === undefined || siblings.length > 0, 'no empty list of children');
      siblings?.forEach((child, i) => {
        assert(i === 0 || compareIds(siblings[i - 1] as Run, child) < 0, 'siblings are sorted');
        if (child.hang === 'chain') {
          assert(
            siblings === run.right && child.agent === run.agent && child.start === run.end,
            'a chain goes on',
          );
        } else {
          assert(child.parentAgent === run.agent, 'a child knows its parent');
          assert(child.hang === (siblings === run.left ? 'left' : 'right'), 'a child knows its side');
          assert(
            child.parentCounter === (child.hang === 'left' ? run.start : run.end - 1),
            'children hang on the ends',
          );
        }
      });
    }
    run.left?.forEach(visit);
    walked.push(run);
    run.right?.forEach(visit);
  };
  visit(tree.root);
  assert(runs.includes(tree.blocks.cursor), 'the cursor is on a run that is there');
  assert(
    walked.length === runs.length && walked.every((run, i) => run === runs[i]),
    'the blocks are the walk',
  );

  const { cursor, cursorStart } = tree.blocks;
  let position = 0;
  for (const run of runs) {
    assert(run.length > 0 && run.text.length === run.visible, 'a run has characters');
    assert(run.visible === 0 || run.visible === run.length, 'a run is in one state');
    assert(run.block.runs.includes(run), 'a run knows its block');
    assert(run !== cursor || cursorStart === position, 'the cursor is true');
    assert(tree.blocks.startOf(run) === position, 'the counts are right');
    position += run.visible;
  }
  assert(tree.blocks.visible === position, 'the root counts all');
  for (const block of new Set(runs.map(run => run.block))) checkCounts(block);

  let indexed = 0;
  for (const agent of tree.agents.all()) {
    let end = 0;
    for (const run of agent.runs()) {
      assert(run.agent === agent && run.start >= end, 'the index is sorted');
      for (const counter of [run.start, run.end - 1]) assert(agent.find(counter) === run, 'the index finds');
      end = run.end;
      indexed++;
    }
    assert(agent.end === end, 'an agent knows its end');
  }
  assert(indexed === runs.length - 1, 'the index has every run');
}

function checkCounts(block: Block): void {
  const sum = (parts: readonly { visible: number }[]) =>
    parts.reduce((total, part) => total + part.visible, 0);
  assert(block.visible === sum(block.runs), 'a block counts its runs');
  for (let branch = block.parent as Branch | undefined; branch !== undefined; branch = branch.parent) {
    assert(branch.visible === sum(branch.children), 'a branch counts its children');
    assert(
      branch.children.every(child => child.parent === branch),
      'children know their branch',
    );
  }
}
