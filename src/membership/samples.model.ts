/** One message of each kind, as tests of the bytes need them. */
import { concatBytes } from '../base/bytes.ts';
import { replicaIdOf, type ReplicaId, type SpaceId } from '../base/ids.ts';
import { nobleCrypto } from '../sync/crypto.ts';
import { recordRumour, type Gossip } from './messages.ts';
import { encodeRecord, signatureBytes, type MemberRecord } from './record.ts';

export const spaceId = '5a'.repeat(16) as SpaceId;
const deviceKey = Uint8Array.from({ length: 32 }, (_, n) => n);
const other = 'ab'.repeat(16) as ReplicaId;

export const record: MemberRecord = {
  replicaId: replicaIdOf(nobleCrypto, deviceKey, spaceId, 2, 1),
  incarnation: 300,
  present: true,
  visible: true,
  role: 'always-on',
  deviceKey,
  slot: 2,
  logIncarnation: 1,
  name: 'Ana',
  colour: 7,
  versions: [1, 2],
  neighbours: ['00010203', 'abababab'],
};
export const signedRecord = concatBytes(encodeRecord(record), new Uint8Array(signatureBytes).fill(0xee));

export const samples: readonly Gossip[] = [
  {
    message: {
      type: 'heartbeat',
      sequence: 700,
      stateHash: Uint8Array.from({ length: 8 }, (_, n) => 16 * n),
      tableHash: 0xdeadbeef,
    },
    rumours: [],
  },
  {
    message: { type: 'probe', nonce: 1 },
    rumours: [{ type: 'suspect', replicaId: record.replicaId, incarnation: 5, accuser: other }],
  },
  { message: { type: 'probe-request', nonce: 0xffffffff, target: other, hops: 1 }, rumours: [] },
  { message: { type: 'ack', nonce: 0x01020304, heard: true }, rumours: [] },
  { message: { type: 'gossip' }, rumours: [recordRumour({ record, bytes: signedRecord })] },
  { message: { type: 'compare', sums: [1, 2, 3, 0x80000000] }, rumours: [] },
  {
    message: { type: 'share', parts: 4, of: [0, 3] },
    rumours: [{ type: 'dead', replicaId: other, incarnation: 128, ageS: 90 }],
  },
  { message: { type: 'neighbour', word: 'ask-urgently' }, rumours: [] },
];
