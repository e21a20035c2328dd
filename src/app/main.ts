/**
 * The page's entry: decides which space this tab opens, opens it, and shows it.
 *
 * `/` reopens the last space and makes one only on the very first visit; `/s#…` is an invitation. The secret
 * is taken out of the address bar before anything else happens, so that it is in no history and no screenshot.
 */
import { decodeLinkFragment, secretBytes, spaceKeysOf } from '../base/space-keys.ts';
import { isRouteOf, parseRoute, type Route } from './route.ts';
import { ProfileStore } from '../storage/indexeddb/profile-store.ts';
import { nobleCrypto } from '../sync/crypto.ts';
import { firstProfile } from './session/first-profile.ts';
import { loadDocumentEngine } from './session/load-document-engine.ts';
import { registerServiceWorker } from './session/offline-app.ts';
import { OpenFailure, openSpace } from './session/open-space.ts';
import {
  invalidLink,
  openingFailed,
  preloadEditor,
  showFailed,
  showInsecure,
  showSpace,
  showUpdate,
  storageFailed,
  unsupported,
  type Failure,
} from './shell.ts';

/** Of the space that the route names, as far as this device has it; else of the last one, else a new one. */
async function secretOf(route: Route | undefined, profiles: ProfileStore): Promise<Uint8Array<ArrayBuffer>> {
  const spaces = await profiles.spaces();
  const named = route === undefined ? undefined : spaces.find(({ spaceId }) => isRouteOf(route, spaceId));
  return (named ?? spaces[0])?.secret ?? crypto.getRandomValues(new Uint8Array(secretBytes));
}

/** Whether a route leads to somewhere in the space that this tab has open. */
let isOpen: (route: Route) => boolean = () => false;

const openOwn = () => {
  location.assign('/');
};

const newerLink: Failure = {
  title: 'This invitation is from a newer version',
  reason:
    'The link was made by a newer version of Peerloom. Reload to get that version, then open the link again.',
  action: { label: 'Reload', run: openOwn },
};

/** What a space cannot do without, by the names one would look up. */
function missingHere(): string[] {
  const needed = {
    IndexedDB: 'indexedDB',
    WebRTC: 'RTCPeerConnection',
    WebSocket: 'WebSocket',
    Workers: 'Worker',
  };
  const missing = Object.entries(needed)
    .filter(([, name]) => !(name in globalThis))
    .map(([label]) => label);
  return 'locks' in navigator ? missing : [...missing, 'Web Locks'];
}

async function start(root: HTMLElement): Promise<void> {
  const fragment = location.hash.slice(1);
  const route = parseRoute(fragment);
  const link = fragment === '' || route !== undefined ? undefined : decodeLinkFragment(fragment);
  if (link !== undefined || location.pathname !== '/') history.replaceState(null, '', '/');
  if (!isSecureContext) {
    showInsecure(root);
    return;
  }
  if (link?.ok === false) {
    showFailed(root, link.reason === 'malformed' ? invalidLink(openOwn) : newerLink);
    return;
  }
  const missing = missingHere();
  if (missing.length > 0) {
    showFailed(root, unsupported(missing));
    return;
  }
  preloadEditor();
  loadDocumentEngine().catch(() => undefined);
  const profiles = await ProfileStore.open();
  const keys = await profiles.deviceKeys();
  const kept = await profiles.profile();
  const profile = kept ?? firstProfile();
  if (kept === undefined) await profiles.setProfile(profile);
  const secret = link === undefined ? await secretOf(route, profiles) : link.secret;
  const { spaceId } = spaceKeysOf(nobleCrypto, secret);
  const { place } = await profiles.keepSpace({ spaceId, secret, openedMs: Date.now() });
  if (route !== undefined && !isRouteOf(route, spaceId)) history.replaceState(null, '', '/');
  const session = await openSpace({ secret, keys, profile, profiles, lastDocument: place?.lastDocument });
  isOpen = candidate => isRouteOf(candidate, spaceId);
  // For the benchmark, the end-to-end tests and the curious at the console.
  Object.assign(globalThis, { peerloom: { session } });
  showSpace(root, session, { joining: link !== undefined && session.page.text() === '' });
}

function failureOf(error: unknown): Failure {
  const detail = error instanceof Error ? error.message : String(error);
  if (error instanceof OpenFailure && error.reason === 'slots') {
    return openingFailed('it is open in too many tabs of this browser; close one of them');
  }
  return error instanceof OpenFailure || error instanceof DOMException
    ? storageFailed(detail)
    : openingFailed(detail);
}

const root = document.querySelector<HTMLElement>('#app') ?? document.body;
start(root).catch((error: unknown) => {
  console.error(error);
  showFailed(root, failureOf(error));
});
// A page restored from the browser's back-forward cache has closed its space: begin again.
addEventListener('pageshow', event => {
  if (event.persisted) location.reload();
});
// The same tab opens another invitation, or another space: only the fragment changes, so nothing reloads by itself.
addEventListener('hashchange', () => {
  const route = parseRoute(location.hash.slice(1));
  if (route === undefined ? location.hash !== '' : !isOpen(route)) location.reload();
});
registerServiceWorker(apply => {
  showUpdate(root, apply);
}).catch((error: unknown) => {
  console.warn('Peerloom will not load without its server:', error);
});
