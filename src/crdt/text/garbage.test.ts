import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { toHex } from '../../base/bytes.ts';
import { covers } from '../../clocks/vector-clock.ts';
import { factsOf, roomWithHistories, steps, versionOf } from './editing.model.ts';
import type { Editor, Step } from './editing.model.ts';
import { prune, stableVersion } from './garbage.ts';
import { encodeTextHistory } from './history-codec.ts';
import { decodeTextHistory } from './history-reader.ts';
import { TextHistory } from './history.ts';
import type { TextVersion } from './history.ts';
import { decodeTextState, encodeTextState } from './state-codec.ts';
import { Text } from './text.ts';
import { replicaId } from './text.model.ts';
import { checkTree } from './tree-check.model.ts';
import { TextVersions } from './versions.ts';

const alice = replicaId('a');
const bob = replicaId('b');
const reader = { replicaId: replicaId('e'), counter: { next: 5000 } };

/** The last of the editors is away: its clock holds nothing back, and it comes back at the end. */
function playWithCollection(size: number, phases: readonly (readonly Step[])[]) {
  const { room, histories } = roomWithHistories(size);
  const seen: { version: TextVersion; text: string }[] = [];
  const present = room.editors.slice(0, -1);
  const collect = () => {
    for (const editor of present) {
      const stable = stableVersion(present.map(versionOf));
      histories.set(editor, prune(histories.get(editor) as TextHistory, stable));
    }
  };
  for (const [i, phase] of phases.entries()) {
    for (const step of phase) {
      const away = step.peer % size === size - 1;
      // Whoever is away edits by itself in the second phase, and is there otherwise.
      if (i === 1 && away && step.kind !== 'edit' && step.kind !== 'type') continue;
      room.take(step);
      const editor = room.editors[step.peer % size] as Editor;
      seen.push({ version: versionOf(editor), text: editor.text.toString() });
    }
    collect();
  }
  room.settle();
  return { room, histories, seen, present };
}

