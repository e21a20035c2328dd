import fc from 'fast-check';
import { expect, test } from 'vitest';
import { utf8 } from '../../base/bytes.ts';
import { clientSessionMs, clientSessionsMax, clientWindowMax, storeChangesMax } from '../../base/limits.ts';
import { command, entry } from './arbitraries.model.ts';
import {
  compareAndSet,
  put,
  remove,
  transaction,
  type Command,
  type LogEntry,
  type Result,
} from './commands.ts';
import { encodeEntry } from './entries-codec.ts';
import { Machine } from './machine.ts';
import { ObviousMachine } from './machine.model.ts';
import { Watch } from './watch.ts';

/** A machine, and a client that asks it one thing after the other. */
class Bench {
  machine = new Machine();
  #sequence = 0;
  session: number;
  constructor() {
    const opened = this.apply({ type: 'open-session', member: 1, nonce: 1 });
    this.session = opened.type === 'opened' ? opened.session : 0;
  }
  apply(made: LogEntry) {
    return this.machine.apply(this.machine.index + 1, encodeEntry(made));
  }
  ask(made: Command): Result {
    const sequence = ++this.#sequence;
    return this.again(sequence, made) as Result;
  }
  again(sequence: number, made: Command, unansweredFrom = sequence): unknown {
    const applied = this.apply({
      type: 'request',
      session: this.session,
      sequence,
      unansweredFrom,
      command: made,
    });
    if (applied.type !== 'request') return applied;
    return applied.answer.type === 'answered' ? applied.answer.result : applied.answer.type;
  }
  pass(ms: number): void {
    for (let left = ms; left > 0; left -= 10_000)
      this.apply({ type: 'advance', byMs: Math.min(left, 10_000) });
  }
}
const text = (bytes: Uint8Array | undefined): string | undefined =>
  bytes === undefined ? undefined : new TextDecoder().decode(bytes);
const everything = { from: '' };

test('[MACH1] whatever is asked, the answers are those of the obvious machine, and so is what can be read', () => {
  const seen = new Set<string>();
  fc.assert(
    fc.property(fc.array(entry, { minLength: 1, maxLength: 60, size: 'max' }), fc.nat(60), (entries, cut) => {
      let machine = new Machine();
      const obvious = new ObviousMachine();
      machine.apply(1, encodeEntry({ type: 'open-session', member: 1, nonce: 1 }));
      machine.apply(2, encodeEntry({ type: 'open-session', member: 2, nonce: 1 }));
      for (const [at, made] of entries.entries()) {
        const index = at + 3;
        // A member that restores a snapshot in the middle is none the wiser.
        if (at === cut) {
          const restored = Machine.restore(machine.snapshot());
          if (!restored.ok) throw new Error(restored.reason);
          machine = restored.value;
        }
        const applied = machine.apply(index, encodeEntry(made));
        if (made.type === 'advance') obvious.advance(made.byMs);
        if (made.type !== 'request') continue;
        const result = obvious.request(index, `${made.session}/${made.sequence}`, made.command);
        expect(applied).toMatchObject({ answer: { type: 'answered', result } });
        seen.add(result.type === 'wish' ? result.state.type : result.type);
      }
      expect(machine.revision).toBe(obvious.past.length - 1);
      for (const lock of ['door', 'gate']) expect(machine.holder(lock)).toBe(obvious.holder(lock));
      for (const [revision, store] of obvious.past.entries()) {
        const read = machine.range(everything, { revision });
        if (!read.ok) continue;
        expect(read.items).toEqual([...store.values()].sort((a, b) => (a.key < b.key ? -1 : 1)));
      }
    }),
    { numRuns: 2000 },
  );
  // Nothing of it is left out by chance.
  const all = [
    'done',
    'transacted',
    'granted',
    'acquired',
    'held',
    'refused',
    'reserved',
    'confirmed',
    'taken',
  ];
  expect([...seen].sort()).toEqual([...all, 'cancelled', 'expired'].sort());
});

