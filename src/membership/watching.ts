/**
 * Watching the neighbours: phi for each active link, probes where there is doubt, for ourselves and for others (Das, Gupta, Motivala, *SWIM*,
 * 2002, section 3.1; Lifeguard's negative acknowledgements, section 3.1).
 *
 *     phi ≥ phiDoubt      probe it, and have up to three others probe it, every probeEveryMs
 *     phi ≥ phiSuspect    and nobody heard it lately: accuse it
 *
 * Those others are neighbours of the target with which we have a link ourselves. In a large overlay that may be nobody: then a neighbour
 * passes the request on to one of the target's neighbours among its own.
 */
import type { ReplicaId } from '../base/ids.ts';
import { probesForOthersMax } from '../base/limits.ts';
import type { Random } from '../base/ports.ts';
import {
  askEveryMs,
  deviationMinMs,
  heartbeatEveryMs,
  indirectProbesMax,
  linkSilentMaxMs,
  nackAfterMs,
  pauseMs,
  phiDoubt,
  phiSuspect,
  probeEveryMs,
  vouchForMs,
  windowMax,
} from './config.ts';
import type { LocalHealth } from './local-health.ts';
import type { GossipMessage } from './messages.ts';
import { PhiAccrual } from './phi-accrual.ts';
import { prefixOf } from './record.ts';
import type { Table } from './table.ts';

export interface WatchingContext {
  readonly self: ReplicaId;
  readonly random: Random;
  readonly table: Table;
  readonly health: LocalHealth;
  nowMs(): number;
  send(peer: ReplicaId, message: GossipMessage): void;
  /** Nothing was heard of it, by anyone. */
  accuse(peer: ReplicaId, phi: number): void;
  /** It lives, but its link does not. */
  linkIsDead(peer: ReplicaId): void;
}

const phiConfig = {
  windowMax,
  deviationMinMs,
  pauseMs,
  firstIntervalMs: heartbeatEveryMs,
  sampleBelow: phiSuspect,
};

interface Watch {
  readonly phi: PhiAccrual;
  /** Of its last heartbeat. */
  sequence: number;
  doubtedMs: number | undefined;
  probedMs: number;
  /** When others were asked last. */
  askedMs: number;
  nonce: number;
  /** How many of those who were asked have answered nothing yet. */
  owed: number;
  /** When somebody else last heard it. */
  vouchedMs: number;
}

/** A probe that we make for `asker`. */
interface ForOther {
  readonly asker: ReplicaId;
  readonly nonce: number;
  readonly target: ReplicaId;
  readonly sinceMs: number;
  /** We passed it on: then the answer comes from there, or not at all. */
  readonly passedOn: boolean;
}

export class Watching {
  readonly #context: WatchingContext;
  readonly #watches = new Map<ReplicaId, Watch>();
  readonly #forOthers = new Map<number, ForOther>();

  constructor(context: WatchingContext) {
    this.#context = context;
  }

