/** The history's chunk, asked for when somebody looks back. */
export function loadHistory(): Promise<unknown> {
  return import('./components/ws-history.ts');
}
