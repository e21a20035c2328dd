/** Makes the tree of a state that was read and checked. Its runs stay numbers until somebody comes near (`frozen.ts`). */
import type { Agent } from './agents.ts';
import { FrozenState } from './frozen.ts';
import { RunTree } from './run-tree.ts';
import { VISIBLE } from './state-format.ts';
import type { Order, StateColumns } from './state-format.ts';
import { pairsOf } from './surrogates.ts';

export function buildTree(columns: StateColumns): RunTree {
  const tree = new RunTree();
  const agents = columns.replicas.map(replicaId => tree.agents.intern(replicaId));
  const frozen = new FrozenState(columns, agents, tree.root);
  tree.blocks.load(frozen.blocks());
  agents.forEach((agent, author) => {
    agent.load(frozen.chunks(author), (columns.orders[author] as Order).end);
  });
  const { pairs } = columns;
  for (let i = 0; i < pairs.length; i += 2)
    (agents[pairs[i] as number] as Agent).pairs.add(pairs[i + 1] as number);
  if (columns.astral) notePairs(columns, agents);
  return tree;
}

/** Tells the agents which of the characters that are shown are surrogate pairs. */
function notePairs(
  { headers, authors, starts, lengths, text }: StateColumns,
  agents: readonly Agent[],
): void {
  const pairs = pairsOf(text) ?? [];
  let next = 0;
  let shown = 0;
  for (let i = 0; i < headers.length && next < pairs.length; i++) {
    if (((headers[i] as number) & VISIBLE) === 0) continue;
    const end = shown + (lengths[i] as number);
    for (; next < pairs.length && (pairs[next] as number) < end; next++)
      (agents[authors[i] as number] as Agent).pairs.add(
        (starts[i] as number) + (pairs[next] as number) - shown,
      );
    shown = end;
  }
}
