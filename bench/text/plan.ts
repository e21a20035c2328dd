/**
 * Who replays what in a concurrent history. Each agent is a replica whose state before a transaction must be exactly
 * what the parents say: so its own transaction before must be among their ancestors. The published traces promise
 * that; where a file does not keep the promise, the agent gets another replica, as if it had a second device.
 */

export interface Plan {
  readonly replicas: number;
  readonly steps: readonly { readonly replica: number; readonly fetch: readonly number[] }[];
  readonly fetchLast: readonly (readonly number[])[];
}

interface Replica {
  readonly number: number;
  /** Its own last transaction, -1 for none. Everything known is an ancestor of it. */
  last: number;
  readonly known: Set<number>;
}

export function planOf(
  txns: readonly { readonly parents?: readonly number[]; readonly agent?: number }[],
): Plan {
  const replicas: Replica[] = [];
  const byAgent = new Map<number, Replica[]>();
  const parentsOf = (at: number): readonly number[] => txns[at]?.parents ?? (at > 0 ? [at - 1] : []);
  /** What `replica` lacks of `heads` and their ancestors, and whether its own last transaction is among them. */
  const missing = (replica: Replica, heads: readonly number[]): { fetch: number[]; follows: boolean } => {
    const seen = new Set<number>();
    const open = [...heads];
    let follows = replica.last < 0;
    for (let at = open.pop(); at !== undefined; at = open.pop()) {
      if (at === replica.last) follows = true;
      if (replica.known.has(at) || seen.has(at)) continue;
      seen.add(at);
      open.push(...parentsOf(at));
    }
    return { fetch: [...seen].sort((a, b) => a - b), follows };
  };
  const steps = txns.map(({ agent = 0 }, at) => {
    const parents = parentsOf(at);
    if (parents.some(parent => !(parent >= 0 && parent < at)))
      throw new Error(`transaction ${at} has a parent that is not before it`);
    const own = byAgent.get(agent) ?? [];
    byAgent.set(agent, own);
    for (const replica of own) {
      const { fetch, follows } = missing(replica, parents);
      if (follows) return take(replica, at, fetch);
    }
    const fresh: Replica = { number: replicas.length, last: -1, known: new Set() };
    replicas.push(fresh);
    own.push(fresh);
    return take(fresh, at, missing(fresh, parents).fetch);
  });
  const everything = txns.map((_, at) => at);
  return {
    replicas: replicas.length,
    steps,
    fetchLast: replicas.map(({ known }) => everything.filter(at => !known.has(at))),
  };
}

function take(replica: Replica, at: number, fetch: readonly number[]): Plan['steps'][number] {
  for (const fetched of fetch) replica.known.add(fetched);
  replica.known.add(at);
  replica.last = at;
  return { replica: replica.number, fetch };
}
