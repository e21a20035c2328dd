/**
 * What `npm run crash-points` kills: a replica on the real store in a process of its own, which writes together with another replica
 * in the same process whose disk is memory, so that both kinds of transaction happen all the time. Whatever leaves it is a promise, and
 * is told to the parent before it leaves:
 *
 *     {"loaded": {replica: count}, "ids": […], …}    what was found on the disk
 *     {"sent": [replica, sequence, id]}              a batch of its own that another may have now
 *     {"acknowledged": {replica: count}}             what it said that its disk holds
 *     {"done": {point: times}}                       how often it came by each point
 *
 * Arguments: folder, what happens (`none`, `kill`, `full`), at which point, the how manieth time, a seed, a planted bug.
 */
import { writeSync } from 'node:fs';
import { join } from 'node:path';
import process from 'node:process';
import { firstPageIdOf } from '../src/base/ids.ts';
import { SeededRandom } from '../src/base/random.ts';
import { spaceKeysOf } from '../src/base/space-keys.ts';
import { countAhead } from '../src/clocks/vector-clock.ts';
import type { TransportEvent } from '../src/net/transport.ts';
import { documentEngine } from '../src/replica/document-engine.ts';
import { openReplica } from '../src/replica/open-replica.ts';
import type { Replica } from '../src/replica/replica.ts';
import type { StoragePoint } from '../src/storage/failpoints.ts';
import { MemoryStore } from '../src/storage/memory-store.ts';
import type { Store } from '../src/storage/store.ts';
import { decodeBatch } from '../src/sync/batch.ts';
import { nobleCrypto } from '../src/sync/crypto.ts';
import { decodeSyncMessage } from '../src/sync/messages.ts';
import { openDevice } from './device.ts';
import { LevelStore } from './level-store.ts';
import { NodeDriver, type Links } from './node-driver.ts';

const [, , folder = '', action = 'none', point = '', times = '1', seed = '1', plant = ''] = process.argv;
const edits = 24;
/** A full disk stays full for some tries. */
const fullFor = 3;

const say = (line: object): void => void writeSync(1, `${JSON.stringify(line)}\n`);
const counts: Partial<Record<StoragePoint, number>> = {};

function diskFull(): Error {
  return Object.assign(new Error('No space left on device'), { code: 'ENOSPC' });
}

function reach(at: StoragePoint): Promise<void> {
  const count = (counts[at] = (counts[at] ?? 0) + 1);
  const first = Number(times);
  // What follows a failed commit is only come by where one fails.
  const follows = /^commit\.(failed|reopen)/.test(point) && at === 'commit.strict' && count % 4 === 2;
  if (follows || (action === 'full' && at === point && count >= first && count < first + fullFor))
    return Promise.reject(diskFull());
  if (action === 'kill' && at === point && count === first) {
    process.kill(process.pid, 'SIGKILL');
    return new Promise(() => undefined);
  }
  return Promise.resolve();
}

