/**
 * Who is linked with whom. Everyone with everyone does up to eight; beyond that each member keeps a few links, its **active view**, and knows
 * others to turn to, its **passive view** (Leitão, Pereira, Rodrigues, *HyParView*, 2007). Views are symmetric, since links are. A newcomer, or
 * one that lost its links, asks urgently, and is never refused by one that can part with another neighbour; so the graph stays connected when
 * a third of it ends at once.
 *
 * Departures. HyParView's members know a part of the others, hence its random walks and shuffles; ours know all of them by gossip, so
 * those to turn to are drawn from the table, which is as even as a walk can be and costs no bytes. Whoever must make room parts with the neighbour
 * that has most others, not with any.
 */
import { assertNever } from '../base/assert.ts';
import type { ReplicaId } from '../base/ids.ts';
import { knownPeersMax } from '../base/limits.ts';
import type { Random } from '../base/ports.ts';
import {
  activeMax,
  activeMin,
  activeTarget,
  diallingMax,
  dialPatienceMs,
  fullMeshMax,
  passiveMax,
} from './config.ts';
import type { NeighbourWord } from './messages.ts';
import type { Table } from './table.ts';

export interface OverlayContext {
  readonly self: ReplicaId;
  readonly random: Random;
  readonly table: Table;
  nowMs(): number;
  say(peer: ReplicaId, word: NeighbourWord): void;
  dial(peer: ReplicaId): void;
  drop(peer: ReplicaId, reason: string): void;
  /** The active view has one more, or one less. */
  activated(peer: ReplicaId): void;
  deactivated(peer: ReplicaId): void;
}

export class Overlay {
  readonly #context: OverlayContext;
  readonly #active = new Set<ReplicaId>();
  readonly #passive = new Set<ReplicaId>();
  /** Links on which nothing has been agreed on yet, and since when they are up. */
  readonly #pending = new Map<ReplicaId, number>();
  readonly #dialling = new Map<ReplicaId, number>();
  /** Not to be dialled before. */
  readonly #avoided = new Map<ReplicaId, number>();
  /** Named by whoever lets peers meet: where a newcomer begins. */
  readonly #met = new Set<ReplicaId>();

  constructor(context: OverlayContext) {
    this.#context = context;
  }

  get active(): ReadonlySet<ReplicaId> {
    return this.#active;
  }
  get passive(): ReadonlySet<ReplicaId> {
    return this.#passive;
  }

