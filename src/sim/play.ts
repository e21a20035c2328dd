/**
 * Plays a plan in two phases. Safety: anything goes, and nothing that is checked may break. Liveness: the core is healed and
 * must agree within bounded virtual time; a protocol that only never does wrong would pass the first by doing nothing.
 */
import { equalBytes, toHex } from '../base/bytes.ts';
import type { ReplicaId } from '../base/ids.ts';
import { covers } from '../clocks/vector-clock.ts';
import { must, type Violation } from './checker.ts';
import { nameOf } from './checkers/causality.ts';
import { syncCheckers } from './checkers/sync-checkers.ts';
import { heal, schedule } from './inflict.ts';
import type { Node } from './node.ts';
import type { Harm, Plan } from './plan.ts';
import { ReplicaProcess } from './replica-process.ts';
import { violationOf, World, type Counts, type WorldOptions } from './world.ts';

/** Virtual time that a healed core may take until all have the same, on their disks too. */
export const convergeWithinMs = 60_000;
/**
 * … and then until each knows that the others have it, on a link of its own with each: an attempt to dial that began just before
 * the healing is given up after 12 s, the next may be 8 s away, and whoever waits to be dialled asks 2 s later.
 */
export const acknowledgeWithinMs = 40_000;
const lookEveryMs = 500;

export interface Outcome {
  readonly seed: string;
  readonly violation: Violation | undefined;
  /** When it broke, or ended. */
  readonly atMs: number;
  readonly counts: Counts;
  /** The same for the same plan on every engine. */
  readonly hash: string;
}

export function play(plan: Plan, options: WorldOptions = {}): Outcome {
  const world = new World(plan, syncCheckers, options);
  const violation = violationOf(() => {
    schedule(world, plan.faults);
    world.run(plan.safetyMs);
    options.healing?.();
    live(world);
  });
  if (violation !== undefined) world.say(-1, () => `VIOLATION ${violation.invariant}: ${violation.message}`);
  const { counts, hash, nowMs } = world;
  counts.wireBytes = world.network.arrivedBytes;
  for (const key of ['edits', 'merges', 'messages', 'faults', 'crashes', 'restarts'] as const)
    hash.word(counts[key]);
  return { seed: plan.seed, violation, atMs: nowMs, counts, hash: hash.toString() };
}

function live(world: World): void {
  const { plan } = world;
  world.isTyping = false;
  const core = plan.core?.flatMap(index => world.nodes[index] ?? []) ?? world.nodes;
  world.say(-1, () => `heals ${core.map(({ index }) => index).join(' ')}`);
  heal(world, core);
  if (world.forked) takeTurns(world, core);
  const untilMs = world.nowMs + convergeWithinMs;
  while (!hasConverged(core)) {
    must(world.nowMs < untilMs, 'a healed core converges', () => describe(core));
    world.run(world.nowMs + lookEveryMs);
  }
  const knownMs = world.nowMs + acknowledgeWithinMs;
  // A profile and its copy have one name until both have written.
  while (!haveOneName(core) && !knowsOfAll(core)) {
    must(world.nowMs < knownMs, 'each comes to know what the others have', () => describeKnown(core));
    world.run(world.nowMs + lookEveryMs);
  }
  world.watch.checkpoint(world.processes());
  if (world.forked) branchesAreMerged(world, core);
  else if (core.length === world.nodes.length) nothingIsMissing(world, core);
  if (plan.thrifty === true) isThrifty(world);
}

/** Each batch goes to each other replica once; a fifth more repairs what was cut off on its way. */
const repairShare = 0.2;
/** Heartbeats, clocks and presence of one direction of a link. */
const aliveBytesPerS = 150;

function isThrifty(world: World): void {
  const { counts, network, nodes, nowMs } = world;
  const others = nodes.length - 1;
  const needed = counts.batchBytes * others * (1 + repairShare);
  const alive = (nodes.length * others * aliveBytesPerS * nowMs) / 1000;
  must(network.arrivedBytes <= needed + alive, 'what travels is in proportion to what is written', () => {
    const said = [network.arrivedBytes, counts.batchBytes, alive].map(bytes => String(Math.round(bytes)));
    return `${said[0] ?? ''} bytes travelled for ${said[1] ?? ''} bytes of batches and ${said[2] ?? ''} to keep links alive`;
  });
}

function processesOf(core: readonly Node[]): ReplicaProcess[] {
  return core.flatMap(({ process }) => (process instanceof ReplicaProcess ? [process] : []));
}

