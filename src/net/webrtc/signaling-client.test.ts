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
  vi.stubGlobal('WebSocket', ServerEnd);
  client = new SignalingClient('ws://x/signal', 'aa'.repeat(32), 'b0'.repeat(16), new SeededRandom(1), {
    state: state => states.push(state),
    message: ({ type }) => messages.push(type),
    refused: reason => messages.push(reason),
  });
  client.setOnline(true);
});
afterEach(() => {
  client.close();
  vi.useRealTimers();
  vi.unstubAllGlobals();
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
