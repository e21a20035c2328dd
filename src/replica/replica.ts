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
import type { BatchId, DeviceId, DocumentId, ReplicaId } from '../base/ids.ts';
import { Counters, type TraceEvent } from '../base/trace.ts';
import type { ReadonlyVectorClock } from '../clocks/vector-clock.ts';
import { HybridLogicalClock } from '../clocks/hybrid-logical-clock.ts';
import type { Document } from '../crdt/document/document.ts';
import type { TextChange } from '../crdt/text/messages.ts';
import type { Text } from '../crdt/text/text.ts';
import type { LinkId, SignalingState } from '../net/transport.ts';
import type { StoredSpace, StoreTransaction } from '../storage/store.ts';
import { BatchLog, type Split } from '../sync/batch-log.ts';
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
import { changesBetween } from './renaming.ts';
import { deriveStatus, type SyncStatus } from './status.ts';

type OwnLog =
  | { readonly type: 'whole' }
  | { readonly type: 'lost' }
  | { readonly type: 'forked'; readonly branch: ReplicaId };

export class Replica {
  readonly replicaId: ReplicaId;
  readonly incarnation: number;
  /** What was refused or dropped, by reason. */
  readonly refusals = new Counters();
  readonly #config: ReplicaConfig;
  readonly #log: BatchLog;
  readonly #stamps = new HybridLogicalClock();
  #documents: Documents;
  readonly #devices: Devices;
  readonly #keeper: Keeper;
  readonly #presence: Presence;
  readonly #carets: Carets;
  readonly #receiving: Receiving;
  readonly #exchange: Exchange;
  /** What clocks call the log that we write: our name, or that of our branch when a copy of our profile writes it, too. */
  #ownLog: ReplicaId;
  /** By author, the end of each log that is written on this device, as the store's heads have it; our own as it grows. */
  readonly #tips = new Map<ReplicaId, BatchId>();
  /** A log has parted, and what names its operations is to be renamed: the documents are built anew before anybody looks. */
  #outdated = false;
  #askedToReopen = false;
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
    this.#ownLog = replicaId;
    this.#log = new BatchLog(crypto, {
      split: split => this.#split(split),
      holdsBack: (batch, splits) => this.#holdsBack(batch, splits),
    });
    this.incarnation = incarnation;
    this.#documents = this.#newDocuments();
    this.#devices = new Devices(crypto, config.device.deviceKey, name => this.#isWrittenHere(name));
    this.#keeper = new Keeper(replicaId, crypto, {
      isOwn: batch => batch.replicaId === replicaId && this.#log.nameOf(batch) === this.#ownLog,
      nameOf: batch => this.#log.nameOf(batch),
    });
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
        held: () => this.#log.delivered.map(({ id }) => id).filter(id => this.#keeper.held.has(id)),
        find: batchId => this.#log.get(batchId),
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
  /** The log in the order of its delivery, for whoever looks back (`text-timeline.ts`). It grows as batches come. */
  get delivered(): readonly Batch[] {
    return this.#log.delivered;
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
  /** Whether this batch is part of the documents here. */
  has(id: BatchId): boolean {
    return this.#log.has(id);
  }
  /** What this replica's disk holds. */
  get durableClock(): ReadonlyMap<ReplicaId, number> {
    return this.#keeper.durable;
  }

  /** The Merkle root over the ids of what the disk holds: equal roots, equal batches. */
  get durableRoot(): Uint8Array {
    return this.#keeper.held.root.hash();
  }

  /** Devices that have signed two batches with one number. */
  get forkedDevices(): ReadonlySet<DeviceId> {
    const devices = new Set<DeviceId>();
    for (const author of this.#log.forked.keys()) {
      const device = this.#devices.owners.get(author);
      if (device !== undefined) devices.add(device);
    }
    return devices;
  }

  /**
   * Whether this replica's log may be gone on with: `lost` when its end, `head`, cannot be read back, `forked` when a copy of the
   * profile has written it as well. Then `branch` is the name of what was written here.
   */
  ownLog(head: BatchId): OwnLog {
    if (this.#log.forked.has(this.replicaId)) return { type: 'forked', branch: this.#ownLog };
    return { type: this.#log.isTip(head) ? 'whole' : 'lost' };
  }

  /** The same here and elsewhere when and only when both have the same changes. */
  fingerprint(): Uint8Array {
    return fingerprintOf(this.#config.crypto, this.#log);
  }
  /** What each peer's disk holds, as it said last; an empty clock until it has. */
  *peerClocks(): Iterable<readonly [ReplicaId, ReadonlyVectorClock]> {
    for (const { replicaId, acknowledged } of this.#exchange.peers()) yield [replicaId, acknowledged];
  }

  /** What the disk holds and `clock` lacks, signed, in an order that meets every dependency. */
  *batchesBeyond(clock: ReadonlyMap<ReplicaId, number>): Iterable<Uint8Array> {
    for (const batch of this.#log.delivered) {
      // Each branch of a log that has parted has a name of its own in clocks.
      const name = this.#log.nameOf(batch);
      const durable = batch.sequence < (this.#keeper.durable.get(name) ?? 0);
      if (durable && batch.sequence >= (clock.get(name) ?? 0)) yield batch.bytes;
    }
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
      beyond: clock => this.#log.countBeyond(clock),
      ahead: clock => this.#log.countLacked(clock),
      forked: this.forkedDevices,
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

  /** Batches that came some other way than over a link, such as in a file: each is checked and merged as if a peer had sent it. */
  take(batches: readonly Uint8Array[]): readonly Effect[] {
    for (const bytes of batches) this.#receiving.receive(bytes, this.replicaId);
    this.#commit();
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
      name: this.#ownLog,
      stamps: this.#stamps,
      documents: this.#documents,
    });
    if (batch === undefined) return;
    const { id: batchId, sequence } = batch;
    this.#trace({ type: 'batch-closed', replicaId: this.replicaId, sequence, batchId });
    this.#log.append(batch, delivered => {
      this.#certify(delivered);
      this.#tips.set(this.replicaId, batchId);
      this.#keeper.add(delivered, this.#config.clock.monotonicMs());
    });
  }

  // ── Batches of others ─────────────────────────────────────────────────────────────────────────────────────

  #verified(token: Token, holds: boolean): void {
    const received = this.#receiving.verified(token, holds);
    if (received !== undefined) this.#admit(received);
    this.#exchange.verifiedSome();
  }

  #admit({ batch, from }: Received): void {
    this.#trace({ type: 'batch-received', replicaId: batch.replicaId, sequence: batch.sequence, from });
    const admission = this.#log.admit(
      batch,
      delivered => this.#delivered(delivered),
      (refused, reason) => this.#refuse(`batch: ${reason}`, refused.replicaId),
    );
    this.#catchUp();
    if (admission === 'waiting' && this.#log.isParted(batch)) this.#exchange.parted(from);
    const expected = admission === 'delivered' || admission === 'waiting' || admission === 'known';
    if (!expected) this.#refuse(`batch: ${admission}`, from);
  }

  /**
   * A batch of our own log from outside, one that our disk lost or that a copy of our profile wrote, is taken for the next of ours
   * only while nothing of ours waits to become that. And nothing is renamed under operations that no batch holds yet.
   */
  #holdsBack(batch: Batch, splits: boolean): boolean {
    if (splits && this.#documents.hasPending) return true;
    if (!this.#goesOnOurs(batch)) return false;
    return this.#documents.hasPending || this.#keeper.ownUnkept > 0;
  }

  #goesOnOurs({ replicaId, previous }: Batch): boolean {
    return replicaId === this.replicaId && previous === this.#log.tailOf(this.#ownLog)?.id;
  }

  /** What was held back may find nothing in its way now. */
  #release(): void {
    this.#log.release(
      batch => this.#delivered(batch),
      (refused, reason) => this.#refuse(`batch: ${reason}`, refused.replicaId),
    );
    this.#catchUp();
  }

  // ── Forks ─────────────────────────────────────────────────────────────────────────────────────────────────

  /** A log parts: all that clocks call by the one name has two. */
  #split(split: Split): void {
    const { author, log, at, branch } = split;
    this.#outdated = true;
    this.#keeper.split(split);
    this.#devices.split(split);
    this.#devices.branched(author, branch, at);
    if (log === this.#ownLog && author === this.replicaId) this.#ownLog = branch;
    this.#exchange.split(split);
    this.#trace({ type: 'log-forked', replicaId: author, sequence: at });
  }

  /**
   * A copy of our profile writes our log. Once the disk has what shows it, and all that was typed here, whoever opens us anew gets a
   * replica with a name of its own.
   */
  #askToReopen(): void {
    if (this.#askedToReopen || !this.#log.forked.has(this.replicaId)) return;
    if (this.#documents.hasPending || this.#keeper.ownUnkept > 0) return;
    const isKept = this.#log
      .proofsOfForks()
      .some(proof =>
        proof.every(({ replicaId, id }) => replicaId === this.replicaId && this.#keeper.held.has(id)),
      );
    if (!isKept) return;
    this.#askedToReopen = true;
    this.#emit({ type: 'own-log-forked' });
  }

  /** Whether outbox rows of the log that clocks call `name` are in our store: not of what a copy of our profile has written. */
  #isWrittenHere(name: ReplicaId): boolean {
    const author = this.#log.authorOf(name);
    const tip = this.#tips.get(author);
    return !this.#log.forked.has(author) || (tip !== undefined && this.#log.leadsTo(name, tip));
  }

  #newDocuments(): Documents {
    return new Documents(this.#ownLog, this.#config.documents, overwritten =>
      this.#stamps.stampOver(overwritten, this.#config.clock.wallMs()),
    );
  }

  /** The documents anew, from the log, with the names that things have now; editors are told what has become different. */
  #catchUp(): void {
    if (!this.#outdated) return;
    this.#outdated = false;
    const before = new Map<DocumentId, string>();
    const values = [...this.#documents.documentIds()];
    for (const id of this.#documents.textIds()) before.set(id, this.#documents.text(id).toString());
    const documents = this.#newDocuments();
    for (const batch of this.#log.delivered)
      documents.apply(
        batch,
        () => undefined,
        () => undefined,
        this.#log.readingOf(batch),
      );
    documents.goOnAt(this.#log.tailOf(this.#ownLog)?.nextCounter ?? 0);
    this.#documents = documents;
    for (const id of new Set([...before.keys(), ...documents.textIds()])) {
      const changes = changesBetween(before.get(id) ?? '', documents.text(id).toString());
      if (changes.length > 0)
        this.#emit({ type: 'text-changed', documentId: id, changes, author: this.#ownLog });
    }
    for (const documentId of values)
      this.#emit({ type: 'document-changed', documentId, changes: [], author: this.#ownLog });
    this.#emit({ type: 'presence-changed' });
    this.#emit({ type: 'status-changed' });
  }

  #delivered(batch: Batch): void {
    const { replicaId: author, sequence } = batch;
    const { clock } = this.#config;
    if (!this.#stamps.observe(batch.stamp, clock.wallMs())) this.refusals.add('stamp in the future');
    this.#certify(batch);
    this.#named(batch);
    this.#trace({ type: 'batch-delivered', replicaId: author, sequence });
    if (author === this.replicaId && this.#log.nameOf(batch) === this.#ownLog)
      this.#tips.set(author, batch.id);
    this.#keeper.add(batch, clock.monotonicMs());
    // Later, all of it at once.
    if (this.#outdated) return;
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
      this.#log.readingOf(batch),
    );
  }

  /** The first batch of a branch: it is its author's. */
  #named(batch: Batch): void {
    if (!this.#log.forked.has(batch.replicaId)) return;
    const name = this.#log.nameOf(batch);
    if (name !== batch.replicaId) this.#devices.branched(batch.replicaId, name, batch.sequence);
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
    const counts = this.#devices.acknowledged(
      peer,
      clock,
      this.#log.clock,
      row => this.#keeper.settle(row, nowMs),
      name => this.#log.authorOf(name),
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
    for (const { replicaId, batchId } of stored.heads) this.#tips.set(replicaId, batchId);
    this.#log.load(batches, batch => {
      this.#stamps.observe(batch.stamp, this.#config.clock.wallMs());
      this.#certify(batch);
      this.#named(batch);
      if (!this.#outdated)
        this.#documents.apply(
          batch,
          () => undefined,
          reason => this.refusals.add(reason),
          this.#log.readingOf(batch),
        );
      this.#keeper.holds(batch);
    });
    const own = this.#log.get(this.#tips.get(this.replicaId) as BatchId);
    if (own !== undefined) this.#ownLog = this.#log.nameOf(own);
    this.#catchUp();
    this.#devices.load(this.#log.clock, stored.outbox, name => this.#log.authorOf(name));
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
    if (author !== this.replicaId) return;
    const durable = this.#keeper.durable.get(this.#ownLog) ?? 0;
    const last = this.#log.batchesOf(this.#ownLog).findLast(({ sequence }) => sequence < durable);
    if (last !== undefined) this.#keeper.rewriteHead(last, this.#config.clock.monotonicMs());
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
    this.#release();
    this.#askToReopen();
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
