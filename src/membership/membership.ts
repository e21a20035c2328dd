/**
 * One replica's membership: who is there, quickly and without slander. A synchronous machine: inputs in, effects out (effects.ts).
 *
 * The obvious ways fail. Everybody pinging everybody costs n² messages a second. One server that knows who is there is a server, and believes
 * a closed laptop for minutes. Gossip with fixed timeouts calls slow tabs dead. So (SWIM, Das et al. 2002; Lifeguard, Dadgar et al. 2018):
 *
 *     watch     a few neighbours each, by phi accrual (watching.ts); who these are is the overlay's business (overlay.ts)
 *     doubt     ask them, and others to ask them
 *     accuse    tell all. The accused answers by a signed record with a higher incarnation, or those who hear it answer for it
 *     bury      when it did not answer in a time that shrinks as others confirm (suspicion.ts), and not before somebody has
 *     remember  that it has gone, so that no old rumour brings it back: only its own word does, with an incarnation that is higher yet
 *
 * Rumours travel behind whatever is sent (outbox.ts); those that are a matter of life go at once. What was lost on the way is found by sums over the
 * table in each heartbeat (table.ts). SPEC.md numbers the rules.
 */
import { assertNever } from '../base/assert.ts';
import { equalBytes } from '../base/bytes.ts';
import type { ReplicaId } from '../base/ids.ts';
import { tombstoneAgeSMax, verifyingRecordsMax } from '../base/limits.ts';
import { Counters, type TraceEvent } from '../base/trace.ts';
import { Accusations } from './accusations.ts';
import { decodeGossip, encodeGossip } from './codec.ts';
import { Comparing } from './comparing.ts';
import {
  heartbeatEveryMs,
  heartbeatSlackMs,
  phiSuspect,
  recordGatherMsOf,
  tombstoneMs,
  wakeAfterMs,
} from './config.ts';
import type { MembershipConfig, MembershipEffect, MembershipInput, MembershipToken } from './effects.ts';
import { LocalHealth } from './local-health.ts';
import { recordRumour, type GossipMessage, type Rumour } from './messages.ts';
import { Outbox } from './outbox.ts';
import { Overlay } from './overlay.ts';
import { OwnRecord } from './own-record.ts';
import { decodeRecord, type MemberRecord } from './record.ts';
import { hashOf, Table, type Member } from './table.ts';
import { Watching } from './watching.ts';

const noBytes = new Uint8Array();

interface Verifying {
  readonly record: MemberRecord;
  readonly bytes: Uint8Array;
  readonly from: ReplicaId;
}

export class Membership {
  /** What was refused or dropped, by reason. */
  readonly refusals = new Counters();
  readonly #config: MembershipConfig;
  readonly #self: ReplicaId;
  readonly #table = new Table();
  readonly #health = new LocalHealth();
  readonly #outbox = new Outbox();
  readonly #overlay: Overlay;
  readonly #watching: Watching;
  readonly #own: OwnRecord;
  readonly #accusations: Accusations;
  readonly #comparing: Comparing;
  readonly #links = new Set<ReplicaId>();
  readonly #verifying = new Map<MembershipToken, Verifying>();
  /** What is being verified of each, so that six neighbours who say the same cost one signature. */
  readonly #verifyingHash = new Map<ReplicaId, number>();
  #effects: MembershipEffect[] = [];
  #lastToken = 0;
  #sequence = 0;
  #tickedMs: number | undefined;
  #heartbeatDueMs = -Infinity;
  #reapedMs = -Infinity;
  #left = false;

