/** Joining without a server: a chunk that comes when somebody shares. */
export function loadPaste(): Promise<unknown> {
  return import('./components/ws-paste.ts');
}
