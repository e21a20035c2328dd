/**
 * Makes the faults of a plan happen, and undoes each when its time is over. Overlapping ones are counted, so that one that
 * ends does not end another.
 *
 * The atlas: a fault that would take away the last copy of something its author was told is kept is spared, or it takes
 * only what others hold too. Otherwise nothing could be asserted about anything.
 */
import { assertNever } from '../base/assert.ts';
import { SeededRandom } from '../base/random.ts';
import type { BatchKey } from '../storage/store.ts';
import type { Device, Node } from './node.ts';
import type { Fault, Harm } from './plan.ts';
import { ReplicaProcess } from './replica-process.ts';
import { Typist } from './typist.ts';
import type { World } from './world.ts';

/** What ends a fault; undefined when it did not happen. */
type Undo = (() => void) | undefined;

export function schedule(world: World, faults: readonly Fault[]): void {
  for (const fault of faults) {
    world.at(fault.atMs, () => {
      if (!world.isTyping) return;
      const undo = inflict(world, fault.harm, new SeededRandom(fault.draw));
      if (undo === undefined) {
        world.counts.spared++;
        return;
      }
      world.counts.faults++;
      world.say(-1, () => `begins ${JSON.stringify(fault.harm)}`);
      world.at(world.nowMs + fault.forMs, () => {
        // Once the world heals, it has healed all of them.
        if (!world.isTyping) return;
        undo();
        world.say(-1, () => `ends ${fault.harm.type}`);
      });
    });
  }
}

function inflict(world: World, harm: Harm, random: SeededRandom): Undo {
  const { network } = world;
  switch (harm.type) {
    case 'shape': {
      const { from, to, shape } = harm;
      network.shape(from, to, shape, harm);
      return () => {
        network.unshape(from, to, harm);
      };
    }
    case 'clog': {
      const { from, to } = harm;
      network.clog(from, to);
      return () => {
        network.unclog(from, to);
      };
    }
    case 'swizzle':
      return swizzle(world, harm, random);
    case 'partition':
      return partition(world, harm);
    case 'signaling':
      network.setSignaling(false);
      return () => {
        network.setSignaling(true);
      };
    case 'crash':
    case 'close':
      return down(world, [world.nodes[harm.node]], harm.type);
    case 'power': {
      const device = world.devices[harm.device];
      if (device === undefined) return undefined;
      const up = down(world, nodesOf(world, device), 'power');
      losePower(world, device, random);
      return up;
    }
    case 'freeze': {
      const node = world.nodes[harm.node];
      if (node === undefined) return undefined;
      node.freezes++;
      return () => {
        node.freezes--;
        node.resume();
      };
    }
    case 'sleep': {
      const device = world.devices[harm.device];
      if (device === undefined) return undefined;
      device.sleeps++;
      device.clock.sleep();
      return () => {
        if (--device.sleeps > 0) return;
        device.clock.wake();
        for (const node of nodesOf(world, device)) node.resume();
      };
    }
    case 'throttle': {
      const node = world.nodes[harm.node];
      if (node === undefined) return undefined;
      node.throttleMs = harm.everyMs;
      return () => {
        node.throttleMs = 0;
      };
    }
    case 'wall':
    case 'drift': {
      const clock = world.devices[harm.device]?.clock;
      world.wallTampered = true;
      clock?.setWall(harm.type === 'wall' ? { jumpMs: harm.jumpMs } : { drift: harm.drift });
      return clock && (() => clock.correctWall());
    }
    case 'slow': {
      const disk = world.devices[harm.device]?.disk;
      if (disk === undefined) return undefined;
      disk.strictMs += harm.ms;
      disk.relaxedMs += harm.ms;
      return () => {
        disk.strictMs -= harm.ms;
        disk.relaxedMs -= harm.ms;
      };
    }
    case 'full':
    case 'failing': {
      const disk = world.devices[harm.device]?.disk;
      if (disk === undefined) return undefined;
      disk.failure = harm.type === 'full' ? 'full' : 'failed';
      return () => {
        disk.failure = undefined;
      };
    }
    case 'corrupt':
      return corrupt(world, harm);
    case 'wipe':
      return wipe(world, harm.device);
    case 'clone':
      return clone(world, harm.device);
    case 'offline': {
      const node = world.nodes[harm.node];
      if (node?.process === undefined || !node.online) return undefined;
      setOnline(node, false);
      return () => {
        setOnline(node, true);
      };
    }
    case 'switch': {
      const [process, other] = [world.process(harm.node), world.process(harm.peer)];
      if (process === undefined || other === undefined || process === other) return undefined;
      process.switchLink(other, false);
      return () => {
        if (process.alive) process.switchLink(other, true);
      };
    }
    default:
      return assertNever(harm);
  }
}

function nodesOf(world: World, device: Device): Node[] {
  return world.nodes.filter(node => node.device === device);
}

function setOnline(node: Node, online: boolean): void {
  node.online = online;
  node.whenAwake(() => {
    node.process?.setOnline(online);
  });
}

function down(world: World, nodes: readonly (Node | undefined)[], ending: 'crash' | 'close' | 'power'): Undo {
  const known = nodes.filter(node => node !== undefined);
  if (known.length === 0) return undefined;
  for (const node of known) {
    node.downs++;
    world.stop(node, ending);
  }
  return () => {
    for (const node of known) {
      node.downs--;
      world.open(node);
    }
  };
}

