/** `npm run bench -- signaling`: how much the signaling server carries, and how much it withstands. See bench/README.md. */
import { execFileSync, spawn, type ChildProcessByStdio } from 'node:child_process';
import { join } from 'node:path';
import process from 'node:process';
import { createInterface } from 'node:readline';
import type { Readable, Writable } from 'node:stream';
import { setTimeout as wait } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { SERVER_ARGS } from '../../scripts/run.mjs';
import { conclude, rowOf, ROOT, warnWhenBusy, wholeOption, type Must, type Row } from '../report.ts';
import { freePort, startServer } from '../server.ts';
import type { Load, Step } from './protocol.ts';

const settleMs = 2000;
const relayedPerSecond = 10_000;
const besideHostilePerSecond = 1000;

interface Options {
  readonly json: boolean;
  readonly runs: number;
  readonly sockets: number;
  readonly seconds: number;
}

function readOptions(): Options {
  const { values } = parseArgs({
    options: {
      json: { type: 'boolean', default: false },
      runs: { type: 'string', default: '5' },
      sockets: { type: 'string', default: '10000' },
      seconds: { type: 'string', default: '3' },
    },
  });
  return {
    json: values.json,
    runs: wholeOption('runs', values.runs, 1),
    sockets: wholeOption('sockets', values.sockets, 2),
    seconds: wholeOption('seconds', values.seconds, 1),
  };
}

/** The servers as people start them. Ours needs two of its caps raised; all limits per address stay. */
const servers: Readonly<Record<string, (sockets: number) => readonly string[]>> = {
  peerloom: sockets => [
    ...SERVER_ARGS,
    ...['--host', '127.0.0.1', '--limit', `sockets=${2 * sockets}`, '--limit', `rooms=${sockets}`],
  ],
  'y-webrtc': () => [join('bench', 'node_modules', 'y-webrtc', 'bin', 'server.js')],
};

const measures = ['connect all', 'resident memory', 'relay p50', 'relay p99', 'under attack p99'] as const;
type Measure = (typeof measures)[number];
const unitOf = (measure: Measure): 'ms' | 'bytes' => (measure === 'resident memory' ? 'bytes' : 'ms');

class Results {
  readonly #values = new Map<string, number[]>();
  readonly #failed = new Map<string, string>();

  add(library: string, measure: Measure, value: number): void {
    const key = `${library} ${measure}`;
    this.#values.set(key, [...(this.#values.get(key) ?? []), value]);
  }
  fail(library: string, measure: Measure, reason: string): void {
    this.#failed.set(`${library} ${measure}`, reason);
  }
  row(subject: string, library: string, measure: Measure): Row | undefined {
    const key = `${library} ${measure}`;
    const [values, failed] = [this.#values.get(key), this.#failed.get(key)];
    if (values === undefined && failed === undefined) return undefined;
    // Only our own failure is a wrong result; that the other does not survive is a finding.
    const about = { subject, measure, library, unit: unitOf(measure) };
    return rowOf(about, values ?? [], failed, library === 'peerloom');
  }
}

/** A process of bench/signaling that is given its load, and then lines, and answers each with a line. */
class Clients {
  readonly #child: ChildProcessByStdio<Writable, Readable, null>;
  readonly #lines: AsyncIterator<string>;

