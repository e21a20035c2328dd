import { describe, expect, test } from 'vitest';
import { toHex } from '../base/bytes.ts';
import { decodeBatch, type Batch } from '../sync/batch.ts';
import { nobleCrypto } from '../sync/crypto.ts';
import { Author, Lone } from './lone.model.ts';

/** A profile and its copy: one key, one certificate, and from there on two logs. */
function copied(): { certificate: Batch; one: Author; other: Author } {
  const [one, other] = [new Author(1), new Author(1)];
  const certificate = one.certificate();
  other.certificate();
  return { certificate, one, other };
}

/** What this replica has pushed on its link: its own batches. */
function pushedBy(lone: Lone): Batch[] {
  return lone.sentOf('batches', 'link').flatMap(({ batches }) =>
    batches.map(bytes => {
      const decoded = decodeBatch(nobleCrypto, bytes);
      if (!decoded.ok) throw new Error(decoded.reason);
      return decoded.value;
    }),
  );
}

/** A replica that has met `author`, has these batches, and has lost the link again. */
function readerOf(device: number, author: Author, ...batches: Batch[]): Lone {
  const lone = new Lone({ device });
  lone.meet('link', author.replicaId);
  lone.batches('link', ...batches);
  lone.step({ type: 'link-down', linkId: 'link', reason: 'closed' });
  return lone;
}

/** Two replicas and a link between them, for a while. */
function talk(a: Lone, b: Lone, forMs: number): void {
  for (const lone of [a, b]) lone.sent.length = 0;
  for (const lone of [a, b]) lone.step({ type: 'link-up', linkId: 'each other' });
  for (let ms = 0; ms < forMs; ms += 20) {
    for (const [from, to] of [
      [a, b],
      [b, a],
    ] as const) {
      const said = from.sent.splice(0).filter(({ linkId }) => linkId === 'each other');
      to.hear('each other', ...said.map(({ message }) => message));
      to.pass(20);
    }
  }
}

