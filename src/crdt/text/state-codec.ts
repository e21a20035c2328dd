/**
 * A text as bytes, without its history: what is shown, the ids of all characters, no deleted text.
 * docs/protocols/text-state.md describes them.
 *
 * Writing down each run's parent costs more than the rest together. It is not needed: the runs stand in the
 * order of the walk, and a walk in order together with how many left children each run has and how far up the
 * right-hand edge it hangs **is** the tree. A writer and a reader keep the same stack of runs that may still get right children
 * (`state-columns.ts`), so most runs need four bits for their place; one that goes on another needs no id either.
 *
 * Canonical: runs are joined while writing wherever nothing can tell them apart, replicas are sorted, and
 * nothing depends on the order of arrival, so replicas that applied the same operations write the same bytes.
 */
import { decode } from '../../base/codec.ts';
import type { Decoded } from '../../base/codec.ts';
import { assert } from '../../base/assert.ts';
import { fromHex, utf8 } from '../../base/bytes.ts';
import { writeSection, writeVarInt } from './columns.ts';
import type { Context } from '../context.ts';
import type { Agent } from './agents.ts';
import type { RunTree } from './run-tree.ts';
import { CHAIN, LEFT, ROOT } from './runs.ts';
import type { Runs } from './runs.ts';
import { decodeExtras, encodeExtras } from './marks-codec.ts';
import { ScratchWriter } from './scratch-writer.ts';
import { buildTree } from './state-build.ts';
import { readColumns } from './state-columns.ts';
import {
  HANG_SHIFT,
  LEFT_CHILD,
  lengthInlineMax,
  LENGTH_SHIFT,
  ODD,
  textStateVersion,
  VISIBLE,
} from './state-format.ts';
import { Text } from './text.ts';
import type { TextOptions } from './text.ts';

export function encodeTextState(text: Text): Uint8Array<ArrayBuffer> {
  return new StateWriter(text).write();
}

/**
 * Whatever the bytes are: the text, to be edited as `writer.replicaId`, or the reason why not. Everything is checked here, before
 * anything is built: a text that was returned never turns out to be bad later.
 */
export function decodeTextState(
  bytes: Uint8Array,
  writer: Pick<Context, 'replicaId' | 'counter'> & TextOptions,
): Decoded<Text> {
  const columns = decode(bytes, readColumns);
  if (!columns.ok) return columns;
  const tree = buildTree(columns.value);
  const extras = columns.value.extras.length === 0 ? undefined : decodeExtras(columns.value.extras, tree);
  if (extras?.ok === false) return extras;
  return {
    ok: true,
    value: new Text(writer.replicaId, writer.counter, writer, { tree, extras: extras?.value }),
  };
}

class StateWriter {
  readonly #text: Text;
  readonly #tree: RunTree;
  readonly #runs: Runs;
  readonly #agents: readonly Agent[];
  readonly #places: ReadonlyMap<Agent, number>;
  /** By agent: the counter after its run before, in text order. */
  readonly #ends = new Map<Agent, number>();
  readonly #headers = new ScratchWriter();
  readonly #lengths = new ScratchWriter();
  readonly #starts = new ScratchWriter();
  readonly #authors = new ScratchWriter();
  readonly #odd = new ScratchWriter();
  readonly #pairs = new ScratchWriter();
  /** Runs that may get right children still, as the reader will have them: their last pieces. */
  readonly #open: number[] = [ROOT];
  /** Of those: does a left child begin there, so that nothing further can hang on what is below? */
  readonly #begins: boolean[] = [false];
  /** The header of the run that is being written, without its length. */
  #header = 0;
  #author = -1;
  #authorRuns = 0;
  readonly #sortedPairs = new Map<Agent, readonly number[]>();
  /** Tombstones since the last deleted pair. */
  #gap = 0;

  constructor(text: Text) {
    const { tree } = text;
    this.#text = text;
    this.#tree = tree;
    this.#runs = tree.runs;
    this.#agents = [...tree.agents.all()]
      .filter(agent => agent.end > 0)
      .sort((a, b) => (a.replicaId < b.replicaId ? -1 : 1));
    this.#places = new Map(this.#agents.map((agent, place) => [agent, place]));
  }

