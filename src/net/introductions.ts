/**
 * Peers that are linked introduce their peers to each other and carry the sealed signals by which those meet. So a newcomer
 * that reaches one reaches all, and a mesh whose server is down goes on growing.
 *
 * What is carried is sealed from end to end (signals.ts), and the link it makes proves its ends like any other: who
 * introduces can refuse and delay, as a server can, and no more. It is asked for one hop, at a bounded rate.
 *
 * Pure: time is handed in. Lists are whole and repeated, so that one lost to a switched-off link repairs itself.
 */
import {
  introductionBytesMax,
  introductionBytesPerSecond,
  knownPeersMax,
  roomPeersMax,
} from '../base/limits.ts';
import type { Random } from '../base/ports.ts';
import { decodeIntroductionWord, encodeIntroductionWord } from './introduction-words.ts';
import type { LinkId } from './transport.ts';

export const listEveryMs = 10_000;

export type IntroductionEffect =
  | { readonly type: 'send'; readonly linkId: LinkId; readonly bytes: Uint8Array }
  /** A sealed signal came, from a peer that we may have no link with. */
  | { readonly type: 'signal'; readonly from: LinkId; readonly body: string }
  | { readonly type: 'known'; readonly peer: LinkId }
  /** Nobody names this peer any more. */
  | { readonly type: 'forgotten'; readonly peer: LinkId }
  | { readonly type: 'refuse'; readonly reason: string };

interface Neighbour {
  peers: ReadonlySet<LinkId>;
  /** What it may still ask us to carry, in bytes, as of `filledMs`. */
  tokens: number;
  filledMs: number;
}

export class Introductions {
  readonly #self: LinkId;
  readonly #random: Random;
  readonly #neighbours = new Map<LinkId, Neighbour>();
  /** Through whom each peer's signals go: the one it was heard through last, or one drawn among those that know it. */
  readonly #routes = new Map<LinkId, LinkId>();
  #changed = false;
  #listedMs = -Infinity;

  constructor(self: LinkId, random: Random) {
    this.#self = self;
    this.#random = random;
  }

  /** Whether a peer of ours has a link with it. */
  knows(peer: LinkId): boolean {
    return this.#introducers(peer).length > 0;
  }
  *known(): Iterable<LinkId> {
    const all = new Set<LinkId>();
    for (const { peers } of this.#neighbours.values()) for (const peer of peers) all.add(peer);
    yield* all;
  }

  /** With whom this neighbour said last that it has a link; ourselves it need not name. */
  wordOf(linkId: LinkId): ReadonlySet<LinkId> {
    return this.#neighbours.get(linkId)?.peers ?? new Set();
  }

  linkUp(linkId: LinkId, nowMs: number): void {
    this.#neighbours.set(linkId, { peers: new Set(), tokens: introductionBytesMax, filledMs: nowMs });
    this.#changed = true;
  }

  linkDown(linkId: LinkId): IntroductionEffect[] {
    const neighbour = this.#neighbours.get(linkId);
    if (neighbour === undefined) return [];
    this.#neighbours.delete(linkId);
    this.#changed = true;
    for (const [peer, via] of this.#routes) if (via === linkId || peer === linkId) this.#routes.delete(peer);
    return this.#forgotten(neighbour.peers);
  }

  /** A few times a second: says who we know, when that has changed and every ten seconds. */
  tick(nowMs: number): IntroductionEffect[] {
    if (!this.#changed && nowMs - this.#listedMs < listEveryMs) return [];
    this.#changed = false;
    this.#listedMs = nowMs;
    const all = [...this.#neighbours.keys()].slice(0, roomPeersMax + 1);
    return all.map(linkId => {
      const peers = all.filter(other => other !== linkId).slice(0, roomPeersMax);
      return { type: 'send', linkId, bytes: encodeIntroductionWord({ type: 'peers', peers }) };
    });
  }

  /** A sealed signal on its way to a peer that somebody knows; empty when nobody does. */
  signal(to: LinkId, body: string): IntroductionEffect[] {
    const linkId = this.#routeTo(to);
    if (linkId === undefined) return [];
    return [{ type: 'send', linkId, bytes: encodeIntroductionWord({ type: 'relay', to, body }) }];
  }

  /** An attempt is over: the next may go through somebody else. */
  reroute(peer: LinkId): void {
    this.#routes.delete(peer);
  }

  received(linkId: LinkId, bytes: Uint8Array, nowMs: number): IntroductionEffect[] {
    const neighbour = this.#neighbours.get(linkId);
    if (neighbour === undefined) return [];
    const decoded = decodeIntroductionWord(bytes);
    if (!decoded.ok) return [refuse(decoded.reason)];
    const word = decoded.value;
    if (!this.#spend(neighbour, bytes.length, nowMs)) return [refuse('too-fast')];
    switch (word.type) {
      case 'peers': {
        const before = neighbour.peers;
        const named = word.peers.filter(peer => peer !== this.#self && peer !== linkId);
        const room = knownPeersMax - [...this.known()].length;
        const unknown = named.filter(peer => !this.knows(peer));
        const fresh = unknown.slice(0, Math.max(0, room));
        const crowd = new Set(unknown.slice(fresh.length));
        neighbour.peers = new Set(named.filter(peer => !crowd.has(peer)));
        const effects: IntroductionEffect[] = fresh.map(peer => ({ type: 'known', peer }));
        if (crowd.size > 0) effects.push(refuse('crowd'));
        return [...effects, ...this.#forgotten(before)];
      }
      case 'relay': {
        if (!this.#neighbours.has(word.to)) return [refuse('not-linked')];
        const relayed = encodeIntroductionWord({ type: 'relayed', from: linkId, body: word.body });
        return [{ type: 'send', linkId: word.to, bytes: relayed }];
      }
      case 'relayed':
        // Who is not on the list of whom it came through may have been linked a moment ago. The seal decides.
        if (word.from === this.#self) return [refuse('ourselves')];
        if (neighbour.peers.has(word.from)) this.#routes.set(word.from, linkId);
        return [{ type: 'signal', from: word.from, body: word.body }];
    }
  }

  #introducers(peer: LinkId): LinkId[] {
    return [...this.#neighbours].filter(([, { peers }]) => peers.has(peer)).map(([linkId]) => linkId);
  }

  #routeTo(peer: LinkId): LinkId | undefined {
    const introducers = this.#introducers(peer);
    const known = this.#routes.get(peer);
    if (known !== undefined && introducers.includes(known)) return known;
    const drawn = introducers[introducers.length === 0 ? 0 : this.#random.below(introducers.length)];
    if (drawn === undefined) this.#routes.delete(peer);
    else this.#routes.set(peer, drawn);
    return drawn;
  }

  #forgotten(peers: Iterable<LinkId>): IntroductionEffect[] {
    return [...peers].filter(peer => !this.knows(peer)).map(peer => ({ type: 'forgotten', peer }));
  }

  /** A token bucket in bytes (RFC 2697's, with one rate): honest meetings come in bursts. */
  #spend(neighbour: Neighbour, bytes: number, nowMs: number): boolean {
    const gained = ((nowMs - neighbour.filledMs) / 1000) * introductionBytesPerSecond;
    const tokens = Math.min(introductionBytesMax, neighbour.tokens + gained);
    neighbour.filledMs = nowMs;
    neighbour.tokens = tokens < bytes ? tokens : tokens - bytes;
    return tokens >= bytes;
  }
}

function refuse(reason: string): IntroductionEffect {
  return { type: 'refuse', reason };
}
