export interface ServerOptions {
  readonly port: number;
  readonly host?: string;
  /** PEM texts, read from the files that were named. */
  readonly tls?: { readonly cert: string; readonly key: string };
  readonly help?: true;
}
export const usage: string;
export function readOptions(
  args: readonly string[],
  env: Readonly<Record<string, string | undefined>>,
): { readonly ok: true; readonly value: ServerOptions } | { readonly ok: false; readonly reason: string };
export function listenFailure(error: unknown, options: Pick<ServerOptions, 'port' | 'host'>): string;
export function probeAddress(options: Pick<ServerOptions, 'port' | 'host'>): Promise<string | undefined>;
