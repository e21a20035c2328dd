/**
 * Real editing histories (josephg/editing-traces, CC BY 4.0), read from where they lie and never copied. Their
 * positions count Unicode code points; a text without astral characters has the same positions in UTF-16.
 */
import { existsSync, readFileSync } from 'node:fs';
import { gunzipSync, gzipSync } from 'node:zlib';
import { describe, expect, test } from 'vitest';
import { equalBytes } from '../../base/bytes.ts';
import { decodeTextOps, encodeTextOps } from './codec.ts';
import { encodeTextHistory } from './history-codec.ts';
import { decodeTextHistory } from './history-reader.ts';
import { TextHistory } from './history.ts';
import type { TextOp } from './messages.ts';
import { countersOf } from './op-log.ts';
import { decodeTextState, encodeTextState } from './state-codec.ts';
import { Text } from './text.ts';
import { replicaId } from './text.model.ts';
import { checkTree } from './tree-check.model.ts';

const folder = `${process.env.PEERLOOM_CONFORMANCE ?? '../shared/conformance'}/traces`;

type Patch = readonly [position: number, deleted: number, inserted: string];
interface Trace {
  readonly startContent?: string;
  readonly endContent: string;
  readonly numAgents?: number;
  readonly txns: readonly {
    readonly patches: readonly Patch[];
    readonly parents?: readonly number[];
    readonly agent?: number;
  }[];
}

function read(name: string): Trace {
  return JSON.parse(gunzipSync(readFileSync(`${folder}/${name}.json.gz`)).toString()) as Trace;
}

/** Applies patches in code points; counts astral characters only when the text has any. */
class Editor {
  readonly text: Text;
  readonly counter = { next: 0 };
  #astral = false;
  constructor(name: string) {
    this.text = new Text(replicaId(name), this.counter);
  }
  edit([position, deleted, inserted]: Patch): TextOp[] {
    const ops: TextOp[] = [];
    const from = this.#unitsBefore(position);
    if (deleted > 0) ops.push(...this.text.localDelete(from, this.#unitsBefore(position + deleted) - from));
    if (inserted !== '') ops.push(...this.text.localInsert(from, inserted));
    this.meet(inserted);
    return ops;
  }
  meet(text: string): void {
    this.#astral ||= /[\ud800-\udfff]/.test(text);
  }
  #unitsBefore(position: number): number {
    if (!this.#astral) return position;
    let units = 0;
    const text = this.text.toString();
    for (let i = 0; i < position; i++) units += (text.codePointAt(units) ?? 0) > 0xffff ? 2 : 1;
    return units;
  }
}

const present = existsSync(folder);
if (!present) console.log(`skipped: no editing traces in ${folder}`);

describe.skipIf(!present)('editing traces', () => {
  for (const name of ['automerge-paper', 'rustcode', 'seph-blog1']) {
    test(`[TEXT1] ${name} replayed here, and its operations applied elsewhere, end as recorded`, () => {
      const trace = read(name);
      const editor = new Editor('a');
      const ops: TextOp[] = editor.edit([0, 0, trace.startContent ?? '']);
      for (const { patches } of trace.txns)
        for (const patch of patches) for (const op of editor.edit(patch)) ops.push(op);
      expect(editor.text.toString() === trace.endContent).toBe(true);
      checkTree(editor.text.tree);
      const decoded = decodeTextOps(encodeTextOps(ops, replicaId('a'), 0), replicaId('a'), 0);
      const reader = new Text(replicaId('b'), { next: 0 });
      expect(decoded.ok && reader.apply(decoded.value).ok).toBe(true);
      expect(reader.toString() === trace.endContent).toBe(true);
      const state = encodeTextState(editor.text);
      expect(equalBytes(encodeTextState(reader), state)).toBe(true);
      const loaded = decodeTextState(state, { replicaId: replicaId('c'), counter: { next: 0 } });
      expect(loaded.ok && loaded.value.toString() === trace.endContent).toBe(true);
      if (loaded.ok) checkTree(loaded.value.tree);
      const history = new TextHistory();
      history.append(ops);
      const told = decodeTextHistory(encodeTextHistory(history), {
        replicaId: replicaId('d'),
        counter: { next: 0 },
      });
      expect(told.ok && equalBytes(encodeTextState(told.value.text), state)).toBe(true);
    }, 60_000);
  }

  test('[TEXT14] automerge-paper takes less than Yjs 13.6 does: nine tenths as state, and as history under gzip', () => {
    const editor = new Editor('a');
    const history = new TextHistory();
    for (const { patches } of read('automerge-paper').txns)
      for (const patch of patches) history.append(editor.edit(patch));
    // Its version 2 encodings, measured in November 2026: 160 kB; 227 kB without garbage collection, gzip 88.8 kB.
    expect(encodeTextState(editor.text).length).toBeLessThan(0.9 * 160_000);
    expect(gzipSync(encodeTextHistory(history)).length).toBeLessThan(0.9 * 88_800);
  }, 60_000);

  test('[TEXT1] friendsforever, two people and 2258 merges, ends as recorded for both', () => {
    const trace = read('friendsforever');
    const editors = Array.from({ length: trace.numAgents ?? 1 }, (_, i) => new Editor(String(i + 1)));
    const written: TextOp[][] = [];
    const known = editors.map(() => new Set<number>());
    const pull = (agent: number, upTo: readonly number[]): void => {
      const missing: number[] = [];
      const open = [...upTo];
      for (let i = open.pop(); i !== undefined; i = open.pop()) {
        if (known[agent]?.has(i)) continue;
        known[agent]?.add(i);
        missing.push(i);
        open.push(...(trace.txns[i]?.parents ?? []));
      }
      const editor = editors[agent] as Editor;
      for (const i of missing.sort((a, b) => a - b)) {
        expect(editor.text.apply(written[i] ?? []).ok).toBe(true);
        for (const op of written[i] ?? []) if (op.type === 'insert') editor.meet(op.text);
      }
    };
    trace.txns.forEach(({ parents = [], agent = 0, patches }, i) => {
      pull(agent, parents);
      written[i] = patches.flatMap(patch => (editors[agent] as Editor).edit(patch));
      known[agent]?.add(i);
    });
    editors.forEach((editor, agent) => {
      pull(
        agent,
        trace.txns.map((_, i) => i),
      );
      expect(editor.text.toString() === trace.endContent).toBe(true);
      checkTree(editor.text.tree);
      expect(editor.counter.next).toBe(
        countersOf(written.flat().filter(op => op.id.replicaId === replicaId(String(agent + 1)))),
      );
    });
  }, 60_000);
});
