/**
 * One run: how long a request at the leader takes to be answered, in virtual time, so that nothing but the protocol counts: links of a known
 * delay, disks of a known strict write. A commit needs one round trip to the nearest majority and one write there, the leader's own beside it.
 */
import process from 'node:process';
import { SeededRandom } from '../../src/base/random.ts';
import { Driver, foundingLog } from '../../src/consensus/driver/driver.ts';
import type { DriverEffect } from '../../src/consensus/driver/effects.ts';
import { put } from '../../src/consensus/machine/commands.ts';
import { EventHeap } from '../../src/sim/event-heap.ts';

const [voters, oneWayMs, writeMs, count] = process.argv.slice(2).map(Number) as [
  number,
  number,
  number,
  number,
];
const ids = Array.from({ length: voters }, (_, at) => at + 1);
const heap = new EventHeap();
let nowMs = 0;
const answeredMs = new Map<number, number>();
const config = { tickMs: 100, electionTicks: 10, snapshotEveryEntries: 10_000 };
const members = new Map(
  ids.map(id => [id, new Driver({ ...config, id, random: new SeededRandom(id) }, foundingLog(ids), 0)]),
);

function does(id: number, effects: readonly DriverEffect[]): void {
  for (const effect of effects) {
    if (effect.type === 'persist')
      heap.push(nowMs + writeMs, () => does(id, members.get(id)?.persisted(effect.token) ?? []));
    else if (effect.type === 'send')
      heap.push(nowMs + oneWayMs, () =>
        does(effect.to, members.get(effect.to)?.receive(id, effect.bytes) ?? []),
      );
    else if (effect.type === 'answered') answeredMs.set(effect.request, nowMs);
  }
}
function run(untilMs: number): void {
  while (heap.nextMs <= untilMs) {
    const event = heap.pop();
    if (event === undefined) break;
    nowMs = event.atMs;
    event.run();
  }
  nowMs = untilMs;
}

try {
  for (const [id, driver] of members) {
    const tick = (): void => {
      does(id, driver.pass(nowMs));
      heap.push(nowMs + config.tickMs, tick);
    };
    tick();
  }
  run(10_000);
  const leader = [...members.values()].find(({ isLeader }) => isLeader);
  if (leader === undefined) throw new Error('nobody leads');
  const took: number[] = [];
  for (let n = -5; n < count; n++) {
    const askedMs = nowMs;
    const { request, effects } = leader.request(put(`key ${n % 7}`, new Uint8Array(64)));
    does(leader.id, effects);
    // Not in step with heartbeats.
    run(nowMs + 1000 + ((37 * n) % 100));
    const atMs = answeredMs.get(request ?? -1);
    if (atMs === undefined) throw new Error('a request was not answered');
    if (n >= 0) took.push(atMs - askedMs);
  }
  took.sort((a, b) => a - b);
  const median = took[took.length >> 1] ?? 0;
  process.stdout.write(`${JSON.stringify({ result: { latency: median } })}\n`);
} catch (error) {
  process.stdout.write(
    `${JSON.stringify({ failed: error instanceof Error ? error.message : String(error) })}\n`,
  );
}
