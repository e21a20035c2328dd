import { appendFileSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { openRecord } from './record.mjs';

const head = { scenario: 'sync', minutes: 1, code: 'c0de' };
let folder = '';
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'peerloom-record-'));
});
afterEach(() => {
  rmSync(folder, { recursive: true, force: true });
});

test('a run goes on with what it has played, without the line that it died in', () => {
  const file = join(folder, 'long');
  openRecord(file, head).add({ seed: '4' });
  appendFileSync(file, '{"seed":"5","inv');
  const again = openRecord(file, head);
  expect(again.outcomes).toEqual([{ seed: '4' }]);
  again.add({ seed: '5' });
  expect(openRecord(file, head).outcomes).toEqual([{ seed: '4' }, { seed: '5' }]);
});

test('the record of other code is not gone on with', () => {
  const file = join(folder, 'long');
  openRecord(file, head);
  expect(() => openRecord(file, { ...head, code: 'other' })).toThrow('another run');
});
