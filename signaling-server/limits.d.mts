export interface ServerLimits {
  readonly sockets: number;
  readonly socketsPerAddress: number;
  readonly rooms: number;
  readonly httpConnections: number;
  readonly httpConnectionsPerAddress: number;
  readonly upgradesBurst: number;
  readonly upgradesPerSecond: number;
  readonly requestsBurst: number;
  readonly requestsPerSecond: number;
  readonly messageBytesBurst: number;
  readonly messageBytesPerSecond: number;
  readonly messageBytesPerAddressBurst: number;
  readonly messageBytesPerAddressPerSecond: number;
  readonly stunBurst: number;
  readonly stunPerSecond: number;
  readonly addresses: number;
  readonly bufferedBytes: number;
  readonly joinMs: number;
  readonly pingEveryMs: number;
  readonly headersMs: number;
  readonly requestMs: number;
  readonly idleMs: number;
  readonly drainMs: number;
  readonly returnsPerSecond: number;
}
export const defaultLimits: ServerLimits;
