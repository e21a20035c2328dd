/** Tells all checkers what happens. One that has nothing to do with something is not called for it. */
import type { DocumentId } from '../base/ids.ts';
import type { TraceEvent } from '../base/trace.ts';
import type { TextChange } from '../crdt/text/messages.ts';
import type { LinkId } from '../net/transport.ts';
import type { CommitResult, StoreTransaction } from '../storage/store.ts';
import type { Ending, SyncChecker } from './checker.ts';
import type { ReplicaProcess } from './replica-process.ts';

type Hook = Exclude<keyof SyncChecker, 'invariant'>;

export class Watch {
  readonly #by: Readonly<Record<Hook, readonly SyncChecker[]>>;

  constructor(checkers: readonly SyncChecker[]) {
    const having = (hook: Hook) => checkers.filter(checker => checker[hook] !== undefined);
    this.#by = {
      opened: having('opened'),
      stopped: having('stopped'),
      sending: having('sending'),
      after: having('after'),
      checkpoint: having('checkpoint'),
      edited: having('edited'),
      shown: having('shown'),
      traced: having('traced'),
      keeping: having('keeping'),
      kept: having('kept'),
      confirmed: having('confirmed'),
    };
  }

  opened(process: ReplicaProcess): void {
    for (const checker of this.#by.opened) checker.opened?.(process);
  }
  stopped(process: ReplicaProcess, ending: Ending): void {
    for (const checker of this.#by.stopped) checker.stopped?.(process, ending);
  }
  sending(process: ReplicaProcess, bytes: Uint8Array, linkId: LinkId): void {
    for (const checker of this.#by.sending) checker.sending?.(process, bytes, linkId);
  }
  after(process: ReplicaProcess): void {
    for (const checker of this.#by.after) checker.after?.(process);
  }
  checkpoint(processes: readonly ReplicaProcess[]): void {
    for (const checker of this.#by.checkpoint) checker.checkpoint?.(processes);
  }
  edited(process: ReplicaProcess, documentId: DocumentId, changes: readonly TextChange[]): void {
    for (const checker of this.#by.edited) checker.edited?.(process, documentId, changes);
  }
  shown(process: ReplicaProcess, documentId: DocumentId, changes: readonly TextChange[]): void {
    for (const checker of this.#by.shown) checker.shown?.(process, documentId, changes);
  }
  traced(process: ReplicaProcess, event: TraceEvent): void {
    for (const checker of this.#by.traced) checker.traced?.(process, event);
  }
  keeping(process: ReplicaProcess, transaction: StoreTransaction): void {
    for (const checker of this.#by.keeping) checker.keeping?.(process, transaction);
  }
  kept(process: ReplicaProcess, transaction: StoreTransaction, result: CommitResult): void {
    for (const checker of this.#by.kept) checker.kept?.(process, transaction, result);
  }
  confirmed(process: ReplicaProcess, transaction: StoreTransaction): void {
    for (const checker of this.#by.confirmed) checker.confirmed?.(process, transaction);
  }
}
