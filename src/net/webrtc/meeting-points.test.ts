import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { SeededRandom } from '../../base/random.ts';
import { encodeServerMessage, type ServerMessage } from '../signaling.ts';
import { MeetingPoints } from './meeting-points.ts';

/** The server's end of each socket, by the server's address. */
class ServerEnd {
  static readonly at = new Map<string, ServerEnd>();
  onopen: (() => void) | null = null;
  onmessage: ((event: { data: string }) => void) | null = null;
  onclose: (() => void) | null = null;
  readonly heard: string[] = [];
  constructor(url: string) {
    ServerEnd.at.set(url, this);
  }
  send(text: string): void {
    this.heard.push(text);
  }
  close(): void {
    // The client has let go of it.
  }
  say(...messages: ServerMessage[]): void {
    for (const message of messages) this.onmessage?.({ data: encodeServerMessage(message) });
  }
}

const [near, far] = ['ws://near/signal', 'ws://far/signal'];
const peer = 'a1'.repeat(16);
const told: string[] = [];
let points: MeetingPoints;

beforeEach(() => {
  vi.useFakeTimers();
  points = new MeetingPoints(
    {
      urls: [near, far],
      topic: 'aa'.repeat(32),
      self: 'b0'.repeat(16),
      random: new SeededRandom(1),
      openSocket: url => new ServerEnd(url) as unknown as WebSocket,
    },
    {
      state: state => told.push(state),
      present: who => told.push(`present ${who.slice(0, 2)}`),
      absent: who => told.push(`absent ${who.slice(0, 2)}`),
      signal: (from, body) => told.push(`signal ${from.slice(0, 2)} ${body}`),
      refused: reason => told.push(reason),
    },
  );
  points.setOnline(true);
});
afterEach(() => {
  points.close();
  vi.useRealTimers();
  ServerEnd.at.clear();
  told.length = 0;
});

function at(url: string): ServerEnd {
  const end = ServerEnd.at.get(url);
  if (end === undefined) throw new Error('nobody called');
  return end;
}
const signals = (url: string): string[] => at(url).heard.filter(text => text.includes('"signal"'));

test('[NET93] with the first server dead the second is used, and that counts as connected', () => {
  at(near).onclose?.();
  at(far).say({ type: 'welcome', peers: [peer] });
  expect(told).toEqual(['connecting', 'connected', 'present a1']);
  points.send(peer, 'sealed');
  expect(signals(far)).toHaveLength(1);
});

test('[NET93] a peer is in the room while it is in one of the rooms, and signals go where it is', () => {
  at(near).say({ type: 'welcome', peers: [] });
  at(far).say({ type: 'welcome', peers: [peer] });
  points.send(peer, 'first');
  expect([signals(near).length, signals(far).length]).toEqual([0, 1]);
  at(near).say({ type: 'joined', peer });
  points.send(peer, 'second');
  expect([signals(near).length, signals(far).length]).toEqual([1, 1]);
  at(near).say({ type: 'left', peer });
  expect(points.has(peer)).toBe(true);
  at(far).say({ type: 'left', peer });
  expect(points.has(peer)).toBe(false);
  expect(told.filter(word => word.startsWith('absent'))).toEqual(['absent a1']);
});

test('[NET93] with every server lost the state says so, and nobody is in the room', () => {
  at(near).say({ type: 'welcome', peers: [peer] });
  at(far).say({ type: 'welcome', peers: [peer] });
  at(near).onclose?.();
  expect(told.at(-1)).not.toBe('unreachable');
  expect(points.has(peer)).toBe(true);
  at(far).onclose?.();
  expect(told.at(-1)).toBe('unreachable');
  expect(points.has(peer)).toBe(false);
});

test('[NET93] STUN and TURN servers are those that all of them named, bounded', () => {
  const named = (host: string) => ({ urls: [`stun:${host}:3478`] });
  at(near).say({ type: 'ice', servers: [named('near')] });
  at(far).say({ type: 'ice', servers: Array.from({ length: 8 }, (_, i) => named(`far${String(i)}`)) });
  const urls = points.iceServers().map(({ urls }) => urls[0]);
  expect(urls).toHaveLength(8);
  expect(urls.slice(0, 2)).toEqual(['stun:near:3478', 'stun:far0:3478']);
});
