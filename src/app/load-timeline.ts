/** What reads a text's past out of the log: a chunk of its own, since most pages are written and not looked back on. */
import { assert } from '../base/assert.ts';
import type * as Timeline from '../replica/text-timeline.ts';

let loaded: typeof Timeline | undefined;

/** To be waited for before anybody asks a page's history anything. */
export async function loadTimeline(): Promise<void> {
  loaded = await import('../replica/text-timeline.ts');
}

export function timelineEngine(): typeof Timeline {
  assert(loaded !== undefined, 'the past is asked for after its chunk has come');
  return loaded;
}
