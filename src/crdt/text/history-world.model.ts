/**
 * A world of replicas that hold one text with its history, played from a plan: typing, erasing and deleting character by
 * character, each in a batch of its own or several in one, marks, delivery in any causal order, repeats, saving and loading with
 * the history, pruning. It throws when a law breaks:
 *
 * - a history says of **each counter** what the operation that came said of it, however entries were joined;
 * - what is saved and loaded says the same, counter by counter, and encodes to the same bytes;
 * - whatever anybody once saw can be checked out, by everybody who has it, also after loading; only what was pruned is refused;
 * - replicas that know the same have equal texts and equal states, whether or not they pruned.
 *
 * That a history leads to the right text in the end proves little: which of two characters went first shows in the versions in
 * between only. It uses no test library, so that a law runner can play many of them.
 */
import { deepStrictEqual, fail, ok } from 'node:assert/strict';
import { equalBytes } from '../../base/bytes.ts';
import type { ReplicaId } from '../../base/ids.ts';
import type { SeededRandom } from '../../base/random.ts';
import { HybridLogicalClock, type HybridTime } from '../../clocks/hybrid-logical-clock.ts';
import { covers } from '../../clocks/vector-clock.ts';
import type { OpId } from '../context.ts';
import { prune, stableVersion } from './garbage.ts';
import { encodeTextHistory } from './history-codec.ts';
import { decodeTextHistory } from './history-reader.ts';
import { opOf, TextHistory, type TextVersion } from './history.ts';
import type { TextOp } from './messages.ts';
import { lengthOf, mergeOps } from './op-log.ts';
import { encodeTextState } from './state-codec.ts';
import type { MarkSpan } from './marks.ts';
import { Text } from './text.ts';
import { TextVersions } from './versions.ts';

const stepTypes = ['type', 'type', 'erase', 'delete', 'back', 'cut', 'mark', 'receive', 'receive'] as const;
const rareTypes = ['again', 'reload', 'reload', 'prune', 'away'] as const;
type StepType = (typeof stepTypes)[number] | (typeof rareTypes)[number];

export interface HistoryStep {
  readonly type: StepType;
  readonly peer: number;
  /** How often: characters typed or deleted one by one, batches received. */
  readonly count: number;
  readonly pick: number;
}

export interface HistoryPlan {
  readonly peerCount: number;
  readonly steps: readonly HistoryStep[];
}

export function drawHistoryPlan(random: SeededRandom, stepsMax: number): HistoryPlan {
  const peerCount = 1 + random.below(4);
  const steps = Array.from({ length: 1 + random.below(stepsMax) }, (): HistoryStep => {
    const types = random.below(4) > 0 ? stepTypes : rareTypes;
    return {
      type: types[random.below(types.length)] ?? 'type',
      peer: random.below(peerCount),
      count: 1 + random.below(4),
      pick: random.below(1 << 16),
    };
  });
  return { peerCount, steps };
}

interface Sent {
  readonly author: number;
  readonly ops: readonly TextOp[];
  /** How many batches of each replica its author had. */
  readonly after: readonly number[];
}

const words = ['a', 'bc', '😀', 'd', 'a word of more than thirty-one letters', '漢'];

class Peer {
  readonly index: number;
  readonly replicaId: ReplicaId;
  readonly counter = { next: 0 };
  readonly stamp: (overwritten?: HybridTime) => HybridTime;
  readonly known: number[];
  /** What every counter here did, as the operations said that came. */
  readonly facts = new Map<string, string>();
  text: Text;
  history = new TextHistory();
  cursor = 0;

  constructor(index: number, peerCount: number) {
    this.index = index;
    this.replicaId = ((index * 5 + 9) % 16).toString(16).padEnd(32, '0') as ReplicaId;
    this.known = Array.from({ length: peerCount }, () => 0);
    const clock = new HybridLogicalClock();
    // Clocks that are wrong by a second each: marks are not in the order of their making.
    this.stamp = overwritten => clock.stampOver(overwritten, 1_800_000_000_000 - 1000 * index);
    this.text = new Text(this.replicaId, this.counter, this);
  }

  take(ops: readonly TextOp[]): void {
    this.history.append(ops);
    for (const op of ops) for (const [id, fact] of factsOf(op)) this.facts.set(id, fact);
  }
}

/** The histories with which the replicas end. */
export function playHistory(plan: HistoryPlan): readonly TextHistory[] {
  const world = new HistoryWorld(plan.peerCount);
  for (const step of plan.steps) world.step(step);
  return world.settle();
}