test('[MACH2] the same entries make the same bytes, also over a snapshot at any place', () => {
  fc.assert(
    fc.property(fc.array(entry, { minLength: 1, maxLength: 30 }), fc.nat(30), (entries, cut) => {
      const [straight, broken] = [new Bench(), new Bench()];
      for (const [at, made] of entries.entries()) {
        straight.apply(made);
        if (at === cut) {
          const restored = Machine.restore(broken.machine.snapshot());
          if (!restored.ok) throw new Error(restored.reason);
          broken.machine = restored.value;
        }
        broken.apply(made);
      }
      expect(broken.machine.snapshot()).toEqual(straight.machine.snapshot());
    }),
    { numRuns: 500 },
  );
});

test('[MACH3] a request that comes twice is carried out once and answered twice', () => {
  const bench = new Bench();
  const first = bench.again(1, put('a', utf8('x')), 1);
  expect(bench.again(1, put('a', utf8('x')), 1)).toEqual(first);
  expect(bench.machine.revision).toBe(1);
});

test('[MACH3] the table of client sessions comes back with the snapshot', () => {
  const bench = new Bench();
  const first = bench.again(1, put('a', utf8('x')), 1);
  const restored = Machine.restore(bench.machine.snapshot());
  expect(restored.ok).toBe(true);
  if (!restored.ok) return;
  bench.machine = restored.value;
  expect(bench.again(1, put('a', utf8('x')), 1)).toEqual(first);
  expect(bench.machine.revision).toBe(1);
});

test('[MACH4] an answer that its client has is forgotten, and the request stays done', () => {
  const bench = new Bench();
  bench.again(1, put('a', utf8('x')), 1);
  bench.again(2, put('b', utf8('x')), 2);
  expect(bench.again(1, put('a', utf8('y')), 1)).toBe('answered-before');
  expect(text(bench.machine.get('a')?.value)).toBe('x');
});

test('[MACH4] a client has a window of requests and no more', () => {
  const bench = new Bench();
  expect(bench.again(clientWindowMax, { type: 'nothing' }, 1)).toEqual({ type: 'done' });
  expect(bench.again(clientWindowMax + 1, { type: 'nothing' }, 1)).toBe('too-far-ahead');
});

test('[MACH5] a session that has expired, or made room, answers nothing and carries nothing out', () => {
  const bench = new Bench();
  bench.pass(clientSessionMs - 1);
  expect(bench.ask({ type: 'nothing' })).toEqual({ type: 'done' });
  bench.pass(clientSessionMs);
  expect(bench.ask(put('a', utf8('x')))).toBe('session-expired');
  expect(bench.machine.revision).toBe(0);

  const crowded = new Bench();
  for (let nonce = 2; nonce <= clientSessionsMax + 1; nonce++)
    crowded.apply({ type: 'open-session', member: 1, nonce });
  expect(crowded.ask({ type: 'nothing' })).toBe('session-expired');
});

test('[MACH5] a session that is opened twice is one', () => {
  const bench = new Bench();
  expect(bench.apply({ type: 'open-session', member: 1, nonce: 1 })).toMatchObject({
    session: bench.session,
  });
  expect(bench.apply({ type: 'open-session', member: 1, nonce: 2 })).not.toMatchObject({
    session: bench.session,
  });
});

test('[MACH10] a transaction is one revision, and all of it or nothing', () => {
  const bench = new Bench();
  const both = [put('a', utf8('1')), put('b', utf8('2'))].flatMap(({ operations }) => operations);
  expect(bench.ask(transaction([], both))).toMatchObject({ revision: 1, succeeded: true });
  const moved = transaction(
    [{ type: 'value', key: 'a', value: utf8('0') }],
    [{ type: 'delete', key: 'a' }],
    [
      { type: 'get', key: 'a' },
      { type: 'get', key: 'c' },
    ],
  );
  expect(bench.ask(moved)).toMatchObject({
    succeeded: false,
    revision: 1,
    read: [{ key: 'a', revision: 1 }, undefined],
  });
});

test('[MACH10] compare-and-set: of two that saw the same, one gets through', () => {
  const bench = new Bench();
  expect(bench.ask(compareAndSet('a', 0, utf8('x')))).toMatchObject({ succeeded: true });
  expect(bench.ask(compareAndSet('a', 0, utf8('y')))).toMatchObject({
    succeeded: false,
    read: [{ revision: 1 }],
  });
  expect(bench.ask(compareAndSet('a', 1, utf8('z')))).toMatchObject({ succeeded: true, revision: 2 });
});

