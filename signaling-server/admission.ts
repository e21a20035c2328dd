/**
 * Who is let in: origins, caps in all and per address, token buckets per address. What is refused is counted
 * by whoever asked. Without sockets, and with the clock handed in.
 */
import type { ServerLimits } from './limits.mjs';
import { TokenBuckets } from './token-buckets.ts';

/** How many of a kind there are, in all and per address. */
class Tally {
  readonly #max: number;
  readonly #perAddressMax: number;
  readonly #perAddress = new Map<string, number>();
  #all = 0;

  constructor(max: number, perAddressMax: number) {
    this.#max = max;
    this.#perAddressMax = perAddressMax;
  }

  get all(): number {
    return this.#all;
  }

  /** Undefined when there is room for one more; it is not counted yet. */
  refusal(address: string): 'full' | 'full for this address' | undefined {
    if (this.#all >= this.#max) return 'full';
    return this.#of(address) >= this.#perAddressMax ? 'full for this address' : undefined;
  }
  add(address: string): void {
    this.#all++;
    this.#perAddress.set(address, this.#of(address) + 1);
  }
  delete(address: string): void {
    this.#all--;
    const left = this.#of(address) - 1;
    if (left > 0) this.#perAddress.set(address, left);
    else this.#perAddress.delete(address);
  }
  #of(address: string): number {
    return this.#perAddress.get(address) ?? 0;
  }
}

export interface AdmissionOptions {
  readonly limits: ServerLimits;
  /** Pages of these origins alone may open sockets; when there are none, pages of the server's own host. */
  readonly origins: readonly string[];
  /** Proxies of the operator's own in front; see addresses.ts. */
  readonly trustedHops: number;
}

/** A refusal: the status to answer with, and why, for the counters. */
export interface Refusal {
  readonly status: '403 Forbidden' | '404 Not Found' | '429 Too Many Requests' | '503 Service Unavailable';
  readonly reason: string;
}

export class Admission {
  readonly sockets: Tally;
  readonly connections: Tally;
  /** Bytes of messages, of all sockets of an address. */
  readonly messageBytes: TokenBuckets;
  readonly #origins: readonly string[];
  readonly #upgrades: TokenBuckets;
  readonly #requests: TokenBuckets;

  constructor({ limits, origins, trustedHops }: AdmissionOptions) {
    this.#origins = origins;
    this.sockets = new Tally(limits.sockets, limits.socketsPerAddress);
    // Behind a proxy all connections have the proxy's address.
    const connectionsPerAddress = trustedHops > 0 ? Infinity : limits.httpConnectionsPerAddress;
    this.connections = new Tally(limits.httpConnections, connectionsPerAddress);
    const buckets = (burst: number, perSecond: number): TokenBuckets =>
      new TokenBuckets({ burst, perSecond }, limits.addresses);
    this.#upgrades = buckets(limits.upgradesBurst, limits.upgradesPerSecond);
    this.#requests = buckets(limits.requestsBurst, limits.requestsPerSecond);
    this.messageBytes = buckets(limits.messageBytesPerAddressBurst, limits.messageBytesPerAddressPerSecond);
  }

  request(address: string, nowMs: number): Refusal | undefined {
    if (this.#requests.take(address, 1, nowMs) === 0) return undefined;
    return { status: '429 Too Many Requests', reason: 'too fast' };
  }

  upgrade(
    address: string,
    headers: { readonly origin?: string | undefined; readonly host?: string | undefined },
    nowMs: number,
  ): Refusal | undefined {
    if (!this.#isWelcome(headers.origin, headers.host)) return { status: '403 Forbidden', reason: 'origin' };
    if (this.#upgrades.take(address, 1, nowMs) > 0)
      return { status: '429 Too Many Requests', reason: 'too fast' };
    const full = this.sockets.refusal(address);
    return full === undefined ? undefined : { status: '503 Service Unavailable', reason: full };
  }

  /**
   * A foreign page must not use a visitor's browser to get at a server in the visitor's network. A program sends
   * no origin and could send any: it is let in.
   */
  #isWelcome(origin: string | undefined, host: string | undefined): boolean {
    if (origin === undefined) return true;
    return this.#origins.length > 0 ? this.#origins.includes(origin) : isSameHost(origin, host);
  }
}

function isSameHost(origin: string, host: string | undefined): boolean {
  if (host === undefined || !URL.canParse(origin)) return false;
  const { host: originHost, protocol } = new URL(origin);
  // The Host header may spell out the default port, which `URL` leaves away.
  const sent = URL.canParse(`${protocol}//${host}`) ? new URL(`${protocol}//${host}`).host : undefined;
  return originHost !== '' && originHost === sent;
}
