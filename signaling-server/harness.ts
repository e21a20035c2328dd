/** The real server and real sockets, for the tests of this folder. */
import { request, type IncomingHttpHeaders, type RequestOptions } from 'node:http';
import { WebSocket, type ClientOptions } from 'ws';
import { decodeServerMessage, encodeClientMessage, type ServerMessage } from '../src/net/signaling.ts';
import { createSignalingServer, type SignalingServer, type SignalingServerOptions } from './server.ts';

/** A WebSocket with an inbox: `next` waits for the next message. */
export class Client {
  readonly socket: WebSocket;
  readonly closed: Promise<number>;
  readonly #inbox: ServerMessage[] = [];
  #wake: (() => void) | undefined;

  constructor(url: string, options: ClientOptions = {}) {
    this.socket = new WebSocket(url, options);
    this.closed = new Promise(resolve => {
      this.socket.on('close', resolve);
    });
    this.socket.on('error', () => undefined);
    this.socket.on('message', data => {
      const decoded = decodeServerMessage((data as Buffer).toString());
      if (!decoded.ok) throw new Error(decoded.reason);
      this.#inbox.push(decoded.value);
      this.#wake?.();
    });
  }

  async next(): Promise<ServerMessage> {
    for (;;) {
      const message = this.#inbox.shift();
      if (message !== undefined) return message;
      await new Promise<void>(resolve => (this.#wake = resolve));
    }
  }
  /** Whatever is in the inbox before the answer to a ping. */
  async drain(): Promise<ServerMessage[]> {
    this.socket.send('{"type":"ping"}');
    const messages: ServerMessage[] = [];
    for (let next = await this.next(); next.type !== 'pong'; next = await this.next()) messages.push(next);
    return messages;
  }
}

export const topic = '11'.repeat(32);
export const alice = 'a1'.repeat(16);
export const bob = 'b0'.repeat(16);
export const carol = 'ca'.repeat(16);

export async function until(holds: () => boolean | Promise<boolean>): Promise<void> {
  for (let waited = 0; !(await holds()); waited += 5) {
    if (waited > 4000) throw new Error('waited too long');
    await new Promise(resolve => setTimeout(resolve, 5));
  }
}

export interface Answer {
  status: number;
  headers: IncomingHttpHeaders;
  body: Buffer;
}
/** node:http sends paths as they are: `fetch` would tidy them up. */
export function ask(server: SignalingServer, path: string, options: RequestOptions = {}): Promise<Answer> {
  return new Promise((resolve, reject) => {
    request({ host: '127.0.0.1', port: server.port, path, agent: false, ...options }, response => {
      const chunks: Buffer[] = [];
      response.on('data', (chunk: Buffer) => chunks.push(chunk));
      response.on('end', () => {
        resolve({ status: response.statusCode ?? 0, headers: response.headers, body: Buffer.concat(chunks) });
      });
    })
      .on('error', reject)
      .end();
  });
}

/** Starts servers and clients; `stop` ends them all. */
export class Harness {
  readonly #defaults: Partial<SignalingServerOptions>;
  readonly #servers: SignalingServer[] = [];
  readonly #clients: Client[] = [];

  constructor(defaults: Partial<SignalingServerOptions>) {
    this.#defaults = defaults;
  }

  async started(options: Partial<SignalingServerOptions> = {}): Promise<SignalingServer> {
    const server = await createSignalingServer({
      distDir: '/nowhere',
      host: '127.0.0.1',
      port: 0,
      ...this.#defaults,
      ...options,
    });
    this.#servers.push(server);
    return server;
  }

  client(url: string, options: ClientOptions = {}): Client {
    const client = new Client(url, options);
    this.#clients.push(client);
    return client;
  }

  async connected(server: SignalingServer, options: ClientOptions = {}): Promise<Client> {
    const client = this.client(`ws://127.0.0.1:${String(server.port)}/signal`, options);
    await new Promise<void>((resolve, reject) => {
      client.socket.once('open', resolve).once('error', reject);
    });
    return client;
  }

  /** Past its welcome, with nothing in its inbox. */
  async joined(server: SignalingServer, peer: string, room = topic): Promise<Client> {
    const client = await this.connected(server);
    client.socket.send(encodeClientMessage({ type: 'join', v: 1, topic: room, peer }));
    for (;;) {
      const { type } = await client.next();
      if (type === 'welcome') return client;
      if (type !== 'ice') throw new Error(`${type} instead of a welcome`);
    }
  }

  async stop(): Promise<void> {
    for (const client of this.#clients.splice(0)) client.socket.terminate();
    await Promise.all(this.#servers.splice(0).map(server => server.close()));
  }
}
