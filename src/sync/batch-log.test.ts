import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { BatchId, ReplicaId, SpaceId } from '../base/ids.ts';
import { waitingBatchesMax, waitingBytesMax } from '../base/limits.ts';
import { BatchLog, type Admission } from './batch-log.ts';
import { nobleCrypto } from './crypto.ts';
import type { Batch, Body } from './batch.ts';

const space = '0'.repeat(32) as SpaceId;
const replica = (n: number) => (n + 10).toString(16).padStart(32, '0') as ReplicaId;
let made = 0;

interface Overrides {
  readonly previous?: BatchId | undefined;
  readonly sequence?: number;
  readonly dependencies?: readonly BatchId[];
  readonly body?: Body;
  readonly size?: number;
}

/** Batches without bytes or signatures: the log looks at neither. */
class Writer {
  readonly replicaId: ReplicaId;
  last: Batch | undefined;
  #counter = 0;
  constructor(n: number) {
    this.replicaId = replica(n);
  }
  make({ size = 10, ...overrides }: Overrides = {}): Batch {
    const sequence = this.last === undefined ? 0 : this.last.sequence + 1;
    const body: Body = { type: 'operations', firstCounter: this.#counter, sections: [] };
    const batch: Batch = {
      spaceId: space,
      replicaId: this.replicaId,
      incarnation: 0,
      sequence,
      previous: this.last?.id,
      dependencies: [],
      stamp: { wallMs: 0, logical: 0 },
      id: (made++).toString(16).padStart(64, '0') as BatchId,
      body,
      signature: new Uint8Array(64),
      bytes: new Uint8Array(size),
      ...overrides,
    };
    return batch;
  }
  write(dependencies: readonly BatchId[] = [], counters = 0): Batch {
    const operations = new Uint8Array();
    const sections = [{ documentId: '0'.repeat(32) as never, kind: 1, counters, operations }];
    const body: Body = { type: 'operations', firstCounter: this.#counter, sections };
    this.#counter += counters;
    return (this.last = this.make({ dependencies, body }));
  }
}

const admitted = (log: BatchLog, batch: Batch): [Admission, Batch[], [Batch, Admission][]] => {
  const [delivered, refused]: [Batch[], [Batch, Admission][]] = [[], []];
  const admission = log.admit(
    batch,
    one => delivered.push(one),
    (one, why) => refused.push([one, why]),
  );
  return [admission, delivered, refused];
};

/** Logs of a few replicas that read each other now and then. */
const histories = fc
  .array(fc.record({ who: fc.nat(3), reads: fc.array(fc.nat(), { maxLength: 3 }), counters: fc.nat(4) }), {
    minLength: 1,
    maxLength: 40,
  })
  .map(steps => {
    const writers = [0, 1, 2, 3].map(n => new Writer(n));
    const batches: Batch[] = [];
    for (const { who, reads, counters } of steps) {
      const read = new Set(reads.filter(() => batches.length > 0).map(n => batches[n % batches.length]!.id));
      batches.push(writers[who]!.write([...read].sort(), counters));
    }
    return batches;
  });

describe('delivery', () => {
  test('[SYNC6] whatever the order of arrival, all are delivered, each after what it builds on', () => {
    fc.assert(
      fc.property(histories, fc.infiniteStream(fc.nat()), (batches, draws) => {
        const log = new BatchLog(nobleCrypto);
        const order: Batch[] = [];
        const left = [...batches];
        while (left.length > 0) {
          const [batch] = left.splice(draws.next().value % left.length, 1);
          expect(['delivered', 'waiting']).toContain(log.admit(batch!, one => order.push(one)));
          expect(log.admit(batch!, () => expect.fail('delivered twice'))).toBe('known');
        }
        expect(order.length).toBe(batches.length);
        expect(log.delivered).toEqual(order);
        expect(log.waitingCount).toBe(0);
        const before = new Set<BatchId>();
        for (const batch of order) {
          const builtOn =
            batch.previous === undefined ? batch.dependencies : [batch.previous, ...batch.dependencies];
          for (const id of builtOn) expect(before.has(id)).toBe(true);
          before.add(batch.id);
        }
      }),
    );
  });

  test('[SYNC6] the frontier is what nothing known builds on', () => {
    fc.assert(
      fc.property(histories, batches => {
        const log = new BatchLog(nobleCrypto);
        for (const batch of batches) log.admit(batch, () => undefined);
        const builtOn = new Set(batches.flatMap(({ previous, dependencies }) => [previous, ...dependencies]));
        const tips = batches.filter(({ id }) => !builtOn.has(id)).map(({ id }) => id);
        expect(log.dependenciesFor(replica(99))).toEqual(tips.sort());
        const own = log.tailOf(replica(0))?.id;
        expect(log.dependenciesFor(replica(0))).toEqual(tips.filter(id => id !== own));
      }),
    );
  });

  test('[SYNC14] what a store kept is loaded in any order, beyond the limits of waiting', () => {
    const writer = new Writer(0);
    const batches = Array.from({ length: waitingBatchesMax + 10 }, () => writer.write());
    const log = new BatchLog(nobleCrypto);
    let count = 0;
    log.load(batches.reverse(), () => count++);
    expect(count).toBe(batches.length);
    expect(log.clock.get(writer.replicaId)).toBe(batches.length);
    expect(log.batchesOf(writer.replicaId).map(({ sequence }) => sequence)).toEqual([...batches.keys()]);
  });
});

describe('refusals', () => {
  function begun(): { log: BatchLog; writer: Writer; batches: Batch[] } {
    const log = new BatchLog(nobleCrypto);
    const writer = new Writer(0);
    const batches = [writer.write(), writer.write([], 5), writer.write([], 2)];
    for (const batch of batches) expect(log.admit(batch, () => undefined)).toBe('delivered');
    return { log, writer, batches };
  }

  test('[SYNC3] a predecessor of another place or another log breaks the chain', () => {
    const { log, writer, batches } = begun();
    const other = new Writer(1);
    log.admit(other.write(), () => undefined);
    expect(admitted(log, writer.make({ previous: batches[1]?.id }))[0]).toBe('broken-chain');
    expect(admitted(log, writer.make({ previous: other.last?.id }))[0]).toBe('broken-chain');
    expect(admitted(log, writer.make({ sequence: 4 }))[0]).toBe('broken-chain');
    expect(log.waitingCount).toBe(0);
  });

  test('[SYNC3] counters begin where the batch before stopped', () => {
    const { log, writer } = begun();
    const at = (firstCounter: number): Body => ({ type: 'operations', firstCounter, sections: [] });
    expect(admitted(log, writer.make({ body: at(6) }))[0]).toBe('counter-jump');
    expect(admitted(log, writer.make({ body: at(8) }))[0]).toBe('counter-jump');
    expect(admitted(log, writer.make({ body: at(7) }))[0]).toBe('delivered');
  });

  test('[SYNC7] a body of an unknown kind uses no counters', () => {
    const { log, writer } = begun();
    const unknown = (writer.last = writer.make({ body: { type: 'unknown', kind: 9 } }));
    expect(admitted(log, unknown)[0]).toBe('delivered');
    expect(log.tailOf(writer.replicaId)).toEqual({ id: unknown.id, nextCounter: 7 });
  });

  test('[SYNC3] what waited for its predecessor and does not fit is told of then', () => {
    const { log, writer } = begun();
    const missing = writer.write();
    const bad = writer.make({ body: { type: 'operations', firstCounter: 99, sections: [] } });
    const good = writer.write();
    const twin = writer.make({ sequence: good.sequence, previous: good.previous });
    for (const early of [bad, good, twin]) expect(admitted(log, early)[0]).toBe('waiting');
    const [admission, delivered, refused] = admitted(log, missing);
    expect(admission).toBe('delivered');
    expect(delivered).toEqual([missing, good, twin]);
    expect(refused).toEqual([[bad, 'counter-jump']]);
    expect(log.waitingCount).toBe(0);
  });

  test('[SYNC6] only so many batches and bytes wait', () => {
    const log = new BatchLog(nobleCrypto);
    const absent = 'f'.repeat(64) as BatchId;
    for (let n = 0; n < waitingBatchesMax; n++) {
      expect(log.admit(new Writer(n).make({ dependencies: [absent] }), () => undefined)).toBe('waiting');
    }
    expect(log.admit(new Writer(9999).make({ dependencies: [absent] }), () => undefined)).toBe('overflow');
    const heavy = new BatchLog(nobleCrypto);
    const half = { dependencies: [absent], size: waitingBytesMax / 2 };
    expect(heavy.admit(new Writer(1).make(half), () => undefined)).toBe('waiting');
    expect(heavy.admit(new Writer(2).make(half), () => undefined)).toBe('waiting');
    expect(heavy.admit(new Writer(3).make(half), () => undefined)).toBe('overflow');
    expect(heavy.admit(new Writer(4).write(), () => undefined)).toBe('delivered');
  });
});
