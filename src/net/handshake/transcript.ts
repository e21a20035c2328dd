/**
 * What a proof is made over: everything that names this link and its two ends, in one form and each part of fixed length
 * or preceded by it. Whoever sits between two ends gives them two transcripts, since each leg has its own fingerprints.
 *
 *     T = label, role of the prover, both fingerprints, topic, both hellos as they were sent; the dialler's first
 *
 * The hellos stand in it whole, as in TLS 1.3 (RFC 8446, section 4.4.1): nonces, keys and versions offered, and whatever a
 * later field may be, cannot be forgotten. The role keeps a proof from being sent back to its maker.
 */
import { fromHex, utf8 } from '../../base/bytes.ts';
import { Writer } from '../../base/codec.ts';

export type Role = 'dialler' | 'answerer';

const label = utf8('peerloom/handshake/v1');
const roleBytes: Readonly<Record<Role, number>> = { dialler: 1, answerer: 2 };

/** What one end contributes. */
export interface Side {
  readonly fingerprint: Uint8Array;
  /** Its hello, as it went over the link. */
  readonly hello: Uint8Array;
}

/** `prover`: whose proof; `topic`: 64 hex digits. */
export function transcriptOf(
  prover: Role,
  topic: string,
  sides: Readonly<Record<Role, Side>>,
): Uint8Array<ArrayBuffer> {
  const { dialler, answerer } = sides;
  return new Writer()
    .varBytes(label)
    .byte(roleBytes[prover])
    .varBytes(dialler.fingerprint)
    .varBytes(answerer.fingerprint)
    .varBytes(fromHex(topic))
    .varBytes(dialler.hello)
    .varBytes(answerer.hello)
    .finish();
}

export function otherRole(role: Role): Role {
  return role === 'dialler' ? 'answerer' : 'dialler';
}
