/**
 * Connections that are no WebSocket, or none yet: whoever opens many and says little ("slowloris") would have
 * all of the process's descriptors. So they are capped, in all and per address, apart from the WebSockets,
 * which must not lose their places to them; how long they may take stands in server.ts.
 *
 * They are known by where they come from: under TLS the socket of a request is not the one that connected.
 */
import type { Server, Socket } from 'node:net';
import { addressKey } from './addresses.ts';
import type { Admission } from './admission.ts';
import type { Counted } from './counted.ts';

export class PlainConnections {
  readonly #admission: Admission;
  /** Of each far end the address as a key for limits. */
  readonly #addresses = new Map<string, string>();

  constructor(server: Server, admission: Admission, counted: Counted) {
    this.#admission = admission;
    server.on('connection', (socket: Socket) => {
      const refusal = this.#connected(socket);
      if (refusal === undefined) return;
      counted.add('connectionsRefused', refusal);
      socket.destroy();
    });
  }

  #connected(socket: Socket): string | undefined {
    const address = addressKey(socket.remoteAddress ?? '');
    const refusal = this.#admission.connections.refusal(address);
    if (refusal !== undefined) return refusal;
    const end = farEnd(socket);
    this.#forget(end);
    this.#addresses.set(end, address);
    this.#admission.connections.add(address);
    socket.on('close', () => {
      this.#forget(end);
    });
    return undefined;
  }

  /** It has become a WebSocket. */
  upgraded(socket: Socket): void {
    this.#forget(farEnd(socket));
  }

  #forget(end: string): void {
    const address = this.#addresses.get(end);
    this.#addresses.delete(end);
    if (address !== undefined) this.#admission.connections.delete(address);
  }
}

const farEnd = (socket: Socket): string => `${socket.remoteAddress ?? ''} ${socket.remotePort ?? ''}`;
