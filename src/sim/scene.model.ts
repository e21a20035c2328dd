/**
 * A simulated world that a test directs: it says what happens when, in the place of a plan's faults and typists. All checkers watch
 * as in every other world, and texts are compared in whole after every stretch of time.
 */
import { assert } from '../base/assert.ts';
import type { BatchId, DocumentId, ReplicaId } from '../base/ids.ts';
import { covers, type ReadonlyVectorClock } from '../clocks/vector-clock.ts';
import type { TextChange } from '../crdt/text/messages.ts';
import type { Replica } from '../replica/replica.ts';
import { decodeBatch } from '../sync/batch.ts';
import { decodeSyncMessage } from '../sync/messages.ts';
import { syncCheckers } from './checkers/sync-checkers.ts';
import type { Disk } from './disk.ts';
import type { Node } from './node.ts';
import type { Shape } from './plan.ts';
import { ReplicaProcess } from './replica-process.ts';
import { World } from './world.ts';

/** A message of a replica, when it leaves. */
export interface Sent {
  readonly from: number;
  readonly to: number;
  readonly bytes: Uint8Array;
}

/** A replica's place in the scene, which outlives its crashes. */
export class Peer {
  readonly node: Node;
  /** Of the batches it has sent, in order, each as often as it was sent. */
  readonly batchesSent: BatchId[] = [];
  /** Why its links ended, since it was opened first. */
  readonly linksEnded: string[] = [];

  constructor(node: Node) {
    this.node = node;
  }

  get index(): number {
    return this.node.index;
  }
  get device(): number {
    return this.node.device.index;
  }
  get disk(): Disk {
    return this.node.device.disk;
  }
  get running(): boolean {
    return this.node.process !== undefined;
  }
  get process(): ReplicaProcess {
    const { process } = this.node;
    assert(process instanceof ReplicaProcess, `replica ${String(this.index)} runs`);
    return process;
  }
  get replica(): Replica {
    return this.process.replica;
  }
  get replicaId(): ReplicaId {
    return this.replica.replicaId;
  }
}

export interface SceneOptions {
  readonly seed?: number | string;
  /** Replicas, each on a device of its own. */
  readonly replicas?: number;
}

const lookEveryMs = 50;

export class Scene {
  readonly world: World;
  readonly peers: Peer[] = [];
  /** Whoever wants to see every message that is sent. */
  onSend: ((sent: Sent) => void) | undefined;
  readonly #cut = new Set<string>();
  readonly #shapes = new Map<string, Shape>();

  constructor({ seed = 1, replicas = 0 }: SceneOptions = {}) {
    const plan = {
      seed: `scene ${String(seed)}`,
      nodes: [],
      strangers: [],
      latencyMs: [20, 30],
      weather: {},
      disk: { strictMs: 3, relaxedMs: 3, jitterMs: 10 },
      documents: 2,
      safetyMs: Infinity,
      faults: [],
      core: undefined,
    } as const;
    this.world = new World(plan, world => [
      ...syncCheckers(world),
      {
        invariant: 'what a scene notes',
        sending: (process, bytes, linkId) => {
          this.#sending(process, bytes, linkId);
        },
        traced: (process, event) => {
          if (event.type === 'link-down') this.peers[process.node.index]?.linksEnded.push(event.reason);
        },
      },
    ]);
    for (let device = 0; device < replicas; device++) this.add({ device });
  }

  /** The first page, unless another is named. */
  document(n = 0): DocumentId {
    const documentId = this.world.documents[n];
    assert(documentId !== undefined, 'a scene has two documents');
    return documentId;
  }

  // ── Replicas ──────────────────────────────────────────────────────────────────────────────────────────────

  /** One more tab or process on this device. */
  add({ device }: { device: number }): Peer {
    const peer = new Peer(this.world.addNode(device));
    this.peers.push(peer);
    this.open(peer.index);
    return peer;
  }
  peer(index: number): Peer {
    const peer = this.peers[index];
    assert(peer !== undefined, `there is a replica ${String(index)}`);
    return peer;
  }
  running(): Peer[] {
    return this.peers.filter(peer => peer.running);
  }

  open(index: number): void {
    this.world.open(this.peer(index).node);
  }
  /** With a goodbye on each link. */
  close(index: number): void {
    this.world.stop(this.peer(index).node, 'close');
  }
  crash(index: number): void {
    this.world.stop(this.peer(index).node, 'crash');
  }
  /** All tabs of its device end, and the disk forgets what was not flushed. */
  cutPower(index: number): void {
    const { device } = this.peer(index).node;
    for (const { node } of this.peers) if (node.device === device) this.world.stop(node, 'power');
    device.epoch++;
    device.disk.losePower(() => false);
  }

