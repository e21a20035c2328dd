/**
 * One run: members of one Raft group in one process, on one core, that agree on proposals of 64 bytes. Nothing is encoded and no disk waits: it
 * is the core's own time. Every proposal is applied by every member, in order, or the run is wrong.
 */
import process from 'node:process';
import { SeededRandom } from '../../src/base/random.ts';
import { emptyConfiguration } from '../../src/consensus/configuration.ts';
import { MemoryLogStorage } from '../../src/consensus/log-storage.ts';
import type { Message } from '../../src/consensus/messages.ts';
import { Raft } from '../../src/consensus/raft.ts';

const [voters, batch, count] = process.argv.slice(2).map(Number) as [number, number, number];
const warmUp = Math.floor(count / 4);
const compactEvery = 4096;

interface Member {
  readonly raft: Raft;
  readonly storage: MemoryLogStorage;
  applied: number;
}

function startGroup(): readonly Member[] {
  const incoming = Array.from({ length: voters }, (_, at) => at + 1);
  const configuration = { ...emptyConfiguration, incoming };
  return incoming.map(id => {
    const storage = new MemoryLogStorage();
    storage.applySnapshot({ index: 1, term: 1, configuration, data: new Uint8Array(0) });
    const random = new SeededRandom(id);
    const raft = new Raft(
      {
        id,
        electionTicks: 10,
        heartbeatTicks: 1,
        random,
        applied: 1,
        preVote: true,
        checkQuorum: true,
        sessions: true,
        inflightCountMax: 256,
        messageBytesMax: 65_536,
      },
      storage,
    );
    return { raft, storage, applied: 1 };
  });
}

const group = startGroup();
let sent: Message[] = [];

/** Each member writes, sends and applies what it has to; then what was sent arrives. */
function round(): void {
  for (const member of group) {
    const { raft, storage } = member;
    if (!raft.hasReady()) continue;
    const { hardState, entries, committed, messages } = raft.ready();
    if (hardState !== undefined) storage.hardState = hardState;
    storage.append(entries);
    for (const { index } of committed) {
      if (index !== member.applied + 1) throw new Error('entries were not applied in order');
      member.applied = index;
    }
    for (const message of messages) sent.push(message);
    raft.advance();
    if (member.applied - storage.firstIndex > compactEvery)
      storage.compact(member.applied - compactEvery / 2);
  }
  const arriving = sent;
  sent = [];
  for (const message of arriving) group[message.to - 1]?.raft.step(message);
}
function settle(): void {
  do round();
  while (sent.length > 0 || group.some(({ raft }) => raft.hasReady()));
}

function propose(proposals: number): void {
  const data = new Uint8Array(64);
  const [leader] = group;
  for (let proposed = 0; proposed < proposals; proposed += batch) {
    for (let n = 0; n < batch; n++)
      if (leader?.raft.propose(data).ok !== true) throw new Error('a proposal was dropped');
    round();
  }
  settle();
}

try {
  group[0]?.raft.campaign();
  settle();
  if (group[0]?.raft.isLeader !== true) throw new Error('nobody leads');
  propose(warmUp);
  const before = process.cpuUsage();
  const from = group[0].applied;
  propose(count);
  const used = process.cpuUsage(before);
  const agreed = group[0].applied - from;
  if (agreed < count || group.some(({ applied }) => applied !== group[0]?.applied))
    throw new Error('not all was applied by all');
  process.stdout.write(
    `${JSON.stringify({ result: { proposals: (agreed * 1e6) / (used.user + used.system) } })}\n`,
  );
} catch (error) {
  process.stdout.write(
    `${JSON.stringify({ failed: error instanceof Error ? error.message : String(error) })}\n`,
  );
}
