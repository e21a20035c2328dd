import { expect, test } from 'vitest';
import { HistoryRecorder } from './recorder.ts';

test('an operation is answered, lost, withdrawn, or still open when the history is taken', () => {
  const recorder = new HistoryRecorder<string, string>();
  recorder.invoked(1, 'a', 10);
  recorder.invoked(2, 'b', 11);
  recorder.answered(1, 'yes', 12);
  recorder.lost(2);
  recorder.invoked(2, 'c', 13);
  recorder.withdrawn(2);
  recorder.invoked(2, 'd', 14);
  expect(recorder.openInput(1)).toBe(undefined);
  expect(recorder.openInput(2)).toBe('d');
  expect(recorder.history()).toEqual([
    { process: 1, input: 'a', output: 'yes', invokedAt: 10, returnedAt: 12 },
    { process: 2, input: 'b', output: undefined, invokedAt: 11, returnedAt: undefined },
    { process: 2, input: 'd', output: undefined, invokedAt: 14, returnedAt: undefined },
  ]);
});

test('a process does one thing at a time, and ends only what it began', () => {
  const recorder = new HistoryRecorder<string, string>();
  recorder.invoked(1, 'a', 1);
  expect(() => recorder.invoked(1, 'b', 2)).toThrow('process 1 has an operation open');
  expect(() => recorder.answered(2, 'yes', 2)).toThrow('process 2 has no operation open');
});
