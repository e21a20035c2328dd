/**
 * Bugs to plant in the Raft core (docs/adr/0010): each one that others shipped, or that the papers warn of. Only the tests can plant them.
 * Others, which a random world meets too seldom, have a test of their own in src/consensus/raft.test.ts.
 */
export const plant = (name, says, file, ...edits) => ({
  name,
  area: file.includes('/') ? file.split('/')[0] : 'core',
  says,
  file: `src/consensus/${file}`,
  edits,
});

/** @type {readonly { name: string, area: string, says: string, file: string, edits: readonly (readonly [string, string, string?])[] }[]} */
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
  // A driver waits for the disk whatever it writes, so a group of them does not notice.
  plant('vote-not-synced', 'a vote alone does not make the disk be waited for', 'raft.ts', [
    '(hardState.term !== this.#hardState.term || hardState.votedFor !== this.#hardState.votedFor)),',
    'hardState.term !== this.#hardState.term),',
  ]),
  plant('append-truncates', 'an append that was delayed takes back what a later one brought', 'log.ts', [
    'const firstNew = entries.findIndex(entry => !this.matches(entry));',
    'const firstNew = entries.length > 0 && previous.index >= this.committed ? 0 : -1;',
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
    'read-before-own-commit',
    'a new leader answers reads before it knows what is committed',
    'leader.ts',
    ['if (log.term(log.committed) !== raft.term) {', 'if (log.committed < 0) {'],
  ),
  plant('inflight-bytes-leak', 'the bytes of acknowledged appends stay counted', 'inflights.ts', [
    'this.#bytes -= this.#bytesOf[this.#freed] as number;\n',
    '',
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
  plant(
    'next-below-match',
    'a refusal that is old news takes back what was acknowledged since',
    'progress.ts',
    ['if (rejected !== this.nextIndex - 1) return false;\n', ''],
    [
      'this.nextIndex = Math.max(Math.min(rejected, hint + 1), this.matchIndex + 1);',
      'this.nextIndex = Math.max(1, Math.min(rejected, hint + 1));',
    ],
  ),
  plant('read-without-round', 'a leader answers reads without asking whether it still is one', 'leader.ts', [
    'if ((raft.tracker.isSingleton && raft.isVoter) || leaseHolds(raft))',
    "if (raft.role === 'leader')",
  ]),
  plant('commits-by-one-too-few', 'an entry counts as committed with one copy too few', 'quorum.ts', [
    'return reached[length - (Math.floor(length / 2) + 1)] as number;',
    'return reached[Math.min(length - 1, length - Math.floor(length / 2))] as number;',
  ]),
  plant('half-elects', 'half of the voters elect a leader', 'quorum.ts', [
    'const needed = Math.floor(voters.length / 2) + 1;',
    'const needed = Math.ceil(voters.length / 2);',
  ]),
];
