/** The copy of an always-on replica to one file, and a file into the copy: while no process serves it, and without a network. */
import { open, readFile, rename } from 'node:fs/promises';
import { countAhead, covers } from '../src/clocks/vector-clock.ts';
import type { Replica } from '../src/replica/replica.ts';
import type { SpaceKeys } from '../src/base/space-keys.ts';
import { nobleCrypto } from '../src/sync/crypto.ts';
import type { NodeDriver } from './node-driver.ts';
import { openBackup, sealBackup, type BackupRefusal } from './sealed-backup.ts';

/** Batches handed to the replica at once, of at most 512 KiB each. */
const batchesAtOnce = 8;
/** What waits for its signatures stays below this: beyond four times as much the replica refuses. */
const verifyingBytesLow = 512 * 1024;
/** After this long without any progress what is left is not going to be delivered. */
const patienceMs = 10_000;

/** `replica` is idle. Written whole or not at all; resolves with how many batches it holds. */
export async function exportTo(file: string, keys: SpaceKeys, replica: Replica): Promise<number> {
  const batches = [...replica.batchesBeyond(new Map())];
  const backup = { spaceId: keys.spaceId, since: new Map(), clock: replica.durableClock, batches };
  const sealed = await sealBackup(nobleCrypto, keys.storage, backup);
  const written = await open(`${file}.new`, 'w', 0o600);
  try {
    await written.writeFile(sealed);
    await written.sync();
  } finally {
    await written.close();
  }
  await rename(`${file}.new`, file);
  return batches.length;
}

export type Imported =
  | { readonly ok: true; readonly added: number }
  /** `incomplete`: some of it builds on what is neither in it nor here, or was refused; the rest was taken. */
  | { readonly ok: false; readonly reason: BackupRefusal | 'incomplete'; readonly added: number };

export async function importFrom(
  file: string,
  keys: SpaceKeys,
  replica: Replica,
  driver: NodeDriver,
): Promise<Imported> {
  const opened = await openBackup(nobleCrypto, keys.storage, await readFile(file));
  if (!opened.ok) return { ...opened, added: 0 };
  const { spaceId, clock, batches } = opened.backup;
  if (spaceId !== keys.spaceId) return { ok: false, reason: 'another-space', added: 0 };
  const before = new Map(replica.clock);
  for (let at = 0; at < batches.length; at += batchesAtOnce) {
    driver.run(replica.take(batches.slice(at, at + batchesAtOnce)));
    await until(() => replica.held.verifyingBytes < verifyingBytesLow);
  }
  let reached = -1;
  for (let sinceMs = performance.now(); performance.now() - sinceMs < patienceMs;) {
    if (covers(replica.durableClock, clock)) break;
    const now = countAhead(replica.durableClock, new Map());
    if (now !== reached) [reached, sinceMs] = [now, performance.now()];
    await pause();
  }
  const added = countAhead(replica.durableClock, before);
  return covers(replica.durableClock, clock)
    ? { ok: true, added }
    : { ok: false, reason: 'incomplete', added };
}

async function until(holds: () => boolean): Promise<void> {
  while (!holds()) await pause();
}
const pause = () => new Promise(resolve => setTimeout(resolve, 10));
