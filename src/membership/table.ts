/**
 * Who is there, as far as is known here: one entry a member, and tombstones of those who were.
 *
 * Sums over the entries of those present tell two tables apart in four bytes, and say where: entries are spread over 256 parts by the first
 * byte of their ids, and a sum of hashes can be kept up to date with each change. Accusations are not part of them: they pass, and everyone times
 * them alone.
 */
import { hexByte } from '../base/bytes.ts';
import type { ReplicaId } from '../base/ids.ts';
import { membersMax, tablePartsMax, tombstonesMax } from '../base/limits.ts';
import { reapAfterMs, tombstoneMs } from './config.ts';
import { prefixOf, type MemberRecord } from './record.ts';
import type { Suspicion } from './suspicion.ts';

/** `alive` and `suspect` are present; `left` said so itself, `dead` did not answer. */
export type MemberState = 'alive' | 'suspect' | 'left' | 'dead';

export interface Member {
  readonly replicaId: ReplicaId;
  state: MemberState;
  /** Of the last word about it that counted. */
  incarnation: number;
  record: MemberRecord;
  /** The record as it was signed, to be passed on. */
  bytes: Uint8Array;
  /** Over `bytes`. */
  hash: number;
  /** When it came into this state. */
  sinceMs: number;
  /** While it is suspect. */
  suspicion: Suspicion | undefined;
  /** Since when nobody within reach watches it. */
  islandMs: number | undefined;
}

interface Tombstone {
  readonly incarnation: number;
  readonly diedMs: number;
}

export class Table {
  readonly #members = new Map<ReplicaId, Member>();
  readonly #tombstones = new Map<ReplicaId, Tombstone>();
  /** Those present, in no order, and where each stands: one can be drawn at once. */
  readonly #present: ReplicaId[] = [];
  readonly #places = new Map<ReplicaId, number>();
  readonly #byPrefix = new Map<string, ReplicaId[]>();
  readonly #sums = new Uint32Array(tablePartsMax);
  #sum = 0;
  /** Counts changes of who is present and well, and of whom they are linked with. */
  changes = 0;

  get presentCount(): number {
    return this.#present.length;
  }
  present(): readonly ReplicaId[] {
    return this.#present;
  }
  /** Over all parts. */
  get sum(): number {
    return this.#sum;
  }
  get isFull(): boolean {
    return this.#present.length >= membersMax;
  }
  get(replicaId: ReplicaId): Member | undefined {
    return this.#members.get(replicaId);
  }
  members(): Iterable<Member> {
    return this.#members.values();
  }
  isPresent(replicaId: ReplicaId): boolean {
    return this.#places.has(replicaId);
  }
  /** The incarnation at which it went, whether or not more is known of it; undefined for whoever is present or unknown. */
  goneAt(replicaId: ReplicaId): number | undefined {
    if (this.isPresent(replicaId)) return undefined;
    return this.#members.get(replicaId)?.incarnation ?? this.#tombstones.get(replicaId)?.incarnation;
  }
  diedMs(replicaId: ReplicaId): number | undefined {
    return this.#tombstones.get(replicaId)?.diedMs;
  }

  /** A record that supersedes what was known. */
  install(record: MemberRecord, bytes: Uint8Array, nowMs: number): Member {
    const { replicaId, incarnation, present } = record;
    this.#remove(replicaId);
    this.#tombstones.delete(replicaId);
    const state: MemberState = present ? 'alive' : 'left';
    const hash = hashOf(bytes);
    const member: Member = {
      replicaId,
      state,
      incarnation,
      record,
      bytes,
      hash,
      sinceMs: nowMs,
      suspicion: undefined,
      islandMs: undefined,
    };
    this.#members.delete(replicaId);
    this.#members.set(replicaId, member);
    if (present) this.#add(member);
    else this.#bury(replicaId, incarnation, nowMs);
    return member;
  }

  suspect(member: Member, suspicion: Suspicion, nowMs: number): void {
    this.changes++;
    member.state = 'suspect';
    member.suspicion = suspicion;
    member.sinceMs = nowMs;
  }

  /** `diedMs`: when, as those who buried it have it. */
  die(replicaId: ReplicaId, incarnation: number, diedMs: number, nowMs: number): void {
    this.#remove(replicaId);
    this.#bury(replicaId, incarnation, diedMs);
    const member = this.#members.get(replicaId);
    if (member === undefined) return;
    member.state = 'dead';
    member.incarnation = incarnation;
    member.suspicion = undefined;
    member.sinceMs = nowMs;
    // Behind those who went before, so that the first ones are the first to be reaped.
    this.#members.delete(replicaId);
    this.#members.set(replicaId, member);
  }

