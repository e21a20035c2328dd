/**
 * Operations as bytes; docs/protocols/text-operations.md describes them.
 *
 * The operations of one section come from one replica and take up its counters without gaps, so ids are not
 * written at all: the reader counts. What is left of a keystroke that follows one's own last character is a
 * header and the character. Replicas other than the author are named once, in a table before the operations.
 */
import { decodeTwice } from '../../base/codec.ts';
import type { Decoded, Reader } from '../../base/codec.ts';
import { assert } from '../../base/assert.ts';
import { fromHex, utf8 } from '../../base/bytes.ts';
import type { ReplicaId } from '../../base/ids.ts';
import { counterMax } from '../../base/limits.ts';
import { opId } from '../context.ts';
import type { OpId } from '../context.ts';
import { readReplicaTable, type ReplicaIds } from '../replica-table.ts';
import { decodeExtension, encodeExtension } from './extension-codec.ts';
import { deleteOp, insertOp } from './messages.ts';
import type { DeleteOp, ExtensionOp, InsertOp, TextOp } from './messages.ts';
import { lengthOf } from './op-log.ts';
import { ScratchWriter } from './scratch-writer.ts';

const textOpsVersion = 1;

/** Bit 0 of a header: the operation. */
const DELETE = 1;
/** Insert, bits 1 and 2: where the parent is. */
const PARENT_SHIFT = 1;
const PARENT_PREVIOUS = 0;
const PARENT_ROOT = 1;
const PARENT_OWN = 2;
const PARENT_FOREIGN = 3;
/** Insert, bit 3: the side. */
const LEFT = 8;
/** Insert, bits 4 to 7: bytes of text, 0 when a varint of them follows. */
const TEXT_SHIFT = 4;
const textInlineMax = 15;
/** Delete, bit 1: the target is another replica's. */
const TARGET_FOREIGN = 2;
/** Delete, bits 2 to 7: how many characters, 0 when a varint of them follows. */
const LENGTH_SHIFT = 2;
const lengthInlineMax = 63;

/** `ops` must be `replicaId`'s and take up its counters from `firstCounter` without gaps. */
export function encodeTextOps(
  ops: readonly TextOp[],
  replicaId: ReplicaId,
  firstCounter: number,
): Uint8Array<ArrayBuffer> {
  scratch.begin();
  writeTextOps(scratch, ops, replicaId, firstCounter);
  return scratch.finish();
}

/** As `encodeTextOps`, behind what `writer` has. */
export function writeTextOps(
  writer: ScratchWriter,
  ops: readonly TextOp[],
  replicaId: ReplicaId,
  firstCounter: number,
): void {
  const table = foreignReplicas(ops, replicaId);
  writer.byte(textOpsVersion).varUint(table.size);
  if (table.size > 0) for (const foreign of table.keys()) writer.bytes(fromHex(foreign));
  let counter = firstCounter;
  for (let i = 0; i < ops.length; i++) {
    const op = ops[i] as TextOp;
    assert(op.id.replicaId === replicaId && op.id.counter === counter, 'one replica, dense counters');
    if (op.type === 'insert') writeInsert(writer, op, table);
    else if (op.type === 'delete') writeDelete(writer, op, table);
    else writeExtension(writer, op);
    counter += lengthOf(op);
  }
}

/** Whatever the bytes are: operations of `replicaId` from `firstCounter` on, or the reason why not. */
export function decodeTextOps(
  bytes: Uint8Array,
  replicaId: ReplicaId,
  firstCounter: number,
  counters?: number,
): Decoded<readonly TextOp[]> {
  return decodeTwice(bytes, reader => readTextOps(reader, replicaId, firstCounter, counters));
}

/** As `decodeTextOps`, from where `reader` is to its end: whoever reads a header first need not cut the bytes. */
export function readTextOps(
  reader: Reader,
  replicaId: ReplicaId,
  firstCounter: number,
  counters?: number,
): readonly TextOp[] {
  if (reader.byte() !== textOpsVersion) reader.fail('unknown version');
  const table = readReplicaTable(reader, replicaId);
  // Most sections are one keystroke, and an empty array makes room for seventeen operations when it gets its first.
  let ops: TextOp[] | undefined;
  let counter = firstCounter;
  while (reader.left > 0) {
    const header = reader.byte();
    const id = opId(replicaId, counter);
    const op =
      (header & DELETE) === 0 ? readInsert(reader, header, id, table) : readDelete(reader, header, id, table);
    counter += lengthOf(op);
    if (counter > counterMax) reader.fail('counter out of range');
    if (reader.looks) continue;
    if (ops === undefined) ops = [op];
    else ops.push(op);
  }
  if (counters !== undefined && counter !== firstCounter + counters) reader.fail('counters do not add up');
  return ops ?? [];
}

/** Encoding is one synchronous call, so one buffer does for all texts. */
const scratch = new ScratchWriter();

/** The replicas other than the author that `ops` refer to, each with its place in the table. */
function foreignReplicas(ops: readonly TextOp[], replicaId: ReplicaId): ReadonlyMap<ReplicaId, number> {
  let table = noReplicas;
  for (let i = 0; i < ops.length; i++) {
    const op = ops[i] as TextOp;
    if (op.type !== 'insert' && op.type !== 'delete') continue;
    const reference = op.type === 'insert' ? op.parent : op.target;
    const foreign = reference?.replicaId ?? replicaId;
    if (foreign === replicaId || table.has(foreign)) continue;
    if (table === noReplicas) table = new Map<ReplicaId, number>();
    table.set(foreign, table.size);
  }
  return table;
}
/** Most sections name nobody else. Never written to. */
const noReplicas = new Map<ReplicaId, number>();

