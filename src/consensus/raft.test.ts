/** Bugs that others had, each by its story; and what etcd's scripts have no command for. */
import { describe, expect, test } from 'vitest';
import { utf8 } from '../base/bytes.ts';
import { readIndexPendingMax } from '../base/limits.ts';
import { SeededRandom } from '../base/random.ts';
import { emptyConfiguration } from './configuration.ts';
import type { Entry } from './entry.ts';
import { between, Group } from './group.model.ts';
import { MemoryLogStorage } from './log-storage.ts';
import type { AppendEntries, Message } from './messages.ts';
import { Raft } from './raft.ts';

const entry = (term: number, index: number, text = ''): Entry => ({
  type: 'normal',
  data: utf8(text),
  term,
  index,
});
const lone = (config = {}) => {
  const storage = new MemoryLogStorage();
  storage.applySnapshot({
    index: 1,
    term: 1,
    configuration: { ...emptyConfiguration, incoming: [1, 2, 3] },
    data: utf8(''),
  });
  const settings = {
    id: 1,
    electionTicks: 10,
    heartbeatTicks: 1,
    random: new SeededRandom(1),
    applied: 1,
    ...config,
  };
  return { raft: new Raft(settings, storage), storage };
};
const append = (
  term: number,
  prevLogIndex: number,
  prevLogTerm: number,
  entries: Entry[],
  leaderCommit = 0,
): AppendEntries => ({
  type: 'append-entries',
  from: 2,
  to: 1,
  term,
  prevLogIndex,
  prevLogTerm,
  entries,
  leaderCommit,
  session: 0,
});