  /** Records of those who went some time ago go, and tombstones that nobody needs any more. */
  reap(nowMs: number): void {
    for (const [replicaId, { state, sinceMs }] of this.#members)
      if ((state === 'dead' || state === 'left') && nowMs - sinceMs >= reapAfterMs)
        this.#members.delete(replicaId);
    for (const [replicaId, { diedMs }] of this.#tombstones)
      if (nowMs - diedMs >= tombstoneMs) this.#tombstones.delete(replicaId);
  }

  /** All but `self`: what is known may be of yesterday. */
  forgetOthers(self: ReplicaId): void {
    for (const replicaId of [...this.#members.keys()]) {
      if (replicaId === self) continue;
      this.#remove(replicaId);
      this.#members.delete(replicaId);
    }
    this.#tombstones.clear();
  }

  // ── Comparing ─────────────────────────────────────────────────────────────────────────────────────────────

  /** Sums over `parts` parts, a power of two up to `tablePartsMax`. */
  sums(parts: number): number[] {
    const folded = new Uint32Array(parts);
    const each = tablePartsMax / parts;
    for (let part = 0; part < tablePartsMax; part++) {
      const into = Math.floor(part / each);
      folded[into] = (folded[into] as number) + (this.#sums[part] as number);
    }
    return [...folded];
  }
  /** A few members in each. */
  get fittingParts(): number {
    let parts = 1;
    while (parts < tablePartsMax && parts * 4 < this.#present.length) parts *= 2;
    return parts;
  }
  /** All that is known of members in some of `parts` parts. */
  *inParts(parts: number, of: ReadonlySet<number>): Iterable<Member> {
    for (const member of this.#members.values()) if (of.has(partOf(member.replicaId, parts))) yield member;
  }
  *tombstonesInParts(parts: number, of: ReadonlySet<number>): Iterable<[ReplicaId, Tombstone]> {
    for (const entry of this.#tombstones) if (of.has(partOf(entry[0], parts))) yield entry;
  }

  // ── Who watches whom ──────────────────────────────────────────────────────────────────────────────────────

  /** Those present whose record lists `replicaId`: they hear it, or hear that they do not. */
  witnessesOf(replicaId: ReplicaId): Member[] {
    const prefix = prefixOf(replicaId);
    const witnesses: Member[] = [];
    for (const id of this.#present) {
      const member = this.#members.get(id);
      if (member !== undefined && id !== replicaId && member.record.neighbours.includes(prefix))
        witnesses.push(member);
    }
    return witnesses;
  }

  withPrefix(prefix: string): readonly ReplicaId[] {
    return this.#byPrefix.get(prefix) ?? [];
  }

  /** Those present who are watched by somebody who is watched … by `self`. */
  reachableFrom(self: ReplicaId, active: Iterable<ReplicaId>): Set<ReplicaId> {
    const reached = new Set<ReplicaId>([self, ...active]);
    for (const replicaId of reached) {
      const member = this.#members.get(replicaId);
      // Whoever is suspect may watch nobody any more.
      if (member === undefined || member.state === 'suspect') continue;
      for (const prefix of member.record.neighbours)
        for (const neighbour of this.withPrefix(prefix)) reached.add(neighbour);
    }
    return reached;
  }

  // ── Inside ────────────────────────────────────────────────────────────────────────────────────────────────

  #add({ replicaId, hash }: Member): void {
    this.changes++;
    this.#places.set(replicaId, this.#present.push(replicaId) - 1);
    const prefix = prefixOf(replicaId);
    this.#byPrefix.set(prefix, [...this.withPrefix(prefix), replicaId]);
    this.#count(replicaId, hash);
  }
  #remove(replicaId: ReplicaId): void {
    const place = this.#places.get(replicaId);
    if (place === undefined) return;
    this.changes++;
    const last = this.#present.pop() as ReplicaId;
    this.#places.delete(replicaId);
    if (last !== replicaId) {
      this.#present[place] = last;
      this.#places.set(last, place);
    }
    const prefix = prefixOf(replicaId);
    const others = this.withPrefix(prefix).filter(id => id !== replicaId);
    if (others.length === 0) this.#byPrefix.delete(prefix);
    else this.#byPrefix.set(prefix, others);
    this.#count(replicaId, -(this.#members.get(replicaId)?.hash ?? 0));
  }
  #count(replicaId: ReplicaId, hash: number): void {
    const part = hexByte(replicaId, 0);
    this.#sums[part] = (this.#sums[part] as number) + hash;
    this.#sum = (this.#sum + hash) >>> 0;
  }
  #bury(replicaId: ReplicaId, incarnation: number, diedMs: number): void {
    this.#tombstones.delete(replicaId);
    this.#tombstones.set(replicaId, { incarnation, diedMs });
    if (this.#tombstones.size <= tombstonesMax) return;
    for (const [oldest] of this.#tombstones) {
      this.#tombstones.delete(oldest);
      return;
    }
  }
}

export function partOf(replicaId: ReplicaId, parts: number): number {
  return Math.floor((hexByte(replicaId, 0) * parts) / tablePartsMax);
}

/** FNV-1a over the end of a record, which is its signature, and murmur3's mixer: a sum of these tells tables apart. */
export function hashOf(bytes: Uint8Array): number {
  let hash = 0x811c9dc5;
  for (let i = Math.max(0, bytes.length - 16); i < bytes.length; i++)
    hash = Math.imul(hash ^ (bytes[i] as number), 0x01000193);
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b);
  return (hash ^ (hash >>> 13)) >>> 0;
}
