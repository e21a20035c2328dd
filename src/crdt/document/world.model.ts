/**
 * A world of replicas that hold one document, played from a plan: edits of every kind, delivery in any causal order,
 * repeats and reordering, partial syncs, saving and loading with and without the history, collecting garbage. It throws when a law breaks:
 *
 * - replicas that know the same batches see the same and have **equal encodings**, whatever came when;
 * - repeats change nothing; what comes too early is held back or refused and changes nothing;
 * - what is saved and loaded is the same and encodes to the same bytes;
 * - batches survive their encoding byte for byte;
 * - each replica sees what the obvious document sees, and of texts what the events say.
 */
import { deepStrictEqual, fail, ok } from 'node:assert/strict';
import { equalBytes, toHex } from '../../base/bytes.ts';
import type { ReplicaId } from '../../base/ids.ts';
import type { SeededRandom } from '../../base/random.ts';
import { HybridLogicalClock } from '../../clocks/hybrid-logical-clock.ts';
import type { Context } from '../context.ts';
import { decodeDocumentBatch, encodeDocumentBatch } from './batch-codec.ts';
import { ModelDocument } from './document.model.ts';
import { Document } from './document.ts';
import { editAt, editorCount, removal, viewOf, type Draws } from './edits.model.ts';
import { decodeDocumentHistory, encodeDocumentHistory } from './history-codec.ts';
import { Inbox } from './inbox.ts';
import { textKind } from './kinds.ts';
import type { DocumentMap } from './handles/map.ts';
import { countersOfBatch, type DocumentBatch, type DocumentChange } from './messages.ts';
import { decodeDocument, encodeDocument } from './state-codec.ts';

export type StepType = 'edit' | 'deliver' | 'repeat' | 'sync' | 'reload' | 'adopt' | 'collect';
export interface Step {
  readonly type: StepType;
  readonly peer: number;
  /** Which edits an `edit` makes, in one batch. */
  readonly edits: readonly { readonly editor: number; readonly draws: Draws }[];
  /** What else the step has to choose. */
  readonly pick: number;
}

export interface Plan {
  readonly peerCount: number;
  readonly steps: readonly Step[];
}

const stepTypes: readonly StepType[] = [
  ...(['edit', 'edit', 'edit', 'deliver', 'deliver'] as const),
  ...(['repeat', 'sync', 'reload', 'adopt', 'collect'] as const),
];

/** A plan keeps to a few kinds of values in a few places, or its edits would hardly ever meet. */
export function drawPlan(random: SeededRandom, stepsMax: number): Plan {
  const peerCount = 2 + random.below(7);
  // One kind under one key, removed again and again: what removals at once do to each other shows nowhere else.
  const contended = random.below(4) === 0;
  const kinds = Array.from({ length: contended ? 1 : 1 + random.below(4) }, () => random.below(editorCount));
  const keyCount = contended ? 1 : 1 + random.below(4);
  const nested = contended ? 0 : random.below(2);
  const steps = Array.from({ length: 1 + random.below(stepsMax) }, (): Step => {
    const type = stepTypes[random.below(stepTypes.length)] ?? 'edit';
    const draw = () => random.below(1 << 16);
    return {
      type,
      peer: random.below(peerCount),
      edits:
        type === 'edit'
          ? Array.from({ length: 1 + random.below(3) }, () => ({
              // Now and then a removal, or any kind.
              editor: contended
                ? ([removal][random.below(4)] ?? kinds[0] ?? 0)
                : ([removal, random.below(editorCount)][random.below(7)] ??
                  kinds[draw() % kinds.length] ??
                  0),
              draws: [nested * draw(), random.below(keyCount), draw(), draw()] as const,
            }))
          : [],
      pick: draw(),
    };
  });
  return { peerCount, steps };
}

/** What went over the wire, in the order in which it was made. */
interface Sent {
  readonly author: ReplicaId;
  readonly first: number;
  readonly end: number;
  readonly bytes: Uint8Array;
}

/** The texts of a document as its events tell them, by path. */
class Told {
  readonly #texts = new Map<string, string>();

  constructor(document: Document) {
    for (const [path, text] of textsOf(document.root)) this.#texts.set(path, text);
    document.subscribe(({ changes }) => {
      for (const change of changes) this.#take(change);
    });
  }

  check(document: Document): void {
    for (const [path, text] of textsOf(document.root))
      deepStrictEqual(this.#texts.get(path) ?? '', text, 'events say what changed');
  }

  #take({ path, kind, changes }: DocumentChange): void {
    for (const change of changes) {
      // What a removal empties here is told as no longer present.
      if ('present' in change) {
        if (!change.present && change.kind === textKind.code)
          this.#texts.delete(JSON.stringify([...path, change.key]));
        continue;
      }
      if (kind !== 'text' || !('insert' in change)) continue;
      const before = this.#texts.get(JSON.stringify(path)) ?? '';
      const { from, to, insert } = change;
      this.#texts.set(JSON.stringify(path), before.slice(0, from) + insert + before.slice(to));
    }
  }
}

