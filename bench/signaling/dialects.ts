/** How the clients of each server join and send to one other client: number `n` talks with number `n ^ 1`. */
export interface Dialect {
  /** Sent as the socket opens. */
  readonly join: (n: number) => readonly string[];
  /** Begins the text that says the join was heard. */
  readonly joined: string;
  readonly directed: (n: number, body: string) => string;
  /** What stands right before the body in a text that was passed on. */
  readonly bodyMark: string;
}

const hex = (n: number, digits: number): string => n.toString(16).padStart(digits, '0');

const dialects: Readonly<Record<string, Dialect>> = {
  peerloom: {
    join: n => [JSON.stringify({ type: 'join', v: 1, topic: hex(n >> 1, 64), peer: hex(n, 32) })],
    joined: '{"type":"welcome"',
    directed: (n, body) => JSON.stringify({ type: 'signal', to: hex(n ^ 1, 32), body }),
    bodyMark: '"body":"',
  },
  // A topic with one subscriber is as near as it comes to a message for one peer.
  'y-webrtc': {
    join: n => [JSON.stringify({ type: 'subscribe', topics: [hex(n, 32)] }), '{"type":"ping"}'],
    joined: '{"type":"pong"',
    directed: (n, body) => JSON.stringify({ type: 'publish', topic: hex(n ^ 1, 32), data: body }),
    bodyMark: '"data":"',
  },
};

export function dialectOf(library: string): Dialect {
  const dialect = dialects[library];
  if (dialect === undefined) throw new Error(`there is no server called ${library}`);
  return dialect;
}
