import { loadTimeline } from './load-timeline.ts';

/** The history's chunk, asked for when somebody looks back. */
export function loadHistory(): Promise<unknown> {
  return Promise.all([import('./components/ws-history.ts'), loadTimeline()]);
}