  constructor(config: MembershipConfig) {
    this.#config = config;
    this.#self = config.replicaId;
    const nowMs = () => this.#nowMs;
    const emit = (effect: MembershipEffect) => this.#emit(effect);
    const send = (peer: ReplicaId, message: GossipMessage, lane: 'control' | 'data' = 'control') => {
      this.#send(peer, message, lane);
    };
    const own = { self: this.#self, random: config.random, table: this.#table, health: this.#health, nowMs };
    this.#watching = new Watching({
      ...own,
      send,
      accuse: (peer, phi) => this.#accusations.accuse(peer, phi),
      linkIsDead: peer => this.#dropLink(peer, 'silent'),
    });
    this.#overlay = new Overlay({
      ...own,
      say: (peer, word) => send(peer, { type: 'neighbour', word }, 'data'),
      dial: peer => emit({ type: 'dial', peer }),
      drop: (peer, reason) => this.#dropLink(peer, reason),
      activated: peer => {
        this.#watching.begin(peer);
        this.#own.viewChanged(this.#nowMs, recordGatherMsOf(this.#table.presentCount));
        emit({ type: 'neighbour', peer, active: true });
      },
      deactivated: peer => {
        this.#watching.end(peer);
        this.#own.viewChanged(this.#nowMs, recordGatherMsOf(this.#table.presentCount));
        emit({ type: 'neighbour', peer, active: false });
      },
    });
    this.#own = new OwnRecord({
      config,
      active: () => this.#overlay.active,
      newToken: () => ++this.#lastToken,
      emit,
      published: (record, bytes, urgent) => this.#installed(record, bytes, undefined, urgent),
    });
    this.#accusations = new Accusations({
      ...own,
      outbox: this.#outbox,
      watching: this.#watching,
      overlay: this.#overlay,
      refute: incarnation => {
        if (incarnation < this.#own.incarnation) return;
        this.#health.worse();
        this.#own.refute(incarnation, this.#nowMs);
      },
      refuse: (reason, from) => this.#refuse(reason, from),
      changed: member => this.#changed(member),
      trace: event => this.#trace(event),
    });
    this.#comparing = new Comparing({ ...own, send, rumoursOf: member => this.#rumourOf(member) });
  }

  // ── What the app reads ────────────────────────────────────────────────────────────────────────────────────

  /** Everyone known, those who went lately included. */
  members(): Iterable<Readonly<Member>> {
    return this.#table.members();
  }
  member(replicaId: ReplicaId): Readonly<Member> | undefined {
    return this.#table.get(replicaId);
  }
  get presentCount(): number {
    return this.#table.presentCount;
  }
  isPresent(replicaId: ReplicaId): boolean {
    return this.#table.isPresent(replicaId);
  }
  /** How improbable a neighbour's silence is; undefined for all others. `phiThreshold` is where it is accused. */
  phiOf(peer: ReplicaId): number | undefined {
    return this.#watching.phi(peer);
  }
  get phiThreshold(): number {
    return phiSuspect;
  }
  /** 0 is well; see local-health.ts. */
  get healthScore(): number {
    return this.#health.score;
  }
  get active(): ReadonlySet<ReplicaId> {
    return this.#overlay.active;
  }
  get incarnation(): number {
    return this.#own.incarnation;
  }
  /** What came from outside and waits here. */
  get verifyingCount(): number {
    return this.#verifying.size;
  }

  // ── Inputs ────────────────────────────────────────────────────────────────────────────────────────────────

  /** Says who we are. Once, first. */
  open(): readonly MembershipEffect[] {
    this.#own.setProfile(this.#config.profile, this.#nowMs);
    return this.#takeEffects();
  }

  step(input: MembershipInput): readonly MembershipEffect[] {
    if (this.#left) return [];
    switch (input.type) {
      case 'tick':
        this.#tick();
        break;
      case 'signed':
        this.#own.signed(input.token, input.signature);
        this.#own.tick(this.#nowMs);
        break;
      case 'verified':
        this.#verified(input.token, input.holds);
        break;
      case 'link-up':
        this.#linkUp(input.peer);
        break;
      case 'link-down':
        this.#linkDown(input.peer);
        break;
      case 'message':
        this.#message(input.peer, input.bytes);
        break;
      case 'alive':
        this.#watching.alive(input.peer);
        break;
      case 'met':
        this.#overlay.met(input.peer);
        break;
      case 'unmet':
        this.#overlay.unmet(input.peer);
        break;
      case 'profile':
        this.#own.setProfile(input.profile, this.#nowMs);
        break;
      case 'leave':
        this.#leave();
        break;
      default:
        assertNever(input);
    }
    this.#sayUrgently();
    return this.#takeEffects();
  }

  // ── Links ─────────────────────────────────────────────────────────────────────────────────────────────────

  #linkUp(peer: ReplicaId): void {
    this.#links.add(peer);
    this.#outbox.open(peer);
    this.#overlay.linkUp(peer);
    const own = this.#table.get(this.#self);
    if (own !== undefined) this.#outbox.tell(peer, recordRumour(own));
    // Whoever is believed gone hears of it at once, and answers.
    const goneAt = this.#table.goneAt(peer);
    if (goneAt !== undefined) this.#tellGone(peer, peer, goneAt);
    this.#comparing.linkUp(peer);
  }

  #linkDown(peer: ReplicaId): void {
    if (!this.#links.delete(peer)) return;
    this.#outbox.close(peer);
    this.#comparing.linkDown(peer);
    this.#accusations.lost(peer, this.#overlay.active.has(peer));
    this.#overlay.linkDown(peer);
  }

  #dropLink(peer: ReplicaId, reason: string): void {
    if (!this.#links.has(peer)) return;
    this.#sayUrgently();
    this.#emit({ type: 'drop-link', peer, reason });
    this.#linkDown(peer);
  }

  // ── Time ──────────────────────────────────────────────────────────────────────────────────────────────────

  #tick(): void {
    const nowMs = this.#nowMs;
    const gapMs = nowMs - (this.#tickedMs ?? nowMs);
    this.#tickedMs = nowMs;
    this.#health.ticked(gapMs);
    if (gapMs >= wakeAfterMs) this.#wake(gapMs);
    this.#overlay.tick();
    this.#watching.tick();
    this.#accusations.tick();
    this.#own.tick(nowMs);
    if (nowMs >= this.#heartbeatDueMs - heartbeatSlackMs) this.#heartbeat(nowMs);
    if (nowMs - this.#reapedMs < heartbeatEveryMs) return;
    this.#reapedMs = nowMs;
    this.#table.reap(nowMs);
  }

  #wake(gapMs: number): void {
    this.#health.worst();
    this.#watching.wake();
    this.#accusations.wake();
    if (gapMs < tombstoneMs / 2) return;
    for (const { replicaId } of [...this.#table.members()])
      if (replicaId !== this.#self) this.#overlay.gone(replicaId);
    this.#table.forgetOthers(this.#self);
  }

  #heartbeat(nowMs: number): void {
    // On a grid, so that a tick which comes a little late does not put off all that follow.
    this.#heartbeatDueMs = Math.max(this.#heartbeatDueMs + heartbeatEveryMs, nowMs + heartbeatEveryMs / 2);
    const stateHash = this.#config.stateHash();
    const message = {
      type: 'heartbeat',
      sequence: this.#sequence++,
      stateHash,
      tableHash: this.#table.sum,
    } as const;
    for (const peer of this.#overlay.active) this.#send(peer, message);
  }

  // ── Messages ──────────────────────────────────────────────────────────────────────────────────────────────

  #message(peer: ReplicaId, bytes: Uint8Array): void {
    if (!this.#links.has(peer)) return;
    const decoded = decodeGossip(bytes);
    if (!decoded.ok) {
      this.#refuse(`gossip: ${decoded.reason}`, peer);
      return;
    }
    const { message, rumours } = decoded.value;
    if (message.type !== 'heartbeat') this.#watching.alive(peer);
    for (const rumour of rumours) this.#rumour(rumour, peer, message.type === 'share');
    switch (message.type) {
      case 'heartbeat':
        this.#watching.heartbeat(peer, message.sequence);
        this.#accusations.heard(peer);
        this.#comparing.heartbeat(peer, message.tableHash);
        if (!equalBytes(message.stateHash, this.#config.stateHash()))
          this.#emit({ type: 'state-hash', peer, hash: message.stateHash.slice() });
        break;
      case 'probe':
        this.#send(peer, { type: 'ack', nonce: message.nonce, heard: true });
        break;
      case 'probe-request':
        this.#watching.asked(peer, message.nonce, message.target, message.hops);
        break;
      case 'ack':
        this.#watching.answered(peer, message.nonce, message.heard);
        break;
      case 'gossip':
        break;
      case 'compare':
        this.#comparing.compare(peer, message.sums);
        break;
      case 'share':
        for (const rumour of this.#comparing.shared(message.parts, message.of, rumours))
          this.#outbox.tell(peer, rumour);
        break;
      case 'neighbour':
        this.#overlay.heard(peer, message.word);
        break;
      default:
        assertNever(message);
    }
  }

  /** `asked`: it is part of a whole that we asked for, so tombstones of strangers in it are news. */
  #rumour(rumour: Rumour, from: ReplicaId, asked: boolean): void {
    this.#outbox.heardFrom(from, rumour);
    switch (rumour.type) {
      case 'record':
        this.#record(rumour, from);
        return;
      case 'suspect':
        this.#accusations.suspect(rumour, from);
        return;
      case 'dead':
        this.#accusations.dead(rumour, from, asked);
        return;
      default:
        assertNever(rumour);
    }
  }

  #record(rumour: Extract<Rumour, { type: 'record' }>, from: ReplicaId): void {
    const { replicaId, incarnation, present, bytes } = rumour;
    if (!this.#supersedes(replicaId, incarnation, bytes)) {
      // Whoever believes in somebody who has gone is told; that is how a partition that lasted heals without ghosts.
      const goneAt = this.#table.goneAt(replicaId);
      if (present && goneAt !== undefined && incarnation <= goneAt) this.#tellGone(from, replicaId, goneAt);
      return;
    }
    const hash = hashOf(bytes);
    if (this.#verifyingHash.get(replicaId) === hash) return;
    if (
      this.#verifying.size >= verifyingRecordsMax ||
      (this.#table.isFull && !this.#table.isPresent(replicaId))
    ) {
      this.refusals.add('record: no room');
      return;
    }
    const { crypto, spaceId } = this.#config;
    const decoded = (this.#config.decodeRecord ?? decodeRecord)(crypto, spaceId, bytes);
    if (!decoded.ok) {
      this.#refuse(`record: ${decoded.reason}`, from);
      return;
    }
    const { record, message, signature, bytes: copy } = decoded.value;
    const token = ++this.#lastToken;
    this.#verifying.set(token, { record, bytes: copy, from });
    this.#verifyingHash.set(replicaId, hash);
    this.#emit({ type: 'verify', token, deviceKey: record.deviceKey, message, signature });
  }

  #verified(token: MembershipToken, holds: boolean): void {
    const verifying = this.#verifying.get(token);
    if (verifying === undefined) return;
    const { record, bytes, from } = verifying;
    this.#verifying.delete(token);
    if (this.#verifyingHash.get(record.replicaId) === hashOf(bytes))
      this.#verifyingHash.delete(record.replicaId);
    if (!holds) this.#refuse('record: signature', from);
    else if (record.replicaId === this.#self) {
      // A session of ours that is over, or a copy of this profile: either way the next incarnation is ours.
      const known = this.#table.get(this.#self);
      if (!equalBytes(known?.bytes ?? noBytes, bytes)) this.#own.refute(record.incarnation, this.#nowMs);
    } else if (this.#supersedes(record.replicaId, record.incarnation, bytes)) {
      const before = this.#table.get(record.replicaId);
      const matters = before?.state !== 'alive' || !record.present;
      this.#installed(record, bytes, from, matters);
    }
  }

  /** Of two records with one incarnation, which only a copied profile makes, all take the same one. */
  #supersedes(replicaId: ReplicaId, incarnation: number, bytes: Uint8Array): boolean {
    const goneAt = this.#table.goneAt(replicaId);
    if (goneAt !== undefined) return incarnation > goneAt;
    const known = this.#table.get(replicaId);
    if (known === undefined || incarnation > known.incarnation) return true;
    return incarnation === known.incarnation && hashOf(bytes) > known.hash;
  }

  #installed(record: MemberRecord, bytes: Uint8Array, from: ReplicaId | undefined, urgent: boolean): void {
    const before = this.#table.get(record.replicaId);
    const member = this.#table.install(record, bytes, this.#nowMs);
    this.#comparing.changed();
    if (before?.state === 'suspect' && record.present)
      this.#trace({ type: 'refuted', replicaId: record.replicaId, incarnation: record.incarnation });
    this.#outbox.spread(recordRumour(member), { urgent, except: from });
    if (record.replicaId === this.#self) return;
    this.#changed(member);
  }

  /** Tells the outside, and the overlay. */
  #changed(member: Member): void {
    const { replicaId, state, record } = member;
    this.#comparing.changed();
    this.#emit({ type: 'member-changed', replicaId, state, record });
    if (state === 'left' || state === 'dead') this.#overlay.gone(replicaId);
    this.#trace({ type: 'member', replicaId, state, incarnation: member.incarnation });
  }

  #leave(): void {
    const { farewell } = this.#own;
    if (farewell !== undefined) {
      const rumours = [recordRumour(farewell)];
      for (const peer of this.#links)
        this.#emit({ type: 'send', peer, lane: 'data', bytes: encodeGossip({ type: 'gossip' }, rumours) });
    }
    this.#left = true;
  }

  // ── Outward ───────────────────────────────────────────────────────────────────────────────────────────────

  get #nowMs(): number {
    return this.#config.clock.monotonicMs();
  }

  #tellGone(peer: ReplicaId, replicaId: ReplicaId, incarnation: number): void {
    const left = this.#table.get(replicaId);
    if (left?.state === 'left') this.#outbox.tell(peer, recordRumour(left));
    else this.#outbox.tell(peer, this.#deadRumour(replicaId, incarnation));
  }
  #deadRumour(replicaId: ReplicaId, incarnation: number): Rumour {
    const diedMs = this.#table.diedMs(replicaId) ?? this.#nowMs;
    const ageS = Math.min(tombstoneAgeSMax, Math.max(0, Math.floor((this.#nowMs - diedMs) / 1000)));
    return { type: 'dead', replicaId, incarnation, ageS };
  }
  #rumourOf(member: Member): Rumour {
    if (member.state !== 'dead') return recordRumour(member);
    return this.#deadRumour(member.replicaId, member.incarnation);
  }

  #sayUrgently(): void {
    for (const peer of [...this.#outbox.urgent()])
      if (this.#links.has(peer)) this.#send(peer, { type: 'gossip' });
  }
  #send(peer: ReplicaId, message: GossipMessage, lane: 'control' | 'data' = 'control'): void {
    if (!this.#links.has(peer)) return;
    const rumours = message.type === 'share' ? this.#comparing.shareOf(message) : this.#outbox.take(peer);
    this.#emit({ type: 'send', peer, lane, bytes: encodeGossip(message, rumours) });
  }
  #emit(effect: MembershipEffect): void {
    this.#effects.push(effect);
  }
  #trace(event: TraceEvent): void {
    if (this.#config.traced === true) this.#effects.push({ type: 'trace', event });
  }
  #refuse(reason: string, from: ReplicaId | undefined): void {
    this.refusals.add(reason);
    this.#trace(from === undefined ? { type: 'refused', reason } : { type: 'refused', reason, from });
  }
  #takeEffects(): readonly MembershipEffect[] {
    const effects = this.#effects;
    this.#effects = [];
    return effects;
  }
}
