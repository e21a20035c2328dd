/**
 * The Crypto port on @noble/hashes: synchronous, audited, the same bytes in a browser, in Node and in the
 * simulator. WebCrypto's digest is asynchronous, which a synchronous core cannot wait for.
 */
import { hmac } from '@noble/hashes/hmac.js';
import { sha256 } from '@noble/hashes/sha2.js';
import { concatBytes, utf8 } from '../base/bytes.ts';
import { Writer } from '../base/codec.ts';
import type { Crypto } from '../base/ports.ts';

export const nobleCrypto: Crypto = {
  sha256: bytes => sha256(bytes),
  hashParts: (label, parts) => {
    const writer = new Writer().varBytes(utf8(label));
    for (const part of parts) writer.varBytes(part);
    return sha256(writer.finish());
  },
  hmacSha256: (key, message) => hmac(sha256, key, concatBytes(message)),
};
