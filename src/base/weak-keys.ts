/**
 * Public keys that prove nothing. WebCrypto takes them all, in Node and in browsers: under an Ed25519 key of small order
 * one signature verifies for any message, and with an X25519 key of small order any two parties agree on the same
 * secret. Of a point with two encodings each is another device id, so those that are not canonical go as well.
 */
import { equalBytes, fromHex } from './bytes.ts';

/** Whether 32 bytes spell a number from p = 2^255 - 19 up, little end first, the highest bit apart. */
function isAboveField(bytes: Uint8Array): boolean {
  return (bytes[0] ?? 0) >= 0xed && highOnes(bytes);
}
/** 2^255 - 256 and up. */
function highOnes(bytes: Uint8Array): boolean {
  return bytes[31] === 0x7f && bytes.subarray(1, 31).every(byte => byte === 0xff);
}
/** 0 or 1. */
function isTiny(bytes: Uint8Array): boolean {
  return (bytes[0] ?? 0) <= 1 && bytes.subarray(1).every(byte => byte === 0);
}
/** p - 1. */
function isMinusOne(bytes: Uint8Array): boolean {
  return bytes[0] === 0xec && highOnes(bytes);
}

/**
 * Ed25519: points of small order and encodings with y ≥ p, after Chalkias, Garillot, Nikolaenko 2020, table 1. The
 * highest bit is the sign of x, and no sign makes a weak one strong.
 */
export function isWeakKey(key: Uint8Array): boolean {
  const y = key.slice();
  y[31] = (y[31] ?? 0) & 0x7f;
  if (isMinusOne(y) || isAboveField(y)) return true; // order 2, not canonical
  if (isTiny(y)) return true; // orders 4 and 1
  return edwardsOrderEight.some(weak => equalBytes(weak, y));
}

/**
 * X25519: u-coordinates of small order on the curve and its twist (Bernstein, "Curve25519: new Diffie-Hellman speed
 * records", section 3), and those that RFC 7748 reads as another: the highest bit set, or u ≥ p.
 */
export function isWeakSealingKey(key: Uint8Array): boolean {
  if (((key[31] ?? 0) & 0x80) !== 0 || isAboveField(key)) return true;
  return isTiny(key) || isMinusOne(key) || montgomeryOrderEight.some(weak => equalBytes(weak, key));
}

const edwardsOrderEight = [
  'c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac037a',
  '26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05',
].map(fromHex);
const montgomeryOrderEight = [
  'e0eb7a7c3b41b8ae1656e3faf19fc46ada098deb9c32b1fd866205165f49b800',
  '5f9c95bca3508c24b1d0b1559c83ef5b04445cc4581c8e86d8224eddd09f1157',
].map(fromHex);
