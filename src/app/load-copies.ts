/** The chunk of what People shows above its list; the list itself does not wait for it. */
export function loadCopies(): Promise<unknown> {
  return import('./components/ws-copies.ts');
}
