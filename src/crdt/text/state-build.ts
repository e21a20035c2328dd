/** Makes the tree of a state that was read and checked. */
import { RunTree } from './run-tree.ts';
import type { Order, StateColumns } from './state-format.ts';
import { pairsOf } from './surrogates.ts';

export function buildTree({ replicas, runs, text, astral, orders, pairs }: StateColumns): RunTree {
  const tree = new RunTree(runs, text);
  replicas.forEach((replicaId, author) => {
    const { chunks, end } = orders[author] as Order;
    tree.agents.intern(replicaId).load(chunks, end);
  });
  for (let i = 0; i < pairs.length; i += 2)
    tree.agents.at(pairs[i] as number).addPair(pairs[i + 1] as number);
  if (astral) notePairs(tree, text);
  return tree;
}

/** Tells the agents which of the characters that are shown are surrogate pairs. */
function notePairs(tree: RunTree, text: string): void {
  const { count, visible, start } = tree.runs;
  const pairs = pairsOf(text) ?? [];
  let next = 0;
  let shown = 0;
  for (let run = 0; run < count && next < pairs.length; run++) {
    const end = shown + (visible[run] as number);
    for (; next < pairs.length && (pairs[next] as number) < end; next++)
      tree.agentOf(run).addPair((start[run] as number) + (pairs[next] as number) - shown);
    shown = end;
  }
}