test('[MACH11] reads at a revision see it whole, until it is compacted', () => {
  const bench = new Bench();
  bench.ask(put('a', utf8('1')));
  bench.ask(put('b', utf8('2')));
  bench.ask(remove('a'));
  const keysAt = (revision: number) => {
    const read = bench.machine.range(everything, { revision });
    return read.ok ? read.items.map(({ key }) => key).join('') : read.reason;
  };
  expect([0, 1, 2, 3, 4].map(keysAt)).toEqual(['', 'a', 'ab', 'b', 'no-such-revision']);
  expect(bench.ask({ type: 'compact', revision: 2 })).toEqual({ type: 'done' });
  expect([0, 1, 2, 3].map(keysAt)).toEqual(['compacted', 'compacted', 'ab', 'b']);
  expect(bench.machine.range(everything, { revision: 2, limit: 1 })).toMatchObject({ more: true });
});

test('[MACH12] a watch tells each change once, in order, by whole revisions, and its history put together is the store', () => {
  fc.assert(
    fc.property(
      fc.array(command, { maxLength: 60 }),
      fc.integer({ min: 1, max: 5 }),
      fc.constantFrom(everything, { from: 'b' }, { from: 'a', to: 'c' }),
      (commands, atLeast, range) => {
        const bench = new Bench();
        const watch = new Watch(range, 1);
        const store = new Map<string, string | undefined>();
        let last = 0;
        const take = () => {
          const told = bench.machine.take(watch, atLeast);
          if (!told.ok) return false;
          for (const { key, value, revision } of told.changes) {
            expect(revision).toBeGreaterThanOrEqual(last);
            last = revision;
            if (value === undefined) expect(store.delete(key)).toBe(true);
            else store.set(key, text(value));
          }
          return true;
        };
        for (const [at, made] of commands.entries()) {
          if (made.type === 'compact') continue;
          bench.ask(made);
          if (at % 3 === 0) take();
        }
        while (watch.toldUpTo < bench.machine.revision) expect(take()).toBe(true);
        const read = bench.machine.range(range);
        expect(read.ok && read.items.map(({ key, value }) => [key, text(value)])).toEqual(
          [...store].sort(([a], [b]) => (a < b ? -1 : 1)),
        );
      },
    ),
    { numRuns: 500 },
  );
});

test('[MACH12] a watch from before the compaction is told so; history is bounded without being asked', () => {
  const bench = new Bench();
  const [late, early] = [new Watch(everything, 3), new Watch(everything, 1)];
  for (let n = 1; n <= storeChangesMax + 1; n++) bench.ask(put('a', utf8(String(n))));
  const compactedRevision = (storeChangesMax + 2) / 2;
  for (const watch of [late, early])
    expect(bench.machine.take(watch)).toEqual({ ok: false, reason: 'compacted', compactedRevision });
  expect(bench.machine.take(new Watch(everything, compactedRevision + 1))).toMatchObject({ ok: true });
});

test('[MACH13] what finds no room is refused whole, and deleting is always possible', () => {
  const bench = new Bench();
  let refusals = 0;
  for (let n = 0; n < 300; n++)
    if (bench.ask(put(`k${n}`, new Uint8Array(60_000))).type === 'refused') refusals++;
  expect(refusals).toBeGreaterThan(10);
  expect(bench.ask(remove('k0'))).toMatchObject({ type: 'transacted', succeeded: true });
  const freed = bench.machine.revision;
  expect(bench.ask({ type: 'compact', revision: freed })).toEqual({ type: 'done' });
  expect(bench.ask(put('again', new Uint8Array(50_000)))).toMatchObject({ type: 'transacted' });
});

