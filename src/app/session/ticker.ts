/** The heartbeat of a running space, from a Worker (see ticker.worker.ts). */
import workerUrl from './ticker.worker.ts?worker&url';
import { scriptUrl } from './trusted.ts';

export function startTicker(tick: () => void): () => void {
  const worker = new Worker(scriptUrl(workerUrl), { type: 'module' });
  worker.onmessage = tick;
  return () => {
    worker.terminate();
  };
}