describe('a log that two have written', () => {
  test('[SYNC53] both branches are kept, and read alike whichever came first', () => {
    const { certificate, one, other } = copied();
    const mine = [one.write('left '), one.write('more ')] as const;
    const theirs = other.write('right ');
    const orders = [
      [...mine, theirs],
      [theirs, ...mine],
      [mine[0], theirs, mine[1]],
    ];
    const states = orders.map(order => {
      const lone = new Lone();
      lone.meet('link', one.replicaId);
      for (const batch of [certificate, ...order]) lone.batches('link', batch);
      expect([...lone.replica.refusals.entries()]).toEqual([]);
      expect(lone.replica.status().peers[0]?.forked).toBe(true);
      expect(lone.replica.status().forked).toBe(false);
      const clock = [...lone.replica.clock].filter(([id]) => id !== lone.replica.replicaId).sort();
      return { text: lone.text(), clock };
    });
    expect(states[0]?.text).toContain('more left ');
    expect(states[0]?.text).toContain('right ');
    expect(states[1]).toEqual(states[0]);
    expect(states[2]).toEqual(states[0]);
    expect(states[0]?.clock.map(([, count]) => count).sort()).toEqual([1, 2, 3]);
  });

  test('[SYNC55] who wrote on one branch, knowing no other, meant that one', () => {
    const { certificate, one, other } = copied();
    const [left, right] = [one.write('abc'), other.write('xyz')];
    const reader = new Lone({ device: 2 });
    reader.meet('link', one.replicaId);
    reader.batches('link', certificate, left);
    reader.edit([
      { from: 1, to: 2, insert: '' },
      { from: 1, to: 1, insert: '-' },
    ]);
    reader.pass(1000);
    const ofReader = pushedBy(reader).at(-1) as Batch;
    reader.batches('link', right);
    const after = new Lone({ device: 3 });
    after.meet('link', one.replicaId);
    after.batches('link', certificate, right, reader.certificate(), left, ofReader);
    expect([...after.replica.refusals.entries()]).toEqual([]);
    expect(after.text()).toContain('a-c');
    expect(after.text()).toContain('xyz');
    expect(reader.text()).toBe(after.text());
    // And goes on, under names that both know.
    reader.edit([{ from: 0, to: 1, insert: '' }]);
    reader.pass(1000);
    after.batches('link', pushedBy(reader).at(-1) as Batch);
    expect(after.text()).toBe(reader.text());
    expect(after.text().length).toBe(5);
  });

  test('[SYNC53] what goes into a file holds both branches, and what is beyond a clock that knows one is the other', () => {
    const { certificate, one, other } = copied();
    const mine = [one.write('left '), one.write('more ')] as const;
    const theirs = [other.write('right '), other.write('yet ')] as const;
    const reader = readerOf(2, one, certificate, ...mine);
    const half = new Map(reader.replica.clock);
    reader.meet('again', one.replicaId);
    reader.batches('again', ...theirs);
    reader.pass(1000);
    const idsBeyond = (clock: ReadonlyMap<Batch['replicaId'], number>) =>
      new Set(
        [...reader.replica.batchesBeyond(clock)].map(bytes => {
          const decoded = decodeBatch(nobleCrypto, bytes);
          if (!decoded.ok) throw new Error(decoded.reason);
          return decoded.value.id;
        }),
      );
    const all = [certificate, ...mine, ...theirs].map(({ id }) => id);
    const whole = idsBeyond(new Map());
    expect(all.filter(id => !whole.has(id))).toEqual([]);
    // The clock of before knew `mine` under the stem's name: sent twice is no harm, left out is.
    const rest = idsBeyond(half);
    expect(theirs.filter(({ id }) => !rest.has(id))).toEqual([]);
  });

  test('[SYNC50] replicas that count alike and differ find it by their roots, and end with the same', () => {
    const { certificate, one, other } = copied();
    const words = (whose: string) => [whose, 'are ', 'these '];
    const a = readerOf(2, one, certificate, ...words('mine ').map(word => one.write(word)));
    const b = readerOf(3, other, certificate, ...words('yours ').map(word => other.write(word)));
    talk(a, b, 8000);
    expect(toHex(a.replica.durableRoot)).toBe(toHex(b.replica.durableRoot));
    expect(new Map(a.replica.clock)).toEqual(new Map(b.replica.clock));
    expect(a.text()).toBe(b.text());
    expect(a.text()).toContain('these are mine ');
    expect(a.text()).toContain('these are yours ');
  });

  test('[SYNC51] also when one of them counts further', () => {
    const { certificate, one, other } = copied();
    const words = (author: Author, count: number) =>
      Array.from({ length: count }, () => author.write(author === one ? '1 ' : '2 '));
    const a = readerOf(2, one, certificate, ...words(one, 9));
    const b = readerOf(3, other, certificate, ...words(other, 4));
    talk(a, b, 10_000);
    expect(toHex(a.replica.durableRoot)).toBe(toHex(b.replica.durableRoot));
    expect(a.text()).toBe(b.text());
    expect(a.text().length).toBe(26);
  });

  test('[SYNC51] and when what waits for the other branch is of somebody else', () => {
    const { certificate, one, other } = copied();
    const [left, right] = [one.write('abc'), other.write('xyz')];
    const a = readerOf(2, one, certificate, left);
    const b = readerOf(3, other, certificate, right);
    b.edit([{ from: 0, to: 0, insert: 'on the right: ' }]);
    b.pass(100);
    talk(a, b, 10_000);
    expect(a.text()).toBe(b.text());
    expect(a.text()).toContain('on the right: xyz');
  });

  test('[SYNC56] our own log: nothing is renamed under what is being typed, and our branch goes on', () => {
    const lone = new Lone({ device: 1 });
    const copy = new Author(1);
    copy.goOn(lone.certificate());
    lone.meet('link', new Author(2).replicaId);
    lone.edit([{ from: 0, to: 0, insert: 'ours' }]);
    lone.pass(200);
    lone.disk = { ok: false, reason: 'full' };
    lone.edit([{ from: 4, to: 4, insert: ', and' }]);
    lone.edit([{ from: 9, to: 9, insert: ' more' }]);
    const theirs = copy.write('copy ');
    lone.batches('link', theirs);
    expect(lone.text()).toBe('ours, and more');
    expect(lone.forkedOwn).toBe(0);
    lone.disk = { ok: true };
    lone.edit([{ from: 14, to: 14, insert: '.' }]);
    lone.pass(5000);
    expect(lone.text()).toContain('ours, and more.');
    expect(lone.text()).toContain('copy ');
    expect(lone.text().length).toBe(20);
    expect(lone.replica.has(theirs.id)).toBe(true);
    expect(lone.replica.status().forked).toBe(true);
    expect(lone.forkedOwn).toBe(1);
    expect([...lone.replica.refusals.entries()]).toEqual([]);
  });
});