function writeInsert(writer: ScratchWriter, op: InsertOp, table: ReadonlyMap<ReplicaId, number>): void {
  const { id, parent, side, text } = op;
  const foreign = parent === null ? undefined : table.get(parent.replicaId);
  const back = parent === null ? 0 : id.counter - parent.counter;
  let kind = PARENT_OWN;
  if (parent === null) kind = PARENT_ROOT;
  else if (foreign !== undefined) kind = PARENT_FOREIGN;
  else if (back === 1 && side === 'right') kind = PARENT_PREVIOUS;
  const bytes = isShortAscii(text) ? undefined : utf8(text);
  const size = bytes?.length ?? text.length;
  const flags = (kind << PARENT_SHIFT) | (side === 'left' ? LEFT : 0);
  writer.byte(flags | (size <= textInlineMax ? size << TEXT_SHIFT : 0));
  if (parent !== null && foreign !== undefined) writer.varUint(foreign).varUint(parent.counter);
  else if (kind === PARENT_OWN) writer.varUint(back);
  if (size > textInlineMax) writer.varUint(size);
  if (bytes === undefined) writer.ascii(text);
  else writer.bytes(bytes);
}

function readInsert(reader: Reader, header: number, id: OpId, table: ReplicaIds): InsertOp {
  const kind = (header >> PARENT_SHIFT) & 3;
  const side = (header & LEFT) === 0 ? 'right' : 'left';
  // The one form of each: the previous id on the right has its own kind, and the root has no left.
  if (side === 'left' && (kind === PARENT_PREVIOUS || kind === PARENT_ROOT)) reader.fail('malformed header');
  let parent: OpId | null = null;
  if (kind === PARENT_PREVIOUS) parent = ownId(reader, id, 1);
  else if (kind === PARENT_FOREIGN) parent = foreignId(reader, table);
  else if (kind === PARENT_OWN) parent = ownId(reader, id, reader.varUint());
  const text = readText(reader, header >> TEXT_SHIFT || reader.varUint(reader.left));
  return insertOp(id, parent, side, text);
}

function writeDelete(writer: ScratchWriter, op: DeleteOp, table: ReadonlyMap<ReplicaId, number>): void {
  const { id, target, length } = op;
  const foreign = table.get(target.replicaId);
  const inline = length <= lengthInlineMax ? length << LENGTH_SHIFT : 0;
  writer.byte(DELETE | (foreign === undefined ? 0 : TARGET_FOREIGN) | inline);
  if (length > lengthInlineMax) writer.varUint(length);
  if (foreign === undefined) writer.varUint(id.counter - target.counter);
  else writer.varUint(foreign).varUint(target.counter);
}

function readDelete(reader: Reader, header: number, id: OpId, table: ReplicaIds): DeleteOp | ExtensionOp {
  const length = header >> LENGTH_SHIFT || reader.varUint(counterMax);
  if (length === 0) return header === DELETE ? readExtension(reader, id) : reader.fail('empty delete');
  const own = (header & TARGET_FOREIGN) === 0;
  const target = own ? ownId(reader, id, reader.varUint()) : foreignId(reader, table);
  return deleteOp(id, target, length);
}

/** A delete of nothing says that another kind of operation follows. */
function writeExtension(writer: ScratchWriter, op: ExtensionOp): void {
  const { kind, counters, bytes } = encodeExtension(op);
  writer.byte(DELETE).varUint(0).varUint(kind).varUint(counters).varUint(bytes.length).bytes(bytes);
}

function readExtension(reader: Reader, id: OpId): ExtensionOp {
  const kind = reader.varUint();
  const counters = reader.varUint(counterMax);
  if (counters === 0) reader.fail('no counters');
  const op = decodeExtension(id, { kind, counters, bytes: reader.varBytes(reader.left) });
  return op.ok ? op.value : reader.fail(op.reason);
}

/** The author's id `back` counters before `id`. */
function ownId(reader: Reader, id: OpId, back: number): OpId {
  if (back === 0 || back > id.counter) reader.fail('counter out of range');
  return opId(id.replicaId, id.counter - back);
}

function foreignId(reader: Reader, table: ReplicaIds): OpId {
  const replicaId = table.at(reader.varUint());
  if (replicaId === undefined) return reader.fail('unknown replica');
  return opId(replicaId, reader.varUint(counterMax));
}

const decoder = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

function readText(reader: Reader, size: number): string {
  if (size === 0) reader.fail('empty text');
  if (size === 1) {
    const unit = reader.byte();
    return unit < 0x80 ? String.fromCharCode(unit) : reader.fail('ill-formed UTF-8');
  }
  if (size <= shortMax) {
    const ascii = reader.ascii(size);
    if (ascii !== undefined) return ascii;
  }
  const bytes = reader.bytes(size);
  try {
    return decoder.decode(bytes);
  } catch {
    return reader.fail('ill-formed UTF-8');
  }
}

/** Longer text is left to the platform's codecs, whose calls cost as much as some dozens of characters here. */
const shortMax = 64;

function isShortAscii(text: string): boolean {
  if (text.length > shortMax) return false;
  for (let i = 0; i < text.length; i++) if (text.charCodeAt(i) >= 0x80) return false;
  return true;
}
