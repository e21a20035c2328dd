import { describe, expect, test } from 'vitest';
import { concatBytes, fromHex } from '../../base/bytes.ts';
import { Writer, type Decoded } from '../../base/codec.ts';
import { decodeClearableOps } from '../counters/clearable-codec.ts';
import { decodeGCounter, decodeGCounterOps, decodePNCounter, decodePNCounterOps } from '../counters/codec.ts';
import { decodeDocumentBatch } from '../document/batch-codec.ts';
import { decodeDocumentHistory } from '../document/history-codec.ts';
import { mapCode, setKind, textKind } from '../document/kinds.ts';
import { decodeDocument } from '../document/state-codec.ts';
import { decodeListOps } from '../list/codec.ts';
import { decodeList } from '../list/state-codec.ts';
import { decodeMapOps } from '../map/codec.ts';
import { decodeLWWOps, decodeMVOps, decodeMVRegister } from '../registers/codec.ts';
import { decodeGSetOps, decodeORSetOps, decodeTwoPhaseSetOps } from '../sets/codec.ts';
import { decodeGSet, decodeORSet, decodeTwoPhaseSet } from '../sets/state-codec.ts';
import { decodeTextOps } from '../text/codec.ts';
import { decodeTreeOps } from '../tree/codec.ts';
import { decodeTree } from '../tree/state-codec.ts';
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

/** One replica whose slots are one stretch from the root: the beginning of a list and of a tree. */
const slots = (count: number) => `0101${id(0)}0100${varint(count)}00`;
const many = 50_000;
const list = (bytes: Uint8Array) => decodeList(bytes, context);
const tree = (bytes: Uint8Array) => decodeTree(bytes, context);
/** `many` nodes and as many slots of moves, a last stamp, all nodes in the root, each moved to a slot. */
const movedNodes = `${slots(2 * many)}${varint(many)}${varint(many)}${'00'.repeat(many - 1)}0a0001${'00'.repeat(many - 1)}`;
const movedTo = (at: number) => `0000${varint(many + at)}`;
/** Two replicas, the first of which wrote much. */
const documentHead = `0202${id(0)}${varint(2 ** 40)}${varint(2 ** 40)}${id(1)}0101`;
const document = (bytes: Uint8Array) => decodeDocument(bytes, contextOf(replicaIdOf('d')));
const rows = (count: number, kind: number, tail: string) =>
  counted(documentHead, at => `00${varint(kind)}05${letters(at)}`, count, tail);

/** States whose parts refer to each other. */
const states: typeof bombs = [
  ['slots of a list', counted(`0101${id(0)}`, () => '000100', bytesMin / 3, 'ff'), list],
  [
    'slots of a list that hang on each other',
    counted(`0101${id(0)}`, at => (at === 0 ? '000100' : '00010200'), bytesMin / 4, 'ff'),
    list,
  ],
  ['slots of moves in a list', counted(slots(bytesMin), () => '00', bytesMin, 'ff'), list],
  [
    'values of a list',
    fromHex(`${slots(bytesMin)}000100${varint(bytesMin)}${'00'.repeat(bytesMin)}ff`),
    list,
  ],
  ['ranges of a list', counted(`${slots(bytesMin)}00`, () => '0101', bytesMin / 2, 'ff'), list],
  [
    'values set in a list',
    counted(
      `${slots(bytesMin / 6)}000100${varint(bytesMin / 6)}${'00'.repeat(bytesMin / 6)}`,
      () => '0000050000',
      bytesMin / 6,
      'ff',
    ),
    list,
  ],
  [
    'elements that moved',
    counted(
      `${slots(2 * many)}${varint(many)}${varint(many)}${'00'.repeat(many - 1)}0100${varint(many)}${'00'.repeat(many)}00`,
      at => `${movedTo(at)}0000`,
      many,
      'ff',
    ),
    list,
  ],
  ['nodes of one parent', fromHex(`${slots(bytesMin)}0001${'00'.repeat(bytesMin - 1)}ff`), tree],
  ['nodes of many parents', fromHex(`${slots(2 * many)}00${'010300'.repeat(many)}ff`), tree],
  ['a ring at the end of a chain', counted(slots(2 * many), () => '', 0, chain(2 * many)), tree],
  ['nodes that moved', counted(movedNodes, movedTo, many, 'ff'), tree],
  [
    'values of nodes of a tree',
    counted(`${slots(many)}0001${'00'.repeat(many - 1)}00`, () => '000101610000000000', many, 'ff'),
    tree,
  ],
  [
    'where nodes were before a log',
    counted(`${movedNodes}000001`, at => `0001${movedTo(at).slice(2)}`, many, 'ff'),
    tree,
  ],
  [
    'a log of moves',
    counted(
      `${movedNodes}00000100`,
      at => `${at === 0 ? '0a' : '00'}0000${varint(many + at)}00${varint(at)}01`,
      many,
      'ff',
    ),
    tree,
  ],
  ['a document of many maps', rows(bytesMin / 8, mapCode, 'ff'), document],
  [
    'a document of many sets',
    rows(bytesMin / 8, setKind.code, `00${varint(bytesMin / 8)}00${varint(bytesMin / 8)}`),
    document,
  ],
  [
    'who made maps present',
    rows(many, mapCode, `01${varint(many)}00${varint(many)}${'00'.repeat(many)}ff`),
    document,
  ],
  [
    'what a document could not read',
    rows(
      1,
      mapCode,
      `0001${varint(many)}01${Array.from({ length: many }, (_, at) => `00${varint(at)}01010100`).join('')}ff`,
    ),
    document,
  ],
  [
    'values of a document',
    rows(many, setKind.code, `00${varint(many)}00${varint(many)}${'03010000'.repeat(many - 1)}0301ff00`),
    document,
  ],
  [
    'a history of many batches, each of them an addition to a set',
    fromHex(
      `0101${id(0)}0100${varint(setKind.code)}0174${varint(many)}${'01'.repeat(many)}` +
        `01${varint(many)}00${varint(many)}01${varint(many)}` +
        `${varint(many)}${'0101'.repeat(many)}${'0401000000'.repeat(many - 1)}04010000ff`,
    ),
    bytes => decodeDocumentHistory(bytes, contextOf(replicaIdOf('d'))),
  ],
];

/** Each node is in the one after it, and the last in the first. */
function chain(count: number): string {
  const parents = Array.from({ length: count }, (_, at) => `03${varint((at + 1) % count)}`);
  return `${parents.join('')}000000`;
}

describe('what a decoder holds when it refuses', () => {
  test.each([...bombs, ...states])(
    '[DOC12] %s: at most four bytes for each byte of its input',
    (_, bytes, decode) => {
      let decoded: Decoded<unknown> | undefined;
      // Once before: what the first call of a decoder compiles stays.
      decode(bytes);
      const held = heldAtRefusal(() => {
        decoded = decode(bytes);
      });
      expect(decoded).toMatchObject({ ok: false });
      expect(held).toBeLessThanOrEqual(4 * bytes.length + constant);
    },
  );
});
