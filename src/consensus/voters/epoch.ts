/**
 * When a majority is lost for good, nothing can be agreed on any more, and no protocol can tell that from a majority that is away. So a
 * person decides, and a new epoch of the group begins with one member, from the surviving log that is most up to date: an entry that
 * was committed is on one of any majority's logs, and that log cannot end in an earlier term (Ongaro's thesis, section 3.6.1). The
 * longest log, which one would take by instinct, may be full of what was never agreed on.
 *
 * Nothing keeps two people from doing so at once, or the old majority from coming back. So records of epochs are ranked alike by
 * everybody, whoever knows a higher one is frozen, and what the losing side had confirmed is shown, not forgotten.
 *
 *     version, epoch, the epoch before, signer, member, last term, last index, term it begins in        signed over these bytes
 */
import { assert } from '../../base/assert.ts';
import { decode, Writer, type Decoded } from '../../base/codec.ts';
import { counterMax } from '../../base/limits.ts';
import type { MemberId } from '../entry.ts';
import type { StoredLog } from '../log-storage.ts';
import { Machine } from '../machine/machine.ts';

const version = 1;
/** A device id, or a key, in hexadecimal. */
const signerBytesMax = 128;

export interface EpochRecord {
  readonly epoch: number;
  readonly before: number;
  readonly signer: string;
  /** Who votes alone in the beginning. */
  readonly member: MemberId;
  /** Of the log it began with. */
  readonly lastTerm: number;
  readonly lastIndex: number;
  readonly term: number;
}

export function encodeEpoch(record: EpochRecord): Uint8Array {
  const { epoch, before, signer, member, lastTerm, lastIndex, term } = record;
  const writer = new Writer().byte(version).varUint(epoch).varUint(before).varString(signer);
  return writer.varUint(member).varUint(lastTerm).varUint(lastIndex).varUint(term).finish();
}
export function decodeEpoch(bytes: Uint8Array): Decoded<EpochRecord> {
  return decode(bytes, reader => {
    if (reader.byte() !== version) reader.fail('unknown version of an epoch');
    const epoch = reader.varUint(counterMax) || reader.fail('epochs count from 1');
    const before = reader.varUint(epoch - 1);
    const signer = reader.varString(signerBytesMax);
    const member = reader.varUint(counterMax) || reader.fail('nobody decides');
    const lastTerm = reader.varUint(counterMax);
    const lastIndex = reader.varUint(counterMax);
    const term = reader.varUint(counterMax);
    if (term <= lastTerm) reader.fail('an epoch begins in a later term');
    return { epoch, before, signer, member, lastTerm, lastIndex, term };
  });
}

/** Above 0: `a` counts. 0 only for one signer's two records of one epoch, of which the first one heard stays. */
export function compareEpochs(a: EpochRecord, b: EpochRecord): number {
  if (a.epoch !== b.epoch) return a.epoch - b.epoch;
  return a.signer === b.signer ? 0 : a.signer < b.signer ? -1 : 1;
}

/** What a replica knows of the epochs of its group. */
export class Epochs {
  #current: EpochRecord | undefined = undefined;
  /** The epoch that this member's log is of. */
  readonly #own: EpochRecord | undefined;

  constructor(own: EpochRecord | undefined) {
    this.#current = this.#own = own;
  }
  get current(): EpochRecord | undefined {
    return this.#current;
  }
  /** A higher one is known: this member's group confirms nothing more. */
  get isFrozen(): boolean {
    return this.#current !== this.#own;
  }
  /** A record whose signature was verified. True when it is the one that counts now. */
  heard(record: EpochRecord): boolean {
    if (this.#current !== undefined && compareEpochs(record, this.#current) <= 0) return false;
    this.#current = record;
    return true;
  }
}

const lastOf = ({ compacted, entries }: StoredLog): { readonly term: number; readonly index: number } =>
  entries.at(-1) ?? compacted;

/** The survivor to recover from; the first of equals. */
export function mostUpToDate<T extends { readonly log: StoredLog }>(survivors: readonly T[]): T | undefined {
  let best: T | undefined;
  for (const survivor of survivors) {
    if (best === undefined) {
      best = survivor;
      continue;
    }
    const [a, b] = [lastOf(survivor.log), lastOf(best.log)];
    if (a.term > b.term || (a.term === b.term && a.index > b.index)) best = survivor;
  }
  return best;
}

/**
 * A new epoch and the log that it begins with, for the device `signer` as the new member `member`. Entries that were not known to be
 * committed are taken over too: some of them may have been.
 */
export function recover(
  survivors: readonly { readonly log: StoredLog }[],
  { before, signer, member }: { readonly before: number; readonly signer: string; readonly member: MemberId },
): { readonly record: EpochRecord; readonly log: StoredLog } | undefined {
  const best = mostUpToDate(survivors);
  if (best === undefined) return undefined;
  const { log } = best;
  const { term: lastTerm, index: lastIndex } = lastOf(log);
  const term =
    1 +
    Math.max(...survivors.map(survivor => Math.max(survivor.log.hardState.term, lastOf(survivor.log).term)));
  const { snapshot } = log;
  const restored = snapshot === undefined ? undefined : Machine.restore(snapshot.data);
  assert(restored?.ok !== false, 'a snapshot that was stored can be read');
  const machine = restored === undefined ? new Machine() : restored.value;
  for (const entry of log.entries)
    if (entry.index > machine.index)
      machine.apply(entry.index, entry.type === 'normal' ? entry.data : new Uint8Array(0));
  const configuration = {
    incoming: [member],
    outgoing: [],
    learners: [],
    learnersNext: [],
    autoLeave: false,
  };
  const begins = { index: lastIndex, term: lastTerm, configuration, data: machine.snapshot() };
  return {
    record: { epoch: before + 1, before, signer, member, lastTerm, lastIndex, term },
    log: {
      hardState: { term, votedFor: 0, commitIndex: lastIndex },
      snapshot: begins,
      compacted: { index: lastIndex, term: lastTerm },
      entries: [],
    },
  };
}

/** A booking that was confirmed on a side that does not count any more. */
export interface Conflict {
  readonly wish: string;
  readonly resource: string;
  readonly place: number;
  /** Who has the place where it counts; undefined: nobody. */
  readonly owner: string | undefined;
}

/** What the losing side confirmed, and the winning side knows nothing of or decided otherwise. */
export function conflicts(
  confirmed: readonly { readonly wish: string; readonly resource: string; readonly place: number }[],
  winner: Machine,
): readonly Conflict[] {
  return confirmed.flatMap(({ wish, resource, place }) => {
    const state = winner.wish(wish);
    if (state?.type === 'confirmed' && state.place === place) return [];
    return [{ wish, resource, place, owner: winner.owner(resource, place) }];
  });
}
