/**
 * One running replica: the synchronous machine that joins log, documents, disk and links.
 *
 * An input comes in, effects come out, nothing else happens: no promise, no timer, no clock of its own. So the
 * same code runs in a tab, in Node and in a simulator, and "a crash at every await" is "stop between two
 * inputs". ARCHITECTURE.md follows one keystroke through it.
 */
import { assert, assertNever } from '../base/assert.ts';
import type { BatchId, DeviceId, DocumentId, ReplicaId } from '../base/ids.ts';
import { deviceIdOf } from '../base/ids.ts';
import type { Clock, Crypto } from '../base/ports.ts';
import type { SpaceKeys } from '../base/space-keys.ts';
import { Counters, type TraceEvent } from '../base/trace.ts';
import { HybridLogicalClock } from '../clocks/hybrid-logical-clock.ts';
import { mergeInto, type VectorClock } from '../clocks/vector-clock.ts';
import type { TextChange } from '../crdt/text/messages.ts';
import type { Text } from '../crdt/text/text.ts';
import type { LinkId, SignalingState } from '../net/transport.ts';
import type { CommitResult, StoredSpace } from '../storage/store.ts';
import { BatchLog } from '../sync/batch-log.ts';
import {
  decodeBatch,
  encodeUnsigned,
  signedMessage,
  withSignature,
  type Batch,
  type BatchHeader,
  type Certificate,
  type Operations,
} from '../sync/batch.ts';
import { certificateFor, certificateHolds } from '../sync/certificate.ts';
import { Documents } from './documents.ts';
import type { Effect, Input, Push, Token } from './effects.ts';
import { Exchange } from './exchange.ts';
import { Keeper } from './keeper.ts';
import { caretAfter, Presence, type PresenceState } from './presence.ts';
import { deriveStatus, type SyncStatus } from './status.ts';

export interface ReplicaConfig {
  readonly keys: SpaceKeys;
  readonly replicaId: ReplicaId;
  readonly incarnation: number;
  readonly slot: number;
  /** Public halves, 32 bytes each. The private ones stay with whoever answers `sign`. */
  readonly device: { readonly deviceKey: Uint8Array; readonly sealingKey: Uint8Array };
  readonly crypto: Crypto;
  readonly clock: Clock;
  /** Trace events are built only when somebody listens. */
  readonly traced?: boolean;
}

/** Signatures under way, in bytes, before further batches are dropped: sync asks for them again. */
export const verifyingBytesMax = 8 * 1024 * 1024;
/** Bytes that wait for their log's certificate: counted apart, since it may never come. */
export const uncertifiedBytesMax = 2 * 1024 * 1024;

/** Indexes in a text now, in UTF-16 units. */
interface Caret {
  readonly anchor: number;
  readonly head: number;
}

/** Batches of others on their way into the log. */
export interface Held {
  /** Whose signature is being checked; at most `verifyingBytesMax`. */
  readonly verifyingBytes: number;
  /** Whose log's certificate is missing; at most `uncertifiedBytesMax`. */
  readonly uncertifiedBytes: number;
  /** Which wait for what they build on; at most `waitingBatchesMax` and `waitingBytesMax`, beside what the disk brought. */
  readonly waitingBatches: number;
  readonly waitingBytes: number;
}

interface Verifying {
  readonly batch: Batch;
  readonly from: ReplicaId;
}

export class Replica {
  readonly replicaId: ReplicaId;
  readonly deviceId: DeviceId;
  /** What was refused or dropped, by reason. */
  readonly refusals = new Counters();
  readonly #config: ReplicaConfig;
  readonly #log = new BatchLog();
  readonly #stamps = new HybridLogicalClock();
  readonly #documents: Documents;
  readonly #keeper: Keeper;
  readonly #presence: Presence;
  readonly #exchange: Exchange;
  readonly #deviceKeys = new Map<ReplicaId, Uint8Array>();
  readonly #devices = new Map<ReplicaId, DeviceId>();
  /** How many batches of each of this device's replicas some other device is known to hold. */
  readonly #settled: VectorClock = new Map();
  readonly #ackedByDevice = new Map<DeviceId, VectorClock>();
  readonly #verifying = new Map<Token, Verifying>();
  #verifyingBytes = 0;
  /** Batches that came before their log's certificate. */
  readonly #uncertified = new Map<ReplicaId, Map<BatchId, Verifying>>();
  #uncertifiedBytes = 0;
  #closing:
    | { token: Token; id: BatchId; header: BatchHeader; body: Certificate | Operations; unsigned: Uint8Array }
    | undefined;
  #committing: { readonly token: Token; readonly push: Push } | undefined;
  #effects: Effect[] = [];
  #lastToken = 0;
  #online = true;
  #signaling: SignalingState = 'connecting';
  #profile: PresenceState = { name: 'Someone', colour: 1 };

