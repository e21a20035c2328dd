/**
 * One seed's world: virtual time, devices and nodes, the network between them, and what really happened. One thread and
 * one heap of events; everything that takes time or chance gets it from here, so the same plan gives the same events.
 */
import { assert } from '../base/assert.ts';
import { firstPageIdOf, type DocumentId } from '../base/ids.ts';
import type { Crypto } from '../base/ports.ts';
import { SeededRandom } from '../base/random.ts';
import { spaceKeysOf, type SpaceKeys } from '../base/space-keys.ts';
import type { LinkId } from '../net/transport.ts';
import { nobleCrypto } from '../sync/crypto.ts';
import { Violation, type Ending, type SyncChecker } from './checker.ts';
import { epochMs } from './device-clock.ts';
import { EventHeap } from './event-heap.ts';
import { schedule } from './inflict.ts';
import { Ledger } from './ledger.ts';
import { Network, type Schedule } from './network.ts';
import { Device, Node } from './node.ts';
import type { Harm, Plan } from './plan.ts';
import { ReplicaProcess } from './replica-process.ts';
import { sharedHashing } from './shared-hashing.ts';
import { Stranger } from './stranger.ts';
import { TraceHash } from './trace-hash.ts';
import { Typist } from './typist.ts';
import { Watch } from './watch.ts';

const checkpointEvery = 1000;

/** What a run did, so that it can be shown to have done something. */
export interface Counts {
  events: number;
  edits: number;
  messages: number;
  merges: number;
  faults: number;
  /** Faults that would have lost what nobody else holds, or had nobody to befall. */
  spared: number;
  crashes: number;
  restarts: number;
  commits: number;
  /** Of own batches, when they were kept. */
  batchBytes: number;
  /** Arrived, on all links together. */
  wireBytes: number;
}

export interface WorldOptions {
  /** Called with every line of the trace. */
  readonly trace?: ((line: string) => void) | undefined;
  /** Called when the safety phase is over. */
  readonly healing?: () => void;
  /** Node 0 is killed, or its device's power is cut, right after this event, and comes back 50 ms later. */
  readonly crashAtEvent?: { readonly at: number; readonly power: boolean };
}

export class World implements Schedule {
  nowMs = 0;
  /** Until the liveness phase. */
  isTyping = true;
  /** Two write one log, or somebody signs two: what is known by replica and number alone cannot be asserted then. */
  forked = false;
  /** Some device's wall clock was wrong at some time. */
  wallTampered = false;
  readonly counts: Counts = {
    events: 0,
    edits: 0,
    messages: 0,
    merges: 0,
    faults: 0,
    spared: 0,
    crashes: 0,
    restarts: 0,
    commits: 0,
    batchBytes: 0,
    wireBytes: 0,
  };
  readonly plan: Plan;
  readonly random: SeededRandom;
  readonly crypto: Crypto;
  readonly keys: SpaceKeys;
  readonly documents: readonly DocumentId[];
  readonly hash = new TraceHash();
  readonly ledger = new Ledger();
  readonly network: Network;
  readonly devices: Device[] = [];
  readonly nodes: Node[] = [];
  readonly watch: Watch;
  readonly trace: ((line: string) => void) | undefined;
  readonly #crashAt: WorldOptions['crashAtEvent'];
  readonly #heap = new EventHeap();
  #untilCheckpoint = checkpointEvery;

  constructor(plan: Plan, checkers: (world: World) => readonly SyncChecker[], options: WorldOptions = {}) {
    this.plan = plan;
    this.forked = plan.strangers.includes('equivocator');
    this.trace = options.trace;
    this.#crashAt = options.crashAtEvent;
    this.random = new SeededRandom(plan.seed);
    this.crypto = sharedHashing(nobleCrypto);
    this.keys = spaceKeysOf(this.crypto, new Uint8Array(32).fill(7));
    this.documents = Array.from({ length: plan.documents }, (_, n) =>
      n === 0
        ? firstPageIdOf(this.crypto, this.keys.spaceId)
        : (n.toString(16).padStart(32, 'd') as DocumentId),
    );
    const [nearest, farthest] = plan.latencyMs;
    this.network = new Network(
      this,
      (from, to) => {
        const share = this.random.split(`latency ${String(from)} ${String(to)}`).fraction();
        return nearest + share * (farthest - nearest);
      },
      plan.weather,
    );
    this.watch = new Watch(checkers(this));
    for (const { device, workload } of plan.nodes) {
      const node = this.addNode(device);
      new Typist(this, node, workload).start();
      const startMs = this.random.split(`start ${String(node.index)}`).fraction() * 500;
      this.at(startMs, () => {
        this.open(node);
      });
    }
    for (const [n, kind] of plan.strangers.entries())
      new Stranger(this, plan.nodes.length + 64 + n, kind).start();
  }