describe('garbage collection', () => {
  test('[TEXT21] whoever was away comes back with operations that still fit, and all end the same', () => {
    fc.assert(
      fc.property(fc.integer({ min: 2, max: 5 }), steps, steps, steps, (size, a, b, c) => {
        const { room, present, histories } = playWithCollection(size, [a, b, c]);
        const fresh = new Text(replicaId('d'), { next: 0 });
        for (const { ops } of room.batches) expect(fresh.apply(ops).ok).toBe(true);
        for (const editor of present) {
          checkTree(editor.text.tree);
          expect(editor.text.toString()).toBe(fresh.toString());
          // Nor does the encoding show what was collected, where and when.
          expect(toHex(encodeTextState(editor.text))).toBe(toHex(encodeTextState(fresh)));
          const loaded = decodeTextHistory(encodeTextHistory(histories.get(editor) as TextHistory), reader);
          expect(loaded.ok && toHex(encodeTextState(loaded.value.text))).toBe(toHex(encodeTextState(fresh)));
        }
      }),
      { numRuns: 60 },
    );
  }, 60_000);

  test('[TEXT21] what is not stable is kept, to the character; what is stable is gone, save what an older base needs', () => {
    fc.assert(
      fc.property(fc.integer({ min: 2, max: 5 }), steps, steps, (size, a, b) => {
        const { room, histories } = roomWithHistories(size);
        for (const step of a) room.take(step);
        const clocks = room.editors.map(versionOf);
        const stable = stableVersion(clocks);
        for (const clock of clocks) expect(covers(clock, stable)).toBe(true);
        for (const editor of room.editors) {
          const history = histories.get(editor) as TextHistory;
          const pruned = prune(history, stable);
          histories.set(editor, pruned);
          expect(covers(stable, pruned.base?.version ?? new Map())).toBe(true);
          expect(pruned.version()).toEqual(history.version());
        }
        for (const step of b) room.take(step);
        for (const editor of room.editors) {
          const kept = editor.arrived.filter(({ id }) => id.counter >= (stable.get(id.replicaId) ?? 0));
          expect(factsOf((histories.get(editor) as TextHistory).ops())).toEqual(factsOf(kept));
        }
      }),
      { numRuns: 60 },
    );
  }, 60_000);

  test('[TEXT22] versions from the pruned one on are there, earlier ones answer that they were pruned', () => {
    let there = 0;
    let pruned = 0;
    fc.assert(
      fc.property(fc.integer({ min: 2, max: 4 }), steps, steps, (size, a, b) => {
        const { seen, present, histories } = playWithCollection(size, [a, b]);
        for (const editor of present) {
          const history = histories.get(editor) as TextHistory;
          const versions = new TextVersions(editor.text, history);
          for (const { version, text } of seen) {
            const kept = covers(version, history.base?.version ?? new Map());
            if (kept) there++;
            else pruned++;
            const expected = kept ? { ok: true, text } : { ok: false, reason: 'pruned' };
            expect(versions.checkout(version)).toEqual(expected);
            const branch = versions.branch(version, reader);
            expect(branch.ok ? branch.text.toString() : branch.reason).toBe(kept ? text : 'pruned');
            expect(versions.blame(version).ok).toBe(kept);
          }
        }
      }),
      { numRuns: 60 },
    );
    expect(Math.min(there, pruned)).toBeGreaterThan(100);
  }, 60_000);

  test('[TEXT21] deleted text is gone from all that is kept', () => {
    const text = new Text(alice, { next: 0 });
    let history = new TextHistory();
    history.append(text.localInsert(0, 'a secret and the rest'));
    history.append(text.localDelete(0, 9));
    expect(new TextDecoder().decode(encodeTextHistory(history))).toContain('secret');
    const before = history.version();
    history.append(text.localInsert(0, '>'));
    expect(prune(history, new Map())).toBe(history);
    history = prune(history, before);
    expect(new TextDecoder().decode(encodeTextHistory(history))).not.toContain('secret');
    expect(history.ops()).toHaveLength(1);
    expect(prune(history, before)).toBe(history);
    expect(new TextVersions(text, history).checkout(before)).toEqual({
      ok: true,
      text: 'and the rest',
    });
  });

  test('[TEXT21] a clock that names what builds on something it does not name takes neither', () => {
    const text = new Text(alice, { next: 0 });
    let history = new TextHistory();
    history.append(text.localInsert(0, 'abc'));
    const other = new Text(bob, { next: 0 });
    other.apply(history.ops());
    const reply = [...other.localInsert(3, 'd'), ...other.localInsert(4, 'e')];
    text.apply(reply);
    history.append(reply);
    history = prune(history, new Map([[bob, 2]]));
    expect(history.base).toBeUndefined();
    history = prune(
      history,
      new Map([
        [bob, 2],
        [alice, 2],
      ]),
    );
    expect(history.base?.version).toEqual(new Map([[alice, 2]]));
    history = prune(
      history,
      new Map([
        [bob, 1],
        [alice, 99],
      ]),
    );
    expect(history.base?.version).toEqual(
      new Map([
        [alice, 3],
        [bob, 1],
      ]),
    );
    expect(history.version()).toEqual(
      new Map([
        [alice, 3],
        [bob, 2],
      ]),
    );
  });

  test('[TEXT21] a stable version that ends inside a pair of surrogates takes it later', () => {
    const text = new Text(alice, { next: 0 });
    let history = new TextHistory();
    history.append(text.localInsert(0, 'a😀b'));
    history.append(text.localDelete(0, 4));
    for (let counter = 0; counter <= 8; counter++) {
      history = prune(history, new Map([[alice, counter]]));
      const loaded = decodeTextHistory(encodeTextHistory(history), reader);
      expect(loaded.ok && encodeTextState(loaded.value.text)).toEqual(encodeTextState(text));
      expect(history.base?.version.get(alice) ?? 0).toBe(
        counter === 2 || counter === 6 ? counter - 1 : counter,
      );
    }
    expect(history.entries).toEqual([]);
    expect(decodeTextState(history.base?.state ?? new Uint8Array(), reader).ok).toBe(true);
  });

  test('[TEXT21] the stable version is what all clocks have', () => {
    expect(stableVersion([])).toEqual(new Map());
    expect(
      stableVersion([
        new Map([
          [alice, 3],
          [bob, 5],
        ]),
      ]),
    ).toEqual(
      new Map([
        [alice, 3],
        [bob, 5],
      ]),
    );
    expect(
      stableVersion([
        new Map([
          [alice, 3],
          [bob, 5],
        ]),
        new Map([[alice, 7]]),
      ]),
    ).toEqual(new Map([[alice, 3]]));
  });
});
