/** Writes a log by hand: batches that keep the rules, and batches that break the one that is asked for. */
import { concatBytes } from '../base/bytes.ts';
import { replicaIdOf, type BatchId, type DocumentId, type ReplicaId } from '../base/ids.ts';
import type { Crypto } from '../base/ports.ts';
import type { SpaceKeys } from '../base/space-keys.ts';
import { Text } from '../crdt/text/text.ts';
import { encodeTextOps } from '../crdt/text/codec.ts';
import { countersOf } from '../crdt/text/op-log.ts';
import {
  encodeUnsigned,
  signedMessage,
  textSection,
  type BatchHeader,
  type Certificate,
  type Operations,
  type Section,
} from '../sync/batch.ts';
import { certificateFor } from '../sync/certificate.ts';
import type { DeviceKeys } from './node.ts';
import { signatureOf } from './signer.ts';

export class Author {
  readonly replicaId: ReplicaId;
  readonly log: Uint8Array[] = [];
  readonly #crypto: Crypto;
  readonly #keys: SpaceKeys;
  readonly #device: DeviceKeys;
  readonly #text: Text;
  readonly #counter = { next: 0 };
  #used = 0;
  #previous: BatchId | undefined;

  constructor(crypto: Crypto, keys: SpaceKeys, device: DeviceKeys) {
    this.#crypto = crypto;
    this.#keys = keys;
    this.#device = device;
    this.replicaId = replicaIdOf(crypto, device.deviceKey, keys.spaceId, 0, 0);
    this.#text = new Text(this.replicaId, this.#counter);
  }

  header(wallMs: number, changes: Partial<BatchHeader> = {}): BatchHeader {
    return {
      spaceId: this.#keys.spaceId,
      replicaId: this.replicaId,
      incarnation: 0,
      sequence: this.log.length,
      previous: this.#previous,
      dependencies: [],
      stamp: { wallMs, logical: 0 },
      ...changes,
    };
  }

  certificateBody(): Certificate {
    return certificateFor(this.#crypto, this.#keys, this.replicaId, this.#device, 0);
  }

  /** A batch under our signature; it belongs to the log only once it is `added`. */
  sign(
    header: BatchHeader,
    body: Certificate | Operations,
  ): { readonly id: BatchId; readonly bytes: Uint8Array } {
    const { id, unsigned } = encodeUnsigned(this.#crypto, header, body);
    return { id, bytes: concatBytes(unsigned, signatureOf(this.#device.deviceKey, signedMessage(id))) };
  }

  operations(sections: readonly Section[], firstCounter = this.#used): Operations {
    return { type: 'operations', firstCounter, sections };
  }

  /** Text typed at the end of what this author alone has written. */
  typed(documentId: DocumentId, insert: string): Section {
    const ops = this.#text.localInsert(this.#text.length, insert);
    const counters = countersOf(ops);
    const from = this.#counter.next - counters;
    return { documentId, kind: textSection, counters, operations: encodeTextOps(ops, this.replicaId, from) };
  }

  /** Takes up the counters of a section that this version cannot write. */
  skip(counters: number): void {
    this.#counter.next += counters;
  }

  add(header: BatchHeader, body: Certificate | Operations): Uint8Array {
    const { id, bytes } = this.sign(header, body);
    this.log.push(bytes);
    this.#previous = id;
    if (body.type === 'operations')
      this.#used += body.sections.reduce((sum, { counters }) => sum + counters, 0);
    return bytes;
  }
}
