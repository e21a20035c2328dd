import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { SeededRandom } from '../../base/random.ts';
import { encodeServerMessage, type ServerMessage } from '../signaling.ts';
import type { SignalingState } from '../transport.ts';
import { SignalingClient } from './signaling-client.ts';

/** The other end of a socket, in the test's hands: a real one would bring real time along. */
class ServerEnd {
  static readonly all: ServerEnd[] = [];
  onopen: (() => void) | null = null;
  onmessage: ((event: { data: string }) => void) | null = null;
  onclose: (() => void) | null = null;
  readonly heard: string[] = [];
  constructor() {
    ServerEnd.all.push(this);
  }
  send(text: string): void {
    this.heard.push(text);
  }
  close(): void {
    // The client has let go of it.
  }
  say(message: ServerMessage): void {
    this.onmessage?.({ data: encodeServerMessage(message) });
  }
}

const states: SignalingState[] = [];
const messages: string[] = [];
let client: SignalingClient;

beforeEach(() => {
  vi.useFakeTimers();
  const at = { url: 'ws://x/signal', topic: 'aa'.repeat(32), peer: 'b0'.repeat(16) };
  const openSocket = () => new ServerEnd() as unknown as WebSocket;
  client = new SignalingClient(
    { ...at, random: new SeededRandom(1), openSocket },
    {
      state: state => states.push(state),
      message: ({ type }) => messages.push(type),
      refused: reason => messages.push(reason),
    },
  );
  client.setOnline(true);
});
afterEach(() => {
  client.close();
  vi.useRealTimers();
  for (const list of [ServerEnd.all, states, messages]) list.length = 0;
});

function welcomed(): ServerEnd {
  const end = ServerEnd.all.at(-1);
  if (end === undefined) throw new Error('nobody called');
  end.onopen?.();
  end.say({ type: 'welcome', peers: [] });
  return end;
}

test('[NET90] a server that shuts down is called again exactly when it asked for that', () => {
  const end = welcomed();
  end.say({ type: 'refused', reason: 'shutting-down', retryAfterMs: 23_456 });
  end.onclose?.();
  vi.advanceTimersByTime(23_455);
  expect(ServerEnd.all).toHaveLength(1);
  vi.advanceTimersByTime(1);
  expect(ServerEnd.all).toHaveLength(2);
  expect(states).toEqual(['connecting', 'connected', 'unreachable', 'unreachable']);
  // Asked once: the attempts after it are spaced as usual.
  ServerEnd.all[1]?.onclose?.();
  vi.advanceTimersByTime(5_000);
  expect(ServerEnd.all.length).toBeGreaterThan(2);
});

test('[NET90] the network switch does not wait for a server that asked for patience', () => {
  const end = welcomed();
  end.say({ type: 'refused', reason: 'shutting-down', retryAfterMs: 60_000 });
  end.onclose?.();
  client.setOnline(false);
  client.setOnline(true);
  expect(ServerEnd.all).toHaveLength(2);
});

test('[NET90] patience asked for by a refusal that did not end the socket is no longer asked for later', () => {
  const end = welcomed();
  end.say({ type: 'refused', reason: 'too-fast', retryAfterMs: 60_000 });
  end.say({ type: 'pong' });
  end.onclose?.();
  vi.advanceTimersByTime(500);
  expect(ServerEnd.all).toHaveLength(2);
});

test('[NET90] a socket that is lost without a word is tried again with jittered backoff', () => {
  welcomed().onclose?.();
  vi.advanceTimersByTime(249);
  expect(ServerEnd.all).toHaveLength(1);
  vi.advanceTimersByTime(251);
  expect(ServerEnd.all).toHaveLength(2);
});

test('[NET90] of two clients of one name the one that was replaced does not take the place back at once', () => {
  const end = welcomed();
  end.say({ type: 'refused', reason: 'replaced' });
  end.onclose?.();
  vi.advanceTimersByTime(29_999);
  expect(ServerEnd.all).toHaveLength(1);
  vi.advanceTimersByTime(30_001);
  expect(ServerEnd.all.length).toBeGreaterThan(1);
});

test('[NET91] a socket that is suspected is asked at once, and replaced when it does not answer within two seconds', () => {
  const end = welcomed();
  client.probe();
  expect(end.heard.at(-1)).toBe('{"type":"ping"}');
  end.say({ type: 'pong' });
  vi.advanceTimersByTime(5_000);
  expect(ServerEnd.all).toHaveLength(1);
  client.probe();
  vi.advanceTimersByTime(2_000 + 500);
  expect(ServerEnd.all).toHaveLength(2);
  expect(states.at(-1)).toBe('unreachable');
});

test('[NET92] whenever the network comes back, a server is called within five seconds, and the call has time for a lost SYN', () => {
  welcomed().onclose?.();
  const calledAt: number[] = [];
  for (let ms = 0; ms < 300_000; ms += 50) {
    const before = ServerEnd.all.length;
    vi.advanceTimersByTime(50);
    if (ServerEnd.all.length > before) calledAt.push(ms);
  }
  const distances = calledAt.slice(1).map((ms, i) => ms - (calledAt[i] ?? 0));
  // An attempt is given up after four seconds: the last second of those, then the wait for the next.
  expect(Math.max(...distances)).toBeLessThanOrEqual(4_000 + 3_050);
  expect(distances.length).toBeGreaterThan(40);
});
