import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { concatBytes, fromHex, toHex } from '../base/bytes.ts';
import { Writer } from '../base/codec.ts';
import { replicaIdOf, type BatchId, type DocumentId, type ReplicaId, type SpaceId } from '../base/ids.ts';
import { batchBodyBytesMax, batchDependenciesMax, batchSectionsMax, counterMax } from '../base/limits.ts';
import { spaceKeysOf } from '../base/space-keys.ts';
import { encodeTextOps } from '../crdt/text/codec.ts';
import {
  decodeBatch,
  encodeUnsigned,
  signatureBytes,
  signedMessage,
  textSection,
  withSignature,
  type Batch,
  type BatchHeader,
  type Certificate,
  type Operations,
} from './batch.ts';
import { certificateFor } from './certificate.ts';
import { nobleCrypto } from './crypto.ts';

const keys = spaceKeysOf(
  nobleCrypto,
  Uint8Array.from({ length: 32 }, (_, i) => i),
);
const device = { deviceKey: new Uint8Array(32).fill(0x11), sealingKey: new Uint8Array(32).fill(0x22) };
const replicaId = replicaIdOf(nobleCrypto, device.deviceKey, keys.spaceId, 0, 0);
const signature = new Uint8Array(signatureBytes).fill(0xaa);
const first: BatchHeader = {
  spaceId: keys.spaceId,
  replicaId,
  incarnation: 0,
  sequence: 0,
  previous: undefined,
  dependencies: [],
  stamp: { wallMs: 1_800_000_000_000, logical: 0 },
};

function batchOf(header: BatchHeader, body: Certificate | Operations): Batch {
  const { id, unsigned } = encodeUnsigned(nobleCrypto, header, body);
  return withSignature(id, header, body, unsigned, signature);
}
function read(bytes: Uint8Array): Batch {
  const decoded = decodeBatch(nobleCrypto, bytes);
  if (!decoded.ok) throw new Error(decoded.reason);
  return decoded.value;
}
const reasonOf = (bytes: Uint8Array) => {
  const decoded = decodeBatch(nobleCrypto, bytes);
  return decoded.ok ? 'taken' : decoded.reason;
};

const id = (bytes: number) => fc.uint8Array({ minLength: bytes, maxLength: bytes }).map(toHex);
const counters = fc.oneof(fc.nat(300), fc.integer({ min: 0, max: counterMax }));
const headers: fc.Arbitrary<BatchHeader> = fc
  .record({
    spaceId: id(16),
    replicaId: id(16),
    incarnation: counters,
    sequence: counters,
    previous: id(32),
    dependencies: fc.uniqueArray(id(32), { maxLength: 5 }).map(ids => ids.sort()),
    stamp: fc.record({ wallMs: fc.maxSafeNat(), logical: fc.maxSafeNat() }),
  })
  .map(header => header as unknown as BatchHeader & { readonly previous: BatchId });
const key = fc.uint8Array({ minLength: 32, maxLength: 32 });
const certificates: fc.Arbitrary<Certificate> = fc.record({
  type: fc.constant('certificate'),
  deviceKey: key,
  sealingKey: key,
  slot: fc.nat(0xffff),
  proof: key,
});
const operations: fc.Arbitrary<Operations> = fc.record({
  type: fc.constant('operations'),
  firstCounter: counters,
  sections: fc.array(
    fc.record({
      documentId: id(16).map(text => text as DocumentId),
      kind: fc.nat(0xffff),
      counters,
      operations: fc.uint8Array(),
    }),
    { maxLength: 4 },
  ),
});
const batches: fc.Arbitrary<Batch> = fc.oneof(
  fc
    .tuple(headers, certificates)
    .map(([header, body]) => batchOf({ ...header, sequence: 0, previous: undefined }, body)),
  fc
    .tuple(headers, operations)
    .map(([header, body]) => batchOf({ ...header, sequence: Math.max(1, header.sequence) }, body)),
);

