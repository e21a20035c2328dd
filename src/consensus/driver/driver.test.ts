/** One member at work, and some of them together: see SPEC.md. Whole groups under faults are the simulator's: src/sim/raft. */
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { utf8 } from '../../base/bytes.ts';
import { clientWaitingMax, snapshotPieceBytes } from '../../base/limits.ts';
import { put, type Command } from '../machine/commands.ts';
import { Driver, emptyLog } from './driver.ts';
import { Drivers } from './drivers.model.ts';
import { Requests } from './requests.ts';
import { decodePiece, encodePiece, PieceReceiver, PieceSender } from './snapshot-pieces.ts';

const key = (n: number): Command => put(`key ${n}`, utf8(String(n)));
function ask(drivers: Drivers, driver: Driver, command: Command): number {
  const { request, effects } = driver.request(command);
  drivers.do(driver.id, effects);
  return request ?? -1;
}
const answers = (drivers: Drivers, by: number, request: number) =>
  drivers.told.filter(told => told.type === 'answered' && told.by === by && told.request === request);

test('[DRIVE1] what has to be written while a write is under way is one transaction', () => {
  const drivers = new Drivers([1, 2, 3]);
  const leader = drivers.elect();
  ask(drivers, leader, key(0));
  drivers.deliver();
  drivers.slow.add(leader.id);
  for (let n = 1; n <= 10; n++) ask(drivers, leader, key(n));
  expect(drivers.writes.get(leader.id)).toHaveLength(1);
  const inFirst = drivers.writes.get(leader.id)?.[0]?.changes.flatMap(({ entries }) => entries) ?? [];
  drivers.write(leader.id);
  const inSecond = drivers.writes.get(leader.id)?.[0]?.changes.flatMap(({ entries }) => entries) ?? [];
  expect([inFirst.length, inSecond.length]).toEqual([1, 9]);
});

test('[DRIVE2] a follower acknowledges when it has written, and not before', () => {
  const drivers = new Drivers([1, 2, 3]);
  const leader = drivers.elect();
  const [slow, away] = [1, 2, 3].filter(id => id !== leader.id) as [number, number];
  drivers.slow.add(slow);
  drivers.cut.add(away);
  const request = ask(drivers, leader, { type: 'nothing' });
  drivers.deliver();
  expect(answers(drivers, leader.id, request)).toEqual([]);
  for (let writes = 0; writes < 6; writes++) {
    expect(drivers.get(slow).persisted(999)).toEqual([]);
    drivers.write(slow);
    drivers.deliver();
  }
  expect(answers(drivers, leader.id, request)).toHaveLength(1);
});

test('[DRIVE3] who slept hears who leads before it stands for election', () => {
  const drivers = new Drivers([1, 2, 3]);
  const leader = drivers.elect();
  const follower = drivers.get([1, 2, 3].find(id => id !== leader.id) ?? 0);
  const { term } = follower.status();
  drivers.do(follower.id, follower.pass(drivers.nowMs + 3_600_000));
  expect(follower.status()).toMatchObject({ term, role: 'follower' });
});

test('[DRIVE4] a request is carried out once, though messages are lost and leaders change', () => {
  const drivers = new Drivers([1, 2, 3]);
  const first = drivers.elect();
  const follower = drivers.get([1, 2, 3].find(id => id !== first.id) ?? 0);
  const requests = Array.from({ length: 20 }, (_, n) => ask(drivers, follower, key(n)));
  let lost = 0;
  drivers.pass(2000, () => ++lost % 3 === 0);
  drivers.cut.add(first.id);
  const more = ask(drivers, follower, key(99));
  drivers.pass(6000);
  drivers.cut.clear();
  drivers.pass(6000);
  for (const request of [...requests, more]) expect(answers(drivers, follower.id, request)).toHaveLength(1);
  // Each put is one revision.
  for (const { machine } of drivers.all.values()) expect(machine.revision).toBe(21);
});

