/**
 * Finding what rumours missed: each heartbeat carries a sum over the sender's table. Two that differ for a while compare sums over parts of it, and
 * then the parts that differ, in three messages. A newcomer, whose table is empty, gets all of it the same way.
 */
import type { ReplicaId } from '../base/ids.ts';
import { messageBytesMax, rumoursMax, tombstoneAgeSMax } from '../base/limits.ts';
import { compareEveryMs, mismatchesMax, mismatchesPatience, tableCalmMs } from './config.ts';
import type { GossipMessage, Rumour } from './messages.ts';
import { hashOf, type Member, type Table } from './table.ts';

export interface ComparingContext {
  readonly self: ReplicaId;
  readonly table: Table;
  nowMs(): number;
  send(peer: ReplicaId, message: GossipMessage, lane: 'data'): void;
  rumoursOf(member: Member): Rumour;
}

interface Compared {
  mismatches: number;
  comparedMs: number;
}

/** Half of what a message may hold. */
const shareBytesMax = messageBytesMax / 2;

export class Comparing {
  readonly #context: ComparingContext;
  readonly #links = new Map<ReplicaId, Compared>();
  #changedMs = -Infinity;

  constructor(context: ComparingContext) {
    this.#context = context;
  }

  linkUp(peer: ReplicaId): void {
    this.#links.set(peer, { mismatches: 0, comparedMs: -Infinity });
    // Whoever knows less asks at once: it is the newcomer who is in a hurry. The other finds the rest by heartbeats.
    if (this.#context.table.presentCount <= 1) this.#ask(peer);
  }
  linkDown(peer: ReplicaId): void {
    this.#links.delete(peer);
  }
  /** News has come: sums differ until it is everywhere. */
  changed(): void {
    this.#changedMs = this.#context.nowMs();
  }

  heartbeat(peer: ReplicaId, tableHash: number): void {
    const link = this.#links.get(peer);
    if (link === undefined) return;
    if (tableHash === this.#context.table.sum) link.mismatches = 0;
    else {
      link.mismatches++;
      // One of the two is enough; the other steps in when it does not.
      const patience = this.#context.self < peer ? mismatchesMax : 2 * mismatchesMax;
      if (link.mismatches >= patience) this.#ask(peer);
    }
  }

  #ask(peer: ReplicaId): void {
    const { table, send } = this.#context;
    const nowMs = this.#context.nowMs();
    const link = this.#links.get(peer);
    const newcomer = table.presentCount <= 1;
    if (link === undefined || nowMs - link.comparedMs < compareEveryMs) return;
    const calm = nowMs - this.#changedMs >= tableCalmMs || link.mismatches >= mismatchesPatience;
    if (!newcomer && !calm) return;
    link.comparedMs = nowMs;
    const sums = newcomer ? [0] : table.sums(table.fittingParts);
    send(peer, { type: 'compare', sums }, 'data');
  }

  /** A peer's sums: it is told of everything in the parts that differ. */
  compare(peer: ReplicaId, sums: readonly number[]): void {
    const { table, send } = this.#context;
    const parts = sums.length;
    const own = table.sums(parts);
    const of = own.map((_, part) => part).filter(part => own[part] !== sums[part]);
    if (of.length > 0) send(peer, { type: 'share', parts, of }, 'data');
  }

  shareOf({ parts, of }: Extract<GossipMessage, { type: 'share' }>): Rumour[] {
    const { table, rumoursOf } = this.#context;
    const wanted = new Set(of);
    const rumours: Rumour[] = [];
    let bytes = 0;
    const add = (rumour: Rumour): void => {
      bytes += rumour.type === 'record' ? rumour.bytes.length + 3 : 24;
      if (rumours.length < rumoursMax && bytes <= shareBytesMax) rumours.push(rumour);
    };
    for (const member of table.inParts(parts, wanted)) add(rumoursOf(member));
    const nowMs = this.#context.nowMs();
    for (const [replicaId, { incarnation, diedMs }] of table.tombstonesInParts(parts, wanted)) {
      if (table.get(replicaId) !== undefined) continue;
      const ageS = Math.min(tombstoneAgeSMax, Math.max(0, Math.floor((nowMs - diedMs) / 1000)));
      add({ type: 'dead', replicaId, incarnation, ageS });
    }
    return rumours;
  }

  /** A peer shared all it knows of some parts; what it does not know, or knows less of, goes back. */
  shared(parts: number, of: readonly number[], rumours: readonly Rumour[]): Rumour[] {
    const told = new Map(rumours.map(rumour => [rumour.replicaId, rumour]));
    const missing: Rumour[] = [];
    for (const member of this.#context.table.inParts(parts, new Set(of))) {
      if (!this.#context.table.isPresent(member.replicaId)) continue;
      const theirs = told.get(member.replicaId);
      const sameOrLater = theirs !== undefined && theirs.incarnation >= member.incarnation;
      const other =
        theirs?.type === 'record' &&
        theirs.incarnation === member.incarnation &&
        hashOf(theirs.bytes) < member.hash;
      if (!sameOrLater || other) missing.push(this.#context.rumoursOf(member));
    }
    return missing;
  }
}
