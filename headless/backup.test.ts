/** Out of one copy into a file and into others, on real stores, without a network. */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { firstPageIdOf } from '../src/base/ids.ts';
import { covers } from '../src/clocks/vector-clock.ts';
import { endNodeWebRtc } from '../src/net/node-webrtc/node-platform.ts';
import { nobleCrypto } from '../src/sync/crypto.ts';
import { AlwaysOn } from './always-on.ts';
import { exportTo, importFrom } from './backup.ts';
import { openBackup, sealBackup } from './sealed-backup.ts';

const root = mkdtempSync(join(tmpdir(), 'peerloom-backup-'));
afterAll(() => {
  endNodeWebRtc();
  rmSync(root, { recursive: true, force: true });
});
const secret = new Uint8Array(32).fill(3);
const opened = (name: string, of: Uint8Array = secret) =>
  AlwaysOn.open({ secret: of, signalingUrls: [], dataDir: join(root, name), name, offline: true });
const pageOf = ({ keys }: AlwaysOn) => firstPageIdOf(nobleCrypto, keys.spaceId);
const textOf = (peer: AlwaysOn) => peer.replica.text(pageOf(peer)).toString();

async function write(peer: AlwaysOn, ...texts: string[]): Promise<void> {
  for (const insert of texts) {
    peer.driver.run(peer.replica.edit(pageOf(peer), [{ from: 0, to: 0, insert }]));
    await expect.poll(() => peer.unkept === 0 && !peer.replica.isBatching).toBe(true);
  }
}

test('[PEER4] a space goes into a file and out of it again, and an import merges and never overwrites', async () => {
  const file = join(root, 'space.peerloom');
  const ana = await opened('ana');
  await write(ana, ...Array.from({ length: 30 }, (_, n) => `Line ${String(n)}.\n`));
  await exportTo(file, ana.keys, ana.replica);

  const bo = await opened('bo');
  await write(bo, 'Bo was here.\n');
  const before = new Map(bo.replica.clock);
  const taken = await importFrom(file, bo.keys, bo.replica, bo.driver);
  expect(taken).toEqual({ ok: true, added: 31 });
  expect(covers(bo.replica.durableClock, ana.replica.durableClock)).toBe(true);
  expect(covers(bo.replica.durableClock, before)).toBe(true);
  expect(textOf(bo)).toContain('Bo was here.');
  expect(textOf(bo)).toContain('Line 0.');
  // Once more changes nothing.
  expect(await importFrom(file, bo.keys, bo.replica, bo.driver)).toEqual({ ok: true, added: 0 });

  // And back: then both are equal, ids and all.
  await exportTo(file, bo.keys, bo.replica);
  expect((await importFrom(file, ana.keys, ana.replica, ana.driver)).ok).toBe(true);
  expect(textOf(ana)).toBe(textOf(bo));
  expect(ana.replica.durableClock).toEqual(bo.replica.durableClock);
  expect(ana.replica.durableRoot).toEqual(bo.replica.durableRoot);
  const ids = async (peer: AlwaysOn) => (await peer.store.load()).batches.map(({ batchId }) => batchId);
  expect(await ids(ana)).toEqual(await ids(bo));
  await ana.close();
  await bo.close();
});

test('[PEER4] selected changes: what one lacks, carried by hand, and refused parts are told', async () => {
  const ana = await opened('cy');
  await write(ana, 'one ', 'two ', 'three ');
  const since = new Map([[ana.replica.replicaId, 3]]);
  const batches = [...ana.replica.batchesBeyond(since)];
  expect(batches.length).toBe(1);
  const backup = { spaceId: ana.keys.spaceId, since, clock: ana.replica.durableClock, batches };
  const file = join(root, 'some.peerloom');
  writeFileSync(file, await sealBackup(nobleCrypto, ana.keys.storage, backup));
  const whole = join(root, 'whole.peerloom');
  await exportTo(whole, ana.keys, ana.replica);
  await ana.close();
  const bo = await opened('dee');
  // It has nothing that these changes build on, until the rest comes.
  const early = importFrom(file, bo.keys, bo.replica, bo.driver);
  expect((await importFrom(whole, bo.keys, bo.replica, bo.driver)).ok).toBe(true);
  expect((await early).ok).toBe(true);
  expect(textOf(bo)).toBe('three two one ');
  await bo.close();
});

test('[PEER4] a file that was changed, cut, put together anew or of another space is refused whole', async () => {
  const ana = await opened('eve');
  await write(ana, 'x'.repeat(200_000));
  const file = join(root, 'hostile.peerloom');
  await exportTo(file, ana.keys, ana.replica);
  const { storage } = ana.keys;
  await ana.close();
  const bytes = new Uint8Array(readFileSync(file));
  const refusal = async (changed: Uint8Array, key = storage) => {
    const result = await openBackup(nobleCrypto, key, changed);
    return result.ok ? 'ok' : result.reason;
  };
  expect(await refusal(bytes)).toBe('ok');
  const [header, sealed] = [65, 64 * 1024 + 16];
  for (const at of [20, 40, header, header + sealed, bytes.length - 1]) {
    const flipped = bytes.slice();
    flipped[at]! ^= 1;
    expect(['seal', 'another-space']).toContain(await refusal(flipped));
  }
  expect(await refusal(bytes.subarray(0, header + sealed))).toBe('seal');
  expect(await refusal(bytes.subarray(0, bytes.length - 1))).toBe('seal');
  const first = bytes.subarray(header, header + sealed);
  const second = bytes.subarray(header + sealed, header + 2 * sealed);
  const swapped = bytes.slice();
  swapped.set(second, header);
  swapped.set(first, header + sealed);
  expect(await refusal(swapped)).toBe('seal');
  expect(await refusal(bytes, new Uint8Array(32))).toBe('another-space');
  expect(await refusal(new Uint8Array(1000))).toBe('not-a-backup');
});
