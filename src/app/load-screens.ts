/** The screens of boards and polls: a chunk that comes when one of them is first shown. */
import type * as Screens from './screens.ts';

let loading: Promise<typeof Screens> | undefined;

/** A failed attempt is forgotten, so that the next one asks again. */
export function loadScreens(): Promise<typeof Screens> {
  loading ??= import('./screens.ts').catch((error: unknown) => {
    loading = undefined;
    throw error;
  });
  return loading;
}
