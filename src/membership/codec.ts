/** Messages of membership as bytes: docs/protocols/membership.md. Everything read here is hostile. */
import { assertNever } from '../base/assert.ts';
import { decode, Writer, type Decoded, type Reader } from '../base/codec.ts';
import { idBytes, type ReplicaId } from '../base/ids.ts';
import {
  counterMax,
  memberRecordBytesMax,
  probeHopsMax,
  rumoursMax,
  tablePartsMax,
  tombstoneAgeSMax,
} from '../base/limits.ts';
import { neighbourWords, type Gossip, type GossipMessage, type Rumour } from './messages.ts';
import { readRecordHead } from './record.ts';

/** First bytes of messages, apart from those of sync (1–7) and introductions (b1–b3). Never reused. */
const codes = {
  heartbeat: 0xc1,
  probe: 0xc2,
  'probe-request': 0xc3,
  ack: 0xc4,
  gossip: 0xc5,
  compare: 0xc6,
  share: 0xc7,
  neighbour: 0xc8,
} as const;
const stateHashBytes = 8;

/** Whether these bytes are meant for membership. */
export function isGossip(bytes: Uint8Array): boolean {
  const first = bytes[0] ?? 0;
  return first >= codes.heartbeat && first <= codes.neighbour;
}

export function encodeGossip(
  message: GossipMessage,
  rumours: readonly Rumour[] = [],
): Uint8Array<ArrayBuffer> {
  const writer = new Writer().byte(codes[message.type]);
  switch (message.type) {
    case 'heartbeat':
      writer.varUint(message.sequence).bytes(message.stateHash);
      writeWord(writer, message.tableHash);
      break;
    case 'probe':
      writeWord(writer, message.nonce);
      break;
    case 'probe-request':
      writeWord(writer, message.nonce);
      writer.id(message.target).byte(message.hops);
      break;
    case 'ack':
      writeWord(writer, message.nonce);
      writer.byte(Number(message.heard));
      break;
    case 'gossip':
      break;
    case 'compare':
      writer.byte(Math.log2(message.sums.length));
      for (const sum of message.sums) writeWord(writer, sum);
      break;
    case 'share':
      writer.byte(Math.log2(message.parts)).varUint(message.of.length);
      for (const part of message.of) writer.varUint(part);
      break;
    case 'neighbour':
      writer.byte(neighbourWords.indexOf(message.word));
      break;
    default:
      assertNever(message);
  }
  writer.varUint(rumours.length);
  for (const rumour of rumours) writeRumour(writer, rumour);
  return writer.finish();
}

export function decodeGossip(bytes: Uint8Array): Decoded<Gossip> {
  return decode(bytes, reader => {
    const message = readMessage(reader);
    const rumours: Rumour[] = [];
    for (let left = reader.varUint(rumoursMax); left > 0; left--) rumours.push(readRumour(reader));
    return { message, rumours };
  });
}

/** Four bytes, little end first. */
function writeWord(writer: Writer, word: number): void {
  for (let shift = 0; shift < 32; shift += 8) writer.byte((word >>> shift) & 255);
}
function readWord(reader: Reader): number {
  const [a, b, c, d] = [reader.byte(), reader.byte(), reader.byte(), reader.byte()];
  return (a | (b << 8) | (c << 16) | (d << 24)) >>> 0;
}

function readMessage(reader: Reader): GossipMessage {
  switch (reader.byte()) {
    case codes.heartbeat: {
      const sequence = reader.varUint(counterMax);
      return {
        type: 'heartbeat',
        sequence,
        stateHash: reader.bytes(stateHashBytes),
        tableHash: readWord(reader),
      };
    }
    case codes.probe:
      return { type: 'probe', nonce: readWord(reader) };
    case codes['probe-request']: {
      const [nonce, target, hops] = [readWord(reader), reader.id(idBytes) as ReplicaId, reader.byte()];
      if (hops > probeHopsMax) reader.fail('too many hops');
      return { type: 'probe-request', nonce, target, hops };
    }
    case codes.ack:
      return { type: 'ack', nonce: readWord(reader), heard: readFlag(reader) };
    case codes.gossip:
      return { type: 'gossip' };
    case codes.compare: {
      const parts = readParts(reader);
      if (4 * parts > reader.left) reader.fail('short');
      return { type: 'compare', sums: Array.from({ length: parts }, () => readWord(reader)) };
    }
    case codes.share: {
      const parts = readParts(reader);
      const of: number[] = [];
      for (let left = reader.varUint(parts); left > 0; left--) {
        const part = reader.varUint(parts - 1);
        if (part <= (of.at(-1) ?? -1)) reader.fail('not ascending');
        of.push(part);
      }
      return { type: 'share', parts, of };
    }
    case codes.neighbour:
      return { type: 'neighbour', word: neighbourWords[reader.byte()] ?? reader.fail('unknown word') };
    default:
      return reader.fail('unknown message');
  }
}

function readParts(reader: Reader): number {
  const bits = reader.byte();
  return 2 ** bits <= tablePartsMax ? 2 ** bits : reader.fail('too many parts');
}
function readFlag(reader: Reader): boolean {
  const flag = reader.byte();
  return flag > 1 ? reader.fail('unknown flags') : flag === 1;
}

const kinds = { record: 0, suspect: 1, dead: 2 } as const;

function writeRumour(writer: Writer, rumour: Rumour): void {
  writer.byte(kinds[rumour.type]);
  switch (rumour.type) {
    case 'record':
      writer.varBytes(rumour.bytes);
      break;
    case 'suspect':
      writer.id(rumour.replicaId).varUint(rumour.incarnation).id(rumour.accuser);
      break;
    case 'dead':
      writer.id(rumour.replicaId).varUint(rumour.incarnation).varUint(rumour.ageS);
      break;
    default:
      assertNever(rumour);
  }
}

function readRumour(reader: Reader): Rumour {
  switch (reader.byte()) {
    case kinds.record: {
      const length = reader.varUint(memberRecordBytesMax);
      const from = reader.at;
      const head = readRecordHead(reader.again(from));
      const bytes = reader.bytes(length);
      return { type: 'record', ...head, bytes };
    }
    case kinds.suspect: {
      const [replicaId, incarnation] = [reader.id(idBytes) as ReplicaId, reader.varUint(counterMax)];
      return { type: 'suspect', replicaId, incarnation, accuser: reader.id(idBytes) as ReplicaId };
    }
    case kinds.dead: {
      const [replicaId, incarnation] = [reader.id(idBytes) as ReplicaId, reader.varUint(counterMax)];
      return { type: 'dead', replicaId, incarnation, ageS: reader.varUint(tombstoneAgeSMax) };
    }
    default:
      return reader.fail('unknown rumour');
  }
}
