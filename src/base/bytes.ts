/** Small helpers on byte arrays that the platform lacks in a DOM-free program. */

const HEX = Array.from({ length: 256 }, (_, byte) => byte.toString(16).padStart(2, '0'));

export function toHex(bytes: Uint8Array): string {
  let hex = '';
  for (const byte of bytes) hex += HEX[byte] ?? '';
  return hex;
}

/** The n-th byte of lower-case hex. */
export function hexByte(hex: string, n: number): number {
  return (hexDigit(hex.charCodeAt(2 * n)) << 4) | hexDigit(hex.charCodeAt(2 * n + 1));
}
/** `0`–`9` are 0x30 and up, `a`–`f` 0x61 and up. */
function hexDigit(code: number): number {
  return code < 0x3a ? code - 0x30 : code - 0x57;
}

/** `hex` must have an even number of lower-case digits; callers check what comes from outside first. */
export function fromHex(hex: string): Uint8Array<ArrayBuffer> {
  const bytes = new Uint8Array(hex.length / 2);
  for (let i = 0; i < bytes.length; i++) bytes[i] = hexByte(hex, i);
  return bytes;
}

const seenHex = new Array<string>(4096).fill('');

/**
 * `length` bytes from `at` on, as `toHex` gives them. For ids, which come again and again: one seen lately is the very
 * same string, so that nothing is built and a map that knows it need not hash it anew.
 */
export function idAt(bytes: Uint8Array, at: number, length: number): string {
  const slot = (((bytes[at] ?? 0) << 8) | (bytes[at + 1] ?? 0)) & (seenHex.length - 1);
  const seen = seenHex[slot] ?? '';
  if (seen.length === 2 * length) {
    let n = 0;
    while (n < length && hexByte(seen, n) === bytes[at + n]) n++;
    if (n === length) return seen;
  }
  return (seenHex[slot] = toHex(bytes.subarray(at, at + length)));
}

export function equalBytes(a: Uint8Array, b: Uint8Array): boolean {
  if (a.length !== b.length) return false;
  for (let i = 0; i < a.length; i++) if (a[i] !== b[i]) return false;
  return true;
}

/** As `equalBytes`, in a time that does not tell where they differ: for what an attacker guesses byte by byte. */
export function sameSecretBytes(a: Uint8Array, b: Uint8Array): boolean {
  let difference = a.length ^ b.length;
  for (let i = 0; i < a.length; i++) difference |= (a[i] as number) ^ (b[i] ?? 0);
  return difference === 0;
}

/** Below 0, 0 or above, as `a` stands before `b` byte by byte; what ends first stands first. */
export function compareBytes(a: Uint8Array, b: Uint8Array): number {
  const shared = Math.min(a.length, b.length);
  for (let i = 0; i < shared; i++) {
    const difference = (a[i] as number) - (b[i] as number);
    if (difference !== 0) return difference;
  }
  return a.length - b.length;
}

export function concatBytes(...parts: readonly Uint8Array[]): Uint8Array<ArrayBuffer> {
  const whole = new Uint8Array(parts.reduce((length, part) => length + part.length, 0));
  let at = 0;
  for (const part of parts) {
    whole.set(part, at);
    at += part.length;
  }
  return whole;
}

const encoder = new TextEncoder();
export function utf8(text: string): Uint8Array<ArrayBuffer> {
  return encoder.encode(text);
}

const BASE64URL = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_';

/** RFC 4648 section 5, without padding: what may stand in a link's fragment. */
export function toBase64Url(bytes: Uint8Array): string {
  let text = '';
  for (let i = 0; i < bytes.length; i += 3) {
    const [a = 0, b = 0, c = 0] = bytes.subarray(i, i + 3);
    const group = (a << 16) | (b << 8) | c;
    const digits = Math.min(bytes.length - i, 3) + 1;
    for (let d = 0; d < digits; d++) text += BASE64URL[(group >> (18 - 6 * d)) & 63] ?? '';
  }
  return text;
}

/** The bytes, or undefined when `text` is not canonical base64url. */
export function fromBase64Url(text: string): Uint8Array<ArrayBuffer> | undefined {
  if (text.length % 4 === 1) return undefined;
  const bytes = new Uint8Array(Math.floor((text.length * 3) / 4));
  let group = 0;
  let bits = 0;
  let at = 0;
  for (const digit of text) {
    const value = BASE64URL.indexOf(digit);
    if (value < 0) return undefined;
    group = ((group << 6) | value) & 0xffffff;
    bits += 6;
    if (bits >= 8) {
      bits -= 8;
      bytes[at++] = (group >> bits) & 255;
    }
  }
  return (group & ((1 << bits) - 1)) === 0 ? bytes : undefined;
}