/** Every text that is present, by path. */
function* textsOf(map: DocumentMap): IterableIterator<readonly [string, string]> {
  for (const key of map.keys()) {
    if (map.kinds(key).includes('text')) yield [JSON.stringify([...map.path, key]), map.text(key).toString()];
    if (map.kinds(key).includes('map')) yield* textsOf(map.map(key));
  }
}

class Peer {
  readonly replicaId: ReplicaId;
  readonly context: Context;
  readonly model = new ModelDocument();
  #document: Document;
  inbox: Inbox;
  #told: Told;

  constructor(index: number, now: () => number) {
    // Neither in the order of their making nor all alike.
    this.replicaId = ((index * 7 + 3) % 16).toString(16).padEnd(32, '0') as ReplicaId;
    const clock = new HybridLogicalClock();
    const error = [0, -40_000, 50_000, 3_600_000, 3, 0, -7_200_000, 2 ** 40][index] ?? 0;
    this.context = {
      replicaId: this.replicaId,
      counter: { next: 0 },
      stamp: overwritten => clock.stampOver(overwritten, now() + error),
    };
    this.#document = new Document(this.context, { history: index % 2 === 0 });
    this.inbox = new Inbox(this.#document);
    this.#told = new Told(this.#document);
  }

  get document(): Document {
    return this.#document;
  }

  /** Goes on with a document read back. What waited in memory is gone and will be brought again. */
  set document(document: Document) {
    this.#told.check(this.#document);
    this.#document = document;
    this.inbox = new Inbox(document);
    this.#told = new Told(document);
  }

  checkTold(): void {
    this.#told.check(this.#document);
  }
}

export class World {
  readonly #peers: readonly Peer[];
  readonly #sent: Sent[] = [];
  #nowMs = 1_800_000_000_000;

  constructor(peerCount: number) {
    this.#peers = Array.from({ length: peerCount }, (_, index) => new Peer(index, () => (this.#nowMs += 3)));
  }

  /** Plays `plan` to its end, then delivers everything to everybody. Throws when a law breaks. */
  static play(plan: Plan, options: { readonly model: boolean }): void {
    const world = new World(plan.peerCount);
    for (const step of plan.steps) world.#step(step);
    for (const peer of world.#peers) world.#syncAll(peer);
    const keeper = world.#peers.find(({ document }) => document.history?.complete === true);
    if (keeper !== undefined) world.#reload(keeper);
    world.#checkEqual(options.model);
  }

  #step({ type, peer: index, edits, pick }: Step): void {
    const peer = this.#peers[index % this.#peers.length] as Peer;
    const other = this.#peers[pick % this.#peers.length] as Peer;
    const sent = this.#sent[pick % Math.max(1, this.#sent.length)];
    switch (type) {
      case 'edit':
        this.#edit(peer, edits, pick);
        break;
      case 'deliver':
        if (sent !== undefined) this.#deliver(peer, sent);
        break;
      case 'repeat':
        if (sent !== undefined) this.#repeat(peer, sent);
        break;
      case 'sync':
        for (const each of this.#sent.slice(0, pick % (this.#sent.length + 1))) this.#deliver(peer, each);
        break;
      case 'reload':
        this.#reload(peer);
        break;
      case 'adopt':
        this.#adopt(peer, other);
        break;
      case 'collect':
        this.#collect(peer);
        break;
      default:
        fail(type satisfies never);
    }
  }

  /** In one batch; or now and then the first of them again and again, each in its own: a history joins what batches keep apart. */
  #edit(peer: Peer, edits: Step['edits'], pick: number): void {
    if (pick % 3 > 0) this.#transact(peer, edits);
    else for (let times = edits.length; times > 0; times--) this.#transact(peer, edits.slice(0, 1));
  }

  #transact(peer: Peer, edits: Step['edits']): void {
    const batch = peer.document.transact(() => {
      for (const { editor, draws } of edits) editAt(peer.document, editor, draws);
    });
    if (batch === undefined) return;
    const end = batch.firstCounter + countersOfBatch(batch);
    ok(end === peer.context.counter.next, 'a batch takes the counters it says');
    const bytes = encodeDocumentBatch(batch);
    const read = decodeDocumentBatch(bytes, peer.replicaId, batch.firstCounter);
    ok(read.ok, 'a batch can be read');
    deepStrictEqual(read.value, batch);
    ok(equalBytes(encodeDocumentBatch(read.value), bytes), 'a batch has one encoding');
    peer.model.apply(batch);
    this.#sent.push({ author: peer.replicaId, first: batch.firstCounter, end, bytes });
  }

