/**
 * The library `peerloom/consensus`: a group that agrees on one log, and what stands on it: a replicated store with its past, locks
 * with fencing tokens, bookings. README.md beside this file is where to begin. Inside this repository the defining modules are
 * imported, and never this file.
 */
export { Driver, emptyLog, foundingLog } from './driver/driver.ts';
export type { DriverConfig } from './driver/driver.ts';
export type { DriverEffect, Outcome } from './driver/effects.ts';
export { changeLog } from './driver/log-change.ts';
export type { LogChange } from './driver/log-change.ts';
export { MemoryLogStorage } from './log-storage.ts';
export type { LogStorage, StoredLog } from './log-storage.ts';

export { Machine } from './machine/machine.ts';
export type { Applied } from './machine/machine.ts';
export { Watch } from './machine/watch.ts';
export type { Watched } from './machine/watch.ts';
export type { RangeRead } from './machine/revisions.ts';
export { FencedResource, HeldLease } from './machine/held-lease.ts';
export type { LeaseBounds } from './machine/held-lease.ts';
export { compareAndSet, put, remove, transaction } from './machine/commands.ts';
export type {
  Command,
  Comparison,
  KeyRange,
  LogEntry,
  Operation,
  Result,
  Transaction,
  Version,
  WishState,
} from './machine/commands.ts';
export { decodeEntry, encodeEntry } from './machine/entries-codec.ts';

export { Raft } from './raft.ts';
export type { RaftConfig } from './config.ts';
export type { ApplyWork, PersistWork, Ready, SoftState } from './ready.ts';
export type { ProposeResult, StepResult } from './results.ts';
export type { MemberStatus, Status } from './status.ts';
export type { ReadState } from './state.ts';
export { decodeMessage, encodeMessage } from './codec.ts';
export type { Message } from './messages.ts';
export { changeConfiguration, membersOf } from './configuration.ts';
export type { Configuration, ConfigurationChange, MemberChange } from './configuration.ts';
export type { Entry, EntryId, HardState, MemberId, Proposal, Snapshot } from './entry.ts';
export type { Clock, Random } from '../base/ports.ts';
