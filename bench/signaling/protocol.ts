/** What main.ts and the processes it starts say to each other, as lines of JSON. */
export interface Load {
  readonly port: number;
  readonly library: string;
  readonly sockets: number;
  readonly seconds: number;
}

/** The honest clients tell each step, and go on when a line comes. */
export type Step =
  | { readonly type: 'connected'; readonly connectMs: number }
  | { readonly type: 'relayed'; readonly perSecond: number; readonly p50Ms: number; readonly p99Ms: number }
  | { readonly type: 'failed'; readonly reason: string };
