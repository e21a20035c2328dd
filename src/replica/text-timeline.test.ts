import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { TextChange } from '../crdt/text/messages.ts';
import { Scene } from '../sim/scene.model.ts';
import { page } from './lone.model.ts';
import type { Replica } from './replica.ts';
import { TextTimeline } from './text-timeline.ts';

const timelineOf = (replica: Replica) => new TextTimeline(replica.text(page), page, replica.delivered);

const apply = (text: string, changes: readonly TextChange[]): string =>
  changes.reduce((now, { from, to, insert }) => now.slice(0, from) + insert + now.slice(to), text);

test('[SYNC92] the text at each moment is what it said then, and the changes between two lead from one to the other', () => {
  fc.assert(
    fc.property(
      fc.array(fc.record({ at: fc.nat(1000), length: fc.nat(6), insert: fc.string({ maxLength: 5 }) }), {
        minLength: 1,
        maxLength: 12,
      }),
      edits => {
        const scene = new Scene({ replicas: 1 });
        scene.run(500);
        const { replica } = scene.peer(0);
        const recorded = [''];
        for (const { at, length, insert } of edits) {
          const now = scene.textOf(0);
          const from = at % (now.length + 1);
          const to = Math.min(now.length, from + length);
          scene.edit(0, [{ from, to, insert }]);
          scene.run(200);
          if (timelineOf(replica).moments().length === recorded.length) recorded.push(scene.textOf(0));
        }
        const timeline = timelineOf(replica);
        expect(recorded.map((_, count) => timeline.textAt(count))).toEqual(recorded);
        for (let from = 0; from < recorded.length; from++)
          for (let to = 0; to < recorded.length; to++)
            expect(apply(recorded[from] ?? '', timeline.changes(from, to))).toBe(recorded[to]);
      },
    ),
    { numRuns: 30 },
  );
});

test('[SYNC92] moments have their authors and times, and so has each character', () => {
  const scene = new Scene({ replicas: 2 });
  scene.run(3000);
  scene.type(0, 'Ana ');
  scene.run(1000);
  scene.type(1, 'Bo ', 4);
  scene.run(1000);
  scene.type(0, 'x', 5);
  scene.run(1000);
  const [ana, bo] = [scene.peer(0).replica, scene.peer(1).replica];
  const timeline = timelineOf(bo);
  expect(timeline.moments().map(({ replicaId }) => replicaId)).toEqual([
    ana.replicaId,
    bo.replicaId,
    ana.replicaId,
  ]);
  const times = timeline.moments().map(({ wallMs }) => wallMs);
  expect([...times].sort((a, b) => a - b)).toEqual(times);
  const authors = Array.from(scene.textOf(1), (_, index) => timeline.authorAt(index));
  expect(scene.textOf(1)).toBe('Ana Bxo ');
  const of = (index: number, replicaId: string) => ({ replicaId, wallMs: times[index] });
  expect(authors).toEqual([
    ...Array.from('Ana ', () => of(0, ana.replicaId)),
    of(1, bo.replicaId),
    of(2, ana.replicaId),
    of(1, bo.replicaId),
    of(1, bo.replicaId),
  ]);
  expect(timeline.authorAt(8)).toBeUndefined();
});

test('[SYNC92] a timeline goes on with what comes later', () => {
  const scene = new Scene({ replicas: 2 });
  scene.run(3000);
  const timeline = timelineOf(scene.peer(0).replica);
  expect(timeline.moments()).toEqual([]);
  expect(timeline.authorAt(0)).toBeUndefined();
  scene.type(1, 'later');
  scene.run(1000);
  expect(timeline.moments()).toHaveLength(1);
  expect(timeline.textAt(1)).toBe('later');
  expect(timeline.authorAt(4)?.replicaId).toBe(scene.peer(1).replica.replicaId);
});