test('[MACH20] tokens rise strictly, and a holder that was paused is refused where the lock is compared', () => {
  const bench = new Bench();
  const leases = [bench.ask({ type: 'grant', ttlMs: 1000 }), bench.ask({ type: 'grant', ttlMs: 9000 })];
  const [mine, theirs] = leases.map(granted => (granted.type === 'granted' ? granted.lease : 0));
  const acquire = (lease = 0) => {
    const result = bench.ask({ type: 'acquire', lock: 'door', lease });
    return result.type === 'acquired' ? result.token : result.type;
  };
  const token = acquire(mine);
  expect(acquire(theirs)).toBe('held');
  bench.pass(1);
  bench.pass(1000);
  const later = acquire(theirs);
  expect(later).toBeGreaterThan(Number(token));
  const write = (held: number) =>
    bench.ask(
      transaction(
        [{ type: 'holds', lock: 'door', token: held }],
        [{ type: 'put', key: 'a', value: utf8(String(held)) }],
      ),
    );
  expect(write(Number(later))).toMatchObject({ succeeded: true });
  expect(write(Number(token))).toMatchObject({ succeeded: false });
  expect(acquire(mine)).toBe('refused');
  expect(bench.ask({ type: 'release', lock: 'door', token: Number(token) })).toMatchObject({
    reason: 'not-holder',
  });
});

test('[MACH21] a lease lasts while it is renewed and ends with its locks', () => {
  const bench = new Bench();
  const granted = bench.ask({ type: 'grant', ttlMs: 1000 });
  const lease = granted.type === 'granted' ? granted.lease : 0;
  bench.ask({ type: 'acquire', lock: 'door', lease });
  for (let n = 0; n < 5; n++) {
    bench.pass(900);
    expect(bench.ask({ type: 'renew', lease })).toMatchObject({ type: 'granted' });
  }
  // What passed before the last renewal is told only now.
  bench.pass(1000);
  expect(bench.machine.holder('door')).toBeDefined();
  bench.pass(1000);
  expect(bench.machine.holder('door')).toBeUndefined();
});

test('[MACH30] a wish is decided once, whoever submits it, also after its session has expired', () => {
  const bench = new Bench();
  bench.ask({ type: 'offer', resource: 'room', places: 1 });
  const wish = { type: 'book', wish: 'w1', resource: 'room', place: 1 } as const;
  const confirmed = { type: 'wish', state: { type: 'confirmed', place: 1 } };
  expect(bench.ask(wish)).toEqual(confirmed);
  bench.pass(clientSessionMs + 10_000);
  const other = bench.apply({ type: 'open-session', member: 7, nonce: 1 });
  bench.session = other.type === 'opened' ? other.session : 0;
  expect(bench.again(1, wish)).toEqual(confirmed);
  expect(bench.again(2, { ...wish, wish: 'w2' })).toEqual({ type: 'wish', state: { type: 'taken' } });
  expect(bench.again(3, { ...wish, place: 0 })).toMatchObject({ reason: 'other-wish' });
});

test('[MACH31] tickets are the lowest numbers that are free, and none is given twice', () => {
  const bench = new Bench();
  bench.ask({ type: 'offer', resource: 'train', places: 3 });
  const ticket = (wish: string) => {
    const result = bench.ask({ type: 'book', wish, resource: 'train', place: 0 });
    return result.type === 'wish' && 'place' in result.state ? result.state.place : 'none';
  };
  expect(['a', 'b', 'c', 'd'].map(ticket)).toEqual([1, 2, 3, 'none']);
  bench.ask({ type: 'cancel', wish: 'b' });
  expect(['e', 'd', 'b'].map(ticket)).toEqual([2, 'none', 'none']);
});

test('[MACH32] a reservation is confirmed, cancelled or expires; what is over stays over', () => {
  const bench = new Bench();
  bench.ask({ type: 'offer', resource: 'room', places: 1 });
  const reserve = (wish: string) =>
    bench.ask({ type: 'reserve', wish, resource: 'room', place: 1, ttlMs: 1000 });
  expect(reserve('a')).toMatchObject({ state: { type: 'reserved' } });
  expect(reserve('b')).toMatchObject({ state: { type: 'taken' } });
  bench.pass(1000);
  expect(bench.ask({ type: 'confirm', wish: 'a' })).toMatchObject({ state: { type: 'expired' } });
  expect(reserve('c')).toMatchObject({ state: { type: 'reserved' } });
  expect(bench.ask({ type: 'confirm', wish: 'c' })).toMatchObject({ state: { type: 'confirmed' } });
  bench.pass(2000);
  expect(bench.machine.owner('room', 1)).toBe('c');
});