describe('bugs others had', () => {
  test('[RAFT7] a leader does not commit an entry of an older term by counting its copies (Raft, figure 8)', () => {
    const { raft, storage } = lone();
    const work = () => {
      while (raft.hasReady()) {
        storage.append(raft.ready().entries);
        raft.advance();
      }
    };
    raft.step(append(2, 1, 1, [entry(2, 2, 'of a leader that is gone')]));
    raft.campaign();
    work();
    raft.step({ type: 'request-vote-response', from: 2, to: 1, term: 3, granted: true });
    work();
    expect(raft.isLeader).toBe(true);
    const stored = (index: number): Message => ({
      type: 'append-response',
      from: 2,
      to: 1,
      term: 3,
      index,
      session: 0,
    });
    // Two of three have it. Still another could be elected, and overwrite it.
    raft.step(stored(2));
    expect(raft.status().commitIndex).toBe(1);
    raft.step(stored(3));
    expect(raft.status().commitIndex).toBe(3);
  });

  test('[RAFT3] a commit index that a kill lost is known again by what was applied', () => {
    const group = new Group([1, 2, 3]);
    group.elect(1);
    group.propose(1, 'a', 'b');
    group.settle();
    const { storage, raft } = group.member(1);
    const { applied, configuration } = raft.status();
    storage.keepSnapshot({ index: applied, term: storage.term(applied), configuration, data: utf8('ab') });
    storage.hardState = { ...storage.hardState, commitIndex: 1 };
    const { commitIndex } = group.restart(1).status();
    expect([applied, commitIndex]).toEqual([4, 4]);
  });

  test('[RAFT32] a context that is used again is not confirmed by the answers to its first use', () => {
    const group = new Group([1, 2, 3]);
    group.elect(1);
    group.raft(1).readIndex(utf8('same'));
    group.work();
    group.deliver(group.take(({ type }) => type === 'heartbeat'));
    group.work();
    const answers = group.take(({ type }) => type === 'heartbeat-response');
    expect(answers).toHaveLength(2);
    // Meanwhile another leads and commits. The old one is asked again, and the old answers come in.
    group.raft(1).readIndex(utf8('same'));
    group.deliver(answers);
    group.work(1);
    expect(group.member(1).reads).toHaveLength(1);
  });

  test('[RAFT12] an answer of the disk from an earlier term leaves the log in memory (append ABA)', () => {
    const { raft, storage } = lone({ asyncWrites: true });
    raft.step(append(2, 1, 1, [entry(2, 2, 'first')]));
    const first = raft.ready().persist;
    raft.step(append(3, 1, 1, [entry(3, 2, 'second')]));
    const second = raft.ready().persist;
    raft.step(append(4, 1, 1, [entry(2, 2, 'first')]));
    const third = raft.ready().persist;
    for (const work of [first, second]) {
      storage.append(work?.entries ?? []);
      if (work?.done !== undefined) raft.persisted(work.done);
      // The disk may say what it likes: until the last write is done, memory has the say.
      expect(raft.logEntries(2, 3)[0]).toMatchObject({ term: 2 });
    }
    storage.append(third?.entries ?? []);
    if (third?.done !== undefined) raft.persisted(third.done);
    expect(raft.logEntries(2, 3)).toEqual(storage.entries(2, 3, Infinity));
  });

  test('[RAFT21] an old refusal does not bring nextIndex below matchIndex', () => {
    const group = new Group([1, 2, 3]);
    group.elect(1);
    group.propose(1, 'a', 'b', 'c');
    group.settle();
    const { term } = group.raft(1);
    group.raft(1).step({
      type: 'append-response',
      from: 2,
      to: 1,
      term,
      index: 2,
      session: 0,
      refused: { hintIndex: 0, hintTerm: 0 },
    });
    const { matchIndex, nextIndex } = group.raft(1).status().progress.get(2) ?? {
      matchIndex: 0,
      nextIndex: 0,
    };
    expect([matchIndex, nextIndex]).toEqual([5, 6]);
  });

  test('[RAFT5] appends that follow a truncation do not break the log: the end in memory is cut, and written again', () => {
    const { raft, storage } = lone({ asyncWrites: true });
    raft.step(append(2, 1, 1, [entry(2, 2), entry(2, 3), entry(2, 4)]));
    const first = raft.ready().persist;
    raft.step(append(3, 2, 2, [entry(3, 3)]));
    raft.step(append(3, 3, 3, [entry(3, 4), entry(3, 5)]));
    const second = raft.ready().persist;
    expect(second?.entries.map(({ term, index }) => [term, index])).toEqual([
      [3, 3],
      [3, 4],
      [3, 5],
    ]);
    for (const work of [first, second]) {
      storage.append(work?.entries ?? []);
      if (work?.done !== undefined) raft.persisted(work.done);
    }
    expect(storage.lastIndex).toBe(5);
    expect([2, 3, 4, 5].map(index => storage.term(index))).toEqual([2, 3, 3, 3]);
  });

  test('[RAFT5] an append that was delayed takes nothing back', () => {
    const { raft } = lone();
    raft.step(append(2, 1, 1, [entry(2, 2), entry(2, 3)]));
    raft.step(append(2, 1, 1, [entry(2, 2)]));
    expect(raft.status().lastIndex).toBe(3);
  });

  test('[RAFT6] what lies behind an append is neither acknowledged nor committed: it may be of a leader that is gone', () => {
    const { raft } = lone();
    raft.step(append(2, 1, 1, [entry(2, 2), entry(2, 3)]));
    raft.ready();
    raft.advance();
    raft.step(append(3, 1, 1, [entry(2, 2)], 3));
    const [answer] = raft.ready().messages;
    expect([answer, raft.status().commitIndex]).toEqual([expect.objectContaining({ index: 2 }), 2]);
  });

  test('[RAFT9] a learner votes: it may have been promoted without knowing', () => {
    const group = new Group([1, 2], {}, [3]);
    group.raft(3).step({
      type: 'request-vote',
      from: 1,
      to: 3,
      term: 1,
      lastLogIndex: 1,
      lastLogTerm: 1,
      transfer: false,
    });
    group.work(3);
    expect(group.sent).toEqual([expect.objectContaining({ type: 'request-vote-response', granted: true })]);
  });

  test('[RAFT34] a leader that is removed leads no longer than until it has applied that', () => {
    const group = new Group([1, 2, 3], { stepDownOnRemoval: true });
    group.elect(1);
    group.raft(1).proposeChange({ transition: 'auto', changes: [{ type: 'remove', id: 1 }] });
    group.settle();
    expect(group.raft(1).isLeader).toBe(false);
    expect(group.raft(1).propose(utf8('x'))).toEqual({ ok: false, reason: 'not-leader', leaderId: 0 });
    group.raft(1).campaign();
    expect(group.raft(1).status().role).toBe('follower');
    expect(group.elect(2).isLeader).toBe(true);
  });

  test('[RAFT33] a follower does not forget its leader where reads rest on its promise', () => {
    const group = new Group([1, 2, 3], { checkQuorum: true, reads: 'lease' });
    group.elect(1);
    expect([group.raft(2).forgetLeader(), group.raft(2).leaderId]).toEqual([false, 1]);
    const without = new Group([1, 2, 3], { checkQuorum: true });
    without.elect(1);
    expect([without.raft(2).forgetLeader(), without.raft(2).leaderId]).toEqual([true, 0]);
  });

  test('[RAFT23] a late acknowledgement does not count for a member that was removed and came back empty', () => {
    const commitWith = (sessions: boolean) => {
      const group = new Group([1, 2, 3], { sessions });
      group.elect(1);
      group.propose(1, 'a', 'b');
      group.work();
      group.deliver(group.take(({ to }) => to === 2 || to === 3));
      group.work(3);
      // 3 has both; its answers are on their way for long.
      const late = group.take(({ from }) => from === 3);
      expect(late.length).toBeGreaterThan(0);
      group.settle();
      const { raft } = group.member(1);
      raft.proposeChange({ transition: 'auto', changes: [{ type: 'remove', id: 3 }] });
      group.settle(between(1, 2));
      group.members.delete(3);
      raft.proposeChange({ transition: 'auto', changes: [{ type: 'add-voter', id: 3 }] });
      group.settle(between(1, 2));
      group.deliver(late);
      return raft.status().progress.get(3)?.matchIndex;
    };
    expect(commitWith(true)).toBe(0);
    // Without the session the leader believes that the newcomer has what its predecessor had.
    expect(commitWith(false)).toBeGreaterThan(0);
  });

  test('[RAFT31] a new leader proposes no change before it has applied what it found', () => {
    const group = new Group([1, 2, 3]);
    group.elect(1);
    group.raft(1).proposeChange({ transition: 'auto', changes: [{ type: 'add-voter', id: 4 }] });
    group.work();
    group.deliver(group.take(({ to }) => to === 2));
    group.sent = [];
    group.raft(2).campaign();
    group.work();
    group.settle(({ type }) => type !== 'append-response');
    expect(group.raft(2).isLeader).toBe(true);
    const result = group
      .raft(2)
      .proposeChange({ transition: 'auto', changes: [{ type: 'add-voter', id: 5 }] });
    const last = group.raft(2).status().lastIndex;
    // It took the place of the change, as an empty entry.
    expect([result, group.raft(2).logEntries(last, last + 1)[0]?.type]).toEqual([
      { ok: true, index: last },
      'normal',
    ]);
  });
});

