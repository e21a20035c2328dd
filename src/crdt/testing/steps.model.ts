/**
 * What a piece of code costs, counted and not timed: how often it read from its bytes, how often each block of the library ran
 * (V8's precise coverage, which makes it ten times as slow), and how many bytes it allocated, what was collected in between
 * included (V8's sampling of allocations). None of them needs anything in the code that is measured. A count is the same on a busy machine; the bytes are an estimate, near where there are many.
 *
 * Blocks are counted in functions that were compiled while counting was on, and a short function that optimized code takes in is not
 * counted at all. So counting is switched on once, before the first call of what will be counted, and stays on, and optimizing is switched off.
 */
import { Session, type HeapProfiler } from 'node:inspector';
import { setFlagsFromString } from 'node:v8';
import { assert } from '../../base/assert.ts';
import { Reader } from '../../base/codec.ts';
import { ColumnReader } from '../text/columns.ts';

const session = new Session();
session.connect();
// Of the library's own files: not of the tests, which mostly compare.
const isCounted = (url: string): boolean => /\/src\/(base|clocks|crdt)\/.*(?<!\.(test|model))\.ts/.test(url);

let isCounting = false;

/** To be called before anything of the library runs whose steps will be asked for. */
export function countSteps(): void {
  setFlagsFromString('--no-opt');
  session.post('Profiler.enable');
  session.post('Profiler.startPreciseCoverage', { callCount: true, detailed: true });
  isCounting = true;
}

/** Blocks of the library that ran. */
export function stepsOf(run: () => void): number {
  assert(isCounting, 'steps were counted from the beginning');
  takeSteps();
  run();
  return takeSteps();
}

/** Since the last time. */
function takeSteps(): number {
  let steps = 0;
  session.post('Profiler.takePreciseCoverage', (error, { result }) => {
    if (error !== null) throw error;
    for (const { url, functions } of result)
      if (isCounted(url)) for (const { ranges } of functions) for (const { count } of ranges) steps += count;
  });
  return steps;
}

/** Bytes allocated on the heap. */
export function bytesOf(run: () => void): number {
  session.post('HeapProfiler.enable');
  session.post('HeapProfiler.startSampling', {
    samplingInterval: 2048,
    includeObjectsCollectedByMajorGC: true,
    includeObjectsCollectedByMinorGC: true,
  } as HeapProfiler.StartSamplingParameterType);
  run();
  let bytes = 0;
  const add = ({ selfSize, children }: HeapProfiler.SamplingHeapProfileNode): void => {
    bytes += selfSize;
    children.forEach(add);
  };
  session.post('HeapProfiler.stopSampling', (error, { profile }) => {
    if (error !== null) throw error;
    add(profile.head);
  });
  return bytes;
}

/** Reads from bytes so far by any decoder. A decoder's loops each read, so a single input can be held to its length at no cost. */
let reads = 0;

function countCalls<T extends object>(prototype: T, names: readonly (keyof T)[]): void {
  for (const name of names) {
    const method = prototype[name] as (...args: unknown[]) => unknown;
    const counted = function (this: unknown, ...args: unknown[]): unknown {
      reads++;
      return method.apply(this, args);
    };
    Object.defineProperty(prototype, name, { value: counted });
  }
}
countCalls(Reader.prototype, ['byte', 'varUint', 'bytes', 'ascii']);
countCalls(ColumnReader.prototype, ['byte', 'varUint']);

export function readsOf(run: () => void): number {
  const before = reads;
  run();
  return reads - before;
}
