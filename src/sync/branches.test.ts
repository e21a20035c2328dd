import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { BatchId, ReplicaId, SpaceId } from '../base/ids.ts';
import { branchesMax } from '../base/limits.ts';
import { BatchLog, type Split } from './batch-log.ts';
import type { Batch } from './batch.ts';
import { virtualReplicaOf } from './branches.ts';
import { nobleCrypto } from './crypto.ts';

const space = '0'.repeat(32) as SpaceId;
const replica = (n: number) => (n + 10).toString(16).padStart(32, '0') as ReplicaId;
let made = 0;

/** The next batch after `previous`, or the first; two of the same make a fork. Without bytes or signatures. */
function after(n: number, previous: Batch | undefined, dependencies: readonly BatchId[] = []): Batch {
  const firstCounter =
    previous?.body.type === 'operations' ? previous.body.firstCounter + countersOf(previous) : 0;
  const counters = 1 + (made % 3);
  const section = { documentId: '0'.repeat(32) as never, kind: 1, counters, operations: new Uint8Array() };
  return {
    spaceId: space,
    replicaId: replica(n),
    incarnation: 0,
    sequence: previous === undefined ? 0 : previous.sequence + 1,
    previous: previous?.id,
    dependencies,
    stamp: { wallMs: 0, logical: 0 },
    id: (made++).toString(16).padStart(8, '0').repeat(8) as BatchId,
    body: { type: 'operations', firstCounter, sections: [section] },
    signature: new Uint8Array(64),
    bytes: new Uint8Array(10),
  };
}
const countersOf = ({ body }: Batch) => (body.type === 'operations' ? (body.sections[0]?.counters ?? 0) : 0);

/** Batches of three replicas, each after any earlier one of its log, or first: trees, in an order of delivery. */
const trees = fc
  .array(
    fc.record({
      who: fc.nat(2),
      on: fc.nat(),
      goesOn: fc.nat(4),
      reads: fc.array(fc.nat(), { maxLength: 2 }),
    }),
    {
      minLength: 1,
      maxLength: 30,
    },
  )
  .map(steps => {
    const batches: Batch[] = [];
    for (const { who, on, goesOn, reads } of steps) {
      const own = batches.filter(({ replicaId }) => replicaId === replica(who));
      const previous = goesOn > 0 ? own.at(-1) : own[on % (own.length + 1)];
      const read = new Set(reads.flatMap(n => batches[n % batches.length]?.id ?? []));
      if (previous !== undefined) read.delete(previous.id);
      batches.push(after(who, previous, [...read].sort()));
    }
    return batches;
  });

/** What clocks say and call each batch, by the definition: a batch is of the branch of its last forefather that has siblings. */
function model(batches: readonly Batch[]): { names: Map<BatchId, ReplicaId>; clock: Map<ReplicaId, number> } {
  const byId = new Map(batches.map(batch => [batch.id, batch]));
  const names = new Map<BatchId, ReplicaId>();
  const clock = new Map<ReplicaId, number>();
  for (const batch of batches) {
    let at: Batch | undefined = batch;
    let name = batch.replicaId;
    for (; at !== undefined; at = at.previous && byId.get(at.previous)) {
      const { replicaId, previous } = at;
      const siblings = batches.filter(one => one.replicaId === replicaId && one.previous === previous);
      if (siblings.length === 1) continue;
      name = virtualReplicaOf(nobleCrypto, replicaId, at.id);
      break;
    }
    names.set(batch.id, name);
    clock.set(name, Math.max(clock.get(name) ?? 0, batch.sequence + 1));
  }
  return { names, clock };
}

