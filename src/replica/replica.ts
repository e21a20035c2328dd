/**
 * One running replica: the synchronous machine that joins log, documents, disk and links.
 *
 * An input comes in, effects come out, nothing else happens: no promise, no timer, no clock of its own. So the
 * same code runs in a tab, in Node and in a simulator, and "a crash at every await" is "stop between two
 * inputs". ARCHITECTURE.md follows one keystroke through it.
 *
 * This file is the way of a batch: closed (`own-batches.ts`) or received (`receiving.ts`), delivered by the log,
 * applied (`documents.ts`), kept (`keeper.ts`), told (`exchange.ts`), acknowledged (`devices.ts`).
 */
import { assert, assertNever } from '../base/assert.ts';
import type { DeviceId, DocumentId, ReplicaId } from '../base/ids.ts';
import { Counters, type TraceEvent } from '../base/trace.ts';
import type { ReadonlyVectorClock } from '../clocks/vector-clock.ts';
import { HybridLogicalClock } from '../clocks/hybrid-logical-clock.ts';
import type { Document } from '../crdt/document/document.ts';
import type { TextChange } from '../crdt/text/messages.ts';
import type { Text } from '../crdt/text/text.ts';
import type { LinkId, SignalingState } from '../net/transport.ts';
import type { StoredSpace, StoreTransaction } from '../storage/store.ts';
import { BatchLog } from '../sync/batch-log.ts';
import { decodeBatch, fillSignature, signedMessage, type Batch } from '../sync/batch.ts';
import { Carets } from './carets.ts';
import type { ReplicaConfig } from './config.ts';
import { Devices } from './devices.ts';
import { Documents } from './documents.ts';
import type { Effect, Input, Push, Signing, Token } from './effects.ts';
import { Exchange } from './exchange.ts';
import { fingerprintOf } from './fingerprint.ts';
import { Keeper } from './keeper.ts';
import { closeBatch } from './own-batches.ts';
import { Presence, type PresenceState } from './presence.ts';
import { Scrubbing, scrubRecords } from './scrubbing.ts';
import { Receiving, type Held, type Received } from './receiving.ts';
import { deriveStatus, type SyncStatus } from './status.ts';
import { TextTimeline } from './text-timeline.ts';

export class Replica {
  readonly replicaId: ReplicaId;
  readonly incarnation: number;
  /** What was refused or dropped, by reason. */
  readonly refusals = new Counters();
  readonly #config: ReplicaConfig;
  readonly #log = new BatchLog();
  readonly #stamps = new HybridLogicalClock();
  readonly #documents: Documents;
  readonly #devices: Devices;
  readonly #keeper: Keeper;
  readonly #presence: Presence;
  readonly #carets: Carets;
  readonly #receiving: Receiving;
  readonly #exchange: Exchange;
  readonly #scrubbing: Scrubbing;
  #committing: { readonly token: Token; readonly push: Push } | undefined;
  #effects: Effect[] = [];
  #lastToken = 0;
  #online = true;
  #signaling: SignalingState = 'connecting';