describe('reads', () => {
  test('[RAFT32] a read waits until the leader has committed an entry of its term', () => {
    const group = new Group([1, 2, 3]);
    group.elect(2);
    group.raft(1).campaign();
    group.settle(({ type }) => type !== 'append-response');
    expect(group.raft(1).isLeader).toBe(true);
    group.raft(1).readIndex(utf8('r'));
    group.work();
    expect(group.member(1).reads).toEqual([]);
    group.raft(1).tick();
    group.settle();
    expect(group.member(1).reads).toEqual([{ index: 3, context: utf8('r') }]);
  });

  test('[RAFT32] a follower asks the leader, and one that is cut off answers nobody', () => {
    const group = new Group([1, 2, 3]);
    group.elect(1);
    group.raft(2).readIndex(utf8('of 2'));
    group.settle();
    expect(group.member(2).reads).toEqual([{ index: 2, context: utf8('of 2') }]);
    group.raft(1).readIndex(utf8('alone'));
    group.settle(() => false);
    expect(group.member(1).reads).toEqual([]);
  });

  test('[RAFT33] with a lease no message is sent; it ends an election timeout after the round was sent, and with a hand-over', () => {
    const group = new Group([1, 2, 3], { checkQuorum: true, reads: 'lease', leaseDriftTicks: 2 });
    const leader = group.elect(1);
    leader.tick();
    group.settle();
    leader.readIndex(utf8('a'));
    group.work();
    expect([group.member(1).reads.length, group.sent.length]).toEqual([1, 0]);
    for (let tick = 0; tick < 7; tick++) leader.tick();
    expect(leader.status().hasLease).toBe(true);
    leader.tick();
    expect(leader.status().hasLease).toBe(false);
    group.settle();
    leader.tick();
    group.settle();
    expect(leader.status().hasLease).toBe(true);
    leader.transferLeadership(2);
    expect(leader.status().hasLease).toBe(false);
  });

  test('[RAFT33] a member that restarts votes for nobody for an election timeout: it may have promised', () => {
    const group = new Group([1, 2, 3], { checkQuorum: true, reads: 'lease' });
    group.elect(1);
    const raft = group.restart(2);
    const request: Message = {
      type: 'request-vote',
      from: 3,
      to: 2,
      term: 9,
      lastLogIndex: 9,
      lastLogTerm: 9,
      transfer: false,
    };
    raft.step(request);
    expect(raft.term).toBe(1);
    for (let tick = 0; tick < 9; tick++) raft.tick();
    raft.step(request);
    expect(raft.term).toBe(1);
    raft.tick();
    raft.step(request);
    expect(raft.term).toBe(9);
  });

  test('[RAFT43] reads that wait are bounded', () => {
    const group = new Group([1, 2, 3]);
    group.elect(1);
    for (let read = 0; read < readIndexPendingMax; read++)
      expect(group.raft(1).readIndex(utf8('r')).ok).toBe(true);
    expect(group.raft(1).readIndex(utf8('r'))).toEqual({ ok: false, reason: 'too-much-pending' });
  });
});