describe('forks', () => {
  test('[SYNC53] names and clocks follow from the set of batches alone, whichever branch came first', () => {
    fc.assert(
      fc.property(trees, fc.infiniteStream(fc.nat()), (batches, draws) => {
        const log = new BatchLog(nobleCrypto);
        const left = [...batches];
        while (left.length > 0) {
          const [batch] = left.splice(draws.next().value % left.length, 1);
          expect(['delivered', 'waiting']).toContain(log.admit(batch as Batch, () => undefined));
        }
        const { names, clock } = model(batches);
        expect(log.delivered.length).toBe(batches.length);
        expect(log.waitingCount).toBe(0);
        for (const batch of batches) expect(log.nameOf(batch)).toBe(names.get(batch.id));
        expect(new Map(log.clock)).toEqual(clock);
        for (const [place, batch] of log.delivered.entries()) expect(log.placeOf(batch)).toBe(place);
        for (const [one, other] of log.proofsOfForks()) {
          expect([one.replicaId, one.sequence, one.previous]).toEqual([
            other.replicaId,
            other.sequence,
            other.previous,
          ]);
          expect(one.id).not.toBe(other.id);
        }
      }),
    );
  });

  test('[SYNC53] whoever keeps its clocks by what it is told of splits has the clock of the log', () => {
    fc.assert(
      fc.property(trees, batches => {
        const clock = new Map<ReplicaId, number>();
        const split = ({ log: name, at, branch }: Split) => {
          clock.set(branch, clock.get(name) ?? 0);
          if (at > 0) clock.set(name, at);
          else clock.delete(name);
        };
        const log = new BatchLog(nobleCrypto, { split });
        for (const batch of batches)
          log.admit(batch, ({ replicaId, sequence, id }) =>
            clock.set(log.nameOf({ replicaId, sequence, id }), sequence + 1),
          );
        expect(clock).toEqual(new Map(log.clock));
      }),
    );
  });

  test('[SYNC54] by clocks alone, whoever knows some of the branches gets all that it lacks', () => {
    fc.assert(
      fc.property(
        trees,
        trees.map(all => all.length),
        (batches, some) => {
          const [all, part] = [new BatchLog(nobleCrypto), new BatchLog(nobleCrypto)];
          for (const batch of batches) all.admit(batch, () => undefined);
          for (const batch of batches.slice(0, some)) part.admit(batch, () => undefined);
          const first = all.firstBeyond(part.clock);
          const sent = all.delivered
            .slice(first)
            .filter(one => one.sequence >= (part.clock.get(all.nameOf(one)) ?? 0));
          for (const batch of sent) part.admit(batch, () => undefined);
          expect(new Map(part.clock)).toEqual(new Map(all.clock));
          expect(part.countLacked(all.clock)).toBe(0);
          expect(all.countBeyond(part.clock)).toBe(0);
        },
      ),
    );
  });

  test('[SYNC54] what a branch builds on elsewhere is seen as soon as it waits', () => {
    const log = new BatchLog(nobleCrypto);
    const first = after(0, undefined);
    const [mine, theirs] = [after(0, first), after(0, first)];
    const next = after(0, theirs);
    for (const batch of [first, mine]) log.admit(batch, () => undefined);
    expect(log.longestWaiting).toBeUndefined();
    expect(log.admit(next, () => undefined)).toBe('waiting');
    expect(log.isParted(next)).toBe(true);
    expect(log.longestWaiting).toBe(next.id);
    log.admit(theirs, () => undefined);
    expect(log.delivered).toEqual([first, mine, theirs, next]);
    expect(log.longestWaiting).toBeUndefined();
  });

  test('[SYNC55] a name means what its author had seen of the log, and both branches by their own names', () => {
    const log = new BatchLog(nobleCrypto);
    const first = after(0, undefined);
    const [left, right] = [after(0, first), after(0, first)];
    const ofLeft = after(1, undefined, [left.id]);
    const ofBoth = after(1, ofLeft, [left.id, right.id].sort());
    for (const batch of [first, left, ofLeft]) log.admit(batch, () => undefined);
    expect(log.readingOf(ofLeft)).toBeUndefined();
    for (const batch of [right, ofBoth]) log.admit(batch, () => undefined);
    const base = countersOf(first);
    const [leftName, rightName] = [log.nameOf(left), log.nameOf(right)];
    const inLeft = log.readingOf(ofLeft);
    expect(inLeft?.meaningOf(replica(0), 0)).toEqual({ replicaId: replica(0), room: base });
    expect(inLeft?.meaningOf(replica(0), base)).toEqual({ replicaId: leftName, room: Infinity });
    expect(inLeft?.meaningOf(replica(1), 0)).toEqual({ replicaId: replica(1), room: Infinity });
    const inBoth = log.readingOf(ofBoth);
    expect(inBoth?.meaningOf(replica(0), base)).toBeUndefined();
    expect(inBoth?.meaningOf(rightName, base)).toEqual({ replicaId: rightName, room: Infinity });
    expect(inBoth?.meaningOf(rightName, 0)).toEqual({ replicaId: replica(0), room: base });
    expect(log.readingOf(right)?.author).toBe(rightName);
  });

  test('[SYNC56] a fork waits while it is held back, and is taken when it is not', () => {
    let isHeld = true;
    const log = new BatchLog(nobleCrypto, { holdsBack: (_, splits) => splits && isHeld });
    const first = after(0, undefined);
    const [one, other] = [after(0, first), after(0, first)];
    const next = after(0, other);
    for (const batch of [first, one, other, next]) log.admit(batch, () => undefined);
    log.release(
      () => undefined,
      () => undefined,
    );
    expect(log.delivered).toEqual([first, one]);
    expect(log.waitingCount).toBe(2);
    isHeld = false;
    const released: Batch[] = [];
    log.release(
      batch => released.push(batch),
      () => expect.fail('refused'),
    );
    expect(released).toEqual([other, next]);
    expect(log.waitingCount).toBe(0);
  });

  test('[SYNC53] of more branches than a copied profile can have the rest is refused', () => {
    const log = new BatchLog(nobleCrypto);
    const first = after(0, undefined);
    log.admit(first, () => undefined);
    for (let n = 0; n < branchesMax; n++)
      expect(log.admit(after(0, first), () => undefined)).toBe('delivered');
    expect(log.admit(after(0, first), () => undefined)).toBe('fork');
  });
});