class HistoryWorld {
  readonly #peers: readonly Peer[];
  readonly #sent: Sent[][];
  readonly #seen: {
    readonly version: TextVersion;
    readonly text: string;
    readonly spans: readonly MarkSpan[];
  }[] = [];

  constructor(peerCount: number) {
    this.#peers = Array.from({ length: peerCount }, (_, index) => new Peer(index, peerCount));
    this.#sent = this.#peers.map(() => []);
  }

  step({ type, peer: index, count, pick }: HistoryStep): void {
    const peer = this.#peers[index % this.#peers.length] as Peer;
    switch (type) {
      case 'receive':
        for (let i = 0; i < 2 * count; i++) if (!this.#receive(peer, pick + i)) break;
        break;
      case 'again':
        this.#again(peer, pick);
        break;
      case 'reload':
        this.#reload(peer);
        this.#look(peer);
        break;
      case 'prune':
        // Now and then only what some have: whoever is away comes back with what builds on it.
        this.#prune(peer, pick % 4 === 0 ? [peer] : this.#peers);
        break;
      case 'away':
        // Counters that other values of the log took, and the cursor somewhere else.
        peer.counter.next += pick % 3;
        peer.cursor = pick % (peer.text.length + 1);
        break;
      default:
        this.#edit(peer, type, count, pick);
    }
  }

  settle(): readonly TextHistory[] {
    for (const peer of this.#peers)
      for (let pick = 7 * peer.index; this.#receive(peer, pick); pick += 13 * peer.index + 5);
    const [first] = this.#peers as readonly [Peer];
    for (const peer of this.#peers) {
      this.#checkFacts(peer);
      this.#look(peer);
      this.#reload(peer);
      this.#look(peer);
      deepStrictEqual(peer.text.toString(), first.text.toString(), 'equal texts');
      ok(equalBytes(encodeTextState(peer.text), encodeTextState(first.text)), 'equal states');
    }
    return this.#peers.map(({ history }) => history);
  }

  /** `count` edits, each in a batch of its own, or all in one. */
  #edit(peer: Peer, type: StepType, count: number, pick: number): void {
    let batch: TextOp[] = [];
    for (let i = 0; i < count; i++) {
      const ops = editOf(peer, type, pick + i);
      if (ops.length === 0) continue;
      batch.push(...ops);
      if (pick % 3 === 0 && i < count - 1) continue;
      this.#send(peer, mergeOps(batch));
      batch = [];
    }
    if (batch.length > 0) this.#send(peer, batch);
  }

  #send(peer: Peer, ops: readonly TextOp[]): void {
    const log = this.#sent[peer.index] as Sent[];
    log.push({ author: peer.index, ops, after: [...peer.known] });
    peer.known[peer.index] = log.length;
    peer.take(ops);
    this.#note(peer);
  }

  #receive(peer: Peer, pick: number): boolean {
    const ready = this.#sent.flatMap((log, author) => {
      const next = log[peer.known[author] as number];
      return next?.after.every((count, other) => (peer.known[other] as number) >= count) === true
        ? [next]
        : [];
    });
    const batch = ready[pick % Math.max(1, ready.length)];
    if (batch === undefined) return false;
    const applied = peer.text.apply(batch.ops);
    if (!applied.ok) return fail(`operations refused: ${applied.reason}`);
    (peer.known[batch.author] as number)++;
    peer.take(batch.ops);
    this.#note(peer);
    return true;
  }

  #again(peer: Peer, pick: number): void {
    const known = this.#sent.flatMap((log, author) => log.slice(0, peer.known[author]));
    const batch = known[pick % Math.max(1, known.length)];
    if (batch === undefined) return;
    deepStrictEqual(peer.text.apply(batch.ops), { ok: true, changes: [] }, 'a repeat changes nothing');
    peer.history.append(batch.ops);
  }

  #note(peer: Peer): void {
    const { text, history } = peer;
    this.#seen.push({ version: history.version(), text: text.toString(), spans: text.spans() });
  }

  #reload(peer: Peer): void {
    const bytes = encodeTextHistory(peer.history);
    const decoded = decodeTextHistory(bytes, peer);
    if (!decoded.ok) return fail(`own history refused: ${decoded.reason}`);
    const { text, history } = decoded.value;
    deepStrictEqual(text.toString(), peer.text.toString(), 'a history leads to its text');
    ok(equalBytes(encodeTextState(text), encodeTextState(peer.text)), 'a history leads to its state');
    ok(equalBytes(encodeTextHistory(history), bytes), 'a loaded history has the bytes it came from');
    deepStrictEqual(
      new Map([...history.version()].sort()),
      new Map([...peer.history.version()].sort()),
      'a loaded history has the version it had',
    );
    peer.history = history;
    peer.text = text;
    this.#checkFacts(peer);
  }

  #prune(peer: Peer, others: readonly Peer[]): void {
    const stable = stableVersion([...others, peer].map(({ history }) => history.version()));
    const version = peer.history.version();
    peer.history = prune(peer.history, stable);
    deepStrictEqual(
      new Map([...peer.history.version()].sort()),
      new Map([...version].sort()),
      'pruning forgets no version',
    );
    this.#checkFacts(peer);
  }

  /** The history says of each counter since its base what the operations said. */
  #checkFacts({ history, facts }: Peer): void {
    let said = 0;
    for (const entry of history.entries) {
      for (let i = 0; i < (entry.type === 'other' ? 1 : entry.length); i++) {
        for (const [id, fact] of factsOf(opOf(entry, i, i + 1))) {
          said++;
          if (facts.get(id) !== fact)
            fail(`a history says what happened: ${id} ${fact}, not ${facts.get(id) ?? 'anything'}`);
        }
      }
    }
    let happened = 0;
    for (const id of facts.keys()) {
      const [replicaId = '', counter] = id.split(' ');
      if (Number(counter) >= (history.base?.version.get(replicaId as ReplicaId) ?? 0)) happened++;
    }
    deepStrictEqual(said, happened, 'a history says all that happened, once');
  }

  /** Some of what anybody saw, as far as `peer` has it. */
  #look(peer: Peer): void {
    const now = peer.history.version();
    const versions = new TextVersions(peer.text, peer.history);
    const had = this.#seen.filter(({ version }) => covers(now, version));
    const stride = Math.max(1, Math.floor(had.length / 24));
    for (let i = had.length - 1; i >= 0; i -= stride) {
      const { version, text, spans } = had[i] as (typeof had)[0];
      const looked = versions.checkout(version);
      if (looked.ok) deepStrictEqual(looked.text, text, 'a version says what was seen then');
      else
        ok(!covers(version, peer.history.base?.version ?? new Map()), `a version is there: ${looked.reason}`);
      // Each is a replay: of some only.
      if (i % 8 > 0) continue;
      const marked = versions.spans(version);
      deepStrictEqual(
        marked,
        looked.ok ? { ok: true, spans } : looked,
        'a version has the marks it had then',
      );
    }
  }
}

