/**
 * The text that grows while a history is written or read, and what both sides guess from it.
 *
 * An operation names its parent or target by an id, which says little and costs much: people edit near where they
 * edited last, but what is near in a text may have been written years apart. The position at which somebody put
 * the cursor is a small number, mostly none at all. So a history is written as positions in the text as it was,
 * and ids are what an editor would have made of them (SPEC.md, TEXT3); the writer checks by doing it, and writes
 * ids only where they differ, which happens where people wrote at one place at once.
 */
import { opId } from '../context.ts';
import type { OpId } from '../context.ts';
import type { Place } from './gap.ts';
import { ROOT } from './runs.ts';
import type { Text } from './text.ts';

/** A stretch of characters of one replica that stand next to each other. */
export interface Piece {
  readonly target: OpId;
  readonly length: number;
}

/** Where an insert at `index` would hang, `0 <= index <= text.length`. */
export function placeAt(text: Text, index: number): Place {
  const { tree } = text;
  const { blocks, runs } = tree;
  const run = index === 0 ? ROOT : blocks.locate(index - 1);
  const start = runs.start[run] as number;
  const end = index === 0 ? runs.end(run) : start + index - blocks.cursorStart;
  if (end < runs.end(run)) return { parent: opId(tree.agentOf(run).replicaId, end), side: 'left' };
  const next = runs.right[run] === 0 ? -1 : blocks.nextOf(run);
  if (next >= 0)
    return { parent: opId(tree.agentOf(next).replicaId, runs.start[next] as number), side: 'left' };
  const parent = run === ROOT ? null : opId(tree.agentOf(run).replicaId, end - 1);
  return { parent, side: 'right' };
}

/** The index at which somebody would have typed what hangs there, or `undefined`. */
export function indexOfPlace(text: Text, { parent, side }: Place): number | undefined {
  const index = parent === null ? 0 : text.indexOf({ id: parent, assoc: side === 'left' ? 1 : -1 });
  return index !== undefined && samePlace(placeAt(text, index), { parent, side }) ? index : undefined;
}

function samePlace(a: Place, b: Place): boolean {
  if (a.side !== b.side || a.parent === null || b.parent === null)
    return a.parent === b.parent && a.side === b.side;
  return a.parent.counter === b.parent.counter && a.parent.replicaId === b.parent.replicaId;
}

/** What the characters `[from, from + length)` of the text are, in text order. */
export function piecesAt(text: Text, from: number, length: number): readonly Piece[] {
  const { blocks, runs } = text.tree;
  const pieces: Piece[] = [];
  for (let at = from; at < from + length;) {
    // Found anew each time: there may be any number of tombstones between two characters that are shown.
    const run = blocks.locate(at);
    const offset = at - blocks.cursorStart;
    const count = Math.min(from + length - at, (runs.visible[run] as number) - offset);
    const target = opId(text.tree.agentOf(run).replicaId, (runs.start[run] as number) + offset);
    pieces.push({ target, length: count });
    at += count;
  }
  return pieces;
}
