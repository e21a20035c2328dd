/** The editor's chunk, asked for once; a failed attempt is forgotten, so that the next one asks again. */
type Editor = typeof import('./editor/editor.ts');

let loading: Promise<Editor> | undefined;

export function loadEditor(): Promise<Editor> {
  loading ??= import('./editor/editor.ts').catch((error: unknown) => {
    loading = undefined;
    throw error;
  });
  return loading;
}
