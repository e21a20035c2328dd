/** Ed25519 by WebCrypto: for the proofs of a link, and for batches. */

export async function signEd25519(privateKey: CryptoKey, message: Uint8Array): Promise<Uint8Array> {
  return new Uint8Array(await crypto.subtle.sign('Ed25519', privateKey, exact(message)));
}

/** False, too, for what is no key or no signature. The caller has refused weak keys. */
export async function verifyEd25519(
  publicKey: Uint8Array,
  message: Uint8Array,
  signature: Uint8Array,
): Promise<boolean> {
  try {
    const key = await crypto.subtle.importKey('raw', exact(publicKey), 'Ed25519', false, ['verify']);
    return await crypto.subtle.verify('Ed25519', key, exact(signature), exact(message));
  } catch {
    return false;
  }
}

/** For batches, of which a device signs many: its key is read once. */
export class Ed25519Verifier {
  /** By the array that names it, which is one for each certificate. */
  readonly #keys = new WeakMap<Uint8Array, Promise<CryptoKey>>();

  /** False, too, for what is no key or no signature. */
  async verify(publicKey: Uint8Array, message: Uint8Array, signature: Uint8Array): Promise<boolean> {
    try {
      let key = this.#keys.get(publicKey);
      if (key === undefined) {
        key = crypto.subtle.importKey('raw', exact(publicKey), 'Ed25519', false, ['verify']);
        this.#keys.set(publicKey, key);
      }
      return await crypto.subtle.verify('Ed25519', await key, exact(signature), exact(message));
    } catch {
      return false;
    }
  }
}

/** None of ours stands in shared memory. */
function exact(bytes: Uint8Array): Uint8Array<ArrayBuffer> {
  return bytes as Uint8Array<ArrayBuffer>;
}