test('[DRIVE4] who waits is bounded', () => {
  const driver = new Driver(
    { id: 1, random: { below: () => 1 }, tickMs: 100, electionTicks: 10, snapshotEveryEntries: 100 },
    emptyLog(),
    0,
  );
  const requests = Array.from({ length: clientWaitingMax + 1 }, () => driver.request(key(1)).request);
  expect(requests.filter(request => request === undefined)).toHaveLength(1);
  const reads = Array.from({ length: clientWaitingMax + 1 }, () => driver.read().read);
  expect(reads.filter(read => read === undefined)).toHaveLength(1);
});

test('[DRIVE5] a read at a follower sees what was answered before it began', () => {
  const drivers = new Drivers([1, 2, 3]);
  const leader = drivers.elect();
  const follower = drivers.get([1, 2, 3].find(id => id !== leader.id) ?? 0);
  const request = ask(drivers, leader, put('a', utf8('1')));
  drivers.pass(300);
  expect(answers(drivers, leader.id, request)).toHaveLength(1);
  const { read, effects } = follower.read();
  drivers.do(follower.id, effects);
  drivers.pass(1000);
  expect(drivers.told).toContainEqual({ type: 'readable', read, by: follower.id });
  expect(follower.machine.get('a')?.value).toEqual(utf8('1'));
});

test('[DRIVE6] a restart goes on from what was stored, compacted or not', () => {
  const drivers = new Drivers([1], { snapshotEveryEntries: 8 });
  drivers.elect();
  for (let n = 0; n < 50; n++) ask(drivers, drivers.get(1), key(n % 5));
  drivers.pass(200);
  const before = drivers.get(1);
  const stored = drivers.stored(1);
  expect(stored.compacted.index).toBeGreaterThan(30);
  const again = drivers.start(1, stored, 1);
  drivers.elect();
  drivers.pass(200);
  expect(again.machine.revision).toBe(before.machine.revision);
  expect(again.machine.get('key 4')).toEqual(before.machine.get('key 4'));
  expect(again.status().term).toBeGreaterThan(before.status().term);
});

test('[DRIVE7] a newcomer is sent a snapshot in pieces, some of them lost', () => {
  const drivers = new Drivers([1], { joining: [2], snapshotEveryEntries: 4 });
  drivers.elect();
  const value = new Uint8Array(40_000).fill(7);
  for (let n = 0; n < 20; n++) ask(drivers, drivers.get(1), put(`large ${n}`, value));
  const added = drivers
    .get(1)
    .proposeChange({ transition: 'auto', changes: [{ type: 'add-learner', id: 2 }] });
  expect(added.result.ok).toBe(true);
  drivers.do(1, added.effects);
  let pieces = 0;
  drivers.pass(20_000, ({ bytes }) => bytes[1] === 1 && ++pieces % 5 === 0);
  expect(pieces).toBeGreaterThan((20 * value.length) / snapshotPieceBytes);
  expect(drivers.get(2).machine.revision).toBe(20);
  expect(drivers.get(2).machine.get('large 19')?.value).toEqual(value);
});

test('[DRIVE7] a transfer without headway is given up, and an older one does not end a newer', () => {
  const sender = new PieceSender(1);
  sender.start(2, new Uint8Array(10), 0);
  let lost: readonly number[] = [];
  for (let nowMs = 1000; lost.length === 0 && nowMs < 20_000; nowMs += 1000)
    lost = sender.due(nowMs, 1000).lost;
  expect(lost).toEqual([2]);
  const receiver = new PieceReceiver();
  const piece = (transfer: number, offset: number) =>
    receiver.take(1, { type: 'piece', transfer, length: 4, offset, bytes: new Uint8Array(2) });
  expect(piece(5, 0).got).toMatchObject({ offset: 2 });
  expect(piece(4, 0).got).toMatchObject({ transfer: 5, offset: 2 });
  expect(piece(5, 2).whole).toHaveLength(4);
});