/** Two ends in one process; what passes is seen. */
class Wire implements Links {
  readonly #subscribers = new Set<(event: TransportEvent) => void>();
  other: Wire | undefined;
  readonly #passes: (bytes: Uint8Array) => void;
  constructor(passes: (bytes: Uint8Array) => void) {
    this.#passes = passes;
  }
  send(_link: string, lane: 'data' | 'control', bytes: Uint8Array): void {
    this.#passes(bytes);
    const copy = bytes.slice();
    setImmediate(() => this.other?.hear({ type: 'message', linkId: 'wire', lane, bytes: copy }));
  }
  hear(event: TransportEvent): void {
    for (const notify of this.#subscribers) notify(event);
  }
  subscribe(notify: (event: TransportEvent) => void): () => void {
    this.#subscribers.add(notify);
    return () => this.#subscribers.delete(notify);
  }
  drop(): void {
    throw new Error('the wire was dropped');
  }
  tick(): void {
    // It has no timers.
  }
}

function tellPromises(replica: Replica, bytes: Uint8Array): void {
  const decoded = decodeSyncMessage(bytes);
  if (!decoded.ok) throw new Error(decoded.reason);
  const message = decoded.value;
  if (message.type === 'clock') say({ acknowledged: Object.fromEntries(message.clock) });
  if (message.type !== 'batches') return;
  for (const bytes of message.batches) {
    const batch = decodeBatch(nobleCrypto, bytes);
    if (!batch.ok) throw new Error(batch.reason);
    const { replicaId, sequence, id } = batch.value;
    if (replicaId === replica.replicaId) say({ sent: [replicaId, sequence, id] });
  }
}

/** Says that it has kept what it has not: a checker that does not find this finds nothing. */
function hasty(store: Store): Store {
  return {
    load: () => store.load(),
    scrub: (after, recordsMax) => store.scrub(after, recordsMax),
    close: () => {
      store.close();
    },
    commit: transaction => {
      setTimeout(() => void store.commit(transaction), 20);
      return Promise.resolve({ ok: true });
    },
  };
}

const keys = spaceKeysOf(nobleCrypto, new Uint8Array(32).fill(1));
const page = firstPageIdOf(nobleCrypto, keys.spaceId);
const clock = { monotonicMs: () => performance.now(), wallMs: () => Date.now() };
const shared = { keys, slot: 0, crypto: nobleCrypto, documents: documentEngine, clock };
const wait = (ms: number) => new Promise(resolve => setTimeout(resolve, ms));

async function main(): Promise<void> {
  const random = new SeededRandom(seed);
  const device = await openDevice(folder, reach);
  const level = await LevelStore.open(join(folder, 'space'), reach);
  const stored = await level.load();
  const replica = openReplica({ ...shared, device }, stored);
  say({
    loaded: Object.fromEntries(replica.clock),
    ids: stored.batches.map(({ batchId }) => batchId),
    damaged: stored.damaged.length,
    incarnation: replica.incarnation,
    refusals: Object.fromEntries(replica.refusals.entries()),
  });
  const wire = new Wire(bytes => {
    tellPromises(replica, bytes);
  });
  const store = plant === 'hasty' ? hasty(level) : level;
  const driver = new NodeDriver(replica, { links: wire, store, signingKey: device.signingKey, reach });

  const far = await openFar(wire, random);
  driver.run(replica.open({ name: 'Subject', colour: 1 }));
  wire.hear({ type: 'link-up', linkId: 'wire', replicaId: far.replica.replicaId });
  wire.other?.hear({ type: 'link-up', linkId: 'wire', replicaId: replica.replicaId });
  const type = (who: Replica, through: NodeDriver) => {
    const at = random.below(who.text(page).toString().length + 1);
    through.run(who.edit(page, [{ from: at, to: at, insert: `${String(random.below(1000))} ` }]));
  };
  for (let edit = 0; edit < edits; edit++) {
    if (random.below(3) > 0) type(replica, driver);
    else type(far.replica, far.driver);
    await wait(random.below(6));
    if (edit % 8 === 5) await level.scrub(undefined, 1000);
    // Quiet for longer than batches of others are gathered, so that they have a transaction of their own.
    if (edit % 8 === 7) {
      type(far.replica, far.driver);
      await wait(550);
    }
  }
  for (let tries = 0; tries < 500 && !settled(replica, far.replica); tries++) await wait(20);
  if (!settled(replica, far.replica))
    throw new Error('they did not become equal, or it did not keep what it has');
  if (replica.text(page).toString() !== far.replica.text(page).toString())
    throw new Error('they read differently');
  driver.close();
  far.driver.close();
  await level.closed();
  say({ done: counts });
}

function settled(replica: Replica, far: Replica): boolean {
  if (countAhead(replica.clock, replica.durableClock) > 0 || replica.isBatching) return false;
  return countAhead(replica.clock, far.clock) === 0 && countAhead(far.clock, replica.clock) === 0;
}

/** The other one: another device each time. */
async function openFar(wire: Wire, random: SeededRandom) {
  const signing = await crypto.subtle.generateKey('Ed25519', false, ['sign', 'verify']);
  const deviceKey = new Uint8Array(await crypto.subtle.exportKey('raw', signing.publicKey));
  const sealingKey = Uint8Array.from({ length: 32 }, (_, n) => (n === 0 ? 9 : random.below(256) >> 1));
  const store = new MemoryStore();
  const replica = openReplica({ ...shared, device: { deviceKey, sealingKey } }, await store.load());
  const links = new Wire(() => undefined);
  [links.other, wire.other] = [wire, links];
  const driver = new NodeDriver(replica, { links, store, signingKey: signing.privateKey });
  driver.run(replica.open({ name: 'Far', colour: 2 }));
  return { replica, driver };
}

await main();
