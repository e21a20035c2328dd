/**
 * How much memory a decoder holds at the moment it refuses: not what it allocated and dropped on the way, but what is still
 * reachable from it when it says no. Counted on the heap itself, after a full collection, with what lies in buffers beside it.
 */
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { Reader } from '../../base/codec.ts';

setFlagsFromString('--expose-gc');
const collect = runInNewContext('gc') as () => void;

function held(): number {
  collect();
  const { heapUsed, arrayBuffers } = process.memoryUsage();
  return heapUsed + arrayBuffers;
}

/** The most bytes that were held at a refusal while `run` ran, beyond what was held before; `undefined` when nothing was refused. */
export function heldAtRefusal(run: () => void): number | undefined {
  const fail = Object.getOwnPropertyDescriptor(Reader.prototype, 'fail') as PropertyDescriptor;
  let most: number | undefined;
  // The first collection of a process and the first call of anything keep something for good.
  held();
  const before = held();
  Object.defineProperty(Reader.prototype, 'fail', {
    ...fail,
    value(this: Reader, reason: string): never {
      most = Math.max(most ?? 0, held() - before);
      return (fail.value as (this: Reader, reason: string) => never).call(this, reason);
    },
  });
  try {
    run();
  } finally {
    Object.defineProperty(Reader.prototype, 'fail', fail);
  }
  return most;
}
