/**
 * CRC-32C (Castagnoli 1993; RFC 3720, appendix B.4): finds every burst of up to 32 bits and every three flipped bits in
 * records of the lengths that are stored here, for certain, and all other damage but one in 4 × 10⁹.
 *
 * Against rot, not against people: whoever can write to the disk can compute it, too. What a batch says is held by its hash and
 * signature; SHA-256 over every record again would make opening a space three times as slow and find no more.
 */

/** Eight tables, so that eight bytes go in one step (Kounavis and Berry 2005): table k is a byte's remainder k zero bytes later. */
const tables = Array.from({ length: 8 }, () => new Uint32Array(256));
type Eight<T> = [T, T, T, T, T, T, T, T];
const [t0, t1, t2, t3, t4, t5, t6, t7] = tables as Eight<Uint32Array>;
for (let byte = 0; byte < 256; byte++) {
  let remainder = byte;
  for (let bit = 0; bit < 8; bit++) remainder = (remainder >>> 1) ^ (remainder & 1 ? 0x82f63b78 : 0);
  t0[byte] = remainder;
}
for (const [k, table] of tables.entries()) {
  const before = tables[k - 1];
  if (before === undefined) continue;
  for (const [byte, remainder] of before.entries())
    table[byte] = (remainder >>> 8) ^ (t0[remainder & 255] as number);
}

/** `before`: the sum of what comes before `bytes`, so that parts need not be put together. */
export function crc32c(bytes: Uint8Array, before = 0): number {
  let crc = ~before;
  let at = 0;
  for (const end = bytes.length - 7; at < end; at += 8) {
    crc =
      (t7[(crc ^ (bytes[at] as number)) & 255] as number) ^
      (t6[((crc >>> 8) ^ (bytes[at + 1] as number)) & 255] as number) ^
      (t5[((crc >>> 16) ^ (bytes[at + 2] as number)) & 255] as number) ^
      (t4[((crc >>> 24) ^ (bytes[at + 3] as number)) & 255] as number) ^
      (t3[bytes[at + 4] as number] as number) ^
      (t2[bytes[at + 5] as number] as number) ^
      (t1[bytes[at + 6] as number] as number) ^
      (t0[bytes[at + 7] as number] as number);
  }
  for (; at < bytes.length; at++) crc = (t0[(crc ^ (bytes[at] as number)) & 255] as number) ^ (crc >>> 8);
  return ~crc >>> 0;
}
