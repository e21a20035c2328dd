/**
 * What the pure cores are handed instead of reaching for it. The browser, Node and the simulator each bring
 * their own; a core that used `Date.now` or `Math.random` itself could not be replayed from a seed.
 */

export interface Clock {
  /** Milliseconds that never go backwards: for timeouts. The origin means nothing. */
  monotonicMs(): number;
  /** Milliseconds since 1970 as the device believes: for stamps a person reads, never for timeouts. */
  wallMs(): number;
}

export interface Random {
  /** A whole number in [0, below), evenly spread. */
  below(below: number): number;
}

/**
 * Synchronous hashing. Signing and verifying are effects that inputs answer (WebCrypto is asynchronous), so
 * they are not here.
 */
export interface Crypto {
  /** SHA-256, 32 bytes. */
  sha256(bytes: Uint8Array): Uint8Array;
  /** SHA-256 over `label` and `parts`, each preceded by its length. */
  hashParts(label: string, parts: readonly Uint8Array[]): Uint8Array;
  /** HMAC-SHA-256, 32 bytes. */
  hmacSha256(key: Uint8Array, message: Uint8Array): Uint8Array;
}