  constructor(config: ReplicaConfig, stored: StoredSpace) {
    const { replicaId, incarnation, crypto, clock } = config;
    this.#config = config;
    this.replicaId = replicaId;
    this.incarnation = incarnation;
    this.#documents = new Documents(replicaId, config.documents, overwritten =>
      this.#stamps.stampOver(overwritten, clock.wallMs()),
    );
    this.#devices = new Devices(crypto, config.device.deviceKey);
    this.#keeper = new Keeper(replicaId, crypto);
    this.#presence = new Presence(replicaId);
    this.#carets = new Carets(this.#presence, documentId => this.#documents.text(documentId));
    const outward = {
      newToken: () => ++this.#lastToken,
      emit: (effect: Effect) => this.#emit(effect),
      refuse: (reason: string, from: ReplicaId | undefined) => this.#refuse(reason, from),
    };
    this.#receiving = new Receiving({
      config,
      log: this.#log,
      deviceKeyOf: author => this.#devices.keyOf(author),
      ...outward,
    });
    this.#exchange = new Exchange({
      replicaId,
      crypto,
      log: this.#log,
      durable: this.#keeper.durable,
      held: this.#keeper.held,
      presence: this.#presence,
      nowMs: () => clock.monotonicMs(),
      trace: event => this.#trace(event),
      received: (bytes, from) => this.#receiving.receive(bytes, from),
      acknowledged: (peer, acked) => this.#acknowledged(peer, acked),
      verifyingBytes: () => this.#receiving.verifyingBytes,
      ...outward,
    });
    this.#scrubbing = new Scrubbing(
      {
        durable: this.#keeper.durable,
        find: (author, sequence) => this.#log.batchesOf(author)[sequence],
        has: batchId => this.#log.has(batchId),
        rewrite: batch => {
          this.refusals.add('stored record damaged');
          this.#keeper.rewrite(batch, clock.monotonicMs());
        },
        rewriteHead: author => this.#rewriteHead(author),
      },
      clock.monotonicMs(),
    );
    this.#load(stored);
  }

  // ── What the app reads ────────────────────────────────────────────────────────────────────────────────────

  get deviceId(): DeviceId {
    return this.#devices.ownId;
  }
  text(documentId: DocumentId): Text {
    return this.#documents.text(documentId);
  }
  /** A document of named values: a board, a poll, what the space holds. Edited through `transact` alone. */
  document(documentId: DocumentId): Document {
    return this.#documents.document(documentId);
  }
  /** A reading of the text's past that follows what comes. Asked for when somebody looks back: it reads the whole log. */
  timeline(documentId: DocumentId): TextTimeline {
    return new TextTimeline(this.text(documentId), documentId, this.#log.delivered);
  }
  /** The link to a peer we met, up or down. */
  linkOf(peer: ReplicaId): LinkId | undefined {
    return this.#exchange.linkOf(peer);
  }
  /** The peers of `status().peers`, in no order. */
  *peerIds(): Iterable<ReplicaId> {
    for (const { replicaId } of this.#exchange.peers()) yield replicaId;
  }
  presenceOf(peer: ReplicaId): PresenceState | undefined {
    return this.#presence.of(peer);
  }
  get clock(): ReadonlyMap<ReplicaId, number> {
    return this.#log.clock;
  }
  /** What this replica's disk holds. */
  get durableClock(): ReadonlyMap<ReplicaId, number> {
    return this.#keeper.durable;
  }

  /** The Merkle root over the ids of what the disk holds: equal roots, equal batches. */
  get durableRoot(): Uint8Array {
    return this.#keeper.held.root.hash();
  }

  /** The same here and elsewhere when and only when both have the same changes. */
  fingerprint(): Uint8Array {
    return fingerprintOf(this.#config.crypto, this.#log);
  }
  /** What each peer's disk holds, as it said last; an empty clock until it has. */
  *peerClocks(): Iterable<readonly [ReplicaId, ReadonlyVectorClock]> {
    for (const { replicaId, acknowledged } of this.#exchange.peers()) yield [replicaId, acknowledged];
  }

  /** Whether the documents show local edits that no batch of the log holds yet. */
  get isBatching(): boolean {
    return this.#documents.hasPending;
  }

  /** What came from outside and waits here: whoever watches over limits reads it. */
  get held(): Held {
    const { verifyingBytes, uncertifiedBytes } = this.#receiving;
    const { waitingCount: waitingBatches, waitingBytes } = this.#log;
    return { verifyingBytes, uncertifiedBytes, waitingBatches, waitingBytes };
  }

  status(): SyncStatus {
    return deriveStatus({
      replicaId: this.replicaId,
      deviceId: this.deviceId,
      nowMs: this.#config.clock.monotonicMs(),
      online: this.#online,
      signaling: this.#signaling,
      failure: this.#keeper.failure,
      unkept: this.#keeper.ownUnkept + Number(this.#documents.hasPending),
      clock: this.#log.clock,
      durable: this.#keeper.durable,
      settled: this.#devices.settled,
      lost: this.#scrubbing.lost.length,
      devices: this.#devices.owners,
      ackedByDevice: this.#devices.ackedByDevice,
      links: this.#exchange.links(),
      peers: this.#exchange.peers(),
    });
  }

  /** When `tick` is wanted next, in monotonic milliseconds. */
  nextDueMs(): number | undefined {
    const dueMs = Math.min(this.#keeper.nextDueMs() ?? Infinity, this.#exchange.nextDueMs() ?? Infinity);
    return dueMs === Infinity ? undefined : dueMs;
  }

  // ── What the app does ─────────────────────────────────────────────────────────────────────────────────────

  /** Begins the log with its certificate when there is none yet. */
  open(profile: Pick<PresenceState, 'name' | 'colour'>): readonly Effect[] {
    this.#carets.setProfile(profile);
    this.#closeBatch();
    this.#commit();
    return this.#takeEffects();
  }

  /** A local edit; each change refers to the text after the ones before it. The document has it at once. */
  edit(documentId: DocumentId, changes: readonly TextChange[]): readonly Effect[] {
    const caret = this.#carets.ownIn(documentId);
    this.#documents.edit(documentId, changes);
    if (caret !== undefined) this.#carets.ownTyped(caret, changes);
    return this.#edited();
  }

  /** A local transaction on a document of named values; what follows is as for `edit`. */
  transact(documentId: DocumentId, edits: (document: Document) => void): readonly Effect[] {
    return this.#documents.transact(documentId, edits) ? this.#edited() : this.#takeEffects();
  }

  #edited(): readonly Effect[] {
    this.#closeBatch();
    this.#keeper.hurry(this.#config.clock.monotonicMs());
    this.#commit();
    this.#emit({ type: 'status-changed' });
    return this.#takeEffects();
  }

  setProfile(profile: Pick<PresenceState, 'name' | 'colour'>): readonly Effect[] {
    this.#carets.setProfile(profile);
    this.#exchange.presenceChanged('moved');
    return this.#takeEffects();
  }

  /** Our page was hidden, or is seen again. Said at once: a hidden page may be frozen a moment later. */
  setAway(away: boolean): readonly Effect[] {
    this.#carets.setAway(away);
    this.#exchange.sayPresence();
    return this.#takeEffects();
  }

  /** Where our caret is, shared with the others; undefined when it is nowhere. */
  select(place: { documentId: DocumentId; anchor: number; head: number } | undefined): readonly Effect[] {
    this.#exchange.presenceChanged(this.#carets.select(place));
    return this.#takeEffects();
  }

  // ── Inputs ────────────────────────────────────────────────────────────────────────────────────────────────

  step(input: Input): readonly Effect[] {
    switch (input.type) {
      case 'tick':
        this.#exchange.tick();
        this.#scrub();
        break;
      case 'scrubbed':
        this.#scrubbing.answered(input.token, input.step, this.#config.clock.monotonicMs());
        this.#emit({ type: 'status-changed' });
        break;
      case 'verified':
        this.#verified(input.token, input.holds);
        break;
      case 'committed':
        this.#committed(input);
        break;
      case 'link-up':
        this.#exchange.linkUp(input.linkId, input.replicaId);
        break;
      case 'link-down':
        this.#exchange.linkDown(input.linkId, input.reason);
        break;
      case 'message':
        this.#exchange.message(input.linkId, input.bytes);
        break;
      case 'alive':
        this.#exchange.alive(input.linkId);
        break;
      case 'signaling':
        this.#signaling = input.state;
        this.#emit({ type: 'status-changed' });
        break;
      case 'online':
        this.#online = input.online;
        if (input.online) this.#exchange.resync();
        this.#emit({ type: 'status-changed' });
        break;
      case 'link-switched':
        this.#exchange.linkSwitched(input.peer, input.on);
        break;
      default:
        assertNever(input);
    }
    this.#commit();
    return this.#takeEffects();
  }

  // ── Our own batches ───────────────────────────────────────────────────────────────────────────────────────

  #closeBatch(): void {
    if (this.#keeper.ownUnkept > 0) return;
    const batch = closeBatch({
      config: this.#config,
      log: this.#log,
      stamps: this.#stamps,
      documents: this.#documents,
    });
    if (batch === undefined) return;
    const { id: batchId, sequence } = batch;
    this.#trace({ type: 'batch-closed', replicaId: this.replicaId, sequence, batchId });
    const admission = this.#log.admit(batch, delivered => {
      this.#certify(delivered);
      this.#keeper.add(delivered, this.#config.clock.monotonicMs());
    });
    assert(admission === 'delivered', `own batch ${String(sequence)} was ${admission}`);
  }

  // ── Batches of others ─────────────────────────────────────────────────────────────────────────────────────

  #verified(token: Token, holds: boolean): void {
    const received = this.#receiving.verified(token, holds);
    if (received !== undefined) this.#admit(received);
    this.#exchange.verifiedSome();
  }

  #admit({ batch, from }: Received): void {
    this.#trace({ type: 'batch-received', replicaId: batch.replicaId, sequence: batch.sequence, from });
    if (batch.replicaId === this.replicaId && !this.#canTakeBack(batch)) {
      this.#refuse('batch: own-log', from);
      return;
    }
    const admission = this.#log.admit(
      batch,
      delivered => this.#delivered(delivered),
      (refused, reason) => this.#refuse(`batch: ${reason}`, refused.replicaId),
    );
    if (admission === 'waiting' && this.#log.isParted(batch)) this.#exchange.parted(from);
    const expected = admission === 'delivered' || admission === 'waiting' || admission === 'known';
    if (!expected) this.#refuse(`batch: ${admission}`, from);
  }

  /**
   * A batch of our own log, from outside: one that our disk lost, or one that a copy of our profile wrote. It is taken back only while
   * nothing of ours waits to become a batch, which would have the same number and counters, and only at once, not some time later.
   */
  #canTakeBack({ previous, dependencies }: Batch): boolean {
    if (this.#documents.hasPending || this.#keeper.ownUnkept > 0) return false;
    const needed = previous === undefined ? dependencies : [previous, ...dependencies];
    return needed.every(id => this.#log.has(id));
  }

  #delivered(batch: Batch): void {
    const { replicaId: author, sequence } = batch;
    const { clock } = this.#config;
    if (!this.#stamps.observe(batch.stamp, clock.wallMs())) this.refusals.add('stamp in the future');
    this.#certify(batch);
    this.#trace({ type: 'batch-delivered', replicaId: author, sequence });
    const caret = this.#carets.of(author);
    this.#documents.apply(
      batch,
      (documentId, changed) => {
        if (changed.type === 'document') {
          this.#emit({ type: 'document-changed', documentId, changes: changed.changes, author });
          return;
        }
        const { changes } = changed;
        if (caret?.documentId === documentId) this.#carets.typed(author, caret, changes);
        this.#emit({ type: 'text-changed', documentId, changes, author });
      },
      reason => this.#refuse(reason, author),
    );
    this.#keeper.add(batch, clock.monotonicMs());
  }

  /** A log's first batch says whose it is. Nothing happens for any other. */
  #certify({ replicaId, body }: Batch): void {
    if (body.type !== 'certificate') return;
    this.#devices.certify(replicaId, body.deviceKey);
    this.#receiving.certified(replicaId);
    // What this replica acknowledged before we knew its device counts from now on.
    for (const peer of this.#exchange.peers()) {
      if (peer.replicaId === replicaId) this.#acknowledged(replicaId, peer.acknowledged);
    }
    this.#emit({ type: 'status-changed' });
  }

  /** A peer's disk holds what `clock` covers. */
  #acknowledged(peer: ReplicaId, clock: ReadonlyMap<ReplicaId, number>): void {
    const nowMs = this.#config.clock.monotonicMs();
    const counts = this.#devices.acknowledged(peer, clock, this.#log.clock, row =>
      this.#keeper.settle(row, nowMs),
    );
    if (counts) this.#emit({ type: 'status-changed' });
  }

  // ── The disk ──────────────────────────────────────────────────────────────────────────────────────────────

  /**
   * Replays what the device kept. Signatures were checked before it was stored; form, hash and chain are again: a record
   * that has rotted may still decode, and taking it for what it was would shut out the true one for ever.
   */
  #load(stored: StoredSpace): void {
    const batches: Batch[] = [];
    for (const { batchId, bytes } of stored.batches) {
      const decoded = decodeBatch(this.#config.crypto, bytes);
      if (!decoded.ok || decoded.value.spaceId !== this.#config.keys.spaceId)
        this.refusals.add('stored batch unreadable');
      else if (decoded.value.id !== batchId) this.refusals.add('stored batch damaged');
      else batches.push(decoded.value);
    }
    this.#log.load(batches, batch => {
      this.#stamps.observe(batch.stamp, this.#config.clock.wallMs());
      this.#certify(batch);
      this.#documents.apply(
        batch,
        () => undefined,
        reason => this.refusals.add(reason),
      );
      this.#keeper.holds(batch);
    });
    this.#devices.load(this.#log.clock, stored.outbox);
    for (const { kind } of stored.damaged) this.refusals.add(`stored ${kind} damaged`);
    this.#scrubbing.loaded(stored.damaged);
    this.#effects = [];
  }

  #scrub(): void {
    const ask = this.#scrubbing.take(this.#config.clock.monotonicMs(), () => ++this.#lastToken);
    if (ask !== undefined) this.#emit({ type: 'scrub', ...ask, recordsMax: scrubRecords });
  }

  /** Of our own log alone: where another one of this device ends is for that one to say. */
  #rewriteHead(author: ReplicaId): void {
    const durable = this.#keeper.durable.get(author) ?? 0;
    const last = this.#log.batchesOf(author)[durable - 1];
    if (author === this.replicaId && last !== undefined)
      this.#keeper.rewriteHead(last, this.#config.clock.monotonicMs());
  }

  #commit(): void {
    const transaction = this.#keeper.take(this.#config.clock.monotonicMs());
    if (transaction === undefined) return;
    const own = this.#keeper.ownInFlight;
    const push = this.#exchange.pushOf(own);
    const token = ++this.#lastToken;
    this.#committing = { token, push };
    this.#emit({ type: 'commit', token, transaction, sign: this.#signing(transaction, own), push });
  }

  #signing({ batches = [] }: StoreTransaction, own: Batch | undefined): Signing | undefined {
    if (own === undefined) return undefined;
    return {
      message: signedMessage(own.id),
      batch: batches.findIndex(({ bytes }) => bytes === own.bytes),
    };
  }

  #committed({ token, result, signature }: Extract<Input, { type: 'committed' }>): void {
    if (this.#committing?.token !== token) return;
    const { push } = this.#committing;
    this.#committing = undefined;
    const nowMs = this.#config.clock.monotonicMs();
    const before = this.#keeper.failure;
    if (!result.ok) {
      this.#keeper.failed(result.reason, nowMs);
      if (before !== result.reason) this.#trace({ type: 'not-kept', reason: result.reason });
      this.#emit({ type: 'status-changed' });
      return;
    }
    const signed = this.#keeper.ownInFlight;
    if (signed !== undefined) {
      assert(signature !== undefined, 'what was kept was signed');
      fillSignature(signed.bytes, signature);
    }
    const kept = this.#keeper.committed(nowMs);
    if (before !== undefined) this.#trace({ type: 'kept-again' });
    if (signed !== undefined) {
      const { replicaId, sequence } = signed;
      this.#trace({ type: 'batch-persisted', replicaId, sequence });
      this.#exchange.pushed(signed, push);
    }
    if (kept.length > Number(signed !== undefined)) this.#exchange.keptOthers(kept);
    this.#closeBatch();
    this.#emit({ type: 'status-changed' });
  }

  // ── Outward ───────────────────────────────────────────────────────────────────────────────────────────────

  #emit(effect: Effect): void {
    this.#effects.push(effect);
  }
  #trace(event: TraceEvent): void {
    if (this.#config.traced === true) this.#effects.push({ type: 'trace', event });
  }
  #refuse(reason: string, from: ReplicaId | undefined): void {
    this.refusals.add(reason);
    this.#trace(from === undefined ? { type: 'refused', reason } : { type: 'refused', reason, from });
  }
  #takeEffects(): readonly Effect[] {
    const effects = this.#effects;
    this.#effects = [];
    return effects;
  }
}