  write(): Uint8Array<ArrayBuffer> {
    const { visible, length } = this.#runs;
    let runs = 0;
    let head = ROOT;
    let characters = 0;
    let last = ROOT;
    for (const run of this.#tree.blocks.all()) {
      if (run === ROOT) continue;
      const goesOn = head !== ROOT && this.#runs.continues(last, run);
      if (goesOn && (visible[head] as number) > 0 === (visible[run] as number) > 0) {
        characters += length[run] as number;
        this.#open[this.#open.length - 1] = run;
      } else {
        if (head !== ROOT) this.#writeLength(head, characters);
        this.#writePlace(run);
        head = run;
        characters = length[run] as number;
        runs++;
      }
      last = run;
    }
    if (head !== ROOT) this.#writeLength(head, characters);
    this.#flushAuthor();
    const whole = new ScratchWriter().byte(textStateVersion).varUint(this.#agents.length);
    for (const agent of this.#agents) whole.bytes(fromHex(agent.replicaId));
    whole.varUint(runs).bytes(this.#headers.finish());
    for (const column of [this.#lengths, this.#starts, this.#authors, this.#odd, this.#pairs])
      writeSection(whole, column.finish());
    writeSection(whole, utf8(this.#tree.text()));
    const extras = encodeExtras(this.#text.extras);
    if (extras.length > 0) writeSection(whole, extras);
    return whole.finish();
  }

  #writePlace(run: number): void {
    const runs = this.#runs;
    const leftChildren = runs.children(runs.left[run] as number).length;
    for (let i = 0; i < leftChildren; i++) {
      do this.#open.pop();
      while (this.#begins.pop() === false);
    }
    const hang = runs.hang[run] as number;
    let up = 0;
    if (hang !== LEFT) {
      const agent = hang === CHAIN ? runs.agent[run] : runs.parentAgent[run];
      const parentEnd =
        hang === CHAIN ? (runs.start[run] as number) : (runs.parentCounter[run] as number) + 1;
      for (; ; up++) {
        const parent = this.#open[this.#open.length - 1];
        assert(parent !== undefined, 'a parent stands before its right children');
        if (runs.agent[parent] === agent && runs.end(parent) === parentEnd) break;
        this.#open.pop();
        this.#begins.pop();
      }
    }
    const odd = leftChildren > 1 || up > 0;
    this.#header =
      ((odd ? ODD : hang) << HANG_SHIFT) |
      ((runs.visible[run] as number) > 0 ? VISIBLE : 0) |
      (!odd && leftChildren === 1 ? LEFT_CHILD : 0);
    if (odd) {
      this.#odd.varUint(hang).varUint(leftChildren);
      if (hang !== LEFT) this.#odd.varUint(up);
    }
    this.#open.push(run);
    this.#begins.push(hang === LEFT);
    if (hang !== CHAIN) this.#writeStart(run);
  }

  #writeStart(run: number): void {
    const agent = this.#tree.agentOf(run);
    writeVarInt(this.#starts, (this.#runs.start[run] as number) - (this.#ends.get(agent) ?? 0));
    const author = this.#places.get(agent) as number;
    if (author !== this.#author) this.#flushAuthor();
    this.#author = author;
    this.#authorRuns++;
  }

  #flushAuthor(): void {
    if (this.#agents.length > 1 && this.#authorRuns > 0)
      this.#authors.varUint(this.#author).varUint(this.#authorRuns);
    this.#authorRuns = 0;
  }

  #writeLength(head: number, length: number): void {
    const agent = this.#tree.agentOf(head);
    const start = this.#runs.start[head] as number;
    this.#ends.set(agent, start + length);
    const inline = length <= lengthInlineMax;
    this.#headers.byte(this.#header | (inline ? length << LENGTH_SHIFT : 0));
    if (!inline) this.#lengths.varUint(length);
    if (this.#runs.visible[head] === 0) this.#writePairs(agent, start, length);
  }

  #writePairs(agent: Agent, start: number, length: number): void {
    let from = start;
    if (agent.pairs.size > 0) {
      let pairs = this.#sortedPairs.get(agent);
      if (pairs === undefined) this.#sortedPairs.set(agent, (pairs = [...agent.pairs].sort((a, b) => a - b)));
      for (let at = lowerBound(pairs, start); at < pairs.length; at++) {
        const pair = pairs[at] as number;
        if (pair >= start + length) break;
        this.#pairs.varUint(this.#gap + pair - from);
        this.#gap = 0;
        from = pair + 2;
      }
    }
    this.#gap += start + length - from;
  }
}

/** Index of the first of `numbers`, sorted, that is at least `least`. */
function lowerBound(numbers: readonly number[], least: number): number {
  let low = 0;
  let high = numbers.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((numbers[middle] as number) < least) low = middle + 1;
    else high = middle;
  }
  return low;
}