  constructor(name: 'honest' | 'hostile', load: Load) {
    const args = ['--import', 'tsx', join('bench', 'signaling', `${name}.ts`), JSON.stringify(load)];
    this.#child = spawn(process.execPath, args, { cwd: ROOT, stdio: ['pipe', 'pipe', 'inherit'] });
    this.#child.stdin.on('error', () => undefined);
    this.#lines = createInterface({ input: this.#child.stdout })[Symbol.asyncIterator]();
  }
  say(line: string): void {
    this.#child.stdin.write(`${line}\n`);
  }
  async line(): Promise<string> {
    const next = await Promise.race([this.#lines.next(), wait(60_000, undefined, { ref: false })]);
    if (next === undefined || next.done === true) throw new Error('the clients ended or hang');
    return next.value;
  }
  async step(): Promise<Step> {
    return JSON.parse(await this.line()) as Step;
  }
  async relay(perSecond: number): Promise<Step> {
    this.say(String(perSecond));
    return this.step();
  }
  end(): void {
    this.#child.kill('SIGKILL');
  }
}

async function runOnce(
  library: string,
  { sockets, seconds }: Options,
  results: Results,
  say: (line: string) => void,
): Promise<void> {
  const port = await freePort();
  const server = await startServer(servers[library]?.(sockets) ?? [], port);
  const load: Load = { port, library, sockets, seconds };
  const honest = new Clients('honest', load);
  let hostile: Clients | undefined;
  try {
    const connected = await honest.step();
    if (connected.type !== 'connected') throw new Error(JSON.stringify(connected));
    results.add(library, 'connect all', connected.connectMs);
    await wait(settleMs);
    results.add(library, 'resident memory', residentBytes(server.pid));
    const relayed = await honest.relay(relayedPerSecond);
    if (relayed.type === 'relayed') {
      results.add(library, 'relay p50', relayed.p50Ms);
      results.add(library, 'relay p99', relayed.p99Ms);
    } else {
      results.fail(library, 'relay p50', JSON.stringify(relayed));
      results.fail(library, 'relay p99', JSON.stringify(relayed));
    }
    say(`${library}: ${residentBytes(server.pid)} bytes, ${JSON.stringify(relayed)}`);
    hostile = new Clients('hostile', load);
    say(`${library}: ${await hostile.line()} half-open connections`);
    const before = await malformedOf(library, port);
    const attacked = await honest.relay(besideHostilePerSecond);
    if (server.hasEnded()) results.fail(library, 'under attack p99', 'the server ended');
    else if (attacked.type !== 'relayed') results.fail(library, 'under attack p99', JSON.stringify(attacked));
    else {
      const frames = (await malformedOf(library, port)) - before;
      say(`${library}: ${frames} malformed frames, ${JSON.stringify(attacked)}`);
      if (frames < 900 * seconds) throw new Error(`only ${frames} malformed frames reached the server`);
      results.add(library, 'under attack p99', attacked.p99Ms);
    }
  } finally {
    honest.end();
    hostile?.end();
    await server.close();
  }
}

function residentBytes(pid: number): number {
  return 1024 * Number(execFileSync('ps', ['-o', 'rss=', '-p', String(pid)], { encoding: 'utf8' }));
}

/** As our own server counts them; the other does not count. */
async function malformedOf(library: string, port: number): Promise<number> {
  if (library !== 'peerloom') return 0;
  const response = await fetch(`http://127.0.0.1:${port}/healthz`);
  const { counters } = (await response.json()) as { counters: Record<string, number> };
  return counters['malformed: not JSON'] ?? 0;
}

/** An absolute bound on one of our own medians. */
function mustBeBelow(name: string, row: Row | undefined, limit: number): Must[] {
  if (row === undefined || 'failed' in row) return [];
  return [{ name, value: row.median, limit, holds: row.median <= limit }];
}

async function main(): Promise<void> {
  const options = readOptions();
  warnWhenBusy();
  const say = (line: string): void => {
    process.stderr.write(`${line}\n`);
  };
  const results = new Results();
  const ended = new Set<string>();
  for (let run = 1; run <= options.runs; run++)
    for (const library of Object.keys(servers)) {
      if (ended.has(library)) continue;
      say(`run ${run} of ${options.runs}, ${library}`);
      try {
        await runOnce(library, options, results, say);
      } catch (error) {
        ended.add(library);
        results.fail(library, 'under attack p99', error instanceof Error ? error.message : String(error));
      }
    }
  const subject = `${options.sockets} sockets`;
  const rows = measures.flatMap(measure =>
    Object.keys(servers).flatMap(library => results.row(subject, library, measure) ?? []),
  );
  const own = (measure: Measure): Row | undefined =>
    rows.find(row => row.library === 'peerloom' && row.measure === measure);
  const musts = [
    ...mustBeBelow(`resident memory of ${subject}, bytes`, own('resident memory'), 150_000_000),
    ...mustBeBelow('relay p99 at 10,000 messages/s, ms', own('relay p99'), 50),
    ...mustBeBelow(
      'p99 beside 1,000 malformed frames/s and 2,000 half-open connections, ms',
      own('under attack p99'),
      100,
    ),
  ];
  conclude({ suite: 'signaling', rows, musts }, options.json);
}

try {
  await main();
} catch (error) {
  process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
  process.exitCode = 1;
}
