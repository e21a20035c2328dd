/** Answers as bytes: a snapshot has those that clients have not got yet. */
import { assertNever } from '../../base/assert.ts';
import type { Reader, Writer } from '../../base/codec.ts';
import { counterMax, transactionOpsMax, ttlMsMax } from '../../base/limits.ts';
import { readWishState, writeWishState } from './bookings.ts';
import type { Refusal, Result, Version } from './commands.ts';
import { readVersion, writeVersion } from './revisions.ts';

/** The number of each is its place: new ones come at the end. */
const types = ['done', 'transacted', 'granted', 'acquired', 'held', 'wish', 'refused'] as const;
const refusals = [
  'full',
  'compacted',
  'no-such-revision',
  'no-such-lease',
  'no-such-resource',
  'no-such-place',
  'no-such-wish',
  'other-wish',
  'not-holder',
  'too-large',
] as const satisfies readonly Refusal[];

export function writeResult(writer: Writer, result: Result): void {
  writer.byte(types.indexOf(result.type));
  switch (result.type) {
    case 'done':
      return;
    case 'transacted':
      writer
        .byte(result.succeeded ? 1 : 0)
        .varUint(result.revision)
        .varUint(result.read.length);
      for (const version of result.read) {
        writer.byte(version === undefined ? 0 : 1);
        if (version !== undefined) writeVersion(writer, version);
      }
      return;
    case 'granted':
      writer.varUint(result.lease).varUint(result.ttlMs);
      return;
    case 'acquired':
    case 'held':
      writer.varUint(result.token);
      return;
    case 'wish':
      writeWishState(writer, result.state);
      return;
    case 'refused':
      writer.byte(refusals.indexOf(result.reason));
      return;
    default:
      assertNever(result);
  }
}

export function readResult(reader: Reader): Result {
  const type = types[reader.byte()] ?? reader.fail('unknown type of an answer');
  switch (type) {
    case 'done':
      return { type };
    case 'transacted': {
      const succeeded = readFlag(reader);
      const revision = reader.varUint(counterMax);
      const read: (Version | undefined)[] = [];
      for (let left = reader.varUint(transactionOpsMax); left > 0; left--)
        read.push(readFlag(reader) ? readVersion(reader) : undefined);
      return { type, succeeded, revision, read };
    }
    case 'granted':
      return { type, lease: reader.varUint(counterMax), ttlMs: reader.varUint(ttlMsMax) };
    case 'acquired':
    case 'held':
      return { type, token: reader.varUint(counterMax) };
    case 'wish':
      return { type, state: readWishState(reader) };
    case 'refused':
      return { type, reason: refusals[reader.byte()] ?? reader.fail('unknown reason') };
    default:
      return assertNever(type);
  }
}

function readFlag(reader: Reader): boolean {
  const byte = reader.byte();
  return byte > 1 ? reader.fail('neither yes nor no') : byte === 1;
}