describe('who leads', () => {
  test('[RAFT11] who should lead more waits less, and priority 0 stands for election only when told', () => {
    const ticksUntilElection = (priority: number | undefined) => {
      const { raft } = lone(priority === undefined ? {} : { priority });
      for (let tick = 1; tick < 200; tick++) {
        raft.tick();
        if (raft.status().role === 'candidate') return tick;
      }
      return Infinity;
    };
    expect(ticksUntilElection(3)).toBe(ticksUntilElection(undefined));
    expect(ticksUntilElection(2)).toBe(ticksUntilElection(3) + 10);
    expect(ticksUntilElection(1)).toBe(ticksUntilElection(3) + 20);
    expect(ticksUntilElection(0)).toBe(Infinity);
    const { raft } = lone({ priority: 0 });
    raft.step({ ...append(1, 1, 1, []), term: 1 });
    raft.step({ type: 'timeout-now', from: 2, to: 1, term: 1 });
    expect(raft.status().role).toBe('candidate');
  });

  test('[RAFT35] leadership is handed to a member that has caught up, and proposals stop meanwhile', () => {
    const group = new Group([1, 2, 3]);
    group.elect(1);
    group.propose(1, 'a');
    group.work(1);
    const behind = group.take(() => true);
    group.raft(1).transferLeadership(2);
    expect(group.raft(1).propose(utf8('b'))).toEqual({ ok: false, reason: 'handing-over' });
    group.deliver(behind);
    group.settle();
    expect([group.raft(2).isLeader, group.raft(1).isLeader, group.applied(2)]).toEqual([true, false, 'a']);
  });
});