describe('released bytes', () => {
  const certificateId = 'a5e8ebe4097d01d9aa5f36416493e48d9a57f1a9bfcee7b8d0229bd00512abd5';
  const start = `01${keys.spaceId}${replicaId}`;

  test('[SYNC2] a certificate is pinned', () => {
    const batch = batchOf(first, certificateFor(nobleCrypto, keys, replicaId, device, 0));
    const proof = '789f4a9c4c0edaff96adcbfd17c2635c63c69fcf0c79ab39efb503b29960da65';
    const unsigned =
      `${start}0000` +
      `00` +
      `80a0f1c2b134` +
      `00` +
      `0061` +
      '11'.repeat(32) +
      '22'.repeat(32) +
      `00${proof}`;
    expect(toHex(batch.bytes)).toBe(unsigned + 'aa'.repeat(64));
    expect(batch.id).toBe(certificateId);
    expect(read(batch.bytes)).toEqual(batch);
  });

  test('[SYNC2] operations are pinned', () => {
    const insert = {
      type: 'insert',
      id: { replicaId, counter: 0 },
      parent: null,
      side: 'right',
      text: 'hi',
    } as const;
    const section = {
      documentId: 'd0'.repeat(16) as DocumentId,
      kind: textSection,
      counters: 2,
      operations: encodeTextOps([insert], replicaId, 0),
    };
    const header: BatchHeader = {
      ...first,
      sequence: 1,
      previous: certificateId as BatchId,
      dependencies: ['b0'.repeat(32) as BatchId],
      stamp: { wallMs: 1_800_000_000_123, logical: 2 },
    };
    const batch = batchOf(header, { type: 'operations', firstCounter: 0, sections: [section] });
    const unsigned =
      `${start}0001${certificateId}01${'b0'.repeat(32)}` +
      `fba0f1c2b134` +
      `02` +
      `011a` +
      `0001${'d0'.repeat(16)}0102050100226869`;
    expect(toHex(batch.bytes)).toBe(unsigned + 'aa'.repeat(64));
    expect(batch.id).toBe('82863c4f594e1b8ac71ae8165add42f8eeae30a8a6e1e7653a1648fe386dce38');
    expect(read(batch.bytes)).toEqual(batch);
  });

  test('[SYNC2] what is signed is a label and the id', () => {
    expect(toHex(signedMessage(certificateId as BatchId))).toBe(
      toHex(new TextEncoder().encode('peerloom/batch/v1')) + certificateId,
    );
  });
});

describe('laws', () => {
  test('encoding and decoding are inverse', () => {
    fc.assert(
      fc.property(batches, batch => {
        expect(read(batch.bytes)).toEqual(batch);
      }),
      { numRuns: 300 },
    );
  });

  test('[SYNC9] every truncation and every extension is refused', () => {
    fc.assert(
      fc.property(batches, fc.uint8Array({ minLength: 1, maxLength: 4 }), (batch, more) => {
        for (let cut = 0; cut < batch.bytes.length; cut++) {
          expect(decodeBatch(nobleCrypto, batch.bytes.subarray(0, cut)).ok).toBe(false);
        }
        expect(decodeBatch(nobleCrypto, concatBytes(batch.bytes, more)).ok).toBe(false);
      }),
      { numRuns: 20 },
    );
  });

  test('[SYNC2] the id depends on everything but the signature', () => {
    fc.assert(
      fc.property(batches, fc.nat(), fc.nat(7), (batch, at, bit) => {
        const flipped = batch.bytes.slice();
        const place = at % flipped.length;
        flipped[place] = (flipped[place] ?? 0) ^ (1 << bit);
        const decoded = decodeBatch(nobleCrypto, flipped);
        if (decoded.ok) expect(decoded.value.id === batch.id).toBe(place >= flipped.length - signatureBytes);
      }),
    );
  });

  test('[SYNC9] no bytes make it throw', () => {
    fc.assert(
      fc.property(fc.uint8Array({ minLength: 60, maxLength: 400 }), bytes => {
        decodeBatch(nobleCrypto, bytes);
        decodeBatch(nobleCrypto, concatBytes(Uint8Array.of(1), bytes));
      }),
    );
  });
});

