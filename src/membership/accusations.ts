/**
 * Accusing, confirming, answering, burying. An accusation is anyone's word and needs no signature; what protects the living is that those who hear
 * the accused do not believe it and tell the accused instead, that only signed records of a higher incarnation end it, and that nobody is buried on
 * the word of one while there is another who watches.
 */
import type { ReplicaId } from '../base/ids.ts';
import { incarnationsAheadMax } from '../base/limits.ts';
import type { Random } from '../base/ports.ts';
import type { TraceEvent } from '../base/trace.ts';
import {
  bystanderWaitsMs,
  confirmationsWanted,
  islandAfterMs,
  phiSuspect,
  recordGatherMsOf,
  suspicionAloneMs,
  suspicionMaxMs,
  suspicionMinMs,
  witnessPatience,
} from './config.ts';
import type { LocalHealth } from './local-health.ts';
import { recordRumour, type Rumour } from './messages.ts';
import type { Outbox } from './outbox.ts';
import type { Overlay } from './overlay.ts';
import { Suspicion } from './suspicion.ts';
import type { Member, Table } from './table.ts';
import type { Watching } from './watching.ts';

export interface AccusationsContext {
  readonly self: ReplicaId;
  readonly random: Random;
  readonly table: Table;
  readonly health: LocalHealth;
  readonly outbox: Outbox;
  readonly watching: Watching;
  readonly overlay: Overlay;
  nowMs(): number;
  /** Somebody believes something of us under this incarnation. */
  refute(incarnation: number): void;
  refuse(reason: string, from: ReplicaId): void;
  changed(member: Member): void;
  trace(event: TraceEvent): void;
}

/** A link that ended without a farewell is often back at once; its peer is not accused before. */
const lostAfterMs = 1000;
/** How often is looked whether somebody is watched by nobody. */
const islandsEveryMs = 1000;
/** So many members dial one who is cut off, on average: everyone would be a thousand. */
const islandDiallers = 4;

type SuspectRumour = Extract<Rumour, { type: 'suspect' }>;
type DeadRumour = Extract<Rumour, { type: 'dead' }>;

export class Accusations {
  readonly #context: AccusationsContext;
  readonly #suspects = new Set<ReplicaId>();
  /** Neighbours whose link ended by itself, and when. */
  readonly #lost = new Map<ReplicaId, number>();
  readonly #islands = new Set<ReplicaId>();
  #islandsOf = -1;
  #islandsMs = -Infinity;

  constructor(context: AccusationsContext) {
    this.#context = context;
  }