test('[DRIVE8] a member that lost its store under its name says so, and votes no more', () => {
  const drivers = new Drivers([1, 2, 3]);
  const leader = drivers.elect();
  const request = ask(drivers, leader, key(1));
  drivers.pass(500);
  expect(answers(drivers, leader.id, request)).toHaveLength(1);
  const lost = [1, 2, 3].find(id => id !== leader.id) ?? 0;
  drivers.start(lost, emptyLog(), 1);
  drivers.pass(500);
  expect(drivers.told).toContainEqual({ type: 'store-lost', by: lost });
  expect(drivers.get(lost).isLost).toBe(true);
  expect(drivers.get(lost).pass(drivers.nowMs + 60_000)).toEqual([]);
});

test('[DRIVE9] nobody speaks for another', () => {
  const drivers = new Drivers([1, 2, 3]);
  const leader = drivers.elect();
  const [one, other] = [1, 2, 3].filter(id => id !== leader.id) as [number, number];
  const before = drivers.get(one).status();
  drivers.do(leader.id, leader.request(key(1)).effects);
  for (const { to, bytes } of drivers.sent.splice(0))
    if (to === one) expect(drivers.get(one).receive(other, bytes)).toEqual([]);
  expect(drivers.get(one).status()).toEqual(before);
});

test('[DRIVE10] a leader hands over to a voter that has its log', () => {
  const drivers = new Drivers([1, 2, 3]);
  const leader = drivers.elect();
  const behind = [1, 2, 3].find(id => id !== leader.id) ?? 0;
  drivers.cut.add(behind);
  ask(drivers, leader, key(1));
  drivers.pass(200);
  drivers.do(leader.id, leader.handOver());
  drivers.deliver();
  const next = [1, 2, 3].find(id => id !== leader.id && id !== behind) ?? 0;
  expect(drivers.leader?.id).toBe(next);
});

test('[DRIVE11] when a session is over its requests are in doubt, and not asked again', () => {
  const requests = new Requests(1, 7);
  const request = requests.ask(key(1)) ?? 0;
  expect(requests.due(0, 100)).toHaveLength(1);
  requests.onApplied({ type: 'opened', member: 1, nonce: 7, session: 5 });
  expect(requests.due(0, 100)).toHaveLength(1);
  expect(
    requests.onApplied({ type: 'request', session: 5, sequence: 1, answer: { type: 'session-expired' } }),
  ).toEqual([{ type: 'answered', request, outcome: { ok: false, reason: 'in-doubt' } }]);
  expect(requests.isIdle).toBe(true);
  expect(requests.due(1000, 100)).toEqual([]);
});

test('[DRIVE12] time is told while a lease counts on it, and never more than passed', () => {
  const drivers = new Drivers([1, 2, 3]);
  const leader = drivers.elect();
  ask(drivers, leader, { type: 'grant', ttlMs: 60_000 });
  drivers.pass(200);
  const [fromMs, toldMs] = [drivers.nowMs, leader.machine.nowMs];
  drivers.pass(10_000);
  const passedMs = leader.machine.nowMs - toldMs;
  expect(passedMs).toBeGreaterThan(9000);
  expect(passedMs).toBeLessThanOrEqual(drivers.nowMs - fromMs + 250);
});

test('[DRIVE13] whatever bytes arrive, nothing throws, and pieces are the same after encoding and decoding', () => {
  const drivers = new Drivers([1, 2, 3]);
  drivers.elect();
  const anything = fc.uint8Array({ maxLength: 60 });
  const framed = fc.tuple(fc.nat(2), anything).map(([type, rest]) => Uint8Array.of(0, type, ...rest));
  const bytes = fc.oneof(anything, framed);
  fc.assert(
    fc.property(bytes, frame => {
      drivers.get(1).receive(2, frame);
    }),
  );
  const piece = fc.record({
    type: fc.constant('piece' as const),
    transfer: fc.nat(),
    length: fc.constant(100),
    offset: fc.nat(90),
    bytes: fc.uint8Array({ minLength: 1, maxLength: 10 }),
  });
  fc.assert(
    fc.property(piece, frame => {
      expect(decodePiece(encodePiece(frame))).toEqual({ ok: true, value: frame });
    }),
  );
});
