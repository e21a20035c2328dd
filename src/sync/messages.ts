/**
 * What two replicas say to each other once a link is open; docs/protocols/sync.md has the table and the bytes.
 *
 * Pushing one's own batches keeps latency at one hop; everything else is **pulled**, by clock, from one peer
 * at a time, so that a newcomer among seven peers receives the history once and not seven times.
 */
import { assertNever } from '../base/assert.ts';
import { decode, Writer, type Decoded, type Reader } from '../base/codec.ts';
import { idBytes, type ReplicaId } from '../base/ids.ts';
import { merkleKeysMax, messageBytesMax, presenceBytesMax } from '../base/limits.ts';
import { readClock, writeClock, type ReadonlyVectorClock } from '../clocks/vector-clock.ts';
import {
  readKeys,
  readMerkleItems,
  writeKeys,
  writeMerkleItems,
  type MerkleItem,
  type Short,
} from './merkle-messages.ts';

/** 2: heartbeats and whole clocks speak for the content of logs, too; walks. 1 spoke of clocks alone. */
export const protocolVersion = 2;

/** Bytes of a root in a clock. */
export const rootBytes = 16;

export type SyncMessage =
  /** First on every link. `heard`: whether the other side's hello has arrived, so that each knows it was heard. */
  | {
      readonly type: 'hello';
      readonly version: number;
      readonly replicaId: ReplicaId;
      readonly heard: boolean;
    }
  /** Once a second. `sentMs` comes back as `echoMs`, `heldMs` after it arrived: the round trip is the rest. */
  | {
      readonly type: 'heartbeat';
      readonly sentMs: number;
      readonly echoMs: number;
      readonly heldMs: number;
      /** 8 bytes: of the durable clock and of the Merkle root over the batches it covers. */
      readonly stateHash: Uint8Array;
    }
  /**
   * What the sender's disk holds: the acknowledgement of every batch it covers. `partial`: only the entries that
   * changed. `asks`: please answer with yours. `root`: of a whole clock, how the Merkle root over the batches it covers begins.
   */
  | {
      readonly type: 'clock';
      readonly partial: boolean;
      readonly asks: boolean;
      readonly clock: ReadonlyVectorClock;
      readonly root: Uint8Array | undefined;
    }
  /** Send what this clock lacks, in an order that meets dependencies. `goesOn`: after what you sent last. */
  | { readonly type: 'request'; readonly goesOn: boolean; readonly clock: ReadonlyVectorClock }
  | { readonly type: 'batches'; readonly batches: readonly Uint8Array[] }
  /** Ends the answer to one request. `more`: the budget is used up, ask again. */
  | { readonly type: 'end'; readonly more: boolean }
  /** A y-protocols awareness update that names the sender alone. */
  | { readonly type: 'presence'; readonly update: Uint8Array }
  /** A step of a walk over the ids of what the sender's disk holds; none: it is over. */
  | { readonly type: 'merkle'; readonly items: readonly MerkleItem[] }
  /** Send these: how their ids begin, ascending. */
  | { readonly type: 'want'; readonly keys: readonly Short[] };

const codes = {
  hello: 1,
  heartbeat: 2,
  clock: 3,
  request: 4,
  batches: 5,
  end: 6,
  presence: 7,
  merkle: 8,
  want: 9,
} as const;

export function encodeSyncMessage(message: SyncMessage): Uint8Array<ArrayBuffer> {
  const writer = new Writer().byte(codes[message.type]);
  switch (message.type) {
    case 'hello':
      writer.varUint(message.version).id(message.replicaId).byte(Number(message.heard));
      break;
    case 'heartbeat':
      writer.varUint(message.sentMs).varUint(message.echoMs).varUint(message.heldMs).bytes(message.stateHash);
      break;
    case 'clock':
      writer.byte(Number(message.partial) + 2 * Number(message.asks));
      writeClock(writer, message.clock);
      if (!message.partial) writer.bytes(message.root ?? new Uint8Array(rootBytes));
      break;
    case 'request':
      writer.byte(Number(message.goesOn));
      writeClock(writer, message.clock);
      break;
    case 'batches':
      writer.varUint(message.batches.length);
      for (const batch of message.batches) writer.varBytes(batch);
      break;
    case 'end':
      writer.byte(Number(message.more));
      break;
    case 'presence':
      writer.varBytes(message.update);
      break;
    case 'merkle':
      writeMerkleItems(writer, message.items);
      break;
    case 'want':
      writeKeys(writer, message.keys);
      break;
    default:
      assertNever(message);
  }
  return writer.finish();
}

export function decodeSyncMessage(bytes: Uint8Array): Decoded<SyncMessage> {
  return decode(bytes, readMessage);
}

function readFlags(reader: Reader, highest: number): number {
  const flags = reader.byte();
  return flags > highest ? reader.fail('unknown flags') : flags;
}

function readMessage(reader: Reader): SyncMessage {
  switch (reader.byte()) {
    case codes.hello: {
      const version = reader.varUint();
      const replicaId = reader.id(idBytes) as ReplicaId;
      return { type: 'hello', version, replicaId, heard: readFlags(reader, 1) === 1 };
    }
    case codes.heartbeat: {
      const [sentMs, echoMs, heldMs] = [reader.varUint(), reader.varUint(), reader.varUint()];
      return { type: 'heartbeat', sentMs, echoMs, heldMs, stateHash: reader.bytes(8) };
    }
    case codes.clock: {
      const flags = readFlags(reader, 3);
      const [partial, clock] = [(flags & 1) !== 0, readClock(reader)];
      const root = partial ? undefined : reader.bytes(rootBytes);
      return { type: 'clock', partial, asks: (flags & 2) !== 0, clock, root };
    }
    case codes.request:
      return { type: 'request', goesOn: readFlags(reader, 1) === 1, clock: readClock(reader) };
    case codes.batches: {
      const count = reader.varUint(messageBytesMax);
      const batches: Uint8Array[] = [];
      for (let i = 0; i < count; i++) batches.push(reader.varBytes(messageBytesMax));
      return { type: 'batches', batches };
    }
    case codes.end:
      return { type: 'end', more: readFlags(reader, 1) === 1 };
    case codes.presence:
      return { type: 'presence', update: reader.varBytes(presenceBytesMax) };
    case codes.merkle:
      return { type: 'merkle', items: readMerkleItems(reader) };
    case codes.want:
      return { type: 'want', keys: readKeys(reader, merkleKeysMax) };
    default:
      return reader.fail('unknown message');
  }
}
