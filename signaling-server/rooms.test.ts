import { expect, test } from 'vitest';
import { roomPeersMax } from '../src/base/limits.ts';
import { Rooms, type Member, type Seat } from './rooms.ts';

const topic = 'aa'.repeat(32);
const peerOf = (n: number): string => n.toString(16).padStart(32, '0');

class TestMember implements Member {
  readonly heard: string[] = [];
  send(message: Parameters<Member['send']>[0]): void {
    this.heard.push(JSON.stringify(message));
  }
  refuse(reason: string): void {
    this.heard.push(`refused ${reason}`);
  }
  take(): string[] {
    return this.heard.splice(0);
  }
}

function seated(rooms: Rooms, n: number, inTopic = topic): { member: TestMember; seat: Seat } {
  const member = new TestMember();
  const joined = rooms.join(inTopic, peerOf(n), member);
  if (!joined.ok) throw new Error(joined.reason);
  return { member, seat: joined.seat };
}

test('a newcomer is welcomed with who is there, and they hear of it; so of leaving', () => {
  const rooms = new Rooms(4096);
  const first = seated(rooms, 1);
  const second = seated(rooms, 2);
  expect(first.member.take()).toEqual([
    '{"type":"welcome","peers":[]}',
    `{"type":"joined","peer":"${peerOf(2)}"}`,
  ]);
  expect(second.member.take()).toEqual([`{"type":"welcome","peers":["${peerOf(1)}"]}`]);
  rooms.leave(first.seat);
  rooms.leave(first.seat);
  expect(second.member.take()).toEqual([`{"type":"left","peer":"${peerOf(1)}"}`]);
  rooms.leave(second.seat);
  expect(rooms.roomCount).toBe(0);
});

test('a signal reaches one peer of the room, nobody in another room, not the sender', () => {
  const rooms = new Rooms(4096);
  const [a, b, c] = [seated(rooms, 1), seated(rooms, 2), seated(rooms, 3)];
  const elsewhere = seated(rooms, 4, 'bb'.repeat(32));
  for (const { member } of [a, b, c, elsewhere]) member.take();
  expect(rooms.relay(a.seat, peerOf(2), 'body')).toBe(true);
  expect(rooms.relay(a.seat, peerOf(4), 'body')).toBe(false);
  expect(rooms.relay(a.seat, peerOf(1), 'body')).toBe(false);
  expect(b.member.take()).toEqual([`{"type":"signal","from":"${peerOf(1)}","body":"body"}`]);
  for (const { member } of [a, c, elsewhere]) expect(member.take()).toEqual([]);
});

test('a peer that joins again replaces its older self, even as the only one or in a full room', () => {
  const rooms = new Rooms(4096);
  const older = seated(rooms, 0);
  older.member.take();
  const newer = seated(rooms, 0);
  expect(older.member.take()).toEqual(['refused replaced']);
  expect(newer.member.take()).toEqual(['{"type":"welcome","peers":[]}']);
  for (let n = 1; n < roomPeersMax; n++) seated(rooms, n);
  expect(rooms.join(topic, peerOf(roomPeersMax), new TestMember())).toEqual({
    ok: false,
    reason: 'room-full',
  });
  newer.member.take();
  const newest = seated(rooms, 0);
  expect(newer.member.take()).toEqual(['refused replaced']);
  expect(newest.member.heard).toHaveLength(1);
  // The seat that was replaced no longer counts: leaving it takes nobody out.
  rooms.leave(older.seat);
  rooms.leave(newer.seat);
  expect(rooms.join(topic, peerOf(roomPeersMax), new TestMember()).ok).toBe(false);
});

test('a server that holds as many rooms as it may opens no other one, and fills those it has', () => {
  const rooms = new Rooms(2);
  const first = seated(rooms, 1);
  seated(rooms, 2, 'bb'.repeat(32));
  const third = 'cc'.repeat(32);
  expect(rooms.join(third, peerOf(3), new TestMember())).toEqual({ ok: false, reason: 'server-full' });
  seated(rooms, 4);
  rooms.leave(first.seat);
  expect(rooms.join(third, peerOf(3), new TestMember()).ok).toBe(false);
  expect(rooms.roomCount).toBe(2);
});