  #read(sent: Sent): DocumentBatch {
    const read = decodeDocumentBatch(sent.bytes, sent.author, sent.first);
    ok(read.ok, 'a batch can be read');
    return read.value;
  }

  #deliver(peer: Peer, sent: Sent): void {
    const { applied, refused } = peer.inbox.receive(this.#read(sent));
    deepStrictEqual(refused, [], 'nothing that comes in its turn is refused');
    for (const batch of applied) if (!this.#isKnown(peer, batch)) peer.model.apply(batch);
  }

  readonly #modelled = new WeakMap<ModelDocument, Set<string>>();
  /** Has the model of `peer` been told of `batch`? It cannot bear repeats. */
  #isKnown(peer: Peer, batch: DocumentBatch): boolean {
    const told = this.#modelled.get(peer.model) ?? new Set<string>();
    this.#modelled.set(peer.model, told);
    const name = `${batch.replicaId} ${String(batch.firstCounter)}`;
    if (batch.replicaId === peer.replicaId || told.has(name)) return true;
    told.add(name);
    return false;
  }

  /** Straight into the document: a repeat changes nothing, and neither does what comes too early. */
  #repeat(peer: Peer, sent: Sent): void {
    const known = (peer.document.version.get(sent.author) ?? 0) >= sent.end;
    const batch = this.#read(sent);
    if (!known && peer.document.isReady(batch)) return;
    const before = encodeDocument(peer.document);
    const applied = peer.document.apply(batch);
    if (known) deepStrictEqual(applied, { ok: true, changes: [] });
    else ok(!applied.ok, 'what comes too early is refused');
    ok(equalBytes(encodeDocument(peer.document), before), 'nothing changes by what is skipped or refused');
  }

  /** With the history where all of it was kept, else without. */
  #reload(peer: Peer): void {
    const state = encodeDocument(peer.document);
    const history = encodeDocumentHistory(peer.document);
    if (history === undefined) {
      this.#load(peer, state);
      return;
    }
    const loaded = decodeDocumentHistory(history, peer.context);
    ok(loaded.ok, 'a saved history can be loaded');
    ok(equalBytes(encodeDocument(loaded.value), state), 'what was replayed is the same');
    const batches = peer.document.batchesSince(new Map());
    deepStrictEqual(
      loaded.value.batchesSince(new Map()),
      batches,
      'what was replayed can be handed on alike',
    );
    const again = encodeDocumentHistory(loaded.value);
    ok(again !== undefined && equalBytes(again, history), 'what was replayed is saved alike');
    peer.document = loaded.value;
  }

  /** Drops the history that everybody has; the rest can still be handed on. */
  #collect(peer: Peer): void {
    const stable = new Map(peer.document.version);
    for (const { document } of this.#peers)
      for (const [replicaId, end] of stable)
        stable.set(replicaId, Math.min(end, document.version.get(replicaId) ?? 0));
    const before = encodeDocument(peer.document);
    const kept = peer.document.batchesSince(stable);
    peer.document.forgetHistory(stable);
    ok(equalBytes(encodeDocument(peer.document), before), 'collecting garbage does not show');
    deepStrictEqual(peer.document.batchesSince(stable), kept, 'what somebody lacks is kept');
  }

  /** Goes on from the snapshot of `other`, if that has all that `peer` has. */
  #adopt(peer: Peer, other: Peer): void {
    if (peer === other || peer.inbox.waiting > 0) return;
    for (const [replicaId, end] of peer.document.version)
      if ((other.document.version.get(replicaId) ?? 0) < end) return;
    this.#load(peer, encodeDocument(other.document));
    for (const sent of this.#sent) {
      if ((peer.document.version.get(sent.author) ?? 0) < sent.end) continue;
      const batch = this.#read(sent);
      if (!this.#isKnown(peer, batch)) peer.model.apply(batch);
    }
  }

  #load(peer: Peer, bytes: Uint8Array): void {
    const loaded = decodeDocument(bytes, peer.context, { history: peer.document.history !== undefined });
    ok(loaded.ok, 'a saved document can be loaded');
    ok(equalBytes(encodeDocument(loaded.value), bytes), 'what was loaded is saved alike');
    peer.document = loaded.value;
  }

  #syncAll(peer: Peer): void {
    for (const sent of this.#sent)
      if ((peer.document.version.get(sent.author) ?? 0) < sent.end) this.#deliver(peer, sent);
    for (const { author, end } of this.#sent)
      ok((peer.document.version.get(author) ?? 0) >= end, 'everything that was brought is there');
  }

  #checkEqual(model: boolean): void {
    for (const peer of this.#peers) peer.checkTold();
    const [first, ...others] = this.#peers as readonly [Peer, ...Peer[]];
    const view = viewOf(first.document.root);
    const bytes = encodeDocument(first.document);
    for (const peer of others) {
      deepStrictEqual(viewOf(peer.document.root), view, 'equal views');
      deepStrictEqual(toHex(encodeDocument(peer.document)), toHex(bytes), 'equal encodings');
    }
    if (model) for (const peer of this.#peers) deepStrictEqual(viewOf(peer.document.root), peer.model.view());
  }
}