describe('refused', () => {
  const empty: Operations = { type: 'operations', firstCounter: 0, sections: [] };
  const later: BatchHeader = { ...first, sequence: 1, previous: 'e'.repeat(64) as BatchId };
  const ids = (count: number) =>
    Array.from({ length: count }, (_, i) => i.toString(16).padStart(64, '0') as BatchId);

  test('[SYNC9] another version', () => {
    const bytes = batchOf(later, empty).bytes.slice();
    bytes[0] = 2;
    expect(reasonOf(bytes)).toBe('unknown batch version');
  });

  test('[SYNC1] a certificate that is not the first, a first that is no certificate', () => {
    const certificate = certificateFor(nobleCrypto, keys, replicaId, device, 0);
    expect(reasonOf(batchOf(later, certificate).bytes)).toBe('certificate out of place');
    expect(reasonOf(batchOf(first, empty).bytes)).toBe('certificate out of place');
  });

  test('[SYNC9] dependencies that do not rise, or are too many', () => {
    const [a, b] = ['a'.repeat(64) as BatchId, 'b'.repeat(64) as BatchId];
    expect(reasonOf(batchOf({ ...later, dependencies: [b, a] }, empty).bytes)).toBe(
      'dependencies not sorted',
    );
    expect(reasonOf(batchOf({ ...later, dependencies: [a, a] }, empty).bytes)).toBe(
      'dependencies not sorted',
    );
    expect(reasonOf(batchOf({ ...later, dependencies: ids(batchDependenciesMax) }, empty).bytes)).toBe(
      'taken',
    );
    const many = batchOf({ ...later, dependencies: ids(batchDependenciesMax + 1) }, empty);
    expect(reasonOf(many.bytes)).toBe('number too large');
  });

  test('[SYNC9] too many sections, a body or a section too long', () => {
    const section = {
      documentId: 'd'.repeat(32) as DocumentId,
      kind: 1,
      counters: 0,
      operations: new Uint8Array(),
    };
    const bodyOf = (count: number, bytes = 0): Operations => ({
      ...empty,
      sections: Array.from({ length: count }, () => ({ ...section, operations: new Uint8Array(bytes) })),
    });
    expect(reasonOf(batchOf(later, bodyOf(batchSectionsMax)).bytes)).toBe('taken');
    expect(reasonOf(batchOf(later, bodyOf(batchSectionsMax + 1)).bytes)).toBe('number too large');
    expect(reasonOf(batchOf(later, bodyOf(1, batchBodyBytesMax - 100)).bytes)).toBe('taken');
    expect(reasonOf(batchOf(later, bodyOf(1, batchBodyBytesMax)).bytes)).toBe('number too large');
    expect(reasonOf(batchOf(later, bodyOf(2, batchBodyBytesMax / 2)).bytes)).toBe('number too large');
  });

  test('[SYNC7] a body kind from a later version is read as unknown, whatever it holds', () => {
    const writer = new Writer().byte(1).bytes(fromHex(keys.spaceId)).bytes(fromHex(replicaId));
    writer.varUint(0).varUint(1).bytes(new Uint8Array(32)).varUint(0).varUint(5).varUint(0);
    writer
      .varUint(300)
      .varBytes(Uint8Array.of(9, 9, 9))
      .bytes(signature);
    expect(read(writer.finish()).body).toEqual({ type: 'unknown', kind: 300 });
  });
});

test('ids are brands over plain hex', () => {
  const { spaceId, replicaId: name } = read(
    batchOf(first, certificateFor(nobleCrypto, keys, replicaId, device, 0)).bytes,
  );
  expect([spaceId satisfies SpaceId, name satisfies ReplicaId]).toEqual([keys.spaceId, replicaId]);
});
