import { expect, test } from 'vitest';
import { assert } from '../../base/assert.ts';
import { SeededRandom } from '../../base/random.ts';
import type { OpId } from '../context.ts';
import { countSteps, stepsOf } from '../testing/steps.model.ts';
import { contextOf, replicaIdOf } from '../testing/world.model.ts';
import { cut, isInside, Link, link } from './link-cut.ts';
import type { Parent, TreeOp } from './messages.ts';
import { checkTree, ModelTree, viewTree } from './tree.model.ts';
import { Tree } from './tree.ts';

countSteps();

test('what is inside what is as going from parent to parent says, however nodes are moved', () => {
  for (let world = 0; world < 200; world++) {
    const random = new SeededRandom('link-cut').split(String(world));
    const links = Array.from({ length: 2 + random.below(40) }, () => new Link());
    const parents = links.map((): number => -1);
    const above = (node: number): number[] => {
      const all: number[] = [];
      for (let at = parents[node] as number; at >= 0; at = parents[at] as number) all.push(at);
      return all;
    };
    for (let step = 0; step < 200; step++) {
      const node = random.below(links.length);
      const into = random.below(links.length);
      const one = links[node] as Link;
      expect(isInside(one, links[into] as Link)).toBe(above(node).includes(into));
      if (random.below(3) === 0 || into === node || above(into).includes(node)) continue;
      cut(one);
      parents[node] = -1;
      if (random.below(4) > 0) {
        link(one, links[into] as Link);
        parents[node] = into;
      }
    }
  }
});

/** A chain of `depth` nodes, each in the one before. */
function chain(tree: Tree, depth: number): TreeOp[] {
  const ops: TreeOp[] = [];
  for (let parent: Parent = 'root'; ops.length < depth;) {
    const [op] = tree.localCreate({ parent, index: 0 });
    ops.push(op);
    parent = op.id;
  }
  return ops;
}

/** Steps of moving the inner half of a chain out to its beginning and in again, `depth` times. */
function stepsOfMoves(depth: number): number {
  const tree = new Tree(contextOf(replicaIdOf('a')));
  const nodes = chain(tree, depth).map(({ id }) => id);
  const [outer, last, middle] = [nodes[0], nodes[(depth >> 1) - 1], nodes[depth >> 1]];
  assert(outer !== undefined && last !== undefined && middle !== undefined, 'a chain is long enough');
  return stepsOf(() => {
    for (let i = 0; i < depth; i++) tree.localMove(middle, { parent: i % 2 === 0 ? outer : last, index: 0 });
  });
}

test('[TREE12] moves in a deep chain cost little more each than in a shallow one', () => {
  // From parent to parent, eight times as many in a chain eight times as deep took more than fifty times the steps.
  expect(stepsOfMoves(4000)).toBeLessThan(14 * stepsOfMoves(500));
});

test('[TREE2] in trees too deep to go up step by step all moves have the order of their stamps, too', () => {
  const random = new SeededRandom('deep');
  const trees = ['a', 'b'].map(name => new Tree(contextOf(replicaIdOf(name))));
  const [first, second] = trees as [Tree, Tree];
  const model = new ModelTree();
  const made = chain(first, 150);
  expect(second.apply(made)).toMatchObject({ ok: true });
  made.forEach(op => {
    model.apply(op);
  });
  const nodes = made.map(({ id }) => id);
  const draw = () => nodes[random.below(nodes.length)] as OpId;
  const moved = trees.map(tree => {
    const ops: TreeOp[] = [];
    while (ops.length < 80) {
      const [node, parent] = [draw(), draw()];
      if (tree.canMove(node, parent)) ops.push(...tree.localMove(node, { parent, index: 0 }));
    }
    return ops;
  });
  for (const ops of moved)
    for (const op of ops) {
      model.apply(op);
      for (const tree of trees) expect(tree.apply([op])).toMatchObject({ ok: true });
    }
  for (const tree of trees) {
    checkTree(tree);
    expect(viewTree(tree)).toEqual(model.view());
  }
});
