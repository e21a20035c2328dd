/** Ed25519 by WebCrypto, for what is signed and verified once: the proofs of a link. */

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

/** None of ours stands in shared memory. */
function exact(bytes: Uint8Array): Uint8Array<ArrayBuffer> {
  return bytes as Uint8Array<ArrayBuffer>;
}
