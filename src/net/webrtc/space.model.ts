/** A space of nobody's and devices that are in it, for tests of links. */
import { spaceKeysOf, type SpaceKeys } from '../../base/space-keys.ts';
import { nobleCrypto } from '../../sync/crypto.ts';
import { signEd25519, verifyEd25519 } from './ed25519.ts';
import type { LinkIdentity } from './proven-link.ts';

export type Space = SpaceKeys;

export function newSpace(): Space {
  return spaceKeysOf(nobleCrypto, crypto.getRandomValues(new Uint8Array(32)));
}

export async function newIdentity(
  { spaceId, topic, authentication }: Space,
  changes: Partial<LinkIdentity> = {},
): Promise<LinkIdentity> {
  const publicKey = async (pair: CryptoKeyPair) =>
    new Uint8Array(await crypto.subtle.exportKey('raw', pair.publicKey));
  const device = await crypto.subtle.generateKey('Ed25519', false, ['sign', 'verify']);
  const sealing = await crypto.subtle.generateKey('X25519', false, ['deriveBits']);
  return {
    crypto: nobleCrypto,
    spaceId,
    topic,
    authentication,
    deviceKey: await publicKey(device),
    sealingKey: await publicKey(sealing),
    slot: 0,
    incarnation: 0,
    sign: message => signEd25519(device.privateKey, message),
    verify: verifyEd25519,
    ...changes,
  };
}
