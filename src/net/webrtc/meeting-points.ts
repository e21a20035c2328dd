/**
 * All signaling servers of a space at once. One that is dead is no loss while another lives.
 *
 * Why not one after the other, the next when the first is dead: two peers that found different ones alive would sit on
 * different servers and never meet. So every peer is in its room on each server that answers, the room is the union,
 * and a signal goes through the first server that has its receiver.
 */
import { iceServersMax, roomPeersMax } from '../../base/limits.ts';
import type { Random } from '../../base/ports.ts';
import type { IceServer } from '../ice.ts';
import type { ServerMessage } from '../signaling.ts';
import type { LinkId, SignalingState } from '../transport.ts';
import type { Platform } from './platform.ts';
import { SignalingClient } from './signaling-client.ts';

export interface MeetingPointsConfig {
  /** WebSocket addresses of signaling servers, the preferred ones first. */
  readonly urls: readonly string[];
  readonly topic: string;
  readonly self: LinkId;
  readonly random: Random;
  readonly openSocket: Platform['openSocket'];
}

export interface MeetingPointsEvents {
  /** Of all together: connected when one is. Told when it changes. */
  readonly state: (state: SignalingState) => void;
  readonly present: (peer: LinkId) => void;
  /** It is in none of the rooms any more. */
  readonly absent: (peer: LinkId) => void;
  readonly signal: (from: LinkId, body: string) => void;
  /** A server refused us, or said what is no message of the protocol. */
  readonly refused: (reason: string) => void;
}

interface Point {
  readonly client: SignalingClient;
  readonly room: Set<LinkId>;
  state: SignalingState;
  iceServers: readonly IceServer[];
}

export class MeetingPoints {
  readonly #points: readonly Point[];
  readonly #events: MeetingPointsEvents;
  #state: SignalingState = 'off';

  constructor({ urls, topic, self, random, openSocket }: MeetingPointsConfig, events: MeetingPointsEvents) {
    this.#events = events;
    this.#points = urls.map(url => {
      const client = new SignalingClient(
        { url, topic, peer: self, random, openSocket },
        {
          refused: events.refused,
          state: state => {
            if (state !== 'connected') point.room.clear();
            point.state = state;
            this.#sayState();
          },
          message: message => {
            this.#received(point, message);
          },
        },
      );
      const point: Point = { client, room: new Set(), state: 'off', iceServers: [] };
      return point;
    });
  }

  /** Off closes every socket; on connects at once. Also begins the first connections. */
  setOnline(online: boolean): void {
    for (const { client } of this.#points) client.setOnline(online);
  }

  /** A link has fallen silent: so may the sockets have. */
  probe(): void {
    for (const { client } of this.#points) client.probe();
  }

  close(): void {
    for (const { client } of this.#points) client.close();
  }

  has(peer: LinkId): boolean {
    return this.#points.some(({ room }) => room.has(peer));
  }

  /** Not met again, whatever the servers still hold of it. */
  forget(peer: LinkId): void {
    for (const { room } of this.#points) room.delete(peer);
  }

  /** What the servers named last, the preferred ones' first. */
  iceServers(): RTCIceServer[] {
    const servers = this.#points.flatMap(({ iceServers }) => iceServers);
    return servers.slice(0, iceServersMax).map(server => ({ ...server, urls: [...server.urls] }));
  }

  /** Lost when no server has the receiver: the dialler tries again. */
  send(to: LinkId, body: string): void {
    const point =
      this.#points.find(({ room }) => room.has(to)) ??
      this.#points.find(({ state }) => state === 'connected');
    point?.client.send({ type: 'signal', to, body });
  }

  #received(point: Point, message: ServerMessage): void {
    switch (message.type) {
      case 'ice':
        point.iceServers = message.servers;
        break;
      case 'welcome':
        point.room.clear();
        for (const peer of message.peers) this.#present(point, peer);
        break;
      case 'joined':
        this.#present(point, message.peer);
        break;
      case 'left':
        point.room.delete(message.peer);
        if (!this.has(message.peer)) this.#events.absent(message.peer);
        break;
      case 'signal':
        this.#events.signal(message.from, message.body);
        break;
      case 'refused':
        this.#events.refused(`signaling refused: ${message.reason}`);
        break;
      case 'pong':
        break;
    }
  }

  #present(point: Point, peer: LinkId): void {
    if (point.room.size >= roomPeersMax) {
      this.#events.refused('signaling: crowd');
      return;
    }
    point.room.add(peer);
    this.#events.present(peer);
  }

  #sayState(): void {
    const states = new Set(this.#points.map(({ state }) => state));
    const order = ['connected', 'connecting', 'unreachable'] as const;
    const state = order.find(one => states.has(one)) ?? 'off';
    // `off` answers a switch, and is said each time: whoever turned it may have heard something else from above meanwhile.
    if (state === this.#state && state !== 'off') return;
    this.#state = state;
    this.#events.state(state);
  }
}
