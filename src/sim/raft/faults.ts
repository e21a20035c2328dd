/** Lets the faults of a plan happen, each where it can be borne: what no protocol survives, a majority of stores lost, shows nothing. */
import { assertNever } from '../../base/assert.ts';
import {
  emptyConfiguration,
  membersOf,
  type Configuration,
  type ConfigurationChange,
} from '../../consensus/configuration.ts';
import type { MemberId } from '../../consensus/entry.ts';
import { MemoryLogStorage } from '../../consensus/log-storage.ts';
import type { Device } from './device.ts';
import type { GroupFault } from './plan.ts';
import type { GroupWorld } from './world.ts';

/** Fewer voters cannot lose one. */
const votersLeast = 3;

export function scheduleFaults(world: GroupWorld): void {
  for (const fault of world.plan.faults)
    world.elsewhere(fault.atMs, () => {
      if (world.isCalm) return;
      world.counts.faults++;
      inflict(world, fault);
    });
}

function inflict(world: GroupWorld, fault: GroupFault): void {
  if (fault.type === 'cut') {
    const untilMs = world.nowMs + fault.forMs;
    world.say(undefined, () => `cuts ${fault.side.join()} ${fault.way}`);
    for (const { index } of world.devices) {
      if (fault.side.includes(index)) continue;
      for (const one of fault.side) {
        if (fault.way !== 'in') world.cut(one, index, untilMs);
        if (fault.way !== 'out') world.cut(index, one, untilMs);
      }
    }
    return;
  }
  const device = world.devices[fault.device];
  if (device === undefined) return;
  switch (fault.type) {
    case 'crash':
      if (!device.isUp) return;
      world.kill(device, fault.keepsWrite);
      world.elsewhere(fault.downMs, () => world.start(device));
      return;
    case 'sleep':
      world.sleep(device, fault.forMs, fault.stops);
      return;
    case 'slow-disk':
      device.slowDiskUntilMs = world.nowMs + fault.forMs;
      return;
    case 'hidden':
      device.hiddenUntilMs = world.nowMs + fault.forMs;
      return;
    case 'set-wall':
      device.clock.setWall(fault.byMs);
      return;
    case 'lose-store':
      if (!mayLose(world, device)) return;
      world.loseStore(device);
      world.elsewhere(500, () => world.start(device));
      return;
    case 'clear-store':
      clearStore(world, device);
      return;
    case 'hand-over': {
      const leader = world.leader;
      if (leader?.driver === undefined || leader.asleep) return;
      world.did(leader, leader.driver.handOver());
      // It hears nothing more, of its successor least of all, and believes to lead for a while.
      if (fault.device % 2 === 0)
        for (const { index } of world.devices)
          if (index !== leader.index) world.cut(index, leader.index, world.nowMs + 3 * world.electionMs);
      return;
    }
    case 'priority':
      device.priority = fault.priority;
      device.driver?.setPriority(fault.priority);
      return;
    case 'change': {
      // One that may not know yet that it leads no more, or the next one in its first moment.
      const leaders = world.devices.filter(({ driver, asleep }) => driver?.isLeader === true && !asleep);
      const leader = leaders[Math.floor(fault.atMs) % Math.max(1, leaders.length)];
      if (leader === undefined || fault.other % 2 === 0)
        world.ofNextLeader = next => {
          change(world, fault, next);
        };
      if (leader !== undefined) change(world, fault, leader);
      return;
    }
    default:
      assertNever(fault);
  }
}

const isMember = (configuration: Configuration, id: MemberId): boolean => membersOf(configuration).has(id);

/** One store at a time, and only where a majority is left without it. */
function mayLose({ devices, logs }: GroupWorld, device: Device): boolean {
  const present = new Set(devices.map(({ member }) => member));
  const few = (configuration: Configuration): boolean => {
    const { incoming, outgoing } = configuration;
    const gone = [...membersOf(configuration)].some(id => !present.has(id));
    const halves = outgoing.length > 0 ? [incoming, outgoing] : [incoming];
    return gone || (isMember(configuration, device.member) && halves.some(half => half.length < votersLeast));
  };
  // One that is new and empty has nothing to lose.
  return !logs.anyConfiguration(configuration => configuration.incoming.length > 0 && few(configuration));
}

