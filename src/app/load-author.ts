/** The chunk that says who wrote what the pointer rests on. */
export function loadAuthor(): Promise<unknown> {
  return import('./components/ws-author.ts');
}