  /** What a wall clock that is right shows. */
  get wallMs(): number {
    return epochMs + Math.floor(this.nowMs);
  }

  at(atMs: number, run: () => void): void {
    this.#heap.push(atMs, run);
  }

  run(untilMs: number): void {
    while (this.#heap.nextMs <= untilMs) {
      const event = this.#heap.pop();
      if (event === undefined) break;
      assert(event.atMs >= this.nowMs, 'time does not go back');
      this.nowMs = event.atMs;
      event.run();
    }
    this.nowMs = untilMs;
  }

  // ── Nodes ─────────────────────────────────────────────────────────────────────────────────────────────────

  addNode(deviceIndex: number): Node {
    const device = this.device(deviceIndex);
    const slot = this.nodes.filter(node => node.device === device).length;
    const index = this.nodes.length;
    const node = new Node(index, device, slot, this.random.split(`node ${String(index)}`));
    this.nodes.push(node);
    return node;
  }

  device(index: number): Device {
    const { strictMs, relaxedMs, jitterMs } = this.plan.disk;
    let device = this.devices[index];
    if (device === undefined) {
      device = new Device(index, this.crypto, this.random.split(`device ${String(index)}`), () => this.nowMs);
      Object.assign(device.disk, { strictMs, relaxedMs, jitterMs });
      const { skewMs = 0 } = this.plan;
      const share = 2 * this.random.split(`skew ${String(index)}`).fraction() - 1;
      device.clock.setWall({ jumpMs: Math.round(share * skewMs) });
      this.devices[index] = device;
    }
    return device;
  }

  processes(): ReplicaProcess[] {
    return this.nodes.flatMap(({ process }) => (process instanceof ReplicaProcess ? [process] : []));
  }
  process(index: number): ReplicaProcess | undefined {
    const process = this.nodes[index]?.process;
    return process instanceof ReplicaProcess ? process : undefined;
  }

  /** Starts a node, once it is awake, unless a fault still holds it down. */
  open(node: Node): void {
    node.whenAwake(() => {
      if (node.process !== undefined || node.downs > 0) return;
      node.session++;
      if (node.session > 1) this.counts.restarts++;
      const process = new ReplicaProcess(this, node);
      node.process = process;
      this.say(node.index, () => `opens as ${process.replica.replicaId.slice(0, 8)}`);
      this.watch.opened(process);
      process.start();
    });
  }

  stop(node: Node, ending: Ending): void {
    const { process } = node;
    if (process === undefined) return;
    if (ending !== 'close') this.counts.crashes++;
    this.say(node.index, () => ending);
    process.stop(ending);
    node.process = undefined;
    node.forget();
    if (process instanceof ReplicaProcess) this.watch.stopped(process, ending);
  }

  // ── Being watched ─────────────────────────────────────────────────────────────────────────────────────────

  /** An event at `process` is over. */
  handled(process: ReplicaProcess): void {
    this.counts.events++;
    this.hash.word(process.node.index);
    this.hash.time(this.nowMs);
    this.watch.after(process);
    if (this.counts.events === this.#crashAt?.at) this.#crash(this.#crashAt.power);
    if (--this.#untilCheckpoint > 0) return;
    this.#untilCheckpoint = checkpointEvery;
    this.watch.checkpoint(this.processes());
  }

  /** Not in the middle of the event that brought us here, but before anything else. */
  #crash(power: boolean): void {
    const device = power ? 0 : undefined;
    const harm: Harm = device === undefined ? { type: 'crash', node: 0 } : { type: 'power', device };
    schedule(this, [{ atMs: this.nowMs, forMs: 50, draw: this.counts.events, harm }]);
  }

  sending(process: ReplicaProcess, bytes: Uint8Array, linkId: LinkId): void {
    this.counts.messages++;
    this.hash.bytes(bytes);
    this.watch.sending(process, bytes, linkId);
  }

  say(node: number, line: () => string): void {
    if (this.trace === undefined) return;
    const at = (this.nowMs / 1000).toFixed(4).padStart(10);
    this.trace(`${at}  n${String(node)}  ${line()}`);
  }
}

/** Runs `play`; what an assertion or a checker says of it, if anything. */
export function violationOf(play: () => void): Violation | undefined {
  try {
    play();
    return undefined;
  } catch (error) {
    if (error instanceof Violation) return error;
    // An assertion of the cores, or an error nobody expected: nothing may throw, whatever comes.
    if (!(error instanceof Error)) return new Violation('nothing throws', String(error));
    const violation = new Violation('nothing throws', `${error.name}: ${error.message}`);
    violation.stack = error.stack ?? '';
    return violation;
  }
}
