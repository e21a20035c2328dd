/**
 * Where one is, in the address bar: `#/SPACE/DOCUMENT` or `#/home`. It stands behind the `#` like an invitation, so that no server is told
 * which document of which space somebody reads. The space by the beginning of its id, which its own device looks up; its
 * secret is in no route.
 */
import { isId, type DocumentId, type SpaceId } from '../base/ids.ts';

export type Route =
  | { readonly type: 'home' }
  /** `space`: the first digits of its id. */
  | { readonly type: 'document'; readonly space: string; readonly documentId: DocumentId };

const spaceDigits = 12;

/** `fragment` without its `#`. Undefined when it is no route, and perhaps an invitation. */
export function parseRoute(fragment: string): Route | undefined {
  if (fragment === '/home') return { type: 'home' };
  const [empty, space, documentId, ...rest] = fragment.split('/');
  if (empty !== '' || space === undefined || documentId === undefined || rest.length > 0) return undefined;
  if (!/^[0-9a-f]{12}$/.test(space) || !isId(documentId)) return undefined;
  return { type: 'document', space, documentId: documentId as DocumentId };
}

export function isRouteOf(route: Route, spaceId: SpaceId): boolean {
  return route.type === 'home' || spaceId.startsWith(route.space);
}

export function documentHref(spaceId: SpaceId, documentId: DocumentId): string {
  return `#/${spaceId.slice(0, spaceDigits)}/${documentId}`;
}

export const homeHref = '#/home';
