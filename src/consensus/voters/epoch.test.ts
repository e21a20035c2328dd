/** A majority that is lost for good: see SPEC.md. */
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { fromHex, toHex, utf8 } from '../../base/bytes.ts';
import { SeededRandom } from '../../base/random.ts';
import type { Entry } from '../entry.ts';
import { Driver, foundingLog } from '../driver/driver.ts';
import { Drivers } from '../driver/drivers.model.ts';
import type { StoredLog } from '../log-storage.ts';
import { put, type Command } from '../machine/commands.ts';
import {
  compareEpochs,
  conflicts,
  decodeEpoch,
  encodeEpoch,
  Epochs,
  mostUpToDate,
  recover,
  type EpochRecord,
} from './epoch.ts';

const record = (epoch: number, signer: string): EpochRecord => ({
  epoch,
  before: epoch - 1,
  signer,
  member: 7,
  lastTerm: 3,
  lastIndex: 40,
  term: 5,
});
const logOf = (terms: readonly number[]): StoredLog => ({
  ...foundingLog([1, 2, 3]),
  entries: terms.map((term, at): Entry => ({ type: 'normal', term, index: 2 + at, data: new Uint8Array(0) })),
});
function answered(drivers: Drivers, by: number, command: Command): boolean {
  const { request, effects } = drivers.get(by).request(command);
  drivers.do(by, effects);
  drivers.pass(3000);
  return drivers.told.some(told => told.type === 'answered' && told.by === by && told.request === request);
}

test('[EPOCH1] the last term counts, then the index, and the longest log does not', () => {
  const [long, late, later] = [logOf([1, 1, 1, 1, 1, 1]), logOf([1, 2]), logOf([1, 2, 2])];
  expect(mostUpToDate([{ log: long }, { log: late }, { log: later }])?.log).toBe(later);
  expect(mostUpToDate([])).toBeUndefined();
});

test('[EPOCH1][EPOCH5] what was confirmed is there after a recovery from one survivor, and the group decides again', () => {
  const drivers = new Drivers([1, 2, 3]);
  const leader = drivers.elect();
  expect(answered(drivers, leader.id, put('kept', utf8('1')))).toBe(true);
  const [one, other] = [1, 2, 3].filter(id => id !== leader.id) as [number, number];
  drivers.cut.add(leader.id).add(other);
  expect(answered(drivers, one, put('lost', utf8('2')))).toBe(false);
  const recovered = recover([{ log: drivers.stored(one) }], { before: 0, signer: 'aa', member: 100 });
  expect(recovered?.record).toMatchObject({ epoch: 1, before: 0, member: 100 });
  if (recovered === undefined) return;
  expect(recovered.record.term).toBeGreaterThan(drivers.get(one).status().term - 1);
  const anew = new Drivers([]);
  anew.start(100, recovered.log);
  anew.elect();
  expect(anew.get(100).machine.get('kept')?.value).toEqual(utf8('1'));
  expect(answered(anew, 100, put('new', utf8('3')))).toBe(true);
});

test('[EPOCH3] everybody ranks records alike', () => {
  const some = fc.record({ epoch: fc.integer({ min: 1, max: 3 }), signer: fc.constantFrom('a', 'b', 'c') });
  fc.assert(
    fc.property(fc.array(some, { minLength: 1, maxLength: 6 }), fc.nat(), (drawn, seed) => {
      const records = drawn.map(({ epoch, signer }) => record(epoch, signer));
      const random = new SeededRandom(seed);
      const shuffled = [...records].sort(() => random.below(3) - 1);
      const hear = (all: readonly EpochRecord[]) => {
        const epochs = new Epochs(undefined);
        for (const one of all) epochs.heard(one);
        return epochs.current as EpochRecord;
      };
      expect(compareEpochs(hear(records), hear(shuffled))).toBe(0);
    }),
  );
});

test('[EPOCH4] the old quorum freezes when it hears of a later epoch, and confirms nothing more', () => {
  const drivers = new Drivers([1, 2, 3]);
  const leader = drivers.elect();
  const epochs = new Epochs(undefined);
  expect(epochs.isFrozen).toBe(false);
  expect(epochs.heard(record(1, 'aa'))).toBe(true);
  expect(epochs.heard(record(1, 'a0'))).toBe(false);
  expect(epochs.isFrozen).toBe(true);
  for (const driver of drivers.all.values()) driver.freeze();
  expect(answered(drivers, leader.id, put('late', utf8('1')))).toBe(false);
  expect([leader.isLeader, leader.isFrozen]).toEqual([true, true]);
  const own = new Epochs(record(1, 'aa'));
  expect([own.heard(record(1, 'aa')), own.isFrozen]).toEqual([false, false]);
});

test('[EPOCH4] members of two epochs do not hear each other', () => {
  const config = {
    id: 1,
    random: { below: () => 0 },
    tickMs: 100,
    electionTicks: 10,
    snapshotEveryEntries: 100,
  };
  const old = new Driver(config, foundingLog([1, 2]), 0);
  const anew = new Driver({ ...config, id: 2, epoch: 1 }, foundingLog([1, 2]), 0);
  let frames = 0;
  for (let ms = 0; ms < 5000; ms += 100)
    for (const effect of old.pass(ms))
      if (effect.type === 'send') {
        frames++;
        expect(anew.receive(1, effect.bytes)).toEqual([]);
      }
  expect(frames).toBeGreaterThan(0);
  expect(anew.status().term).toBe(0);
});

test('[EPOCH6] what the losing side confirmed and the winning one has not is told', () => {
  const drivers = new Drivers([1]);
  drivers.elect();
  expect(answered(drivers, 1, { type: 'offer', resource: 'room', places: 3 })).toBe(true);
  for (const [wish, place] of [
    ['ann', 1],
    ['bo', 2],
  ] as const)
    expect(answered(drivers, 1, { type: 'book', wish, resource: 'room', place })).toBe(true);
  const told = conflicts(
    [
      { wish: 'ann', resource: 'room', place: 1 },
      { wish: 'cy', resource: 'room', place: 2 },
      { wish: 'di', resource: 'room', place: 3 },
    ],
    drivers.get(1).machine,
  );
  expect(told).toEqual([
    { wish: 'cy', resource: 'room', place: 2, owner: 'bo' },
    { wish: 'di', resource: 'room', place: 3, owner: undefined },
  ]);
});

test('[EPOCH2][EPOCH7] a record is the same after encoding and decoding, its bytes stay, and no bytes throw', () => {
  const hex = toHex(encodeEpoch(record(2, 'ab')));
  expect(hex).toBe('01020102616207032805');
  expect(decodeEpoch(fromHex(hex))).toEqual({ ok: true, value: record(2, 'ab') });
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 40 }), bytes => {
      const decoded = decodeEpoch(bytes);
      if (decoded.ok) expect(encodeEpoch(decoded.value)).toEqual(bytes);
    }),
  );
});
