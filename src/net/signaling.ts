/**
 * What browsers and the signaling server say to each other: JSON texts over a WebSocket. The server only
 * relays sealed bodies between the peers of one room; it can drop and delay them, not read or change them.
 *
 * Checked by hand and strictly: an unknown type or field is refused, so that a later version has to say so in
 * `v` instead of being half understood. The table of messages is in docs/protocols/signaling.md.
 */
import type { Decoded } from '../base/codec.ts';
import { isBatchId, isId } from '../base/ids.ts';
import { retryAfterMsMax, roomPeersMax, signalBytesMax } from '../base/limits.ts';
import { readIceServers, type IceServer } from './ice.ts';

export const signalingVersion = 1;
/** One text either way: the longest `signal` with its JSON around it, or a `welcome` of a full room. */
export const signalingTextBytesMax = signalBytesMax + 1024;
/** The path of the WebSocket on the server. */
export const signalingPath = '/signal';

export type ClientMessage =
  /** The first message. `topic`: the room, 32 bytes of hex that reveal nothing; `peer`: this page's session id, drawn anew each time. */
  | {
      readonly type: 'join';
      readonly v: typeof signalingVersion;
      readonly topic: string;
      readonly peer: string;
    }
  /** To one peer of the room. `body`: sealed, base64url, at most `signalBytesMax` characters. */
  | { readonly type: 'signal'; readonly to: string; readonly body: string }
  /** Asks for `pong`: a page cannot send WebSocket pings itself. */
  | { readonly type: 'ping' };

export type ServerMessage =
  /** Comes before `welcome`, so that the first dial has them, and again before what it holds expires. */
  | { readonly type: 'ice'; readonly servers: readonly IceServer[] }
  /** Answers `join`: who else is in the room. */
  | { readonly type: 'welcome'; readonly peers: readonly string[] }
  | { readonly type: 'joined'; readonly peer: string }
  | { readonly type: 'left'; readonly peer: string }
  | { readonly type: 'signal'; readonly from: string; readonly body: string }
  | { readonly type: 'pong' }
  /** `retryAfterMs`: not before that many milliseconds; drawn for each peer, so that they do not come all at once. */
  | { readonly type: 'refused'; readonly reason: RefusedReason; readonly retryAfterMs?: number };

/**
 * Why the server refuses. It closes the socket after all of them but `malformed`, `not-joined` and `too-fast`,
 * and after several of those.
 */
export const refusedReasons = [
  'malformed',
  'not-joined',
  /** More than the token bucket of this socket or address holds: the message was dropped. */
  'too-fast',
  'already-joined',
  'join-timeout',
  'room-full',
  /** It holds as many rooms as it may. */
  'server-full',
  /** The same peer joined the room on a newer socket. */
  'replaced',
  'shutting-down',
] as const;
export type RefusedReason = (typeof refusedReasons)[number];

export function encodeClientMessage(message: ClientMessage): string {
  return JSON.stringify(message);
}
export function encodeServerMessage(message: ServerMessage): string {
  return JSON.stringify(message);
}

export function decodeClientMessage(text: string): Decoded<ClientMessage> {
  const fields = parseFields(text);
  if (!fields.ok) return fields;
  const { value: of } = fields;
  const type = of.type as ClientMessage['type'];
  switch (type) {
    case 'join': {
      const { v, topic, peer } = of;
      if (!hasOnly(of, ['type', 'v', 'topic', 'peer'])) return refuse('unknown field');
      if (v !== signalingVersion) return refuse('unknown version');
      if (typeof topic !== 'string' || !isBatchId(topic)) return refuse('bad topic');
      if (!isPeer(peer)) return refuse('bad peer');
      return accept({ type, v, topic, peer });
    }
    case 'signal': {
      const { to, body } = of;
      if (!hasOnly(of, ['type', 'to', 'body'])) return refuse('unknown field');
      if (!isPeer(to)) return refuse('bad peer');
      if (!isBody(body)) return refuse('bad body');
      return accept({ type, to, body });
    }
    case 'ping':
      return hasOnly(of, ['type']) ? accept({ type }) : refuse('unknown field');
    default:
      return unknownType(type);
  }
}

