/**
 * What must hold of a crowd, whatever befalls it. What really happened stands beside what each member believes: nobody in the crowd can know it.
 *
 * A member is **hindered** while it is frozen, cut off from anybody, or its session is young, and for a while after: what others then
 * believe of it may be wrong for good reason. Of everyone else:
 *
 *     false-death      nobody takes for dead who is up and unhindered
 *     returned         nobody who was taken for gone is taken for present again, but under a higher incarnation
 *     reused           no session signs two different records under one incarnation
 *     fell-back        no member's incarnation falls, in anybody's eyes, while it is present
 *     overcounted      nobody is buried with more confirmations than there were accusers
 *     blamed           nobody who wakes up accuses others at once of what it slept through
 *     storm            nobody says hundreds of things between two ticks
 *     degree           no active view is wider than eight
 */
import type { ReplicaId } from '../../base/ids.ts';
import type { TraceEvent } from '../../base/trace.ts';
import { decode } from '../../base/codec.ts';
import { toHex } from '../../base/bytes.ts';
import { activeMax } from '../../membership/config.ts';
import type { MembershipEffect } from '../../membership/effects.ts';
import { readRecordHead } from '../../membership/record.ts';
import { throttledTickMs, type Crowd, type CrowdNode, type CrowdWatcher } from './crowd.ts';

export class CrowdViolation extends Error {
  override readonly name = 'CrowdViolation';
  readonly invariant: string;
  constructor(invariant: string, atMs: number, detail: string) {
    super(`${invariant} at ${(atMs / 1000).toFixed(3)} s: ${detail}`);
    this.invariant = invariant;
  }
}

/** Of the label that precedes what is signed. */
const labelBytes = 'peerloom/member/1'.length;
/** What was said about somebody under hindrance is under way, and timed, for so long. */
const aftermathMs = 60_000;
/** A dozen members that come at once, or wake after a long sleep, say some dozens of things to each. */
const framesMax = 400;
/** Whoever is awake again has heard from nobody yet. */
const wokenMs = 900;
/** Accusations from before a session began may still be timed in it. */
const youngMs = 20_000;

export class CrowdLedger implements CrowdWatcher {
  readonly #crowd: Crowd;
  readonly #hinderedUntilMs = new Map<ReplicaId, number>();
  readonly #startedMs = new Map<ReplicaId, number>();
  /** By believer: whom it has taken for gone, and under which incarnation. */
  readonly #gone = new Map<CrowdNode, Map<ReplicaId, number>>();
  readonly #believed = new Map<string, number>();
  readonly #signed = new Map<string, string>();
  readonly #wokeMs = new Map<CrowdNode, number>();
  readonly #said = new Map<CrowdNode, number>();
  readonly #accusers = new Map<string, Set<CrowdNode>>();
  falseDeaths = 0;
  suspicions = 0;
  /** Counts false deaths instead of failing at the first. */
  readonly #counts: boolean;

  constructor(crowd: Crowd, { counts = false } = {}) {
    this.#crowd = crowd;
    this.#counts = counts;
    crowd.watchers.push(this);
  }

