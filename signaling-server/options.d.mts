import type { ServerLimits } from './limits.mjs';

export interface ServerOptions {
  readonly port: number;
  readonly host?: string;
  /** PEM texts, read from the files that were named. */
  readonly tls?: { readonly cert: string; readonly key: string };
  readonly origins: readonly string[];
  readonly trustedHops: number;
  readonly withoutStun: boolean;
  readonly stun: readonly string[];
  /** With secrets, read from the files that were named. */
  readonly turn: readonly { readonly url: string; readonly secret: string }[];
  /** Origins of other signaling servers, `wss://HOST[:PORT]`. */
  readonly also: readonly string[];
  readonly limits: Partial<ServerLimits>;
  readonly help?: true;
}
export const usage: string;
export function readOptions(
  args: readonly string[],
  env: Readonly<Record<string, string | undefined>>,
): { readonly ok: true; readonly value: ServerOptions } | { readonly ok: false; readonly reason: string };
export function listenFailure(error: unknown, options: Pick<ServerOptions, 'port' | 'host'>): string;
export function probeAddress(options: Pick<ServerOptions, 'port' | 'host'>): Promise<string | undefined>;
