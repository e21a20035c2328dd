/** Bringing deleted text back: new characters where the old ones were, and a word on which is which (`restores.ts`). */
import { assert } from '../../base/assert.ts';
import type { OpId } from '../context.ts';
import { planRestore } from './deleted-text.ts';
import type { KnownText } from './deleted-text.ts';
import { insertBefore, insertBehind } from './gap.ts';
import { joinRanges } from './id-range.ts';
import type { LocalEdits } from './local-edits.ts';
import type { IdRange, InsertOp, RestoreOp } from './messages.ts';
import type { Restores } from './restores.ts';
import type { RunTree } from './run-tree.ts';
import { notePairs, splitsPair } from './surrogates.ts';

/** An insert is cut at this, so that it fits into a batch. */
const restoredUnitsMax = 64 * 1024;

/** Inserts what of `deleted` is not shown; the restore is for the caller to take in. `undefined` when nothing is left to do. */
export function restoreText(
  tree: RunTree,
  author: LocalEdits,
  restores: Restores | undefined,
  deleted: readonly KnownText[],
): { readonly inserts: readonly InsertOp[]; readonly restore: RestoreOp } | undefined {
  const { replicaId } = author.agent;
  const inserts: InsertOp[] = [];
  const ranges: IdRange[] = [];
  for (const restoration of planRestore(tree, restores, deleted)) {
    const [first] = restoration.ranges;
    assert(first !== undefined, 'something is restored');
    ranges.push(...restoration.ranges);
    let last: OpId | undefined;
    for (const text of pieces(restoration.text)) {
      const counter = author.draw(text.length);
      notePairs(author.agent, counter, text);
      const place =
        last === undefined
          ? insertBefore(tree, author.agent, counter, text, first.target)
          : insertBehind(tree, author.agent, counter, text, last);
      inserts.push({ type: 'insert', id: { replicaId, counter }, ...place, text });
      last = { replicaId, counter: counter + text.length - 1 };
    }
  }
  if (inserts.length === 0) return undefined;
  const id = { replicaId, counter: author.draw(1) };
  return { inserts, restore: { type: 'restore', id, ranges: joinRanges(ranges) } };
}

/** Cuts long text, never inside a surrogate pair. */
function pieces(text: string): readonly string[] {
  const cut: string[] = [];
  for (let at = 0; at < text.length;) {
    let end = Math.min(text.length, at + restoredUnitsMax);
    if (splitsPair(text, end)) end--;
    cut.push(text.slice(at, end));
    at = end;
  }
  return cut;
}