  met(peer: ReplicaId): void {
    if (peer === this.#context.self || this.#met.size >= knownPeersMax) return;
    this.#met.add(peer);
  }
  unmet(peer: ReplicaId): void {
    this.#met.delete(peer);
  }

  linkUp(peer: ReplicaId): void {
    if (this.#active.delete(peer)) this.#context.deactivated(peer);
    this.#avoided.delete(peer);
    this.#pending.set(peer, this.#context.nowMs());
    const wanted =
      this.#dialling.delete(peer) || (this.#context.self < peer && this.#active.size < activeMax);
    if (wanted) this.#context.say(peer, this.#active.size < activeMin ? 'ask-urgently' : 'ask');
  }

  linkDown(peer: ReplicaId): void {
    this.#pending.delete(peer);
    if (this.#active.delete(peer)) this.#context.deactivated(peer);
  }

  /** It left or died: there is nobody to turn to. While it is still named by whoever lets peers meet, it is tried now and then. */
  gone(peer: ReplicaId): void {
    this.#passive.delete(peer);
    this.#dialling.delete(peer);
    if (this.#active.has(peer) || this.#pending.has(peer)) this.#part(peer, 'gone');
  }

  heard(peer: ReplicaId, word: NeighbourWord): void {
    switch (word) {
      case 'ask':
      case 'ask-urgently':
        if (this.#active.has(peer)) this.#context.say(peer, 'accept');
        else if (!this.#pending.has(peer)) return;
        else if (this.#active.size < activeMax || (word === 'ask-urgently' && this.#makeRoom())) {
          this.#activate(peer);
          this.#context.say(peer, 'accept');
        } else this.#context.say(peer, 'refuse');
        return;
      case 'accept':
        if (!this.#pending.has(peer)) return;
        if (this.#active.size < activeMax || this.#makeRoom()) this.#activate(peer);
        else this.#part(peer, 'full');
        return;
      case 'refuse':
        if (this.#pending.has(peer)) this.#part(peer, 'refused');
        return;
      case 'part':
        this.#avoid(peer);
        if (this.#active.has(peer) || this.#pending.has(peer)) {
          this.linkDown(peer);
          this.#context.drop(peer, 'parted');
        }
        return;
      default:
        assertNever(word);
    }
  }

  /** Dials whoever is needed. A few times a second. */
  tick(): void {
    const nowMs = this.#context.nowMs();
    for (const [peer, sinceMs] of this.#dialling) {
      if (nowMs - sinceMs < dialPatienceMs) continue;
      this.#dialling.delete(peer);
      this.#passive.delete(peer);
      this.#avoid(peer);
    }
    for (const [peer, untilMs] of this.#avoided) if (nowMs >= untilMs) this.#avoided.delete(peer);
    for (const [peer, sinceMs] of this.#pending)
      if (nowMs - sinceMs >= dialPatienceMs) this.#part(peer, 'unanswered');
    let missing = this.#missing() - this.#dialling.size;
    for (; missing > 0 && this.#dialling.size < diallingMax; missing--) {
      const peer = this.#candidate();
      if (peer === undefined) break;
      this.dial(peer);
    }
    this.#tryStrangers();
  }

  /** Those who are named and no member: one who comes, or the other half of a space that was cut in two. One at a time. */
  #tryStrangers(): void {
    if (this.#dialling.size > 0 || this.#active.size >= activeMax) return;
    const { table, random } = this.#context;
    const strangers = [...this.#met].filter(peer => this.#isFree(peer) && !table.isPresent(peer));
    const drawn = strangers[strangers.length === 0 ? 0 : random.below(strangers.length)];
    if (drawn !== undefined) this.dial(drawn);
  }

  /** However many neighbours there are: somebody must reach it. */
  dial(peer: ReplicaId): void {
    if (this.#active.has(peer) || this.#pending.has(peer) || this.#dialling.has(peer)) return;
    this.#dialling.set(peer, this.#context.nowMs());
    this.#context.dial(peer);
  }

  /** How many links to make. */
  #missing(): number {
    const { table } = this.#context;
    const others = Math.max(table.presentCount - 1, this.#met.size > 0 ? 1 : 0);
    if (others < fullMeshMax) return others - this.#active.size;
    return this.#active.size < activeMin ? activeTarget - this.#active.size : 0;
  }

  #isFree(peer: ReplicaId): boolean {
    if (peer === this.#context.self || this.#active.has(peer) || this.#pending.has(peer)) return false;
    return !this.#dialling.has(peer) && !this.#avoided.has(peer);
  }

  /** One to dial: of the passive view, which is topped up from the table, else of those met. */
  #candidate(): ReplicaId | undefined {
    const { table, random } = this.#context;
    const present = table.present();
    for (const peer of this.#passive)
      if (!table.isPresent(peer) || !this.#isFree(peer)) this.#passive.delete(peer);
    if (present.length <= 2 * passiveMax) for (const peer of present) this.#hold(peer);
    else
      for (let tries = 2 * passiveMax; tries > 0 && this.#passive.size < passiveMax; tries--)
        this.#hold(present[random.below(present.length)] as ReplicaId);
    const met = [...this.#met].filter(peer => this.#isFree(peer));
    const known = this.#passive.size > 0 ? [...this.#passive] : met;
    const drawn = known[known.length === 0 ? 0 : random.below(known.length)];
    if (drawn !== undefined) this.#passive.delete(drawn);
    return drawn;
  }
  #hold(peer: ReplicaId): void {
    if (this.#passive.size < passiveMax && this.#isFree(peer)) this.#passive.add(peer);
  }

  #activate(peer: ReplicaId): void {
    this.#pending.delete(peer);
    this.#dialling.delete(peer);
    this.#passive.delete(peer);
    this.#active.add(peer);
    this.#context.activated(peer);
  }

  /** Parts with the neighbour that can best do without us. False when none can. */
  #makeRoom(): boolean {
    let best: ReplicaId | undefined;
    let most = activeMin;
    for (const peer of this.#active) {
      const others = this.#context.table.get(peer)?.record.neighbours.length ?? 0;
      if (others > most) [best, most] = [peer, others];
    }
    if (best === undefined) return false;
    this.#part(best, 'room');
    return true;
  }

  #part(peer: ReplicaId, reason: string): void {
    this.#context.say(peer, 'part');
    this.linkDown(peer);
    this.#avoid(peer);
    this.#context.drop(peer, reason);
  }
  #avoid(peer: ReplicaId): void {
    if (this.#avoided.size < knownPeersMax) this.#avoided.set(peer, this.#context.nowMs() + dialPatienceMs);
  }
}
