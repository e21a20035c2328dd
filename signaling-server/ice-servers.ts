/**
 * Which STUN and TURN servers a peer is told of: our own STUN, under the name by which the page reached us, and
 * what the operator configured. TURN costs its operator bandwidth, and whatever a page knows everybody knows;
 * so each peer gets credentials of its own that expire, from a secret that the TURN server shares with us (the
 * TURN REST scheme of draft-uberti-behave-turn-rest; `use-auth-secret` in coturn). Neither server asks the other.
 */
import { createHmac, randomBytes } from 'node:crypto';
import type { IceServer } from '../src/net/ice.ts';
import { hostNameOf } from './headers.ts';

/** An hour: a day would do for thieves as well. Peers get new ones at half of it. */
const turnSeconds = 3600;
export const iceRenewMs = (turnSeconds * 1000) / 2;

export interface IceOptions {
  /** The port of our own STUN, or undefined when there is none. */
  readonly stunPort: number | undefined;
  readonly stun: readonly string[];
  readonly turn: readonly { readonly url: string; readonly secret: string }[];
}

export class IceServers {
  readonly #options: IceOptions;

  constructor(options: IceOptions) {
    this.#options = options;
  }

  /** `host`: the Host header of the peer's request; it is put into an address, so it is looked at first. */
  for(host: string | undefined, wallMs: number): readonly IceServer[] {
    const { stunPort, stun, turn } = this.#options;
    const name = hostNameOf(host);
    const own = stunPort === undefined || name === undefined ? [] : [`stun:${name}:${stunPort}`];
    const servers: IceServer[] = [...own, ...stun].map(url => ({ urls: [url] }));
    const expiry = Math.floor(wallMs / 1000) + turnSeconds;
    for (const { url, secret } of turn)
      servers.push({ urls: [url], ...turnCredentials(secret, expiry, randomBytes(8).toString('hex')) });
    return servers;
  }
}

/** `expiry`: seconds since 1970. `nonce` tells users apart in the TURN server's log, and says nothing of them. */
export function turnCredentials(
  secret: string,
  expiry: number,
  nonce: string,
): { readonly username: string; readonly credential: string } {
  const username = `${expiry}:${nonce}`;
  return { username, credential: createHmac('sha1', secret).update(username).digest('base64') };
}