  /** We hear nothing of it. */
  accuse(peer: ReplicaId, phi: number): void {
    const member = this.#context.table.get(peer);
    if (member === undefined || !this.#context.table.isPresent(peer)) return;
    const { self } = this.#context;
    if (member.suspicion?.accuses(self) === true) return;
    const rumour: SuspectRumour = {
      type: 'suspect',
      replicaId: peer,
      incarnation: member.incarnation,
      accuser: self,
    };
    if (this.#take(member, rumour, undefined))
      this.#context.trace({ type: 'suspected', replicaId: peer, phi, threshold: phiSuspect });
  }

  /** The link to `peer` ended, and nobody said why. */
  lost(peer: ReplicaId, wasActive: boolean): void {
    if (wasActive && this.#context.table.isPresent(peer)) this.#lost.set(peer, this.#context.nowMs());
  }

  /** It lives, and should know what is said of it. */
  heard(peer: ReplicaId): void {
    const member = this.#context.table.get(peer);
    if (member?.state !== 'suspect') return;
    const { replicaId, incarnation } = member;
    this.#context.outbox.tell(peer, { type: 'suspect', replicaId, incarnation, accuser: this.#context.self });
  }

  suspect(rumour: SuspectRumour, from: ReplicaId): void {
    const { table, watching, outbox } = this.#context;
    const { replicaId, incarnation, accuser } = rumour;
    if (this.#isAboutUs(rumour, from)) return;
    const member = table.get(replicaId);
    // Of whoever is gone nobody need be warned.
    if (member === undefined || !table.isPresent(replicaId)) return;
    if (incarnation < member.incarnation) outbox.tell(from, recordRumour(member));
    else if (incarnation > member.incarnation) this.#context.refuse('suspect: of a later incarnation', from);
    else if (accuser === replicaId || !table.isPresent(accuser))
      this.#context.refuse('suspect: by nobody', from);
    else if (watching.hears(replicaId)) outbox.tell(replicaId, rumour);
    else this.#take(member, rumour, from);
  }

  dead(rumour: DeadRumour, from: ReplicaId, asked: boolean): void {
    const { table, watching, outbox } = this.#context;
    const { replicaId, incarnation, ageS } = rumour;
    if (this.#isAboutUs(rumour, from)) return;
    const nowMs = this.#context.nowMs();
    const diedMs = nowMs - 1000 * ageS;
    const goneAt = table.goneAt(replicaId);
    const member = table.get(replicaId);
    const known = goneAt ?? member?.incarnation;
    if (known === undefined) {
      if (asked) table.die(replicaId, incarnation, diedMs, nowMs);
    } else if (incarnation > known + incarnationsAheadMax)
      this.#context.refuse('dead: of a far incarnation', from);
    else if (goneAt !== undefined) {
      if (incarnation > goneAt) table.die(replicaId, incarnation, diedMs, nowMs);
    } else if (member !== undefined && incarnation < member.incarnation)
      outbox.tell(from, recordRumour(member));
    else if (watching.hears(replicaId)) outbox.tell(replicaId, rumour);
    else this.#bury(replicaId, rumour, diedMs, from);
  }

  wake(): void {
    for (const replicaId of this.#suspects)
      this.#context.table.get(replicaId)?.suspicion?.restart(this.#context.nowMs());
    this.#lost.clear();
  }

  tick(): void {
    const nowMs = this.#context.nowMs();
    for (const [peer, sinceMs] of this.#lost) {
      if (this.#context.overlay.active.has(peer)) this.#lost.delete(peer);
      else if (nowMs - sinceMs >= lostAfterMs) {
        this.#lost.delete(peer);
        this.accuse(peer, 0);
      }
    }
    for (const replicaId of this.#suspects) this.#tickSuspect(replicaId, nowMs);
    if (nowMs - this.#islandsMs < islandsEveryMs) return;
    this.#islandsMs = nowMs;
    this.#findIslands(nowMs);
  }

  // ── Inside ────────────────────────────────────────────────────────────────────────────────────────────────

  /** What is said of us is answered and never believed. */
  #isAboutUs({ replicaId, incarnation }: SuspectRumour | DeadRumour, from: ReplicaId): boolean {
    if (replicaId !== this.#context.self) return false;
    const own = this.#context.table.get(replicaId)?.incarnation ?? 0;
    if (incarnation <= own + incarnationsAheadMax) this.#context.refute(incarnation);
    else this.#context.refuse('accused under a far incarnation', from);
    return true;
  }

  /** Whether it was news. */
  #take(member: Member, rumour: SuspectRumour, from: ReplicaId | undefined): boolean {
    const { replicaId, accuser } = rumour;
    if (member.suspicion === undefined) {
      const { nowMs, table, changed } = this.#context;
      table.suspect(member, new Suspicion(accuser, this.#timeouts(replicaId), nowMs()), nowMs());
      this.#suspects.add(replicaId);
      changed(member);
    } else if (!member.suspicion.confirm(accuser)) return false;
    this.#context.outbox.spread(rumour, { urgent: true, except: from });
    return true;
  }

  /** Those who watch it can confirm, but for the one who began. */
  #timeouts(replicaId: ReplicaId): ConstructorParameters<typeof Suspicion>[1] {
    const wanted = Math.min(confirmationsWanted, this.#context.table.witnessesOf(replicaId).length - 1);
    if (wanted < 1) return { minMs: suspicionAloneMs, maxMs: suspicionAloneMs, confirmationsWanted: 0 };
    return { minMs: suspicionMinMs, maxMs: suspicionMaxMs, confirmationsWanted: wanted };
  }

  #tickSuspect(replicaId: ReplicaId, nowMs: number): void {
    const { table, health, self, watching } = this.#context;
    const member = table.get(replicaId);
    const suspicion = member?.suspicion;
    if (member === undefined || suspicion === undefined || member.state !== 'suspect') {
      this.#suspects.delete(replicaId);
      return;
    }
    const waitsMs = suspicion.accuses(self) ? 0 : bystanderWaitsMs;
    if (suspicion.remainingMs(nowMs, health.stretch) + waitsMs > 0) return;
    if (watching.hears(replicaId)) return;
    const tired = nowMs - suspicion.sinceMs >= witnessPatience * suspicionMaxMs * health.stretch;
    if (suspicion.confirmations === 0 && !tired && this.#hasSilentWitness(member, suspicion)) return;
    const { incarnation } = member;
    const { confirmations } = suspicion;
    this.#context.trace({ type: 'buried', replicaId, incarnation, confirmations });
    this.#bury(replicaId, { type: 'dead', replicaId, incarnation, ageS: 0 }, nowMs, undefined);
  }

  /** Somebody who is well, watches it, and does not accuse it. */
  #hasSilentWitness({ replicaId }: Member, suspicion: Suspicion): boolean {
    return this.#context.table
      .witnessesOf(replicaId)
      .some(
        witness =>
          witness.replicaId !== this.#context.self &&
          witness.state === 'alive' &&
          !suspicion.accuses(witness.replicaId),
      );
  }

  #bury(replicaId: ReplicaId, rumour: DeadRumour, diedMs: number, from: ReplicaId | undefined): void {
    const { table, outbox, changed, nowMs } = this.#context;
    table.die(replicaId, rumour.incarnation, diedMs, nowMs());
    this.#suspects.delete(replicaId);
    outbox.spread(rumour, { urgent: true, except: from });
    const member = table.get(replicaId);
    if (member !== undefined) changed(member);
  }

  /**
   * Members may end together with all who watched them, or be cut off together. Nobody would ever accuse them: so whoever is not reached by going
   * from us to our neighbours, to theirs, and so on, is dialled by some and then accused by all.
   */
  #findIslands(nowMs: number): void {
    const { table, self, overlay, random } = this.#context;
    if (table.changes !== this.#islandsOf) {
      this.#islandsOf = table.changes;
      const reached = table.reachableFrom(self, overlay.active);
      this.#islands.clear();
      for (const replicaId of table.present()) {
        const member = table.get(replicaId);
        if (member === undefined) continue;
        if (reached.has(replicaId)) member.islandMs = undefined;
        else {
          member.islandMs ??= nowMs;
          this.#islands.add(replicaId);
        }
      }
    }
    const afterMs = islandAfterMs + recordGatherMsOf(table.presentCount);
    for (const replicaId of this.#islands) {
      const sinceMs = table.get(replicaId)?.islandMs;
      if (sinceMs === undefined || !table.isPresent(replicaId)) continue;
      if (nowMs - sinceMs >= afterMs / 2 && random.below(table.presentCount) < islandDiallers)
        overlay.dial(replicaId);
      if (nowMs - sinceMs >= afterMs) this.accuse(replicaId, 0);
    }
  }
}