  textOf(index: number, documentId = this.document()): string {
    return this.peer(index).replica.text(documentId).toString();
  }
  edit(index: number, changes: readonly TextChange[], documentId = this.document()): void {
    this.peer(index).process.edit(documentId, changes);
  }
  /** Types at the end of the page, or at `position`. */
  type(index: number, insert: string, position = this.textOf(index).length): void {
    this.edit(index, [{ from: position, to: position, insert }]);
  }
  setOnline(index: number, online: boolean): void {
    this.peer(index).node.online = online;
    this.peer(index).process.setOnline(online);
  }
  /** Every transaction of its device takes this long. */
  slow(index: number, ms: number): void {
    Object.assign(this.peer(index).disk, { strictMs: ms, relaxedMs: ms });
  }

  // ── Links ─────────────────────────────────────────────────────────────────────────────────────────────────

  cut(from: number, to: number, isCut = true): void {
    const way = `${String(from)} ${String(to)}`;
    if (this.#cut.has(way) === isCut) return;
    if (isCut) {
      this.#cut.add(way);
      this.world.network.cut(from, to);
    } else {
      this.#cut.delete(way);
      this.world.network.mend(from, to);
    }
  }
  /** What is wrong with one way, beside what was before. */
  shape(from: number, to: number, change: Shape): void {
    const way = `${String(from)} ${String(to)}`;
    const shape = { ...this.#shapes.get(way), ...change };
    this.#shapes.set(way, shape);
    this.world.network.shape(from, to, shape, this);
  }
  /** Only pairs for which this holds have a way to each other. */
  link(isLinked: (a: number, b: number) => boolean): void {
    this.#pairs((a, b) => {
      this.cut(a, b, !isLinked(a, b));
    });
  }
  partition(...groups: readonly number[][]): void {
    this.link((a, b) => groups.some(group => group.includes(a) && group.includes(b)));
  }
  shapeAll(change: Shape): void {
    this.#pairs((a, b) => {
      this.shape(a, b, change);
    });
  }
  /** Every way is free, and as it was. */
  heal(): void {
    this.#pairs((a, b) => {
      this.cut(a, b, false);
      this.#shapes.delete(`${String(a)} ${String(b)}`);
      this.world.network.unshape(a, b, this);
    });
  }

  #pairs(act: (a: number, b: number) => void): void {
    for (const a of this.peers) for (const b of this.peers) if (a !== b) act(a.index, b.index);
  }

  // ── Time ──────────────────────────────────────────────────────────────────────────────────────────────────

  run(forMs: number): void {
    this.world.run(this.world.nowMs + forMs);
    this.world.watch.checkpoint(this.world.processes());
  }

  /** Runs until `done`, at most `limitMs`; how long it took, or undefined when it did not come to that. */
  runUntil(done: () => boolean, limitMs: number): number | undefined {
    const startMs = this.world.nowMs;
    while (!done()) {
      if (this.world.nowMs - startMs >= limitMs) return undefined;
      this.run(lookEveryMs);
    }
    return this.world.nowMs - startMs;
  }

  /** Whether all running replicas hold the same, on their disks too, and nothing is under way in any. */
  converged(): boolean {
    const [first, ...others] = this.running();
    if (first === undefined) return true;
    const same = (a: ReadonlyVectorClock, b: ReadonlyVectorClock) => covers(a, b) && covers(b, a);
    return [first, ...others].every(
      ({ replica }) =>
        replica.status().keeping.type === 'kept' &&
        same(replica.clock, first.replica.clock) &&
        same(replica.clock, replica.durableClock),
    );
  }
  converge(limitMs = 30_000): number | undefined {
    return this.runUntil(() => this.converged(), limitMs);
  }

  #sending(process: ReplicaProcess, bytes: Uint8Array, linkId: string): void {
    const from = process.node.index;
    const to = this.world.network.find(linkId)?.node;
    if (to !== undefined) this.onSend?.({ from, to, bytes });
    const message = decodeSyncMessage(bytes);
    assert(message.ok, 'a replica sends well-formed messages');
    if (message.value.type !== 'batches') return;
    for (const sent of message.value.batches) {
      const batch = decodeBatch(this.world.crypto, sent);
      assert(batch.ok, 'a replica sends well-formed batches');
      this.peers[from]?.batchesSent.push(batch.value.id);
    }
  }
}
