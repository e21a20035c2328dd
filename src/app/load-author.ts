import { loadTimeline } from './load-timeline.ts';

/** The chunk that says who wrote what the pointer rests on. */
export function loadAuthor(): Promise<unknown> {
  return Promise.all([import('./components/ws-author.ts'), loadTimeline()]);
}