function hasConverged(core: readonly Node[]): boolean {
  const processes = processesOf(core);
  const [first] = processes;
  if (first === undefined || processes.length < core.length) return false;
  return processes.every(
    ({ replica }) =>
      !replica.isBatching &&
      replica.status().keeping.type === 'kept' &&
      covers(replica.clock, first.replica.clock) &&
      covers(first.replica.clock, replica.clock) &&
      covers(replica.durableClock, replica.clock) &&
      equalBytes(replica.durableRoot, first.replica.durableRoot),
  );
}

function knowsOfAll(core: readonly Node[]): boolean {
  const ids = new Set(processesOf(core).map(({ replica }) => replica.replicaId));
  return processesOf(core).every(({ replica }) => {
    const peers = replica.status().peers.filter(peer => ids.has(peer.replicaId));
    return (
      peers.length === ids.size - 1 &&
      peers.every(({ behind, state }) => behind === 0 && state === 'connected')
    );
  });
}

/** As long as each of them is alone for. */
const turnMs = 30_000;

/**
 * A profile and its copy that have not both written have one name, and drive each other from every link: nothing that they do is promised to
 * arrive. So each is open alone for a while, as it is when people take turns; what then parts gets names of its own.
 */
function takeTurns(world: World, core: readonly Node[]): void {
  // Whoever is to be opened anew for its fork is that soon.
  world.run(world.nowMs + 5000);
  const named = new Map<ReplicaId, Node[]>();
  for (const { node, replica } of processesOf(core))
    named.set(replica.replicaId, [...(named.get(replica.replicaId) ?? []), node]);
  for (const nodes of named.values()) {
    if (nodes.length < 2) continue;
    for (const alone of nodes) {
      for (const node of nodes) if (node !== alone) world.stop(node, 'close');
      world.open(alone);
      world.run(world.nowMs + turnMs);
    }
    for (const node of nodes) world.open(node);
  }
}

function haveOneName(core: readonly Node[]): boolean {
  const processes = processesOf(core);
  return new Set(processes.map(({ replica }) => replica.replicaId)).size < processes.length;
}

const takesAway: readonly Harm['type'][] = ['wipe', 'corrupt', 'power'];

/** Whatever came first where: all have both branches, and read the same in them. */
function branchesAreMerged(world: World, core: readonly Node[]): void {
  const processes = processesOf(core);
  for (const documentId of world.documents) {
    const texts = new Set(processes.map(({ replica }) => replica.text(documentId).toString()));
    must(
      texts.size === 1,
      'the same batches give the same text',
      () => `${String(texts.size)} texts after a fork`,
    );
  }
  if (core.length < world.nodes.length || world.plan.faults.some(({ harm }) => takesAway.includes(harm.type)))
    return;
  for (const process of processes)
    for (const id of world.ledger.promisedIds)
      must(
        process.replica.has(id),
        'nothing acknowledged is ever missing',
        () => `${nameOf(process)} has not ${id.slice(0, 8)}`,
      );
}

/** All that any author was told is kept is at every replica in the end. */
function nothingIsMissing(world: World, core: readonly Node[]): void {
  for (const process of processesOf(core)) {
    for (const log of world.ledger.logs) {
      const count = process.seen[log.index] ?? 0;
      must(
        count >= log.promised,
        'nothing acknowledged is ever missing',
        () =>
          `${nameOf(process)} ends with ${String(count)} of ${String(log.promised)} kept batches of ${log.replicaId.slice(0, 8)}`,
      );
    }
  }
}

function describe(core: readonly Node[]): string {
  const clocks = core.map(node => {
    const { process } = node;
    if (!(process instanceof ReplicaProcess)) return `node ${String(node.index)} is down`;
    const clock = [...process.replica.clock]
      .map(([id, count]) => `${id.slice(0, 4)}:${String(count)}`)
      .sort();
    const { replica } = process;
    const root = toHex(replica.durableRoot).slice(0, 8);
    return `${nameOf(process)} ${replica.status().keeping.type} ${root} ${clock.join(' ')}`;
  });
  return `after ${String(convergeWithinMs / 1000)} s: ${clocks.join('; ')}`;
}

function describeKnown(core: readonly Node[]): string {
  const views = processesOf(core).map(process => {
    const peers = process.replica
      .status()
      .peers.map(({ replicaId, behind, state }) => `${replicaId.slice(0, 4)} ${state} ${String(behind)}`);
    return `${nameOf(process)} sees ${peers.join(', ')}`;
  });
  return `after ${String(acknowledgeWithinMs / 1000)} s: ${views.join('; ')}`;
}
