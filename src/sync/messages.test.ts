import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { concatBytes, toHex } from '../base/bytes.ts';
import type { ReplicaId } from '../base/ids.ts';
import { counterMax, presenceBytesMax } from '../base/limits.ts';
import { decodeSyncMessage, encodeSyncMessage, type SyncMessage } from './messages.ts';

const [a, c] = ['a0'.repeat(16) as ReplicaId, 'c0'.repeat(16) as ReplicaId];
const clock = new Map([
  [c, 300],
  [a, 1],
]);

const ids = fc.uint8Array({ minLength: 16, maxLength: 16 }).map(bytes => toHex(bytes) as ReplicaId);
const clocks = fc
  .array(fc.tuple(ids, fc.integer({ min: 1, max: counterMax })), { maxLength: 6 })
  .map(entries => new Map(entries));
const messages: fc.Arbitrary<SyncMessage> = fc.oneof(
  fc.record({ type: fc.constant('hello' as const), version: fc.nat(), replicaId: ids, heard: fc.boolean() }),
  fc.record({
    type: fc.constant('heartbeat' as const),
    sentMs: fc.maxSafeNat(),
    echoMs: fc.maxSafeNat(),
    heldMs: fc.maxSafeNat(),
    stateHash: fc.uint8Array({ minLength: 8, maxLength: 8 }),
  }),
  fc.record({
    type: fc.constant('clock' as const),
    partial: fc.constant(true),
    asks: fc.boolean(),
    clock: clocks,
    root: fc.constant(undefined),
  }),
  fc.record({
    type: fc.constant('clock' as const),
    partial: fc.constant(false),
    asks: fc.boolean(),
    clock: clocks,
    root: fc.uint8Array({ minLength: 16, maxLength: 16 }),
  }),
  fc.record({
    type: fc.constant('want' as const),
    keys: fc.uniqueArray(ids).map(keys => [...keys].sort()),
  }),
  fc.record({
    type: fc.constant('merkle' as const),
    items: fc.array(
      fc.record({ type: fc.constant('hash' as const), prefix: fc.constantFrom('', 'a', 'b0'), hash: ids }),
      { maxLength: 3 },
    ),
  }),
  fc.record({ type: fc.constant('request' as const), goesOn: fc.boolean(), clock: clocks }),
  fc.record({ type: fc.constant('batches' as const), batches: fc.array(fc.uint8Array(), { maxLength: 5 }) }),
  fc.record({ type: fc.constant('end' as const), more: fc.boolean() }),
  fc.record({ type: fc.constant('presence' as const), update: fc.uint8Array() }),
);

describe('released bytes', () => {
  test.each<[SyncMessage, string]>([
    [{ type: 'hello', version: 2, replicaId: c, heard: true }, `0102${c}01`],
    [
      {
        type: 'heartbeat',
        sentMs: 1000,
        echoMs: 300,
        heldMs: 0,
        stateHash: Uint8Array.of(1, 2, 3, 4, 5, 6, 7, 8),
      },
      '02e807ac02000102030405060708',
    ],
    [
      { type: 'clock', partial: false, asks: true, clock, root: new Uint8Array(16).fill(5) },
      `030202${a}01${c}ac02${'05'.repeat(16)}`,
    ],
    [
      { type: 'clock', partial: true, asks: false, clock: new Map([[c, 2]]), root: undefined },
      `030101${c}02`,
    ],
    [{ type: 'request', goesOn: true, clock: new Map() }, '040100'],
    [{ type: 'batches', batches: [Uint8Array.of(1, 2, 3), new Uint8Array()] }, '05020301020300'],
    [{ type: 'end', more: true }, '0601'],
    [{ type: 'presence', update: Uint8Array.of(9, 9) }, '07020909'],
    [{ type: 'merkle', items: [{ type: 'keys', prefix: '0', keys: [] }] }, '080102010000'],
    [{ type: 'want', keys: [a, c] }, `0902${a}${c}`],
  ])('%o', (message, hex) => {
    expect(toHex(encodeSyncMessage(message))).toBe(hex);
    expect(decodeSyncMessage(encodeSyncMessage(message))).toEqual({ ok: true, value: message });
  });
});

describe('laws', () => {
  test('encoding and decoding are inverse; every truncation and every extension is refused', () => {
    fc.assert(
      fc.property(messages, message => {
        const bytes = encodeSyncMessage(message);
        expect(decodeSyncMessage(bytes)).toEqual({ ok: true, value: message });
        for (let cut = 0; cut < bytes.length; cut++) {
          expect(decodeSyncMessage(bytes.subarray(0, cut)).ok).toBe(false);
        }
        expect(decodeSyncMessage(concatBytes(bytes, Uint8Array.of(0))).ok).toBe(false);
      }),
      { numRuns: 200 },
    );
  });

  test('[SYNC9] no bytes make it throw', () => {
    fc.assert(
      fc.property(fc.nat(9), fc.uint8Array({ maxLength: 60 }), (code, bytes) => {
        decodeSyncMessage(concatBytes(Uint8Array.of(code), bytes));
      }),
      { numRuns: 500 },
    );
  });
});

test.each([
  ['nothing', [], 'short'],
  ['a message of a later version', [10, 1], 'unknown message'],
  ['unknown flags', [6, 2], 'unknown flags'],
  ['more batches than there are bytes', [5, 0xff, 0xff, 0x3f], 'short'],
  ['presence beyond its bound', [7, 0x81, 0x10, ...new Uint8Array(presenceBytesMax + 1)], 'number too large'],
])('[SYNC9] %s is refused', (_, bytes, reason) => {
  expect(decodeSyncMessage(Uint8Array.from(bytes))).toEqual({ ok: false, reason });
});