function editOf(peer: Peer, type: StepType, pick: number): readonly TextOp[] {
  const { text } = peer;
  const at = Math.min(peer.cursor, text.length);
  switch (type) {
    case 'type': {
      const word = words[pick % words.length] ?? '';
      const ops = text.localInsert(at, word);
      peer.cursor = at + word.length;
      return ops;
    }
    case 'erase':
      peer.cursor = Math.max(0, at - 1);
      return at > 0 ? text.localDelete(at - 1, 1) : [];
    case 'delete':
      return at < text.length ? text.localDelete(at, 1) : [];
    case 'back': {
      const length = Math.min(at, 2 + (pick % 2));
      peer.cursor = at - length;
      return length > 0 ? text.localDelete(at - length, length) : [];
    }
    case 'cut':
      return at < text.length ? text.localDelete(at, Math.min(text.length - at, 2 + (pick % 3))) : [];
    default: {
      const to = Math.min(text.length, at + 1 + (pick % 4));
      return at < to ? text.localMark(at, to, 'bold', pick % 2 === 0 ? true : null) : [];
    }
  }
}

/** What `op` says of each of its counters: a delete goes forwards, as operations do. */
function* factsOf(op: TextOp): IterableIterator<readonly [id: string, fact: string]> {
  const name = ({ replicaId, counter }: OpId, i = 0) =>
    `${replicaId} ${String(counter + i).padStart(16, '0')}`;
  for (let i = 0; i < lengthOf(op); i++) {
    const id = name(op.id, i);
    if (op.type === 'delete') yield [id, `deletes ${name(op.target, i)}`];
    else if (op.type !== 'insert') yield [id, JSON.stringify(op)];
    else if (i > 0) yield [id, `is ${op.text.charAt(i)} right of ${name(op.id, i - 1)}`];
    else yield [id, `is ${op.text.charAt(0)} ${op.side} of ${op.parent === null ? 'root' : name(op.parent)}`];
  }
}
