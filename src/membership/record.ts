/**
 * What a replica says of itself, signed by its device: the only word that makes a member, brings one back or lets one leave. Accusations can
 * be made by anyone; so a false one is ended by a record with a higher incarnation, which only the accused can sign.
 *
 * `incarnation` rises with every record, whatever changed (SWIM, section 4.2, where it rises with refutations only). The replica's id is the hash of
 * the device key it is signed with, so a record needs no other proof of whose it is.
 */
import { concatBytes, utf8 } from '../base/bytes.ts';
import { decode, Writer, type Decoded, type Reader } from '../base/codec.ts';
import { idBytes, replicaIdOf, type ReplicaId, type SpaceId } from '../base/ids.ts';
import { counterMax, linkVersionsMax, memberNameBytesMax, neighboursMax, slotMax } from '../base/limits.ts';
import type { Crypto } from '../base/ports.ts';

const version = 1;
const label = utf8('peerloom/member/1');
export const deviceKeyBytes = 32;
export const signatureBytes = 64;
/** Of a neighbour's id: enough to find it among a thousand, and four times shorter. */
export const prefixBytes = 4;

export const roles = ['editor', 'reader', 'always-on'] as const;
export type Role = (typeof roles)[number];

/** The first 4 bytes of a replica's id, as hex. Two members may share it; then a probe goes to one who knows nothing. */
export function prefixOf(replicaId: ReplicaId): string {
  return replicaId.slice(0, 2 * prefixBytes);
}

export interface Profile {
  /** As the person wrote it: cleaned where it is shown. At most `memberNameBytesMax` bytes of UTF-8. */
  readonly name: string;
  /** One of the peer hues, 1–12. */
  readonly colour: number;
  readonly role: Role;
  /** Its page is seen; a hidden one may be frozen a moment later. */
  readonly visible: boolean;
}

export interface MemberRecord extends Profile {
  readonly replicaId: ReplicaId;
  readonly incarnation: number;
  /** False in the last one: it has left. */
  readonly present: boolean;
  readonly deviceKey: Uint8Array;
  readonly slot: number;
  /** Of the replica's log, a part of its id. */
  readonly logIncarnation: number;
  /** Protocol versions it speaks, ascending. */
  readonly versions: readonly number[];
  /** Prefixes of those it has links with and listens to, ascending. */
  readonly neighbours: readonly string[];
}

/** Without its signature, which is appended: what is signed is `signedPart`. */
export function encodeRecord(record: MemberRecord): Uint8Array<ArrayBuffer> {
  const writer = new Writer().byte(version).id(record.replicaId).varUint(record.incarnation);
  writer.byte(Number(record.present) + 2 * Number(record.visible) + 4 * roles.indexOf(record.role));
  writer.bytes(record.deviceKey).varUint(record.slot).varUint(record.logIncarnation);
  writer.varString(record.name).byte(record.colour).varUint(record.versions.length);
  for (const spoken of record.versions) writer.varUint(spoken);
  writer.varUint(record.neighbours.length);
  for (const prefix of record.neighbours) writer.id(prefix);
  return writer.finish();
}

/** The message that the device key signs, of a record with or without its signature. */
export function signedPart(unsigned: Uint8Array): Uint8Array<ArrayBuffer> {
  return concatBytes(label, unsigned);
}

/** Whose record it is and which: all that is needed to see that it is no news. */
export interface RecordHead {
  readonly replicaId: ReplicaId;
  readonly incarnation: number;
  /** False in a farewell. */
  readonly present: boolean;
}

export function readRecordHead(reader: Reader): RecordHead {
  if (reader.byte() !== version) reader.fail('unknown record version');
  const [replicaId, incarnation] = [reader.id(idBytes) as ReplicaId, reader.varUint(counterMax)];
  return { replicaId, incarnation, present: (reader.peek() & 1) !== 0 };
}

export interface SignedRecord {
  readonly record: MemberRecord;
  /** All of it, a copy. */
  readonly bytes: Uint8Array;
  readonly message: Uint8Array;
  readonly signature: Uint8Array;
}

/** Form and id; the signature is still to be verified. */
export function decodeRecord(crypto: Crypto, spaceId: SpaceId, bytes: Uint8Array): Decoded<SignedRecord> {
  // Copied first: what comes in is a view into a frame, and all of this is kept.
  const copy = bytes.slice();
  const decoded = decode(copy, reader => {
    const record = readRecord(reader);
    const message = signedPart(reader.since(0));
    return { record, bytes: copy, message, signature: reader.bytes(signatureBytes) };
  });
  if (!decoded.ok) return decoded;
  const { replicaId, deviceKey, slot, logIncarnation } = decoded.value.record;
  if (replicaIdOf(crypto, deviceKey, spaceId, slot, logIncarnation) !== replicaId)
    return { ok: false, reason: 'not the id of its key' };
  return decoded;
}

function readRecord(reader: Reader): MemberRecord {
  const { replicaId, incarnation, present } = readRecordHead(reader);
  const flags = reader.byte();
  const role = roles[flags >> 2] ?? reader.fail('unknown role');
  const deviceKey = reader.bytes(deviceKeyBytes);
  const slot = reader.varUint(slotMax);
  const logIncarnation = reader.varUint(counterMax);
  const name = reader.varString(memberNameBytesMax);
  const colour = reader.byte();
  if (colour < 1 || colour > 12) reader.fail('unknown colour');
  const versions = readAscending(reader, linkVersionsMax, () => reader.varUint(counterMax));
  const neighbours = readAscending(reader, neighboursMax, () => reader.id(prefixBytes));
  return {
    replicaId,
    incarnation,
    present,
    visible: (flags & 2) !== 0,
    role,
    deviceKey,
    slot,
    logIncarnation,
    name,
    colour,
    versions,
    neighbours,
  };
}

/** Strictly ascending, so that one set has one form. */
function readAscending<T extends number | string>(reader: Reader, most: number, read: () => T): T[] {
  const all: T[] = [];
  for (let left = reader.varUint(most); left > 0; left--) {
    const value = read();
    const before = all.at(-1);
    if (before !== undefined && value <= before) reader.fail('not ascending');
    all.push(value);
  }
  return all;
}