  begin(peer: ReplicaId): void {
    const phi = new PhiAccrual(phiConfig, this.#context.nowMs());
    this.#watches.set(peer, {
      phi,
      sequence: -1,
      doubtedMs: undefined,
      probedMs: -Infinity,
      askedMs: -Infinity,
      nonce: 0,
      owed: 0,
      vouchedMs: -Infinity,
    });
  }
  end(peer: ReplicaId): void {
    this.#watches.delete(peer);
  }

  /** Undefined where there is no active link. */
  phi(peer: ReplicaId): number | undefined {
    return this.#watches.get(peer)?.phi.phi(this.#context.nowMs(), this.#context.health.stretch);
  }
  /** Whether we hear it ourselves, so that no accusation needs to be believed. What others say of it counts for nothing here. */
  hears(peer: ReplicaId): boolean {
    // Without patience for our own slowness: a slow one is the last who should contradict.
    const phi = this.#watches.get(peer)?.phi.phi(this.#context.nowMs());
    return phi !== undefined && phi < phiDoubt;
  }

  heartbeat(peer: ReplicaId, sequence: number): void {
    const watch = this.#watches.get(peer);
    if (watch === undefined) return;
    if (sequence > watch.sequence) watch.phi.heartbeat(this.#context.nowMs());
    watch.sequence = Math.max(watch.sequence, sequence);
  }
  /** Anything came from it. */
  alive(peer: ReplicaId): void {
    this.#watches.get(peer)?.phi.alive(this.#context.nowMs());
  }

  /** We slept: all windows begin anew. */
  wake(): void {
    for (const watch of this.#watches.values()) {
      watch.phi.reset(this.#context.nowMs());
      watch.doubtedMs = undefined;
    }
  }

  tick(): void {
    const nowMs = this.#context.nowMs();
    for (const [nonce, probe] of this.#forOthers) {
      if (nowMs - probe.sinceMs < nackAfterMs) continue;
      this.#forOthers.delete(nonce);
      if (!probe.passedOn) this.#context.send(probe.asker, { type: 'ack', nonce: probe.nonce, heard: false });
    }
    for (const [peer, watch] of [...this.#watches]) this.#tickWatch(peer, watch, nowMs);
  }

  #tickWatch(peer: ReplicaId, watch: Watch, nowMs: number): void {
    const phi = watch.phi.phi(nowMs, this.#context.health.stretch);
    if (phi < phiDoubt) {
      watch.doubtedMs = undefined;
      return;
    }
    if (watch.doubtedMs === undefined) {
      watch.doubtedMs = nowMs;
      watch.owed = 0;
    }
    if (nowMs - watch.phi.heardMs >= linkSilentMaxMs && nowMs - watch.vouchedMs < vouchForMs) {
      this.#context.linkIsDead(peer);
      return;
    }
    if (nowMs - watch.probedMs >= probeEveryMs) this.#probe(peer, watch, nowMs);
    const asked = nowMs > watch.doubtedMs;
    if (phi >= phiSuspect && asked && nowMs - watch.vouchedMs >= vouchForMs) this.#context.accuse(peer, phi);
  }

  #probe(peer: ReplicaId, watch: Watch, nowMs: number): void {
    const { random, health } = this.#context;
    watch.probedMs = nowMs;
    const asks = nowMs - watch.askedMs >= askEveryMs;
    if (asks) {
      // Those asked last time said nothing, not even that they heard nothing: it may be we who are not heard.
      if (watch.owed > 0) health.worse();
      watch.nonce = random.below(2 ** 32);
      watch.askedMs = nowMs;
    }
    this.#context.send(peer, { type: 'probe', nonce: watch.nonce });
    if (!asks) return;
    const helpers = this.#helpersFor(peer);
    watch.owed = helpers.filter(({ hops }) => hops === 0).length;
    for (const { helper, hops } of helpers)
      this.#context.send(helper, { type: 'probe-request', nonce: watch.nonce, target: peer, hops });
  }

  /** Drawn among our neighbours: those who are the target's as well, then those who know one of them. */
  #helpersFor(target: ReplicaId): { readonly helper: ReplicaId; readonly hops: number }[] {
    const { table, random } = this.#context;
    const theirs = new Set(table.get(target)?.record.neighbours);
    const direct: ReplicaId[] = [];
    const further: ReplicaId[] = [];
    for (const helper of this.#watches.keys()) {
      if (helper === target) continue;
      if (theirs.has(prefixOf(helper))) direct.push(helper);
      else if (table.get(helper)?.record.neighbours.some(prefix => theirs.has(prefix)) === true)
        further.push(helper);
    }
    const chosen: { helper: ReplicaId; hops: number }[] = [];
    for (const [from, hops] of [
      [direct, 0],
      [further, 1],
    ] as const) {
      while (from.length > 0 && chosen.length < indirectProbesMax)
        chosen.push({ helper: from.splice(random.below(from.length), 1)[0] as ReplicaId, hops });
    }
    return chosen;
  }

  /** Somebody hears nothing of `target`. */
  asked(asker: ReplicaId, nonce: number, target: ReplicaId, hops: number): void {
    if (this.#forOthers.size >= probesForOthersMax) return;
    const { random, table } = this.#context;
    const nowMs = this.#context.nowMs();
    const own = random.below(2 ** 32);
    const probe = { asker, nonce, target, sinceMs: nowMs };
    if (this.#watches.has(target)) {
      this.#forOthers.set(own, { ...probe, passedOn: false });
      this.#context.send(target, { type: 'probe', nonce: own });
      return;
    }
    const theirs = new Set(table.get(target)?.record.neighbours);
    const next =
      hops > 0
        ? [...this.#watches.keys()].find(peer => peer !== asker && theirs.has(prefixOf(peer)))
        : undefined;
    if (next === undefined) {
      this.#context.send(asker, { type: 'ack', nonce, heard: false });
      return;
    }
    this.#forOthers.set(own, { ...probe, passedOn: true });
    this.#context.send(next, { type: 'probe-request', nonce: own, target, hops: hops - 1 });
  }

  answered(from: ReplicaId, nonce: number, heard: boolean): void {
    const probe = this.#forOthers.get(nonce);
    if (probe !== undefined) {
      // Only the target answers for itself, or whoever it was passed on to.
      if (!probe.passedOn && from !== probe.target) return;
      this.#forOthers.delete(nonce);
      this.#context.send(probe.asker, { type: 'ack', nonce: probe.nonce, heard });
      return;
    }
    for (const [peer, watch] of this.#watches) {
      if (watch.nonce !== nonce || watch.doubtedMs === undefined) continue;
      if (heard) this.#context.health.better();
      watch.owed = Math.max(0, watch.owed - 1);
      // Its own answer has come on its link, and counts as any word of it does.
      if (heard && from !== peer) watch.vouchedMs = this.#context.nowMs();
    }
  }
}
