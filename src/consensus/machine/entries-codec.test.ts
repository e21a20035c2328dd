import fc from 'fast-check';
import { expect, test } from 'vitest';
import { fromHex, toHex, utf8 } from '../../base/bytes.ts';
import { SeededRandom } from '../../base/random.ts';
import { command, entry } from './arbitraries.model.ts';
import { put, transaction, type Command, type LogEntry } from './commands.ts';
import { decodeEntry, encodeEntry } from './entries-codec.ts';
import { Machine } from './machine.ts';

const request = (made: Command): LogEntry => ({
  type: 'request',
  session: 300,
  sequence: 5,
  unansweredFrom: 3,
  command: made,
});
/** docs/protocols/agreement.md: these bytes stay as they are. */
const golden: readonly (readonly [LogEntry, string])[] = [
  [{ type: 'advance', byMs: 500 }, '0100f403'],
  [{ type: 'open-session', member: 7, nonce: 1 }, '01010701'],
  [request({ type: 'nothing' }), '0102ac02030200'],
  [request(put('a', utf8('x'))), '0102ac0203020100010001610178' + '00'],
  [
    request(
      transaction(
        [
          { type: 'revision', key: 'a', revision: 9 },
          { type: 'value', key: 'b', value: utf8('y') },
          { type: 'holds', lock: 'l', token: 4 },
        ],
        [{ type: 'delete', key: 'a' }],
        [{ type: 'get', key: 'b' }],
      ),
    ),
    '0102ac02030201' + '03000161090101620179' + '02016c04' + '01010161' + '01020162',
  ],
  [request({ type: 'compact', revision: 8 }), '0102ac0203020208'],
  [request({ type: 'grant', ttlMs: 1000 }), '0102ac02030203e807'],
  [request({ type: 'renew', lease: 8 }), '0102ac0203020408'],
  [request({ type: 'revoke', lease: 8 }), '0102ac0203020508'],
  [request({ type: 'acquire', lock: 'l', lease: 8 }), '0102ac02030206016c08'],
  [request({ type: 'release', lock: 'l', token: 9 }), '0102ac02030207016c09'],
  [request({ type: 'offer', resource: 'r', places: 3 }), '0102ac02030208017203'],
  [request({ type: 'book', wish: 'w', resource: 'r', place: 2 }), '0102ac0203020901770172' + '02'],
  [
    request({ type: 'reserve', wish: 'w', resource: 'r', place: 0, ttlMs: 9 }),
    '0102ac0203020a01770172' + '0009',
  ],
  [request({ type: 'confirm', wish: 'w' }), '0102ac0203020b0177'],
  [request({ type: 'cancel', wish: 'w' }), '0102ac0203020c0177'],
];

test.each(golden.map(([made, hex]) => [made.type === 'request' ? made.command.type : made.type, made, hex]))(
  '[MACH40] the bytes of %s stay as they are',
  (_name, made, hex) => {
    expect(toHex(encodeEntry(made))).toBe(hex);
    expect(decodeEntry(fromHex(hex))).toEqual({ ok: true, value: made });
  },
);

test('[MACH40] an entry is the same after encoding and decoding', () => {
  fc.assert(
    fc.property(entry, made => {
      expect(decodeEntry(encodeEntry(made))).toEqual({ ok: true, value: made });
    }),
    { numRuns: 2000 },
  );
});

test('[MACH41] what cannot be is not decoded', () => {
  const reasons = [
    ['02', 'unknown version of an entry'],
    ['0103', 'unknown type of an entry'],
    ['01010001', 'a number above 0'],
    ['0100914e', 'number too large'],
    ['0102ac0203020d', 'unknown type of a command'],
    ['0102ac02030201000201016101016100', 'a key is written twice'],
    ['0102ac0203020300', 'no time at all'],
    ['0100f40300', 'trailing bytes'],
  ];
  for (const [hex = '', reason] of reasons) expect(decodeEntry(fromHex(hex))).toEqual({ ok: false, reason });
});

/** 10^5 inputs near to what is right, which is where the mistakes are. */
test('[MACH42] whatever bytes come as an entry or as a snapshot, decoding does not throw', () => {
  const random = new SeededRandom('machine bytes');
  const entries = fc.sample(entry, { seed: 1, numRuns: 200 }).map(encodeEntry);
  const snapshots = fc
    .sample(fc.array(command, { minLength: 5, maxLength: 30 }), { seed: 2, numRuns: 100 })
    .map(made => {
      const machine = new Machine();
      machine.apply(1, encodeEntry({ type: 'open-session', member: 1, nonce: 1 }));
      for (const [at, one] of made.entries())
        machine.apply(
          at + 2,
          encodeEntry({ type: 'request', session: 1, sequence: at + 1, unansweredFrom: 1, command: one }),
        );
      return machine.snapshot();
    });
  let read = 0;
  for (let n = 0; n < 100_000; n++) {
    const isEntry = n % 2 === 0;
    const from = isEntry ? entries : snapshots;
    const bytes = (from[random.below(from.length)] as Uint8Array).slice();
    for (let flips = random.below(3); flips >= 0 && bytes.length > 0; flips--)
      bytes[random.below(bytes.length)] = random.below(256);
    const cut = random.below(4) === 0 ? bytes.subarray(0, random.below(bytes.length + 1)) : bytes;
    if (isEntry) {
      if (decodeEntry(cut).ok) read++;
      continue;
    }
    const restored = Machine.restore(cut);
    // One that is read is whole: it can be written again.
    if (restored.ok && restored.value.snapshot().length > 0) read++;
  }
  // Many are still right, and many are not: both ways are gone.
  expect(read).toBeGreaterThan(5000);
  expect(read).toBeLessThan(90_000);
});
