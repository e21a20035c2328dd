/** Text that is deleted, or about to be, with the ids of its characters: what an undo keeps and gives back. */
import { opId } from '../context.ts';
import type { OpId } from '../context.ts';
import { idAt, joinRanges } from './id-range.ts';
import type { IdRange } from './messages.ts';
import type { Restores } from './restores.ts';
import type { RunTree } from './run-tree.ts';
import { splitsPair } from './surrogates.ts';

/** `text` is, or was, the characters `id`, `id + 1`, … */
export interface KnownText {
  readonly id: OpId;
  readonly text: string;
}

/** The shown text of `[from, to)` by its ids; half a surrogate pair at either end comes as a whole. */
export function knownText(tree: RunTree, from: number, to: number): readonly KnownText[] {
  const found: KnownText[] = [];
  for (let at = from; at < to;) {
    const run = tree.blocks.locate(at);
    const start = tree.blocks.cursorStart;
    let first = at - start;
    if (tree.splitsPair(run, first)) first--;
    let end = Math.min(tree.runs.visible[run] as number, to - start);
    if (tree.splitsPair(run, end)) end++;
    const id = opId(tree.agentOf(run).replicaId, (tree.runs.start[run] as number) + first);
    found.push({ id, text: tree.textOf(run, first, end) });
    at = start + end;
  }
  return found;
}

/** Which characters of `range`, or what they were restored as, are shown. */
export function shownOf(tree: RunTree, restores: Restores | undefined, range: IdRange): readonly IdRange[] {
  const shown: IdRange[] = [];
  for (const part of restores?.resolve(range) ?? [range])
    for (const { run, target, length } of runsOf(tree, part))
      if ((tree.runs.visible[run] as number) > 0) shown.push({ target, length });
  return shown;
}

/** New text in place of deleted text: `ranges` one after the other, put before the first of them. */
export interface Restoration {
  readonly text: string;
  readonly ranges: readonly IdRange[];
}

/**
 * How to bring back what of `deleted` is not shown, itself or restored. Characters that stand together in the text,
 * tombstones counted, come back together; between others something may stand or mean a place, so each group goes
 * back to where it was.
 */
export function planRestore(
  tree: RunTree,
  restores: Restores | undefined,
  deleted: readonly KnownText[],
): readonly Restoration[] {
  const atoms: Atom[] = [];
  for (const { id, text } of deleted) {
    const range = { target: id, length: text.length };
    let at = 0;
    for (const part of restores?.resolve(range) ?? [range])
      for (const { run, target, length } of runsOf(tree, part)) {
        if (tree.runs.visible[run] === 0) addAtom(atoms, run, target, text, at, at + length);
        at += length;
      }
  }
  atoms.sort((a, b) =>
    a.run === b.run ? a.target.counter - b.target.counter : tree.blocks.compare(a.run, b.run),
  );
  const plan: { text: string; ranges: IdRange[] }[] = [];
  let last: Atom | undefined;
  for (const atom of atoms) {
    const { target, text } = atom;
    const group = plan[plan.length - 1];
    if (last !== undefined && group !== undefined && stands(tree, last, atom)) {
      group.text += text;
      group.ranges.push({ target, length: text.length });
    } else plan.push({ text, ranges: [{ target, length: text.length }] });
    last = atom;
  }
  return plan.map(({ text, ranges }) => ({ text, ranges: joinRanges(ranges) }));
}

/** Deleted characters of one run. */
interface Atom {
  readonly run: number;
  readonly target: OpId;
  readonly text: string;
}

/** Notes `text[from, to)`, the characters from `target` on, without half a pair whose other half is shown. */
function addAtom(atoms: Atom[], run: number, target: OpId, text: string, from: number, to: number): void {
  const first = splitsPair(text, from) ? from + 1 : from;
  const end = splitsPair(text, to) ? to - 1 : to;
  if (first >= end) return;
  atoms.push({ run, target: idAt(target, first - from), text: text.slice(first, end) });
}

/** Does `b` stand right behind `a`? */
function stands(tree: RunTree, a: Atom, b: Atom): boolean {
  const end = a.target.counter + a.text.length;
  if (a.run === b.run) return b.target.counter === end;
  return (
    end === tree.runs.end(a.run) &&
    b.target.counter === tree.runs.start[b.run] &&
    tree.blocks.nextOf(a.run) === b.run
  );
}

/** `range` cut at the ends of runs; what is not known here is left out. */
function runsOf(tree: RunTree, { target, length }: IdRange): readonly (IdRange & { readonly run: number })[] {
  const found: (IdRange & { readonly run: number })[] = [];
  const agent = tree.agents.get(target.replicaId);
  const end = target.counter + length;
  for (let counter = target.counter; counter < end;) {
    const run = agent?.find(counter) ?? -1;
    if (run < 0) break;
    const stop = Math.min(end, tree.runs.end(run));
    found.push({ run, target: idAt(target, counter - target.counter), length: stop - counter });
    counter = stop;
  }
  return found;
}