describe('hostile and broken peers', () => {
  test('[RAFT43] a heartbeat that counts on entries which are not here tells that this log is lost, and changes nothing', () => {
    const { raft } = lone();
    const heartbeat: Message = { type: 'heartbeat', from: 2, to: 1, term: 1, leaderCommit: 7, round: 1 };
    expect(raft.step(heartbeat)).toEqual({ ok: false, reason: 'log-lost' });
    expect(raft.status().commitIndex).toBe(1);
  });

  test('[RAFT43] what is committed is not overwritten, whoever says so', () => {
    const { raft } = lone();
    raft.step(append(2, 1, 1, [entry(2, 2), entry(2, 3)], 3));
    expect(raft.step(append(3, 1, 1, [entry(3, 2)]))).toEqual({ ok: true });
    const [answer] = raft.ready().messages.slice(-1);
    // It is told what is committed here, and takes it as a match.
    expect(answer).toMatchObject({ type: 'append-response', index: 3 });
    expect(raft.logEntries(2, 4).map(({ term }) => term)).toEqual([2, 2]);
  });

  test('[RAFT43] an acknowledgement of what was never sent is refused, and so are answers of strangers', () => {
    const group = new Group([1, 2, 3]);
    const { term } = group.elect(1);
    const answer = { type: 'append-response', to: 1, term, session: 0 } as const;
    expect(group.raft(1).step({ ...answer, from: 2, index: 99 })).toEqual({
      ok: false,
      reason: 'acknowledges-unknown',
    });
    expect(group.raft(1).step({ ...answer, from: 9, index: 2 })).toEqual({
      ok: false,
      reason: 'unknown-peer',
    });
    group.raft(1).step({ type: 'heartbeat-response', from: 2, to: 1, term, round: 2 ** 40 });
    group.raft(1).readIndex(utf8('r'));
    group.work();
    expect(group.member(1).reads).toEqual([]);
  });

  test('[RAFT43] a read index from a member that does not lead is passed over', () => {
    const group = new Group([1, 2, 3]);
    const { term } = group.elect(1);
    group.raft(2).step({ type: 'read-index-response', from: 3, to: 2, term, index: 1, context: utf8('r') });
    group.work();
    expect(group.member(2).reads).toEqual([]);
  });

  test('[RAFT24] what may be uncommitted is bounded, and freed as it is applied', () => {
    const group = new Group([1, 2, 3], { uncommittedBytesMax: 10 });
    group.elect(1);
    expect(group.raft(1).propose(new Uint8Array(100)).ok).toBe(true);
    expect(group.raft(1).propose(utf8('x'))).toEqual({ ok: false, reason: 'too-much-pending' });
    group.settle();
    expect(group.raft(1).propose(utf8('x')).ok).toBe(true);
  });

  test('[RAFT25] a newcomer is sent a snapshot only when it is a member in it; the leader says that one is wanted', () => {
    const group = new Group([1, 2, 3]);
    const leader = group.elect(1);
    leader.proposeChange({ transition: 'auto', changes: [{ type: 'add-voter', id: 4 }] });
    group.settle();
    group.add(4);
    leader.tick();
    group.settle();
    expect([leader.status().wantsSnapshot, group.raft(4).status().lastIndex]).toEqual([true, 0]);
    const { storage } = group.member(1);
    const { applied: index, configuration } = leader.status();
    storage.keepSnapshot({ index, term: storage.term(index), configuration, data: utf8('') });
    leader.tick();
    group.settle();
    expect([leader.status().wantsSnapshot, group.raft(4).status().commitIndex]).toEqual([false, index]);
  });
});
