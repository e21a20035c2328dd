/**
 * Bugs to plant in the Raft core (docs/adr/0010): each one that others shipped, or that the papers warn of. Only the tests can plant them. `found`
 * is what its checker says, where there is one that must.
 */
const plant = (name, says, file, ...edits) => ({ name, says, file: `src/consensus/${file}`, edits });

/** @type {readonly { name: string, says: string, file: string, edits: readonly (readonly [string, string, string?])[] }[]} */
export const plants = [
  plant('votes-twice', 'a member votes for whoever asks, also twice in a term', 'election.ts', [
    'raft.votedFor === candidate ||',
    'true ||',
  ]),
  plant('votes-for-short-log', 'a member votes for a candidate that lacks what is committed', 'election.ts', [
    'const granted = free && raft.log.isUpToDate(last);',
    'const granted = free;',
  ]),
  plant('figure-8', 'a leader commits an entry of an older term by counting its copies', 'log.ts', [
    'if (index <= this.committed || this.term(index) !== term) return false;',
    'if (index <= this.committed) return false;',
  ]),
  plant('acknowledges-before-disk', 'promises leave before what they promise is written', 'state.ts', [
    'this.afterPersist.push(message);',
    'if (message.to === this.id) this.afterPersist.push(message);\n    else this.messages.push(message);',
  ]),
  plant('vote-not-synced', 'a vote alone does not make the disk be waited for', 'raft.ts', [
    '(hardState.term !== this.#hardState.term || hardState.votedFor !== this.#hardState.votedFor)),',
    'hardState.term !== this.#hardState.term),',
  ]),
  plant('append-truncates', 'an append that was delayed takes back what a later one brought', 'log.ts', [
    'const firstNew = entries.findIndex(entry => !this.matches(entry));',
    'const firstNew = entries.length > 0 && previous.index >= this.committed ? 0 : -1;',
  ]),
  plant(
    'commit-behind-append',
    'what lies behind an append counts as committed, though it may differ from the leader',
    'log.ts',
    [
      'this.commitTo(Math.min(leaderCommit, previous.index + entries.length));',
      'this.commitTo(Math.min(leaderCommit, this.lastIndex));',
    ],
  ),
  plant('acknowledges-whole-log', 'a follower acknowledges its last entry, whoever made it', 'follower.ts', [
    'acknowledge(prevLogIndex + entries.length);',
    'acknowledge(log.lastIndex);',
  ]),
  plant('next-below-match', 'an old refusal takes back what was acknowledged since', 'progress.ts', [
    'if (rejected <= this.matchIndex) return false;\n      this.nextIndex = this.matchIndex + 1;',
    'this.nextIndex = Math.min(rejected, hint + 1);',
  ]),
  plant(
    'two-changes-at-once',
    'a second configuration change is proposed before the first is applied',
    'leader.ts',
    ['const pending = raft.pendingChangeIndex > raft.log.applied;', 'const pending = false;'],
  ),
  plant(
    'change-before-own-commit',
    'a new leader proposes a change before it has applied what it found',
    'state.ts',
    ['this.pendingChangeIndex = this.log.lastIndex;\n', ''],
  ),
  plant(
    'joint-forgets-outgoing',
    'while a configuration is joint, only the new majority counts',
    'quorum.ts',
    ['return quorum.outgoing.length === 0', 'return quorum.outgoing.length >= 0'],
  ),
  plant(
    'late-append-response',
    'an acknowledgement from before a member was removed counts after it came back empty',
    'leader.ts',
    ['if (!isOwn && session !== progress.session) return done;', ''],
  ),
  plant(
    'append-aba',
    'an answer of the disk from an earlier term counts, though later writes are on their way',
    'raft.ts',
    [
      'if (last !== undefined && term === this.#state.term) log.unstable.stableTo(last);',
      'if (last !== undefined) log.unstable.stableTo(last);',
    ],
  ),
  plant('stale-read', 'a read is confirmed by a round of heartbeats from before it began', 'leader.ts', [
    'reads.add({ from: request.from, context: request.context, index, round });',
    'reads.add({ from: request.from, context: request.context, index, round: round - 1 });\n    confirmReads(raft);',
  ]),
  plant(
    'read-before-own-commit',
    'a new leader answers reads before it knows what is committed',
    'leader.ts',
    ['if (log.term(log.committed) !== raft.term) {', 'if (log.committed < 0) {'],
  ),
  plant('inflight-bytes-leak', 'the bytes of acknowledged appends stay counted', 'inflights.ts', [
    'this.#bytes -= this.#bytesOf[this.#freed] as number;\n',
    '',
  ]),
  plant('lease-survives-handover', 'the old leader reads by its lease after it handed over', 'leader.ts', [
    "if (reads !== 'lease' || raft.handedOver) return false;",
    "if (reads !== 'lease') return false;",
  ]),
  plant(
    'snapshot-without-member',
    'a newcomer is sent a snapshot from before it was one, for ever',
    'replicate.ts',
    [
      'if (snapshot === undefined || !membersOf(snapshot.configuration).has(to)) {',
      'if (snapshot === undefined) {',
    ],
  ),
  plant('learner-never-votes', 'a learner refuses to vote, and is needed', 'election.ts', [
    'const granted = free && raft.log.isUpToDate(last);',
    'const granted = free && raft.isVoter && raft.log.isUpToDate(last);',
  ]),
];
