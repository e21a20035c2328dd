/**
 * Bugs to plant in what stands on the Raft core, and those of the core that only a whole group shows: `npm run sim -- --scenario raft
 * --planted` must find them, and those of plants.mjs. Only that command and the tests can plant them.
 */
import { plant } from './plants.mjs';

/** @type {readonly { name: string, area: string, says: string, file: string, edits: readonly (readonly [string, string, string?])[] }[]} */
export const operationPlants = [
  plant(
    'sends-before-disk',
    'a driver sends promises before the disk has what they promise',
    'driver/driver.ts',
    [
      'this.#waiting.push({ change, persist });',
      'this.#waiting.push({ change, persist: { ...persist, responses: [] } });\n      for (const message of persist.responses) this.#send(message);',
    ],
  ),
  plant('term-not-written', 'term and vote are not in the transaction', 'driver/driver.ts', [
    '...(hardState === undefined ? {} : { hardState }),',
    '',
  ]),
  plant(
    'group-commit-drops',
    'of what gathered for one transaction only the last is written',
    'driver/driver.ts',
    [
      'changes: this.#waiting.map(({ change }) => change) });',
      'changes: this.#waiting.slice(-1).map(({ change }) => change) });',
    ],
  ),
  plant('snapshot-old-members', 'a snapshot has the members of the one before', 'driver/driver.ts', [
    'configuration: this.#configuration,\n      data',
    'configuration: this.#log.configuration,\n      data',
  ]),
  plant('read-before-applied', 'a read is answered before what it must see is applied', 'driver/reads.ts', [
    'const now = this.#confirmed.filter(confirmed => confirmed.index <= index);',
    'const now = this.#confirmed.filter(confirmed => confirmed.index <= index + 1e9);',
  ]),
  plant(
    'read-stale-context',
    'a round of reads is confirmed by the answer to an earlier one',
    'driver/reads.ts',
    [
      'if (this.#round === undefined || !equalBytes(context, this.#round.context)) return;',
      'if (this.#round === undefined || context === this.#round.context) return;',
    ],
  ),
  plant('time-told-twice', 'what a leader told of time is told again', 'driver/driver.ts', [
    'if (told.ok) this.#toldMs = this.#nowMs;',
    '',
  ]),
  plant('time-before-it-led', 'a leader tells the time that passed before it led', 'driver/driver.ts', [
    'this.#ledTerm = term;\n      this.#toldMs = this.#nowMs;',
    'this.#ledTerm = term;',
  ]),
  plant('request-twice', 'a request that was proposed twice is carried out twice', 'machine/sessions.ts', [
    "if (known !== undefined) return { type: 'answered', result: known };",
    '',
  ]),
  plant('sessions-lost', 'a snapshot has no client sessions', 'machine/sessions.ts', [
    'writer.varUint(this.#sessions.size);\n    for (const [id, session] of [...this.#sessions]',
    'writer.varUint(0);\n    for (const [id, session] of [...new Map<number, Session>()]',
  ]),
  plant('answers-lost', 'a snapshot has no answers that were not fetched', 'machine/sessions.ts', [
    'writer.varUint(answers.size);\n      for (const [sequence, result] of [...answers]',
    'writer.varUint(0);\n      for (const [sequence, result] of [...new Map<number, Result>()]',
  ]),
  plant(
    'token-of-lease',
    'a lock has the number of the lease as its token, which may be older',
    'machine/leases.ts',
    [
      "this.#locks.set(lock, { lease, token: index });\n    return { type: 'acquired', token: index };",
      "this.#locks.set(lock, { lease, token: lease });\n    return { type: 'acquired', token: lease };",
    ],
  ),
  plant('lease-ends-early', 'the machine ends a lease before its time', 'machine/leases.ts', [
    'if (endsMs === 0) this.#leases.set(lease, { ttlMs, endsMs: nowMs + ttlMs });',
    'if (endsMs === 0) this.#leases.set(lease, { ttlMs, endsMs: nowMs + Math.floor(ttlMs / 3) });',
  ]),
  plant('releases-anothers', 'whoever held a lock once may release it', 'machine/leases.ts', [
    "if (this.#locks.get(lock)?.token !== token) return refused('not-holder');",
    "if (this.#locks.get(lock) === undefined) return refused('not-holder');",
  ]),
  plant(
    'counts-from-answer',
    'a holder counts from when it was answered, not from when it asked',
    'machine/held-lease.ts',
    [
      'this.#askedMonotonicMs = monotonicMs;\n    this.#askedWallMs = wallMs;',
      'this.#askedMonotonicMs = this.#clock.monotonicMs() + 0 * monotonicMs;\n    this.#askedWallMs = this.#clock.wallMs() + 0 * wallMs;',
    ],
  ),
  plant(
    'sleeps-through',
    'a holder whose clock stood still does not look at the other',
    'machine/held-lease.ts',
    [
      'if (jumpMs <= this.#bounds.jumpMs && leftMs > 0) return leftMs;',
      'if (jumpMs >= 0 && leftMs > 0) return leftMs;',
    ],
    ['const sinceMs = Math.max(monotonicMs, wallMs);', 'const sinceMs = monotonicMs;'],
  ),
  plant('no-fence', 'the resource takes every token', 'machine/held-lease.ts', [
    'if (token < this.#highest) return false;',
    '',
  ]),
  plant('place-twice', 'a place is given to whoever names it', 'machine/bookings.ts', [
    'resource.owners.has(place) ? undefined : place;',
    'place;',
  ]),
  plant('confirmed-expires', 'what was reserved and confirmed expires all the same', 'machine/bookings.ts', [
    'else this.#reserved.delete(wish);',
    '',
  ]),
  plant('wish-forgotten', 'a wish that comes again is a new one', 'machine/bookings.ts', [
    'if (known !== undefined) {\n      if (known.resource',
    "if (known?.state.type === 'reserved') {\n      if (known.resource",
  ]),
  plant('watch-skips', 'a watch passes over what did not fit', 'machine/watch.ts', [
    'this.#upTo = told.upTo;',
    'this.#upTo = revisions.revision;',
  ]),
  plant(
    'late-answer-counts',
    'an acknowledgement from before a member was removed counts for it',
    'leader.ts',
    ['if (!isOwn && session !== progress.session) return done;', ''],
  ),
  plant('stands-unapplied', 'a candidate stands that has not applied who may vote', 'election.ts', [
    'if (hasUnappliedChange(raft)) return;',
    '',
  ]),
  plant('commits-behind-append', 'a follower takes as committed what the append does not cover', 'log.ts', [
    'this.commitTo(Math.min(leaderCommit, previous.index + entries.length));',
    'this.commitTo(Math.min(leaderCommit, this.lastIndex));',
  ]),
];
