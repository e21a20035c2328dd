/**
 * What the server counts, told at /healthz as JSON and at /metrics in the text format 0.0.4 of Prometheus.
 * Nothing that happens here disappears silently, and nothing that is told names anybody: a detail is one of a
 * few words of this program, never a topic, a peer or an address. Should one ever not be, only so many are kept.
 */
/** Each counter with its HELP line. Those with `by` have a label of that name. */
const families = {
  joined: { help: 'Sockets that joined a room.' },
  relayed: { help: 'Signals handed from one peer to another.' },
  nobodyThere: { help: 'Signals to a peer that was not in the room.' },
  refused: { help: 'Refusals told to a socket.', by: 'reason' },
  malformed: { help: 'Messages that were not of the protocol.', by: 'reason' },
  tooFast: { help: 'Messages that a token bucket refused.', by: 'bucket' },
  dropped: { help: 'Sockets ended without a goodbye.', by: 'reason' },
  socketErrors: { help: 'Sockets that broke the WebSocket protocol or were reset.', by: 'code' },
  sendsFailed: { help: 'Messages that a socket did not take.' },
  upgradesRefused: { help: 'WebSockets that were not opened.', by: 'reason' },
  connectionsRefused: { help: 'Connections closed at once.', by: 'reason' },
  requestsRefused: { help: 'HTTP requests not served.', by: 'reason' },
  badRequests: { help: 'Connections that spoke no HTTP, or too slowly.', by: 'reason' },
  failures: { help: 'Errors of the server itself.', by: 'where' },
  stunAnswered: { help: 'STUN requests answered.', by: 'kind' },
  stunDropped: { help: 'Datagrams not answered.', by: 'reason' },
} as const satisfies Readonly<Record<string, { readonly help: string; readonly by?: string }>>;

export type Family = keyof typeof families;

/** Details kept of one family; further ones are counted as `other`. */
const detailsMax = 32;

export class Counted {
  readonly #families = new Map<Family, Map<string, number>>();

  add(family: Family, detail = ''): void {
    const counts = this.#families.get(family) ?? new Map<string, number>();
    this.#families.set(family, counts);
    const kept = counts.has(detail) || counts.size < detailsMax ? detail : 'other';
    counts.set(kept, (counts.get(kept) ?? 0) + 1);
  }

  get(family: Family, detail = ''): number {
    return this.#families.get(family)?.get(detail) ?? 0;
  }

  /** `{joined: 3, "malformed: not JSON": 1}` */
  toJSON(): Record<string, number> {
    const counts: Record<string, number> = {};
    for (const [family, details] of this.#families)
      for (const [detail, count] of details) counts[detail === '' ? family : `${family}: ${detail}`] = count;
    return counts;
  }

  /** Counters that were never added to are there as 0, if they have no label: a rate needs a beginning. */
  *metrics(): Generator<string> {
    for (const family of Object.keys(families) as Family[]) {
      const { help, by }: { readonly help: string; readonly by?: string } = families[family];
      const details = this.#families.get(family);
      const samples = [...(details ?? (by === undefined ? [['', 0] as const] : []))];
      yield* metric(`${snakeCase(family)}_total`, 'counter', help, samples, by);
    }
  }
}

/** One metric of the text format: HELP, TYPE and its samples, by label value. */
export function* metric(
  name: string,
  type: 'counter' | 'gauge',
  help: string,
  samples: readonly (readonly [detail: string, value: number])[],
  label?: string,
): Generator<string> {
  yield `# HELP peerloom_signaling_${name} ${help}`;
  yield `# TYPE peerloom_signaling_${name} ${type}`;
  for (const [detail, value] of samples) {
    const labels = label === undefined ? '' : `{${label}="${escaped(detail)}"}`;
    yield `peerloom_signaling_${name}${labels} ${value}`;
  }
}

/** Label values may hold anything; these three characters end or break them. */
function escaped(value: string): string {
  return value.replace(/[\\"\n]/g, found => (found === '\n' ? String.raw`\n` : `\\${found}`));
}

const snakeCase = (name: string): string => name.replace(/[A-Z]/g, letter => `_${letter.toLowerCase()}`);
