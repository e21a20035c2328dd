import { expect, test } from 'vitest';
import { toHex } from '../base/bytes.ts';
import type { BatchId, ReplicaId } from '../base/ids.ts';
import { batchKeyBytes, openRecord, readBatchKey, readRowKey, rowKeyBytes, sealRecord } from './records.ts';

const replicaId = 'a'.repeat(32) as ReplicaId;

test('[STORE8] golden bytes of version 1', () => {
  const key = rowKeyBytes({ replicaId, sequence: 258 });
  expect(toHex(key)).toBe(`${replicaId}0000000000000102`);
  expect(toHex(sealRecord('outbox', key))).toBe('0100000000e497c170');
  const record = sealRecord('batch', new Uint8Array(56).fill(1), Uint8Array.of(1, 2, 3));
  expect(toHex(record)).toBe('010000000392cd9905010203');
  expect(openRecord('batch', new Uint8Array(56).fill(1), record)).toMatchObject({ ok: true });
});

test('[STORE8] a record is one of its kind and its key alone, and each refusal says why', () => {
  const key = rowKeyBytes({ replicaId, sequence: 1 });
  const record = sealRecord('outbox', key, Uint8Array.of(5));
  const other = rowKeyBytes({ replicaId, sequence: 2 });
  expect(openRecord('outbox', other, record)).toEqual({ ok: false, reason: 'checksum' });
  expect(openRecord('head', key, record)).toEqual({ ok: false, reason: 'checksum' });
  expect(openRecord('outbox', key, record.subarray(0, 9))).toEqual({ ok: false, reason: 'length' });
  expect(openRecord('outbox', key, record.subarray(0, 5))).toEqual({ ok: false, reason: 'short' });
  const later = Uint8Array.from(record);
  later[0] = 2;
  expect(openRecord('outbox', key, later)).toEqual({ ok: false, reason: 'version' });
});

test('[STORE1] keys read back as they were, far beyond 32 bits, and whatever else is none', () => {
  const key = { replicaId, sequence: 2 ** 48, batchId: 'c'.repeat(64) as BatchId };
  expect(readBatchKey(batchKeyBytes(key))).toEqual(key);
  expect(readBatchKey(batchKeyBytes(key).subarray(1))).toBeUndefined();
  expect(readRowKey(new Uint8Array(24).fill(255))).toBeUndefined();
});