function swizzle(
  world: World,
  { nodes, everyMs }: Extract<Harm, { type: 'swizzle' }>,
  random: SeededRandom,
): Undo {
  const { network } = world;
  const all = world.nodes.map(node => node.index);
  const onLinks = (node: number, act: (from: number, to: number) => void) => {
    for (const other of all) {
      if (other === node) continue;
      act(node, other);
      act(other, node);
    }
  };
  const clogged: number[] = [];
  nodes.forEach((node, n) => {
    world.at(world.nowMs + n * everyMs, () => {
      if (!world.isTyping) return;
      clogged.push(node);
      onLinks(node, (from, to) => {
        network.clog(from, to);
      });
    });
  });
  return () => {
    const order = clogged.splice(0);
    for (let n = 0; order.length > 0; n++) {
      const [node = 0] = order.splice(random.below(order.length), 1);
      world.at(world.nowMs + n * everyMs, () => {
        if (!world.isTyping) return;
        onLinks(node, (from, to) => {
          network.unclog(from, to);
        });
      });
    }
  };
}

function partition(world: World, { groups, oneWay }: Extract<Harm, { type: 'partition' }>): Undo {
  const groupsOf = (node: number) => groups.flatMap((group, at) => (group.includes(node) ? [at] : []));
  const cut: (readonly [number, number])[] = [];
  for (const { index: from } of world.nodes) {
    for (const { index: to } of world.nodes) {
      const [mine, theirs] = [groupsOf(from), groupsOf(to)];
      // Whoever stands in no group was not there when the fault was drawn.
      if (from === to || mine.length === 0 || theirs.length === 0) continue;
      if (mine.some(group => theirs.includes(group))) continue;
      if (oneWay && Math.min(...mine) > Math.min(...theirs)) continue;
      cut.push([from, to]);
    }
  }
  if (cut.length === 0) return undefined;
  for (const [from, to] of cut) world.network.cut(from, to);
  return () => {
    for (const [from, to] of cut) world.network.mend(from, to);
  };
}

/** Whether some other disk holds what the author was told is kept. */
function isElsewhere(world: World, device: Device, { replicaId, sequence, batchId }: BatchKey): boolean {
  const entry = world.ledger.entry(replicaId, sequence);
  if (entry?.id !== batchId || !entry.promised) return true;
  return (entry.holders & ~(1 << device.index)) !== 0;
}

function forgetHolder(world: World, device: Device, { replicaId, sequence, batchId }: BatchKey): void {
  const entry = world.ledger.entry(replicaId, sequence);
  if (entry?.id === batchId) entry.holders &= ~(1 << device.index);
}

function losePower(world: World, device: Device, random: SeededRandom): void {
  device.epoch++;
  device.disk.losePower(({ batches = [] }) => {
    const survives = random.below(2) === 0 || batches.some(batch => !isElsewhere(world, device, batch));
    if (!survives) for (const batch of batches) forgetHolder(world, device, batch);
    return survives;
  });
}

function corrupt(
  world: World,
  { device: index, record, at, flip }: Extract<Harm, { type: 'corrupt' }>,
): Undo {
  const device = world.devices[index];
  const found = device?.disk.record(record);
  if (device === undefined || found === undefined || !isElsewhere(world, device, found)) return undefined;
  forgetHolder(world, device, found);
  device.disk.corrupt(found, at, flip);
  device.damaged = true;
  return () => undefined;
}

function wipe(world: World, index: number): Undo {
  const device = world.devices[index];
  if (device === undefined) return undefined;
  const { batches } = device.disk.load();
  if (!batches.every(batch => isElsewhere(world, device, batch))) return undefined;
  const up = down(world, nodesOf(world, device), 'power');
  for (const batch of batches) forgetHolder(world, device, batch);
  for (const log of world.ledger.logs) if (log.device === index) log.device = undefined;
  device.wipe();
  return up;
}

/** From here on two nodes write one log, which today's replicas survive and do not repair. */
function clone(world: World, index: number): Undo {
  const device = world.devices[index];
  if (device === undefined || world.devices.length > 12) return undefined;
  const copy = world.device(world.devices.length);
  device.disk.copyTo(copy.disk);
  copy.keys = device.keys;
  world.forked = true;
  const node = world.addNode(copy.index);
  world.open(node);
  const workload = world.plan.nodes.find(({ device: of }) => of === index)?.workload;
  // The fork comes about when both of them write.
  if (workload !== undefined) new Typist(world, node, workload).start();
  return () => undefined;
}

/** Ends every fault: the world as it was meant to be, for those in `core`; the others stay as they are. */
export function heal(world: World, core: readonly Node[]): void {
  const { network } = world;
  network.heal();
  const others = world.nodes.filter(node => !core.includes(node));
  for (const node of core) {
    const { device } = node;
    for (const other of others) {
      network.cut(node.index, other.index);
      network.cut(other.index, node.index);
    }
    device.disk.failure = undefined;
    Object.assign(device.disk, world.plan.disk);
    device.sleeps = 0;
    device.clock.wake();
    device.clock.correctWall();
    node.freezes = 0;
    node.throttleMs = 0;
    node.downs = 0;
    node.resume();
    // Going online makes a replica ask everyone anew: only where that is what ends.
    if (!node.online) setOnline(node, true);
    if (node.process instanceof ReplicaProcess) node.process.switchAllOn();
    world.open(node);
  }
}