/** A member that was removed, and of which nobody thinks otherwise, forgets its log, though not its vote. It may be added again. */
function clearStore(world: GroupWorld, device: Device): void {
  const { member, disk } = device;
  const others = world.devices.filter(other => other !== device);
  const counts = (configuration: Configuration): boolean => isMember(configuration, member);
  if (disk.lastIndex === 0 || others.some(({ disk: stored }) => counts(stored.configuration))) return;
  const running = others.flatMap(({ driver }) => (driver === undefined ? [] : [driver.configuration]));
  if (running.some(counts) || world.logs.isMember(member)) return;
  const { term, votedFor } = disk.hardState;
  world.kill(device, true);
  device.disk = new MemoryLogStorage();
  device.disk.hardState = {
    term: Math.max(term, disk.hardState.term),
    votedFor: disk.hardState.term > term ? disk.hardState.votedFor : votedFor,
    commitIndex: 0,
  };
  world.logs.cleared(member);
  device.cleared = true;
  world.say(device, () => 'forgets its log');
  world.start(device);
}

function change(world: GroupWorld, fault: Extract<GroupFault, { type: 'change' }>, leader: Device): void {
  if (leader.driver === undefined) return;
  const { configuration } = leader.driver.status();
  const { incoming } = configuration;
  const present = new Set(world.devices.map(({ member }) => member));
  const gone = [...membersOf(configuration)].find(id => !present.has(id));
  const [one, other] = [world.devices[fault.device]?.member, world.devices[fault.other]?.member];
  if (one === undefined || other === undefined) return;
  const after = new Set(incoming);
  let wanted: ConfigurationChange;
  // Who has gone for good is removed before anything else.
  if (gone !== undefined) {
    wanted = { transition: 'auto', changes: [{ type: 'remove', id: gone }] };
    after.delete(gone);
    // … in exchange, where there would be too few without it.
    if (after.size < votersLeast && !after.has(one) && one !== gone) {
      wanted = {
        transition: 'auto',
        changes: [
          { type: 'remove', id: gone },
          { type: 'add-voter', id: one },
        ],
      };
      after.add(one);
    }
  } else if (fault.kind === 'swap') {
    const [leaves, comes] = incoming.includes(one) ? [one, other] : [other, one];
    if (!incoming.includes(leaves) || incoming.includes(comes)) return;
    wanted = {
      transition: 'auto',
      changes: [
        { type: 'remove', id: leaves },
        { type: 'add-voter', id: comes },
      ],
    };
    after.delete(leaves);
    after.add(comes);
  } else if (fault.kind === 'readd') {
    wanted = { transition: 'auto', changes: [{ type: 'remove', id: one }] };
    after.delete(one);
    world.elsewhere(world.electionMs / 2, () => {
      const { leader: now } = world;
      if (now?.driver === undefined || now.asleep || world.isCalm) return;
      const again = world.devices[fault.device]?.member;
      if (again === undefined) return;
      clearStore(world, world.devices[fault.device] as Device);
      const back = now.driver.proposeChange({
        transition: 'auto',
        changes: [{ type: 'add-voter', id: again }],
      });
      world.did(now, back.effects);
    });
  } else {
    wanted = { transition: 'auto', changes: [{ type: fault.kind, id: one }] };
    if (fault.kind === 'add-voter') after.add(one);
    else after.delete(one);
  }
  // In the middle of it the new half, or what leads, is cut off: both halves must still agree.
  if (fault.kind === 'swap' && fault.device % 2 === 0)
    world.ofNextJoint = ({ index, driver }) => {
      const { incoming: now, outgoing } = driver?.configuration ?? emptyConfiguration;
      const newcomers = world.devices.filter(
        ({ member }) => now.includes(member) && !outgoing.includes(member),
      );
      const side = [index, ...newcomers.map(newcomer => newcomer.index)];
      const untilMs = world.nowMs + 5 * world.electionMs;
      for (const { index: other } of world.devices)
        for (const at of side)
          if (!side.includes(other)) {
            world.cut(at, other, untilMs);
            world.cut(other, at, untilMs);
          }
    };
  // While it is small it only grows; and it never gets so small that it cannot lose one.
  if (
    after.size < Math.min(votersLeast, incoming.length + 1) ||
    (after.size < votersLeast && after.size <= incoming.length)
  )
    return;
  world.say(leader, () => `proposes ${wanted.changes.map(({ type, id }) => `${type} ${id}`).join(', ')}`);
  world.did(leader, leader.driver.proposeChange(wanted).effects);
}
