/**
 * Every bound of the server in one table, each with its reason; `--limit NAME=NUMBER` changes one. Plain
 * JavaScript, because options.mjs checks names before anything is installed. What peers have to know as well
 * (a room's size, a signal's length) stands in src/base/limits.ts and cannot be changed here.
 */
export const defaultLimits = Object.freeze({
  /** WebSockets at once: with some 10 KiB each 40 MiB, and below the usual limit of open files. */
  sockets: 4096,
  /** Of one address: an office behind one NAT, a tab or two a person. */
  socketsPerAddress: 256,
  /** Rooms at once. Each holds a socket at least, so this is for whoever raises `sockets`. */
  rooms: 4096,
  /** Connections that are no WebSocket, or none yet, at once: browsers that load the app; half-open ones. */
  httpConnections: 2048,
  /** Of one address: the same office opening the app, six connections a browser. */
  httpConnectionsPerAddress: 512,

  /** Upgrades of one address: the office comes back at once when the server does, then now and then. */
  upgradesBurst: 256,
  upgradesPerSecond: 16,
  /** Requests of one address: the app is some 20 files, so a hundred people may open it at once. */
  requestsBurst: 2000,
  requestsPerSecond: 100,
  /**
   * Bytes of messages of one socket, each message counted as 1 KiB at least: a newcomer to a full room sends 63
   * offers and some 1,000 candidates at once. The longest message has to fit.
   */
  messageBytesBurst: 4 * 1024 * 1024,
  messageBytesPerSecond: 128 * 1024,
  /** The same of all sockets of one address: eight such newcomers at once. */
  messageBytesPerAddressBurst: 32 * 1024 * 1024,
  messageBytesPerAddressPerSecond: 2 * 1024 * 1024,
  /** STUN requests of one address: each link gathers from some interfaces and asks again every ten seconds. */
  stunBurst: 1000,
  stunPerSecond: 200,
  /** Addresses whose buckets are remembered, a kind: 100 bytes each. The one that was quiet longest is forgotten. */
  addresses: 50_000,

  /** What may wait for a receiver that does not read: sixteen of the longest signals. */
  bufferedBytes: 1024 * 1024,

  /** A peer that connects means to join: its first message is sent as the socket opens. */
  joinMs: 5_000,
  /** Below the 30 to 60 s after which home routers forget a quiet connection. */
  pingEveryMs: 20_000,
  /** From a connection's first instant to the end of its headers: a slow phone needs one of these seconds. */
  headersMs: 5_000,
  /** To the end of the body, which no honest request has. */
  requestMs: 10_000,
  /** A connection that moves no byte: a reader of files that has stopped reading. */
  idleMs: 30_000,
  /** How long a server that was told to stop waits for its peers to go. */
  drainMs: 5_000,
  /** Peers that are asked to come back in one second after a restart: each costs a TLS handshake and a join. */
  returnsPerSecond: 500,
});
