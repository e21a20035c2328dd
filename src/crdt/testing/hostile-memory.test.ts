import { describe, expect, test } from 'vitest';
import { concatBytes, fromHex } from '../../base/bytes.ts';
import { Writer, type Decoded } from '../../base/codec.ts';
import { decodeClearableOps } from '../counters/clearable-codec.ts';
import { decodeGCounter, decodeGCounterOps, decodePNCounter, decodePNCounterOps } from '../counters/codec.ts';
import { decodeDocumentBatch } from '../document/batch-codec.ts';
import { mapCode, setKind, textKind } from '../document/kinds.ts';
import { decodeListOps } from '../list/codec.ts';
import { decodeMapOps } from '../map/codec.ts';
import { decodeLWWOps, decodeMVOps, decodeMVRegister } from '../registers/codec.ts';
import { decodeGSetOps, decodeORSetOps, decodeTwoPhaseSetOps } from '../sets/codec.ts';
import { decodeGSet, decodeORSet, decodeTwoPhaseSet } from '../sets/state-codec.ts';
import { decodeTextOps } from '../text/codec.ts';
import { decodeTreeOps } from '../tree/codec.ts';
import { heldAtRefusal } from './held.model.ts';
import { contextOf, replicaIdOf } from './world.model.ts';

const author = replicaIdOf('a');
/** Every bomb is about as long. */
const bytesMin = 300_000;
/** What is held whatever the input: the collector's own accounts, code that was compiled meanwhile. */
const constant = 256 * 1024;

/** `head`, `piece` again and again, and at the very end what is wrong. */
function bomb(head: string, piece: string, tail = 'ffffffffffffffffff'): Uint8Array {
  const repeated = piece.repeat(Math.ceil((2 * bytesMin) / piece.length));
  return fromHex(head + repeated + tail);
}

/** The same with how many pieces there are between the head and them. */
function counted(head: string, piece: (at: number) => string, count: number, tail = ''): Uint8Array {
  const pieces = Array.from({ length: count }, (_, at) => piece(at)).join('');
  return concatBytes(fromHex(head), new Writer().varUint(count).finish(), fromHex(pieces + tail));
}

const varint = (value: number) => Buffer.from(new Writer().varUint(value).finish()).toString('hex');
const id = (at: number) => (at + 1).toString(16).padStart(32, '0');
const ops = (decode: (bytes: Uint8Array, replicaId: typeof author, first: number) => Decoded<unknown>) => {
  return (bytes: Uint8Array) => decode(bytes, author, 1000);
};
/** Five letters that rise with `at`. */
const letters = (at: number) =>
  Array.from({ length: 5 }, (_, i) => (97 + (Math.floor(at / 26 ** (4 - i)) % 26)).toString(16)).join('');
const context = contextOf(replicaIdOf('d'));

/** A value of a byte each, which as an array is eight times that. */
const nulls = `08${varint(150_000)}${'00'.repeat(150_000)}`;
const entries = Math.ceil(bytesMin / 18);

const bombs: readonly (readonly [
  name: string,
  bytes: Uint8Array,
  decode: (bytes: Uint8Array) => Decoded<unknown>,
])[] = [
  ['operations of a counter', bomb('01', '05'), ops(decodeClearableOps)],
  ['clears of a counter', counted('0102', at => `${id(at)}0100`, entries, '03'), ops(decodeClearableOps)],
  ['operations of a PN-counter', bomb('01', '03', '0000'), ops(decodePNCounterOps)],
  ['operations of a g-counter', bomb('01', '02'), ops(decodeGCounterOps)],
  ['operations of a g-set', bomb('01', '0000'), ops(decodeGSetOps)],
  ['a g-set operation with a large value', bomb(`0100${nulls}`, '00'), ops(decodeGSetOps)],
  ['operations of a 2p-set', bomb('01', '0102'), ops(decodeTwoPhaseSetOps)],
  ['additions to an or-set', bomb('0100', '0000'), ops(decodeORSetOps)],
  ['a removal of many dots', counted('010001', () => '0001', bytesMin / 2, '05'), ops(decodeORSetOps)],
  ['a table of replicas', counted('01', id, entries, 'ff'), ops(decodeORSetOps)],
  ['writes of an LWW-register', bomb('01', '010000'), ops(decodeLWWOps)],
  ['writes of a register', bomb('0100', '0000'), ops(decodeMVOps)],
  ['a register of large values', bomb(`010000${nulls}`, '0000'), ops(decodeMVOps)],
  ['deletions in a list', bomb('0100', '0901'), ops(decodeListOps)],
  ['insertions into a list', bomb('0100', '2400'), ops(decodeListOps)],
  ['one insertion of many values', counted('010004', () => '00', bytesMin, 'ff'), ops(decodeListOps)],
  ['nodes of a tree', bomb('0100', '04'), ops(decodeTreeOps)],
  ['values of nodes', bomb('0100', '03010000016b'), ops(decodeTreeOps)],
  ['touches of a map', bomb('0100', '00016b02'), ops(decodeMapOps)],
  ['deletions in a text', bomb('0100', '0501'), ops(decodeTextOps)],
  ['letters', bomb('0100', '1061'), ops(decodeTextOps)],
  ['marks', bomb('0100', '0100010108000000016200' + '0000'), ops(decodeTextOps)],
  [
    'the state of a g-counter',
    counted('01', at => `${id(at)}0101`, entries, 'ff'),
    b => decodeGCounter(b, context),
  ],
  [
    'the state of a PN-counter',
    counted('01', at => `${id(at)}010101`, entries, 'ff'),
    b => decodePNCounter(b, context),
  ],
  [
    'the state of a register',
    counted('01', at => `${id(at)}010100`, entries, 'ff'),
    b => decodeMVRegister(b, context),
  ],
  ['a g-set', counted('01', at => `0605${letters(at)}`, bytesMin / 5, 'ff'), b => decodeGSet(b, context)],
  [
    'a 2p-set',
    counted('01', at => `0605${letters(at)}`, bytesMin / 5, 'ff'),
    b => decodeTwoPhaseSet(b, context),
  ],
  [
    'an or-set',
    counted(
      `0101${id(0)}${varint(2 ** 40)}`,
      at => `0605${letters(at)}0100${varint(at)}`,
      bytesMin / 9,
      'ff',
    ),
    b => decodeORSet(b, context),
  ],
  [
    'a batch of many entries',
    concatBytes(
      fromHex(`0100010100${varint(textKind.code)}0174`),
      fromHex('0101' + '04' + '01001061'),
      bomb('', '010104' + '01001061'),
    ),
    ops(decodeDocumentBatch),
  ],
  [
    'a batch of many containers',
    counted(
      `010001`,
      at => `00${varint(at % 2 === 0 ? mapCode : setKind.code)}05${letters(at >> 1)}`,
      bytesMin / 6,
      'ff',
    ),
    ops(decodeDocumentBatch),
  ],
  ['a batch after many others', counted('01', at => `${id(at)}05`, 1024, '01ff'), ops(decodeDocumentBatch)],
];

describe('what a decoder holds when it refuses', () => {
  test.each(bombs)('[DOC12] %s: at most four bytes for each byte of its input', (_, bytes, decode) => {
    let decoded: Decoded<unknown> | undefined;
    // Once before: what the first call of a decoder compiles stays.
    decode(bytes);
    const held = heldAtRefusal(() => {
      decoded = decode(bytes);
    });
    expect(decoded).toMatchObject({ ok: false });
    expect(held).toBeLessThanOrEqual(4 * bytes.length + constant);
  });
});
