/**
 * One run: a crowd of members in virtual time, with the production membership and its bytes. `speed`: how fast a newcomer and a crash are known, what an
 * idle member sends. `hour`: a simulated time at 30 % loss with a quarter of the members throttled to one timer a second, in which nobody crashes, so
 * every death is a false one.
 */
import process from 'node:process';
import { SeededRandom } from '../../src/base/random.ts';
import { Crowd, throttledTickMs, type CrowdNode } from '../../src/sim/crowd/crowd.ts';
import { CrowdLedger } from '../../src/sim/crowd/ledger.ts';
import { sharedHashing } from '../../src/sim/shared-hashing.ts';
import { nobleCrypto } from '../../src/sync/crypto.ts';

const [what = '', sizeText = '', seed = '', minutesText = ''] = process.argv.slice(2);
const [size, minutes] = [Number(sizeText), Number(minutesText)];
const random = new SeededRandom(`bench ${seed}`);
const crypto = sharedHashing(nobleCrypto);

/** A group that has come together: everyone met one who was there before. */
function grown(): Crowd {
  const crowd = new Crowd({ seed, crypto, latencyMs: [5, 60], loss: 0, traced: what === 'hour' });
  for (let n = 0; n < size; n++) {
    const node = crowd.add();
    crowd.start(node, n === 0 ? [] : [crowd.nodes[random.below(n)] as CrowdNode]);
    crowd.run(crowd.nowMs + (size > 200 ? 20 : 100));
  }
  const gatheredMs = Math.max(2000, 20 * size);
  if (!crowd.run(crowd.nowMs + 120_000, () => knowsAll(crowd, size)))
    throw new Error('the group did not come together');
  // Until records tell of the last links as well, and nothing more is said.
  crowd.run(crowd.nowMs + 2 * gatheredMs + 20_000);
  if (!knowsAll(crowd, size)) throw new Error('the group did not stay together');
  return crowd;
}
function knowsAll(crowd: Crowd, count: number): boolean {
  return crowd.up.every(({ membership }) => membership?.presentCount === count);
}

function speed(): Record<string, number> {
  const crowd = grown();
  const sent = () => crowd.up.reduce((sum, node) => sum + node.sentBytes, 0);
  const before = sent();
  const idleMs = 60_000;
  crowd.run(crowd.nowMs + idleMs);
  const idle = (sent() - before) / crowd.up.length / (idleMs / 1000);
  const degrees = crowd.up.map(({ membership }) => membership?.active.size ?? 0);
  if (Math.max(...degrees) > 8) throw new Error('somebody has more than eight neighbours');

  const newcomer = crowd.add();
  const startedMs = crowd.nowMs;
  crowd.start(newcomer, [crowd.nodes[random.below(size)] as CrowdNode]);
  if (!crowd.run(startedMs + 60_000, () => knowsAll(crowd, size + 1)))
    throw new Error('the newcomer is not known to all');
  const joined = crowd.nowMs - startedMs;
  crowd.run(crowd.nowMs + 30_000 + 20 * size);

  const worst = { first: 0, suspected: 0, dead: 0 };
  for (let crashes = 0; crashes < 3; crashes++) {
    const victim = crowd.up[random.below(crowd.up.length)] as CrowdNode;
    const { replicaId } = victim;
    const states = () => crowd.up.map(({ membership }) => membership?.member(replicaId)?.state);
    const crashedMs = crowd.nowMs;
    crowd.crash(victim);
    const within = (done: () => boolean): number => {
      if (!crowd.run(crashedMs + 60_000, done)) throw new Error('a crash is not known to all');
      return crowd.nowMs - crashedMs;
    };
    worst.first = Math.max(
      worst.first,
      within(() => states().some(state => state !== 'alive')),
    );
    worst.suspected = Math.max(
      worst.suspected,
      within(() => states().every(state => state !== 'alive')),
    );
    worst.dead = Math.max(
      worst.dead,
      within(() => states().every(state => state === 'dead')),
    );
    crowd.run(crowd.nowMs + 20_000 + random.below(1000));
  }
  return {
    'join converged': joined,
    'first suspicion': worst.first,
    'suspected everywhere': worst.suspected,
    'dead everywhere': worst.dead,
    'idle bytes a second': idle,
  };
}

function hour(): Record<string, number> {
  const crowd = grown();
  crowd.nodes.forEach((node, n) => {
    if (n % 4 === 0) node.tickMs = throttledTickMs;
  });
  crowd.loss = 0.3;
  const ledger = new CrowdLedger(crowd, { counts: true });
  crowd.run(crowd.nowMs + minutes * 60_000);
  return { 'false deaths': ledger.falseDeaths, accusations: ledger.suspicions };
}

try {
  process.stdout.write(`${JSON.stringify({ result: what === 'hour' ? hour() : speed() })}\n`);
} catch (error) {
  process.stdout.write(
    `${JSON.stringify({ failed: error instanceof Error ? error.message : String(error) })}\n`,
  );
}
