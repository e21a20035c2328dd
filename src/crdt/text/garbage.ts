/**
 * Garbage collection. What everybody has need not be told to anyone again, so the history up to there is
 * replaced by the state it leads to: deleted text, who deleted it and when are gone.
 *
 * The ids of deleted characters stay, run by run, in that state as in the text: somebody who was away and comes
 * back with an operation that builds on one still finds it. (Dropping those too needs everybody's consent, and "everybody" is never known
 * for sure among peers.) The text itself has nothing to collect: its tombstones hold no text, and so its
 * encoding does not show what was collected.
 */
import type { ReplicaId } from '../../base/ids.ts';
import { covers } from '../../clocks/vector-clock.ts';
import { baseText } from './history-codec.ts';
import { opOf, TextHistory, wholeCount } from './history.ts';
import type { TextVersion } from './history.ts';
import type { TextOp } from './messages.ts';
import { encodeTextState } from './state-codec.ts';
import { countIn } from './versions.ts';

/**
 * What all of `clocks` have: the least counter of each replica. They are those of the replicas seen in the last
 * 30 days, **our own among them**; who that is, the caller knows.
 */
export function stableVersion(clocks: readonly TextVersion[]): Map<ReplicaId, number> {
  const [first, ...others] = clocks;
  const stable = new Map<ReplicaId, number>();
  for (const [replicaId, counter] of first ?? []) {
    const least = others.reduce((low, clock) => Math.min(low, clock.get(replicaId) ?? 0), counter);
    if (least > 0) stable.set(replicaId, least);
  }
  return stable;
}

/**
 * `history` without what `stable` has; what it does not have is kept, whatever else goes. Clocks come from outside and may name what
 * builds on something they do not name: that is kept too.
 */
export function prune(history: TextHistory, stable: TextVersion): TextHistory {
  const text = baseText(history);
  const limits = new Map(stable);
  const version = new Map(history.base?.version);
  const kept: { op: TextOp; erases: boolean }[] = [];
  for (const entry of history.entries) {
    const { replicaId } = entry.log;
    let count = wholeCount(entry, countIn(limits, entry), text);
    if (count > 0 && !text.apply([opOf(entry, 0, count)]).ok) count = 0;
    if (count > 0) version.set(replicaId, entry.counter + count);
    if (count === entry.length) continue;
    limits.set(replicaId, entry.counter + count);
    kept.push({ op: opOf(entry, count, entry.length), erases: entry.flag });
  }
  if (covers(history.base?.version ?? new Map(), version)) return history;
  const pruned = new TextHistory({ version, state: encodeTextState(text) });
  for (const { op, erases } of kept) pruned.append([op], erases);
  return pruned;
}