  constructor(config: ReplicaConfig, stored: StoredSpace) {
    this.#config = config;
    this.replicaId = config.replicaId;
    this.deviceId = deviceIdOf(config.crypto, config.device.deviceKey);
    this.#documents = new Documents(config.replicaId);
    this.#keeper = new Keeper(config.replicaId);
    this.#presence = new Presence(config.replicaId);
    this.#exchange = new Exchange({
      replicaId: config.replicaId,
      crypto: config.crypto,
      log: this.#log,
      durable: this.#keeper.durable,
      presence: this.#presence,
      nowMs: () => config.clock.monotonicMs(),
      emit: effect => this.#emit(effect),
      trace: event => this.#trace(event),
      refuse: (reason, from) => this.#refuse(reason, from),
      received: (bytes, from) => this.#received(bytes, from),
      acknowledged: (peer, clock) => this.#acknowledged(peer, clock),
      verifyingBytes: () => this.#verifyingBytes,
    });
    this.#load(stored);
  }

  // ── What the app reads ────────────────────────────────────────────────────────────────────────────────────

  text(documentId: DocumentId): Text {
    return this.#documents.text(documentId);
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

  /** Whether the documents show local edits that no batch of the log holds yet. */
  get isBatching(): boolean {
    return this.#closing?.body.type === 'operations' || this.#documents.hasPending;
  }

  /** What came from outside and waits here: whoever watches over limits reads it. */
  get held(): Held {
    return {
      verifyingBytes: this.#verifyingBytes,
      uncertifiedBytes: this.#uncertifiedBytes,
      waitingBatches: this.#log.waitingCount,
      waitingBytes: this.#log.waitingBytes,
    };
  }

  status(): SyncStatus {
    return deriveStatus({
      replicaId: this.replicaId,
      deviceId: this.deviceId,
      nowMs: this.#config.clock.monotonicMs(),
      online: this.#online,
      signaling: this.#signaling,
      failure: this.#keeper.failure,
      unkept:
        this.#keeper.ownUnkept +
        Number(this.#closing?.body.type === 'operations') +
        Number(this.#documents.hasPending),
      clock: this.#log.clock,
      durable: this.#keeper.durable,
      settled: this.#settled,
      devices: this.#devices,
      ackedByDevice: this.#ackedByDevice,
      links: this.#exchange.links(),
      peers: this.#exchange.peers(),
    });
  }

  /** When `tick` is wanted next, in monotonic milliseconds. */
  nextDueMs(): number | undefined {
    const due = [this.#keeper.nextDueMs(), this.#exchange.nextDueMs()].filter(ms => ms !== undefined);
    return due.length === 0 ? undefined : Math.min(...due);
  }

  // ── What the app does ─────────────────────────────────────────────────────────────────────────────────────

  /** Begins the log with its certificate when there is none yet. */
  open(profile: Pick<PresenceState, 'name' | 'colour'>): readonly Effect[] {
    this.#profile = { name: profile.name, colour: profile.colour };
    this.#presence.set(this.#profile);
    this.#closeBatch();
    return this.#takeEffects();
  }

  /** A local edit; each change refers to the text after the ones before it. The document has it at once. */
  edit(documentId: DocumentId, changes: readonly TextChange[]): readonly Effect[] {
    const caret = this.#caretIn(documentId, this.#profile.selection);
    this.#documents.edit(documentId, changes);
    const selection = this.#caretMoved(documentId, caret, changes);
    if (selection !== undefined) this.#presence.set((this.#profile = { ...this.#profile, selection }));
    this.#closeBatch();
    this.#keeper.hurry(this.#config.clock.monotonicMs());
    this.#commit();
    this.#emit({ type: 'status-changed' });
    return this.#takeEffects();
  }

  setProfile(profile: Pick<PresenceState, 'name' | 'colour'>): readonly Effect[] {
    this.#profile = { ...this.#profile, ...profile };
    return this.#presenceSet();
  }

  /** Where our caret is, shared with the others; undefined when it is nowhere. */
  select(place: { documentId: DocumentId; anchor: number; head: number } | undefined): readonly Effect[] {
    const { name, colour } = this.#profile;
    if (place === undefined) this.#profile = { name, colour };
    else {
      const text = this.text(place.documentId);
      const at = (index: number) => Math.min(index, text.length);
      const before = this.#profile.selection;
      const known =
        before?.documentId === place.documentId &&
        text.indexOf(before.anchor) === at(place.anchor) &&
        text.indexOf(before.head) === at(place.head);
      if (known) {
        // Typing put it there, and whoever sees the typing knows.
        this.#exchange.presenceChanged('typed');
        return this.#takeEffects();
      }
      this.#profile = { name, colour, selection: this.#selectionAt(place.documentId, place) };
    }
    return this.#presenceSet();
  }

  #presenceSet(): readonly Effect[] {
    this.#presence.set(this.#profile);
    this.#exchange.presenceChanged('moved');
    return this.#takeEffects();
  }

  /** A caret belongs to the character before it, so that it moves along with what its owner types. */
  #selectionAt(documentId: DocumentId, { anchor, head }: Caret): NonNullable<PresenceState['selection']> {
    const text = this.text(documentId);
    const at = (index: number) => text.relativePosition(Math.min(index, text.length), -1);
    return { documentId, anchor: at(anchor), head: at(head) };
  }

  /** Where a selection stands in the text now. */
  #caretIn(documentId: DocumentId, selection: PresenceState['selection']): Caret | undefined {
    if (selection?.documentId !== documentId) return undefined;
    const text = this.text(documentId);
    const [anchor, head] = [text.indexOf(selection.anchor), text.indexOf(selection.head)];
    return anchor === undefined || head === undefined ? undefined : { anchor, head };
  }

  /** The selection of whoever made `changes`, which stood at `caret` before them. */
  #caretMoved(
    documentId: DocumentId,
    caret: Caret | undefined,
    changes: readonly TextChange[],
  ): PresenceState['selection'] {
    if (caret === undefined) return undefined;
    const { anchor, head } = caret;
    return this.#selectionAt(documentId, {
      anchor: caretAfter(anchor, changes),
      head: caretAfter(head, changes),
    });
  }

  // ── Inputs ────────────────────────────────────────────────────────────────────────────────────────────────

  step(input: Input): readonly Effect[] {
    switch (input.type) {
      case 'tick':
        this.#exchange.tick();
        break;
      case 'signed':
        this.#signed(input.token, input.signature);
        break;
      case 'verified':
        this.#verified(input.token, input.holds);
        break;
      case 'committed':
        this.#committed(input.token, input.result);
        break;
      case 'link-up':
        this.#exchange.linkUp(input.linkId);
        break;
      case 'link-down':
        this.#exchange.linkDown(input.linkId, input.reason);
        break;
      case 'message':
        this.#exchange.message(input.linkId, input.bytes);
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

  /**
   * Closes a batch over what is pending. One at a time: while one is being signed and kept, further edits
   * gather and share the next, so typing is sent at once and a burst is not one batch a character.
   */
  #closeBatch(): void {
    if (this.#closing !== undefined || this.#keeper.ownUnkept > 0) return;
    const tail = this.#log.tailOf(this.replicaId);
    const { keys, crypto, device, slot, incarnation, clock } = this.#config;
    if (tail !== undefined && !this.#documents.hasPending) return;
    const body =
      tail === undefined
        ? certificateFor(crypto, keys, this.replicaId, device, slot)
        : this.#documents.takePending();
    const header: BatchHeader = {
      spaceId: keys.spaceId,
      replicaId: this.replicaId,
      incarnation,
      sequence: this.#log.clock.get(this.replicaId) ?? 0,
      previous: tail?.id,
      dependencies: this.#log.dependenciesFor(this.replicaId),
      stamp: this.#stamps.stamp(clock.wallMs()),
    };
    const { id, unsigned } = encodeUnsigned(crypto, header, body);
    const token = this.#token();
    this.#closing = { token, id, header, body, unsigned };
    this.#emit({ type: 'sign', token, message: signedMessage(id) });
  }

  #signed(token: Token, signature: Uint8Array): void {
    if (this.#closing?.token !== token) return;
    const { id, header, body, unsigned } = this.#closing;
    this.#closing = undefined;
    const batch = withSignature(id, header, body, unsigned, signature);
    this.#trace({ type: 'batch-closed', replicaId: this.replicaId, sequence: header.sequence, batchId: id });
    const admission = this.#log.admit(batch, delivered => {
      if (delivered.body.type === 'certificate') this.#certify(delivered);
      this.#keeper.add(delivered, this.#config.clock.monotonicMs());
    });
    assert(admission === 'delivered', `own batch ${String(header.sequence)} was ${admission}`);
  }

  #commit(): void {
    const transaction = this.#keeper.take(this.#config.clock.monotonicMs());
    if (transaction === undefined) return;
    const push = this.#exchange.pushOf(this.#keeper.ownInFlight);
    const token = this.#token();
    this.#committing = { token, push };
    this.#emit({ type: 'commit', token, transaction, push });
  }

  #committed(token: Token, result: CommitResult): void {
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
    const kept = this.#keeper.committed(nowMs);
    if (before !== undefined) this.#trace({ type: 'kept-again' });
    const own = kept.filter(batch => batch.replicaId === this.replicaId);
    for (const { replicaId, sequence } of own) this.#trace({ type: 'batch-persisted', replicaId, sequence });
    if (own.length > 0) this.#exchange.pushed(own, push);
    if (kept.length > own.length) this.#exchange.keptOthers(kept);
    this.#closeBatch();
    this.#emit({ type: 'status-changed' });
  }

  // ── Batches of others ─────────────────────────────────────────────────────────────────────────────────────

  /**
   * Form, space, duplicate and certificate are checked before anything is held; then the signature. Returns
   * what the bytes say they are.
   */
  #received(bytes: Uint8Array, from: ReplicaId): BatchHeader | undefined {
    // The frame's buffer is the channel's; what we keep is a copy of this batch alone.
    const decoded = decodeBatch(this.#config.crypto, bytes.slice());
    if (decoded.ok) this.#examine(decoded.value, from);
    else this.#refuse(`batch: ${decoded.reason}`, from);
    return decoded.ok ? decoded.value : undefined;
  }

  #examine(batch: Batch, from: ReplicaId): void {
    if (batch.spaceId !== this.#config.keys.spaceId) this.#refuse('batch: another space', from);
    else if (this.#log.has(batch.id) || this.#log.isWaiting(batch.id)) return;
    else if (this.#verifyingBytes + batch.bytes.length > verifyingBytesMax)
      this.#refuse('batch: overflow', from);
    else if (
      batch.body.type === 'certificate' &&
      !certificateHolds(this.#config.crypto, this.#config.keys, batch)
    ) {
      this.#refuse('batch: certificate', from);
    } else this.#verify({ batch, from });
  }

  #verify(received: Verifying): void {
    const { batch } = received;
    // The replica id is a hash of the device key, so a certificate that holds is a key to trust already.
    const deviceKey =
      batch.body.type === 'certificate' ? batch.body.deviceKey : this.#deviceKeys.get(batch.replicaId);
    if (deviceKey === undefined) {
      this.#awaitCertificate(received);
      return;
    }
    this.#verifyingBytes += batch.bytes.length;
    const token = this.#token();
    this.#verifying.set(token, received);
    this.#emit({
      type: 'verify',
      token,
      deviceKey,
      signature: batch.signature,
      message: signedMessage(batch.id),
    });
  }

  #awaitCertificate(received: Verifying): void {
    const { batch, from } = received;
    const held = this.#uncertified.get(batch.replicaId) ?? new Map<BatchId, Verifying>();
    if (held.has(batch.id)) return;
    if (this.#uncertifiedBytes + batch.bytes.length > uncertifiedBytesMax) {
      this.#refuse('batch: overflow', from);
      return;
    }
    this.#uncertifiedBytes += batch.bytes.length;
    this.#uncertified.set(batch.replicaId, held.set(batch.id, received));
  }

  #verified(token: Token, holds: boolean): void {
    const received = this.#verifying.get(token);
    if (received === undefined) return;
    this.#verifying.delete(token);
    const { batch, from } = received;
    this.#verifyingBytes -= batch.bytes.length;
    if (!holds) this.#refuse('batch: signature', from);
    else {
      this.#trace({ type: 'batch-received', replicaId: batch.replicaId, sequence: batch.sequence, from });
      const admission = this.#log.admit(
        batch,
        delivered => this.#delivered(delivered),
        (refused, reason) => this.#refuse(`batch: ${reason}`, refused.replicaId),
      );
      const expected = admission === 'delivered' || admission === 'waiting' || admission === 'known';
      if (!expected) this.#refuse(`batch: ${admission}`, from);
    }
    this.#exchange.verifiedSome();
  }

  #delivered(batch: Batch): void {
    const { clock } = this.#config;
    if (!this.#stamps.observe(batch.stamp, clock.wallMs())) this.refusals.add('stamp in the future');
    if (batch.body.type === 'certificate') this.#certify(batch);
    this.#trace({ type: 'batch-delivered', replicaId: batch.replicaId, sequence: batch.sequence });
    const selection = this.#presence.of(batch.replicaId)?.selection;
    const caret = selection === undefined ? undefined : this.#caretIn(selection.documentId, selection);
    this.#documents.apply(
      batch,
      (documentId, changes) => {
        if (documentId === selection?.documentId)
          this.#presence.moved(batch.replicaId, this.#caretMoved(documentId, caret, changes));
        this.#emit({ type: 'text-changed', documentId, changes, author: batch.replicaId });
      },
      reason => this.#refuse(reason, batch.replicaId),
    );
    this.#keeper.add(batch, clock.monotonicMs());
  }

  #certify(batch: Batch): void {
    if (batch.body.type !== 'certificate') return;
    this.#deviceKeys.set(batch.replicaId, batch.body.deviceKey);
    this.#devices.set(batch.replicaId, deviceIdOf(this.#config.crypto, batch.body.deviceKey));
    const held = [...(this.#uncertified.get(batch.replicaId)?.values() ?? [])];
    this.#uncertified.delete(batch.replicaId);
    for (const received of held) {
      this.#uncertifiedBytes -= received.batch.bytes.length;
      this.#verify(received);
    }
    // What this replica acknowledged before we knew its device counts from now on.
    for (const peer of this.#exchange.peers()) {
      if (peer.replicaId === batch.replicaId) this.#acknowledged(peer.replicaId, peer.acknowledged);
    }
    this.#emit({ type: 'status-changed' });
  }

  /** A peer's disk holds what `clock` covers. Devices are counted, and another tab is no other device. */
  #acknowledged(peer: ReplicaId, clock: ReadonlyMap<ReplicaId, number>): void {
    const device = this.#devices.get(peer);
    if (device === undefined || device === this.deviceId) return;
    const acked: VectorClock = this.#ackedByDevice.get(device) ?? new Map<ReplicaId, number>();
    this.#ackedByDevice.set(device, acked);
    mergeInto(acked, clock);
    const nowMs = this.#config.clock.monotonicMs();
    for (const [replicaId, owner] of this.#devices) {
      if (owner !== this.deviceId) continue;
      const known = Math.min(acked.get(replicaId) ?? 0, this.#log.clock.get(replicaId) ?? 0);
      const settled = this.#settled.get(replicaId) ?? 1;
      for (let sequence = settled; sequence < known; sequence++)
        this.#keeper.settle({ replicaId, sequence }, nowMs);
      if (known > settled) this.#settled.set(replicaId, known);
    }
    this.#emit({ type: 'status-changed' });
  }

  // ── Opening ───────────────────────────────────────────────────────────────────────────────────────────────

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
      if (batch.body.type === 'certificate') this.#certify(batch);
      this.#documents.apply(
        batch,
        () => undefined,
        reason => this.refusals.add(reason),
      );
      this.#keeper.durable.set(batch.replicaId, batch.sequence + 1);
    });
    for (const [replicaId, owner] of this.#devices) {
      if (owner !== this.deviceId) continue;
      const waiting = stored.outbox.filter(row => row.replicaId === replicaId).map(row => row.sequence);
      this.#settled.set(replicaId, Math.min(this.#log.clock.get(replicaId) ?? 0, ...waiting));
    }
    this.#effects = [];
  }

  // ── Outward ───────────────────────────────────────────────────────────────────────────────────────────────

  #token(): Token {
    return ++this.#lastToken;
  }
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
