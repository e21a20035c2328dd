import { execFileSync } from 'node:child_process';
import {
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statfsSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import type { BatchId, ReplicaId } from '../src/base/ids.ts';
import { SeededRandom } from '../src/base/random.ts';
import { storeSuite } from '../src/storage/store-suite.ts';
import type { StoredBatch } from '../src/storage/store.ts';
import { LevelStore } from './level-store.ts';
import { levelValues } from './level-values.model.ts';

const root = mkdtempSync(join(tmpdir(), 'peerloom-level-'));
afterAll(() => {
  rmSync(root, { recursive: true, force: true });
});
let folders = 0;
const freshFolder = () => join(root, String(folders++), 'space');

storeSuite('LevelStore', async () => {
  const store = await LevelStore.open(freshFolder());
  return { first: store, second: store, values: levelValues(store) };
});

const replicaId = 'a'.repeat(32) as ReplicaId;
function batchOf(sequence: number, length = 1000): StoredBatch {
  const batchId = sequence.toString(16).padStart(64, '0') as BatchId;
  return { replicaId, sequence, batchId, bytes: new Uint8Array(length).fill(sequence & 255) };
}
const sequencesIn = async (store: LevelStore) => (await store.load()).batches.map(({ sequence }) => sequence);
const upTo = (count: number) => Array.from({ length: count }, (_, n) => n);

test('[STORE7] a reopened database has what was committed', async () => {
  const folder = freshFolder();
  const before = await LevelStore.open(folder);
  await before.commit({ batches: [batchOf(0)], durability: 'relaxed' });
  await before.closed();
  const after = await LevelStore.open(folder);
  expect(await sequencesIn(after)).toEqual([0]);
  await after.closed();
});

test('[STORE12] a second process is told that the database is in use', async () => {
  const folder = freshFolder();
  const store = await LevelStore.open(folder);
  await expect(LevelStore.open(folder)).rejects.toThrow(expect.objectContaining({ name: 'StoreBusy' }));
  await store.closed();
  await (await LevelStore.open(folder)).closed();
});

test('[STORE13] damaged files of the database: what is read is right, the rest is gone and the store goes on', async () => {
  const random = new SeededRandom(1);
  let lost = 0;
  for (let round = 0; round < 10; round++) {
    const folder = freshFolder();
    const before = await LevelStore.open(folder);
    for (const n of upTo(40)) await before.commit({ batches: [batchOf(n, 4000)], durability: 'relaxed' });
    // Every other time in tables, not in the log of writes.
    if (round % 2 === 0) await (await before.opened()).compactRange(Uint8Array.of(0), Uint8Array.of(255));
    await before.closed();
    const files = readdirSync(folder).filter(name => !name.startsWith('LO'));
    const file = join(folder, files[random.below(files.length)]!);
    const bytes = readFileSync(file);
    if (bytes.length === 0) continue;
    if (round % 3 === 0) writeFileSync(file, bytes.subarray(0, random.below(bytes.length)));
    else {
      for (let n = 0; n < 4; n++) bytes[random.below(bytes.length)]! ^= 1 + random.below(255);
      writeFileSync(file, bytes);
    }
    const after = await LevelStore.open(folder);
    const { batches, damaged } = await after.load();
    for (const batch of batches) expect(batch).toEqual(batchOf(batch.sequence, 4000));
    lost += 40 - batches.length - damaged.length;
    // Whatever was lost can be written again.
    for (const n of upTo(40))
      expect(await after.commit({ batches: [batchOf(n, 4000)], durability: 'relaxed' })).toEqual({
        ok: true,
      });
    expect(await sequencesIn(after)).toEqual(upTo(40));
    await after.closed();
    const again = await LevelStore.open(folder);
    expect(await sequencesIn(again)).toEqual(upTo(40));
    await again.closed();
  }
  // Or nothing was damaged.
  expect(lost).toBeGreaterThan(20);
});

/** A file system of its own of some megabytes; undefined where none may be mounted. */
function smallDisk(megabytes: number): { folder: string; remove(): void } | undefined {
  const folder = join(root, `disk-${String(folders++)}`);
  mkdirSync(folder);
  try {
    execFileSync('mount', ['-t', 'tmpfs', '-o', `size=${String(megabytes)}m`, 'tmpfs', folder], {
      stdio: 'ignore',
    });
  } catch {
    return undefined;
  }
  return { folder, remove: () => execFileSync('umount', ['-l', folder]) };
}

test('[STORE14] a disk that is full: nothing acknowledged is lost, and it goes on when there is room', async context => {
  const disk = smallDisk(4);
  if (disk === undefined) {
    context.skip('no file system may be mounted here');
    return;
  }
  try {
    const folder = join(disk.folder, 'space');
    let store = await LevelStore.open(folder);
    const acknowledged: number[] = [];
    let [refused, sequence] = [0, 0];
    for (let round = 0; round < 6; round++) {
      const filler = join(disk.folder, 'filler');
      // However much room is left where: the write that fails is cut at another place each time.
      const { bfree, bsize } = statfsSync(disk.folder);
      writeFileSync(filler, new Uint8Array(Math.max(0, bfree * bsize - 120_000 - 7_000 * round)));
      for (let tries = 0; tries < 40; tries++) {
        const durability = tries % 3 === 0 ? 'strict' : 'relaxed';
        const result = await store.commit({ batches: [batchOf(sequence, 9000)], durability });
        if (result.ok) acknowledged.push(sequence++);
        else {
          expect(result.reason).toBe('full');
          refused++;
        }
      }
      rmSync(filler);
      expect(await store.commit({ batches: [batchOf(sequence, 9000)], durability: 'relaxed' })).toEqual({
        ok: true,
      });
      acknowledged.push(sequence++);
      if (round % 2 === 0) {
        await store.closed();
        store = await LevelStore.open(folder);
      }
      const kept = new Set(await sequencesIn(store));
      expect(acknowledged.filter(number => !kept.has(number))).toEqual([]);
    }
    expect(refused).toBeGreaterThan(60);
    await store.closed();
    expect(statSync(folder).isDirectory()).toBe(true);
  } finally {
    disk.remove();
  }
});