  /** From now on, and for a while after `hinders(node, false)`. */
  hinders(node: CrowdNode, on: boolean): void {
    this.#hinderedUntilMs.set(node.replicaId, on ? Infinity : this.#crowd.nowMs + aftermathMs);
  }
  /** It slept long enough to know that it did, and wakes now. */
  woke(node: CrowdNode): void {
    this.#wokeMs.set(node, this.#crowd.nowMs);
  }
  started(node: CrowdNode): void {
    this.#startedMs.set(node.replicaId, this.#crowd.nowMs);
    this.#gone.delete(node);
    for (const key of [...this.#believed.keys()])
      if (key.startsWith(node.replicaId)) this.#believed.delete(key);
  }
  changed(node: CrowdNode, effect: Extract<MembershipEffect, { type: 'member-changed' }>): void {
    const { replicaId, state } = effect;
    const about = this.#crowd.byId(replicaId);
    if (about === undefined) return;
    const key = `${node.replicaId}${replicaId}`;
    const incarnation = node.membership?.member(replicaId)?.incarnation ?? 0;
    if (incarnation < (this.#believed.get(key) ?? 0))
      this.#fail(
        'fell-back',
        `${String(node.index)} believes ${String(about.index)} to be ${String(incarnation)}`,
      );
    this.#believed.set(key, incarnation);
    const gone = this.#gone.get(node) ?? new Map<ReplicaId, number>();
    this.#gone.set(node, gone);
    if (state === 'dead' || state === 'left') {
      if (state === 'dead' && about.isUp && !this.#isHindered(about)) {
        this.falseDeaths++;
        if (!this.#counts)
          this.#fail('false-death', `${String(node.index)} takes ${String(about.index)} for dead`);
      }
      gone.set(replicaId, incarnation);
    } else if (incarnation <= (gone.get(replicaId) ?? -1))
      this.#fail('returned', `${String(about.index)} is ${state} again for ${String(node.index)}`);
  }

  traced(node: CrowdNode, event: TraceEvent): void {
    if (event.type === 'suspected') {
      this.suspicions++;
      const accused = this.#crowd.byId(event.replicaId);
      const awakeMs = this.#crowd.nowMs - (this.#wokeMs.get(node) ?? -Infinity);
      if (accused?.isUp === true && !this.#isHindered(accused) && awakeMs < wokenMs)
        this.#fail('blamed', `${String(node.index)} wakes up and accuses ${String(accused.index)}`);
      const incarnation = node.membership?.member(event.replicaId)?.incarnation ?? 0;
      const key = `${event.replicaId} ${String(incarnation)}`;
      const accusers = this.#accusers.get(key) ?? new Set();
      this.#accusers.set(key, accusers.add(node));
    } else if (event.type === 'buried') {
      const accusers = this.#accusers.get(`${event.replicaId} ${String(event.incarnation)}`)?.size ?? 0;
      if (event.confirmations > Math.max(0, accusers - 1))
        this.#fail(
          'overcounted',
          `${String(event.confirmations)} confirmations by ${String(accusers)} accusers`,
        );
    }
  }

  signs(node: CrowdNode, message: Uint8Array): void {
    const head = decode(message.subarray(labelBytes), reader => {
      const read = readRecordHead(reader);
      reader.bytes(reader.left);
      return read;
    });
    // A farewell that was never said shares its incarnation with the record that came instead.
    if (!head.ok || !head.value.present) return;
    const key = `${node.replicaId} ${String(node.session)} ${String(head.value.incarnation)}`;
    const hex = toHex(message);
    if ((this.#signed.get(key) ?? hex) !== hex) this.#fail('reused', `${String(node.index)}: ${key}`);
    this.#signed.set(key, hex);
  }

  stepped(node: CrowdNode): void {
    const said = node.sentFrames - (this.#said.get(node) ?? node.sentFrames);
    this.#said.set(node, node.sentFrames);
    // Whoever thaws answers at once what it was asked in the meantime.
    if (said > framesMax && node.tickMs < throttledTickMs && !this.#isHindered(node))
      this.#fail('storm', `${String(node.index)} said ${String(said)} things`);
    const degree = node.membership?.active.size ?? 0;
    if (degree > activeMax) this.#fail('degree', `${String(node.index)} has ${String(degree)} neighbours`);
  }

  #isHindered({ replicaId }: CrowdNode): boolean {
    const { nowMs } = this.#crowd;
    return (
      nowMs < (this.#hinderedUntilMs.get(replicaId) ?? -Infinity) ||
      nowMs < (this.#startedMs.get(replicaId) ?? 0) + youngMs
    );
  }

  #fail(invariant: string, detail: string): never {
    throw new CrowdViolation(invariant, this.#crowd.nowMs, detail);
  }
}
