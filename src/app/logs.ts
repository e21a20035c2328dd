/** Which logs the table of copies shows: those that differ first. Pure. */
import type { ReplicaId } from '../base/ids.ts';
import type { NetworkReading } from './space-session.ts';

/** More columns than these do not fit beside their words. */
export const logsMax = 8;

export interface Logs {
  /** Ascending by id. */
  readonly logs: readonly ReplicaId[];
  /** How many are left out. */
  readonly more: number;
}

export function logsOf({ clock, clocks }: Pick<NetworkReading, 'clock' | 'clocks'>): Logs {
  const all = new Set(clock.keys());
  for (const theirs of clocks.values()) for (const log of theirs.keys()) all.add(log);
  const differs = (log: ReplicaId): boolean =>
    [...clocks.values()].some(theirs => (theirs.get(log) ?? 0) !== (clock.get(log) ?? 0));
  const isHere = (log: ReplicaId): boolean => clocks.has(log);
  const rank = (log: ReplicaId): number => (differs(log) ? 0 : isHere(log) ? 1 : 2);
  const logs = [...all]
    .sort((a, b) => rank(a) - rank(b) || (a < b ? -1 : 1))
    .slice(0, logsMax)
    .sort();
  return { logs, more: all.size - logs.length };
}
