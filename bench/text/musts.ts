/** The ratios that must hold, from the medians of one run of the suite. */
import type { Must, Row } from '../report.ts';
import type { Trace } from './traces.ts';

const own = 'peerloom';
/** No peer: it is the limit, and knows no replicas. */
const limitLibrary = 'gap-buffer';
/** From here on a trace is a large one. */
const largePatches = 100_000;
export const tenTimesSuffix = ' ×10';
export const engineGzipMax = 20_000;

type Shape = Pick<Trace, 'name' | 'concurrent' | 'patches'>;

export class Musts {
  readonly list: Must[] = [];
  readonly #rows: readonly Row[];

  constructor(rows: readonly Row[], traces: readonly Shape[]) {
    this.#rows = rows;
    this.#local(traces.filter(({ concurrent }) => !concurrent));
    for (const trace of traces) this.#ofTrace(trace);
    this.#tenTimes(traces);
    this.#others();
  }

  #local(sequential: readonly Shape[]): void {
    const ratios: number[] = [];
    for (const { name, patches } of sequential) {
      if (patches >= largePatches) {
        this.#against('local', name, 'json-joy', 0.6);
        this.#againstBest('local', name, 1);
      } else {
        const ratio = this.#ratio('local', name, 'json-joy');
        if (ratio === undefined) continue;
        ratios.push(ratio);
        this.#add(`local ÷ json-joy, ${name}`, ratio, 1);
      }
    }
    if (ratios.length === 0) return;
    const product = ratios.reduce((sum, ratio) => sum + Math.log(ratio), 0);
    this.#add(
      'local ÷ json-joy, geometric mean of the smaller traces',
      Math.exp(product / ratios.length),
      0.8,
    );
  }

  #ofTrace({ name, concurrent }: Shape): void {
    if (!concurrent) this.#against('local with updates', name, 'json-joy', 0.6);
    this.#against('remote', name, 'json-joy', 0.5);
    this.#againstBest('merged', name, 1);
    if (concurrent) {
      this.#against('session', name, 'json-joy', 0.8);
      this.#against('session warm', name, 'json-joy', 1);
    }
    this.#against('update bytes', name, 'yjs', 0.75);
    this.#against('state bytes', name, 'yjs', 0.9);
    this.#againstBest('history bytes, gzip', name, 1);
    this.#against('load to text', name, 'json-joy', 0.4);
    this.#against('load to text', name, 'loro', 1);
    const firstEdit = this.#median('first edit after load', name, own);
    if (firstEdit !== undefined) this.#add(`first edit after load, ms, ${name}`, firstEdit, 1);
    this.#against('heap', name, 'yjs', 0.7);
  }

  #tenTimes(traces: readonly Shape[]): void {
    for (const { name } of traces) {
      const once = this.#median('local', name, own);
      const tenTimes = this.#median('local', `${name}${tenTimesSuffix}`, own);
      if (once !== undefined && tenTimes !== undefined)
        this.#add(`local, ten times the trace ÷ once, ${name}`, tenTimes / once, 12);
    }
  }

  #others(): void {
    for (const row of this.#rows) {
      if (row.library !== own || 'failed' in row) continue;
      if (row.measure === 'clients') this.#against('clients', row.subject, 'json-joy', 1);
      if (row.measure === 'bundle bytes, gzip')
        this.#add('text engine alone, bytes, gzip', row.median, engineGzipMax);
    }
  }

  #against(measure: string, subject: string, library: string, limit: number): void {
    const ratio = this.#ratio(measure, subject, library);
    if (ratio !== undefined) this.#add(`${measure} ÷ ${library}, ${subject}`, ratio, limit);
  }

  /** Against whoever else is best at it. */
  #againstBest(measure: string, subject: string, limit: number): void {
    let best: { readonly library: string; readonly median: number } | undefined;
    for (const row of this.#rows) {
      if (row.measure !== measure || row.subject !== subject || 'failed' in row) continue;
      if (row.library === own || row.library === limitLibrary) continue;
      if (best === undefined || row.median < best.median) best = row;
    }
    if (best !== undefined) {
      const ratio = this.#ratio(measure, subject, best.library);
      if (ratio !== undefined)
        this.#add(`${measure} ÷ best peer (${best.library}), ${subject}`, ratio, limit);
    }
  }

  #ratio(measure: string, subject: string, library: string): number | undefined {
    const ours = this.#median(measure, subject, own);
    const theirs = this.#median(measure, subject, library);
    return ours === undefined || theirs === undefined ? undefined : ours / theirs;
  }

  #median(measure: string, subject: string, library: string): number | undefined {
    const row = this.#rows.find(
      row => row.measure === measure && row.subject === subject && row.library === library,
    );
    return row === undefined || 'failed' in row ? undefined : row.median;
  }

  #add(name: string, value: number, limit: number): void {
    this.list.push({ name, value: Math.round(value * 1000) / 1000, limit, holds: value <= limit });
  }
}
