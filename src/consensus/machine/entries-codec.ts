/**
 * Entries of the log, as the state machine reads them. A member may only apply what all apply alike: so an entry that one cannot read,
 * all must not be able to, and a later version is proposed only once every member of the group knows it.
 */
import { assertNever } from '../../base/assert.ts';
import { decode, Writer, type Decoded, type Reader } from '../../base/codec.ts';
import {
  advanceMsMax,
  commandBytesMax,
  counterMax,
  placesMax,
  storeKeyBytesMax,
  transactionOpsMax,
  ttlMsMax,
} from '../../base/limits.ts';
import type { Command, Comparison, LogEntry, Operation } from './commands.ts';

const version = 1;

/** The number of each is its place: new ones come at the end. */
const entryTypes = ['advance', 'open-session', 'request'] as const;
const commandTypes = [
  'nothing',
  'transaction',
  'compact',
  'grant',
  'renew',
  'revoke',
  'acquire',
  'release',
  'offer',
  'book',
  'reserve',
  'confirm',
  'cancel',
] as const satisfies readonly Command['type'][];
const comparisonTypes = ['revision', 'value', 'holds'] as const;
const operationTypes = ['put', 'delete', 'get'] as const;

export function encodeEntry(entry: LogEntry): Uint8Array<ArrayBuffer> {
  const writer = new Writer().byte(version).byte(entryTypes.indexOf(entry.type));
  switch (entry.type) {
    case 'advance':
      writer.varUint(entry.byMs);
      break;
    case 'open-session':
      writer.varUint(entry.member).varUint(entry.nonce);
      break;
    case 'request':
      writer
        .varUint(entry.session)
        .varUint(entry.unansweredFrom)
        .varUint(entry.sequence - entry.unansweredFrom);
      writeCommand(writer, entry.command);
      break;
    default:
      assertNever(entry);
  }
  return writer.finish();
}

export function decodeEntry(bytes: Uint8Array): Decoded<LogEntry> {
  if (bytes.length > commandBytesMax) return { ok: false, reason: 'too large' };
  return decode(bytes, reader => {
    if (reader.byte() !== version) reader.fail('unknown version of an entry');
    const type = entryTypes[reader.byte()] ?? reader.fail('unknown type of an entry');
    switch (type) {
      case 'advance':
        return { type, byMs: reader.varUint(advanceMsMax) };
      case 'open-session':
        return { type, member: readAbove0(reader), nonce: readCounter(reader) };
      case 'request': {
        const [session, unansweredFrom] = [readAbove0(reader), readAbove0(reader)];
        const sequence = unansweredFrom + readCounter(reader);
        return { type, session, unansweredFrom, sequence, command: readCommand(reader) };
      }
      default:
        return assertNever(type);
    }
  });
}

function writeCommand(writer: Writer, command: Command): void {
  writer.byte(commandTypes.indexOf(command.type));
  switch (command.type) {
    case 'nothing':
      return;
    case 'transaction':
      writer.varUint(command.comparisons.length);
      for (const comparison of command.comparisons) writeComparison(writer, comparison);
      for (const operations of [command.operations, command.otherwise]) {
        writer.varUint(operations.length);
        for (const operation of operations) writeOperation(writer, operation);
      }
      return;
    case 'compact':
      writer.varUint(command.revision);
      return;
    case 'grant':
      writer.varUint(command.ttlMs);
      return;
    case 'renew':
    case 'revoke':
      writer.varUint(command.lease);
      return;
    case 'acquire':
      writer.varString(command.lock).varUint(command.lease);
      return;
    case 'release':
      writer.varString(command.lock).varUint(command.token);
      return;
    case 'offer':
      writer.varString(command.resource).varUint(command.places);
      return;
    case 'book':
    case 'reserve':
      writer.varString(command.wish).varString(command.resource).varUint(command.place);
      if (command.type === 'reserve') writer.varUint(command.ttlMs);
      return;
    case 'confirm':
    case 'cancel':
      writer.varString(command.wish);
      return;
    default:
      assertNever(command);
  }
}
function readCommand(reader: Reader): Command {
  const type = commandTypes[reader.byte()] ?? reader.fail('unknown type of a command');
  switch (type) {
    case 'nothing':
      return { type };
    case 'transaction': {
      const comparisons: Comparison[] = [];
      for (let left = reader.varUint(transactionOpsMax); left > 0; left--)
        comparisons.push(readComparison(reader));
      return { type, comparisons, operations: readOperations(reader), otherwise: readOperations(reader) };
    }
    case 'compact':
      return { type, revision: readCounter(reader) };
    case 'grant':
      return { type, ttlMs: readTtl(reader) };
    case 'renew':
    case 'revoke':
      return { type, lease: readCounter(reader) };
    case 'acquire':
      return { type, lock: readName(reader), lease: readCounter(reader) };
    case 'release':
      return { type, lock: readName(reader), token: readCounter(reader) };
    case 'offer':
      return { type, resource: readName(reader), places: reader.varUint(placesMax) };
    case 'book':
    case 'reserve': {
      const [wish, resource, place] = [readName(reader), readName(reader), reader.varUint(placesMax)];
      return type === 'book'
        ? { type, wish, resource, place }
        : { type, wish, resource, place, ttlMs: readTtl(reader) };
    }
    case 'confirm':
    case 'cancel':
      return { type, wish: readName(reader) };
    default:
      return assertNever(type);
  }
}

function writeComparison(writer: Writer, comparison: Comparison): void {
  writer.byte(comparisonTypes.indexOf(comparison.type));
  if (comparison.type === 'holds') writer.varString(comparison.lock).varUint(comparison.token);
  else if (comparison.type === 'value') writer.varString(comparison.key).varBytes(comparison.value);
  else writer.varString(comparison.key).varUint(comparison.revision);
}
function readComparison(reader: Reader): Comparison {
  const type = comparisonTypes[reader.byte()] ?? reader.fail('unknown type of a comparison');
  const name = readName(reader);
  if (type === 'holds') return { type, lock: name, token: readCounter(reader) };
  if (type === 'value') return { type, key: name, value: reader.varBytes(commandBytesMax).slice() };
  return { type, key: name, revision: readCounter(reader) };
}
function writeOperation(writer: Writer, operation: Operation): void {
  writer.byte(operationTypes.indexOf(operation.type)).varString(operation.key);
  if (operation.type === 'put') writer.varBytes(operation.value);
}
function readOperations(reader: Reader): readonly Operation[] {
  const operations: Operation[] = [];
  const written = new Set<string>();
  for (let left = reader.varUint(transactionOpsMax); left > 0; left--) {
    const type = operationTypes[reader.byte()] ?? reader.fail('unknown type of an operation');
    const key = readName(reader);
    if (type !== 'get') {
      if (written.has(key)) reader.fail('a key is written twice');
      written.add(key);
    }
    operations.push(
      type === 'put' ? { type, key, value: reader.varBytes(commandBytesMax).slice() } : { type, key },
    );
  }
  return operations;
}

const readName = (reader: Reader): string => reader.varString(storeKeyBytesMax);
const readCounter = (reader: Reader): number => reader.varUint(counterMax);
const readAbove0 = (reader: Reader): number => readCounter(reader) || reader.fail('a number above 0');
const readTtl = (reader: Reader): number => reader.varUint(ttlMsMax) || reader.fail('no time at all');
