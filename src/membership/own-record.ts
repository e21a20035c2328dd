/**
 * Our own record: signed anew when something of it changes, or when somebody has said a thing of us that is not so. With each goes a farewell,
 * signed beforehand, since a page that closes cannot wait for a signature.
 */
import { concatBytes } from '../base/bytes.ts';
import type { ReplicaId } from '../base/ids.ts';
import { neighboursMax } from '../base/limits.ts';
import type { MembershipConfig, MembershipEffect, MembershipToken } from './effects.ts';
import { encodeRecord, prefixOf, signedPart, type MemberRecord, type Profile } from './record.ts';

export interface OwnRecordContext {
  readonly config: MembershipConfig;
  readonly active: () => Iterable<ReplicaId>;
  readonly newToken: () => MembershipToken;
  readonly emit: (effect: MembershipEffect) => void;
  /** A new record of ours, to be believed and spread. */
  published(record: MemberRecord, bytes: Uint8Array, urgent: boolean): void;
}

interface Signing {
  readonly token: MembershipToken;
  readonly farewellToken: MembershipToken;
  readonly record: MemberRecord;
  readonly unsigned: Uint8Array;
  readonly farewell: Uint8Array;
  readonly farewellRecord: MemberRecord;
  readonly urgent: boolean;
}

export class OwnRecord {
  readonly #context: OwnRecordContext;
  #profile: Profile;
  /** Of the last record begun. */
  #incarnation = -1;
  #signing: Signing | undefined;
  #farewell: { readonly record: MemberRecord; readonly bytes: Uint8Array } | undefined;
  /** What is to be said next, and when. */
  #due: { readonly atMs: number; readonly urgent: boolean } | undefined;

  constructor(context: OwnRecordContext) {
    this.#context = context;
    this.#profile = context.config.profile;
  }

  get incarnation(): number {
    return this.#incarnation;
  }
  /** The one with which we go, once it is signed. */
  get farewell(): { readonly record: MemberRecord; readonly bytes: Uint8Array } | undefined {
    return this.#farewell;
  }

  setProfile(profile: Profile, nowMs: number): void {
    this.#profile = profile;
    this.#want(nowMs, true);
  }
  /** The active view has changed; more of it will. */
  viewChanged(nowMs: number, gatherMs: number): void {
    this.#want(nowMs + gatherMs, false);
  }

  /** Somebody believes something of us under this incarnation; we answer with a later one. */
  refute(incarnation: number, nowMs: number): void {
    // What is being signed is later already.
    if (incarnation < this.#incarnation) return;
    this.#incarnation = Math.max(this.#incarnation, incarnation);
    this.#want(nowMs, true);
  }

  tick(nowMs: number): void {
    if (this.#due === undefined || this.#due.atMs > nowMs || this.#signing !== undefined) return;
    this.#publish(this.#due.urgent);
  }

  signed(token: MembershipToken, signature: Uint8Array): boolean {
    const signing = this.#signing;
    if (signing === undefined) return false;
    if (token === signing.farewellToken) {
      this.#farewell = { record: signing.farewellRecord, bytes: concatBytes(signing.farewell, signature) };
      this.#signing = undefined;
      return true;
    }
    if (token !== signing.token) return false;
    this.#context.published(signing.record, concatBytes(signing.unsigned, signature), signing.urgent);
    return true;
  }

  #want(atMs: number, urgent: boolean): void {
    const due = this.#due;
    this.#due =
      due === undefined ? { atMs, urgent } : { atMs: Math.min(due.atMs, atMs), urgent: due.urgent || urgent };
    if (urgent) this.tick(atMs);
  }

  #publish(urgent: boolean): void {
    const { config, active, newToken, emit } = this.#context;
    this.#due = undefined;
    this.#incarnation++;
    const record: MemberRecord = {
      ...this.#profile,
      replicaId: config.replicaId,
      incarnation: this.#incarnation,
      present: true,
      deviceKey: config.deviceKey,
      slot: config.slot,
      logIncarnation: config.logIncarnation,
      versions: config.versions,
      neighbours: [...new Set(Array.from(active(), prefixOf))].sort().slice(0, neighboursMax),
    };
    const farewellRecord = { ...record, incarnation: this.#incarnation + 1, present: false, neighbours: [] };
    const [unsigned, farewell] = [encodeRecord(record), encodeRecord(farewellRecord)];
    const [token, farewellToken] = [newToken(), newToken()];
    this.#farewell = undefined;
    this.#signing = { token, farewellToken, record, unsigned, farewell, farewellRecord, urgent };
    emit({ type: 'sign', token, message: signedPart(unsigned) });
    emit({ type: 'sign', token: farewellToken, message: signedPart(farewell) });
  }
}
