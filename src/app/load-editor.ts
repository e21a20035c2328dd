/** The editor's chunk, asked for once; a failed attempt is forgotten, so that the next one asks again. */
import type * as Editor from './editor/editor.ts';

let loading: Promise<typeof Editor> | undefined;

export function loadEditor(): Promise<typeof Editor> {
  loading ??= import('./editor/editor.ts').catch((error: unknown) => {
    loading = undefined;
    throw error;
  });
  return loading;
}
