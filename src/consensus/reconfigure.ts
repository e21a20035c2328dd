/**
 * Taking a configuration change into force when its entry is applied (Ongaro's thesis, chapter 4; applied, not appended, as in etcd).
 */
import { assert } from '../base/assert.ts';
import {
  changeConfiguration,
  leaveChange,
  type Configuration,
  type ConfigurationChange,
} from './configuration.ts';
import { nobody } from './entry.ts';
import { advanceCommit, confirmReads, onProposals } from './leader.ts';
import { broadcastAppend } from './replicate.ts';
import type { RaftState } from './state.ts';

export function applyChange(raft: RaftState, change: ConfigurationChange): Configuration {
  const { tracker } = raft;
  const changed = changeConfiguration(tracker.configuration, change);
  // Leaders check before they append, so that every member can apply what is committed.
  assert(changed.ok, changed.ok ? '' : changed.reason);
  const { configuration, forgotten } = changed;
  tracker.reconfigure(configuration, raft.log.lastIndex, raft.nextSession, forgotten);
  if (raft.role !== 'leader') return configuration;
  if (!tracker.progress.has(raft.id) || raft.isLearner) {
    // It may still bring what is committed to the others: they cannot know of it otherwise (section 4.2.2).
    if (raft.config.stepDownOnRemoval) raft.becomeFollower(raft.term, nobody);
    return configuration;
  }
  // A smaller quorum may have what a larger one had not.
  if (advanceCommit(raft)) broadcastAppend(raft);
  // Newcomers need not wait for the next heartbeat.
  else broadcastAppend(raft, false);
  confirmReads(raft);
  if (!tracker.voters.includes(raft.transferee)) raft.transferee = nobody;
  return configuration;
}

/** Everything up to `index` has been applied. A leader leaves a joint configuration by itself, where that was asked. */
export function onApplied(raft: RaftState, index: number, bytes: number): void {
  const applied = Math.max(index, raft.log.applied);
  raft.log.appliedTo(applied, bytes);
  const due = raft.tracker.configuration.autoLeave && applied >= raft.pendingChangeIndex;
  // Refused while it hands over: then it is tried again with the next entry, or by the next leader.
  if (due && raft.role === 'leader') onProposals(raft, [{ type: 'configuration', change: leaveChange }]);
}
