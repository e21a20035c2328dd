/**
 * A signaling server inside the page, in the place of the network: honest, and lets each test say who sees whom and when it
 * is down. For `vi.stubGlobal('WebSocket', server.socket)`.
 */
import { decodeClientMessage, encodeServerMessage, type ServerMessage } from '../signaling.ts';

export class InPageServer {
  readonly #sockets = new Map<string, InPageSocket>();
  readonly #order: string[] = [];
  #up = true;
  /** By the order in which they joined, from 0: whether these two are in one room. */
  sees: (one: number, other: number) => boolean = () => true;

  /** The class of its sockets. */
  get socket(): new () => InPageSocket {
    const hello = (socket: InPageSocket): boolean => this.#up && socket.attach(this);
    return class extends InPageSocket {
      constructor() {
        super();
        queueMicrotask(() => {
          if (hello(this)) this.onopen?.();
          else this.onclose?.();
        });
      }
    };
  }

  /** Every socket ends, and none opens any more. */
  goDown(): void {
    this.#up = false;
    const all = [...this.#sockets.values()];
    this.#sockets.clear();
    for (const socket of all) socket.onclose?.();
  }

  received(socket: InPageSocket, text: string): void {
    const decoded = decodeClientMessage(text);
    if (!decoded.ok) throw new Error(decoded.reason);
    const message = decoded.value;
    if (message.type === 'join') {
      const { peer } = message;
      if (!this.#order.includes(peer)) this.#order.push(peer);
      const others = [...this.#sockets.keys()].filter(other => this.#together(peer, other));
      this.#sockets.set(peer, socket);
      socket.peer = peer;
      socket.say({ type: 'welcome', peers: others });
      for (const other of others) this.#sockets.get(other)?.say({ type: 'joined', peer });
    } else if (message.type === 'signal' && this.#together(socket.peer, message.to)) {
      this.#sockets.get(message.to)?.say({ type: 'signal', from: socket.peer, body: message.body });
    }
  }

  #together(one: string, other: string): boolean {
    return this.sees(this.#order.indexOf(one), this.#order.indexOf(other));
  }
}

export class InPageSocket {
  onopen: (() => void) | null = null;
  onmessage: ((event: { data: string }) => void) | null = null;
  onclose: (() => void) | null = null;
  peer = '';
  #server: InPageServer | undefined;

  attach(server: InPageServer): boolean {
    this.#server = server;
    return true;
  }
  say(message: ServerMessage): void {
    this.onmessage?.({ data: encodeServerMessage(message) });
  }
  send(text: string): void {
    this.#server?.received(this, text);
  }
  close(): void {
    this.#server = undefined;
  }
}