export function decodeServerMessage(text: string): Decoded<ServerMessage> {
  const fields = parseFields(text);
  if (!fields.ok) return fields;
  const { value: of } = fields;
  const type = of.type as ServerMessage['type'];
  switch (type) {
    case 'ice': {
      if (!hasOnly(of, ['type', 'servers'])) return refuse('unknown field');
      const servers = readIceServers(of.servers);
      return servers === undefined ? refuse('bad servers') : accept({ type, servers });
    }
    case 'welcome': {
      const { peers } = of;
      if (!hasOnly(of, ['type', 'peers'])) return refuse('unknown field');
      if (!Array.isArray(peers) || peers.length > roomPeersMax) return refuse('bad peers');
      const known: readonly unknown[] = peers;
      if (!known.every(isPeer) || new Set(known).size < known.length) return refuse('bad peers');
      return accept({ type, peers: known });
    }
    case 'joined':
    case 'left': {
      const { peer } = of;
      if (!hasOnly(of, ['type', 'peer'])) return refuse('unknown field');
      return isPeer(peer) ? accept({ type, peer }) : refuse('bad peer');
    }
    case 'signal': {
      const { from, body } = of;
      if (!hasOnly(of, ['type', 'from', 'body'])) return refuse('unknown field');
      if (!isPeer(from)) return refuse('bad peer');
      if (!isBody(body)) return refuse('bad body');
      return accept({ type, from, body });
    }
    case 'pong':
      return hasOnly(of, ['type']) ? accept({ type }) : refuse('unknown field');
    case 'refused': {
      const { reason, retryAfterMs } = of;
      if (!hasOnly(of, ['type', 'reason', 'retryAfterMs'])) return refuse('unknown field');
      const known = refusedReasons.find(one => one === reason);
      if (known === undefined) return refuse('bad reason');
      if (retryAfterMs === undefined) return accept({ type, reason: known });
      return isPatience(retryAfterMs)
        ? accept({ type, reason: known, retryAfterMs })
        : refuse('bad retryAfterMs');
    }
    default:
      return unknownType(type);
  }
}

type Fields = Readonly<Record<string, unknown>>;

function parseFields(text: string): Decoded<Fields> {
  // UTF-16 units: every valid text is ASCII, so this bounds bytes for what can be accepted.
  if (text.length > signalingTextBytesMax) return refuse('too long');
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return refuse('not JSON');
  }
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return refuse('not an object');
  // Own fields only: nothing that an object inherits may stand in for one that was not sent.
  return accept(Object.assign(Object.create(null) as Record<string, unknown>, value));
}

function hasOnly(fields: Fields, names: readonly string[]): boolean {
  return Object.keys(fields).every(name => names.includes(name));
}

function isPeer(value: unknown): value is string {
  return typeof value === 'string' && isId(value);
}

const BASE64URL = /^[A-Za-z0-9_-]+$/;
function isBody(value: unknown): value is string {
  return typeof value === 'string' && value.length <= signalBytesMax && BASE64URL.test(value);
}

function isPatience(value: unknown): value is number {
  return Number.isSafeInteger(value) && (value as number) >= 0 && (value as number) <= retryAfterMsMax;
}

function accept<T>(value: T): { readonly ok: true; readonly value: T } {
  return { ok: true, value };
}
function refuse(reason: string): { readonly ok: false; readonly reason: string } {
  return { ok: false, reason };
}
/** The switch above it is exhaustive; what reaches this is a type from outside. */
function unknownType(type: never): { readonly ok: false; readonly reason: string } {
  return refuse(typeof type === 'string' ? 'unknown type' : 'no type');
}
