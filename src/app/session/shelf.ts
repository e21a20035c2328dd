/** The spaces of this device, from its profile. Going to another one reloads the page: a tab holds one space. */
import { firstPageIdOf, type SpaceId } from '../../base/ids.ts';
import { secretBytes, spaceKeysOf } from '../../base/space-keys.ts';
import type { ProfileStore } from '../../storage/indexeddb/profile-store.ts';
import { nobleCrypto } from '../../sync/crypto.ts';
import { documentHref } from '../route.ts';
import type { SpaceShelf } from '../space-session.ts';

export function shelfOf(profiles: ProfileStore, open: SpaceId): SpaceShelf {
  const hrefOf = (spaceId: SpaceId, lastDocument = firstPageIdOf(nobleCrypto, spaceId)) =>
    documentHref(spaceId, lastDocument);
  return {
    spaces: async () =>
      (await profiles.spaces()).map(({ spaceId, openedMs, place }) => ({
        spaceId,
        openedMs,
        href: hrefOf(spaceId, place?.lastDocument),
        name: place?.name ?? '',
        documents: place?.documents ?? 0,
        isOpen: spaceId === open,
      })),
    create: async () => {
      const secret = crypto.getRandomValues(new Uint8Array(secretBytes));
      const { spaceId } = spaceKeysOf(nobleCrypto, secret);
      await profiles.keepSpace({ spaceId, secret, openedMs: Date.now() });
      location.hash = hrefOf(spaceId);
    },
  };
}
