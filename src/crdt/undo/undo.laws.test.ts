import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { edits, names, play, positionsOf, relative, settle, steps, UndoPeer } from './undo-peer.model.ts';
import type { Batch } from './undo-peer.model.ts';

const peersOf = (count: number) => names.slice(0, count).map(name => new UndoPeer(name));

describe('marks and undo at random', () => {
  test('[MARK3] [UNDO8] replicas that edit, mark, undo and redo show the same text and marks, as the model says', () => {
    fc.assert(
      fc.property(fc.integer({ min: 2, max: 4 }), steps, (count, plan) => {
        const peers = peersOf(count);
        play(peers, plan);
        for (const peer of peers) expect(peer.view()).toBe(peers[0]?.view());
      }),
      { numRuns: 80 },
    );
  }, 60_000);

  test('[UNDO2] undoing everything gives the start, text and marks, and redoing it the end', () => {
    fc.assert(
      fc.property(steps, edits, (before, plan) => {
        const peers = peersOf(2);
        const batches = play(peers, before.slice(0, 15));
        const peer = new UndoPeer(names[2] as UndoPeer['id']);
        settle([peer], batches);
        const views = [peer.view()];
        for (const step of plan) peer.act(step, batches);
        const end = peer.view();
        const positions = positionsOf(peer, [
          [3, 1],
          [5, -1],
        ]);
        const indexes = positions.map(each => peer.text.indexOf(each));
        for (let round = 0; round < 3; round++) {
          while (peer.undo.canUndo) peer.act({ ...(plan[0] as (typeof plan)[0]), kind: 'undo' }, batches);
          expect(peer.view()).toBe(views[0]);
          while (peer.undo.canRedo) peer.act({ ...(plan[0] as (typeof plan)[0]), kind: 'redo' }, batches);
          expect(peer.view()).toBe(end);
          expect(positions.map(each => peer.text.indexOf(each))).toEqual(indexes);
        }
        settle(peers, batches);
        for (const other of peers) expect(other.view()).toBe(end);
      }),
      { numRuns: 40 },
    );
  }, 60_000);

  test('[UNDO1] whatever is undone or redone, what others wrote stays, and what only they deleted stays gone', () => {
    fc.assert(
      fc.property(steps, plan => {
        const peers = peersOf(3);
        const batches = play(peers, plan);
        for (const peer of peers)
          for (const kind of ['undo', 'redo', 'undo', 'undo']) {
            const key = (id: { replicaId: string; counter: number }) =>
              `${id.replicaId}.${String(id.counter)}`;
            const mine = new Set(peer.shownIds().map(key));
            const others = peer.shownIds().filter(id => id.replicaId !== peer.id && !peer.restoresOwn(id));
            peer.act({ ...blank, kind }, batches);
            const now = new Set(peer.shownIds().map(key));
            for (const id of others) expect(now).toContain(key(id));
            for (const id of peer.shownIds()) if (!mine.has(key(id))) expect(id.replicaId).toBe(peer.id);
          }
        settle(peers, batches);
        for (const peer of peers) expect(peer.view()).toBe(peers[0]?.view());
      }),
      { numRuns: 40 },
    );
  }, 60_000);

  test('[UNDO5] a relative position inside a deletion is at its character again once that is undone', () => {
    fc.assert(
      fc.property(
        steps,
        fc.nat(1000),
        fc.nat(9),
        fc.array(relative, { maxLength: 6 }),
        (plan, from, length, places) => {
          const peers = peersOf(2);
          const [one, two] = peers as [UndoPeer, UndoPeer];
          const batches: Batch[] = play(peers, plan.slice(0, 25));
          const positions = positionsOf(two, places);
          const indexes = positions.map(each => two.text.indexOf(each));
          const before = two.view();
          one.act({ ...blank, kind: 'delete', position: from, length, afterMs: 1000 }, batches);
          const undone = length > 0 && one.shown.length < two.shown.length;
          settle(peers, batches);
          if (undone) one.act({ ...blank, kind: 'undo' }, batches);
          settle(peers, batches);
          expect(two.view()).toBe(before);
          expect(positions.map(each => two.text.indexOf(each))).toEqual(indexes);
        },
      ),
      { numRuns: 40 },
    );
  }, 60_000);
});

const blank = {
  position: 0,
  length: 0,
  text: '',
  name: 'bold',
  value: null,
  expand: 'none',
  afterMs: 0,
} as const;
