/**
 * Bugs to plant: each changes one place of the production code in the simulator's bundle, and nowhere else (docs/adr/0010). A
 * checker that finds none of them checks nothing. Most are bugs that others shipped, or that this project had once.
 *
 * `edits`: text that stands in the file exactly once, what stands there instead, and the file where it is another one.
 */
const plant = (name, area, says, file, ...edits) => ({ name, area, says, file, edits });

/** @type {readonly { name: string, area: string, says: string, file: string, edits: readonly (readonly [string, string, string?])[] }[]} */
export const plants = [
  plant(
    'merge-past-right-neighbour',
    'crdt',
    'a run takes in the next characters without looking whether something hangs on its right',
    'src/crdt/text/run-tree.ts',
    ['if (visible === 0 || runs.right[run] !== 0) return false;', 'if (visible === 0) return false;'],
  ),
  plant(
    'siblings-by-arrival',
    'crdt',
    'inserts at one place stand in the order in which they came',
    'src/crdt/text/runs.ts',
    ['family.splice(low, 0, run);\n', 'low = family.push(run) - 1;\n'],
  ),
  plant(
    'tombstone-collected-early',
    'crdt',
    'a deleted run on which nothing hangs is forgotten at once, with its ids',
    'src/crdt/text/run-tree.ts',
    [
      '    runs.visible[from] = 0;\n',
      '    runs.visible[from] = 0;\n    if (runs.right[from] === 0 && runs.left[from] === 0) this.agentOf(from).remove(from);\n',
    ],
  ),
  plant(
    'delete-of-deleted',
    'crdt',
    'two who delete the same characters take away more than those',
    'src/crdt/text/remote-edits.ts',
    ['changes.delete(blocks.startOf(run) + offset, stop - counter);\n', ''],
  ),
  plant(
    'edit-beside-its-place',
    'crdt',
    'what is typed goes in one character before the caret',
    'src/replica/documents.ts',
    [
      'text.localInsert(from + piece.at, piece.text)',
      'text.localInsert(Math.max(0, from + piece.at - 1), piece.text)',
    ],
  ),
  plant(
    'counter-from-memory',
    'crdt',
    'the counter of operations does not go on where the stored log stopped',
    'src/replica/documents.ts',
    ['this.#counter.next = Math.max(this.#counter.next, counter);', ''],
  ),
  plant(
    'delivery-before-dependencies',
    'sync',
    'a batch is delivered when its predecessor is there, whatever else it builds on',
    'src/sync/batch-log.ts',
    ['return batch.dependencies.find(id => !this.#byId.has(id));', 'return undefined;'],
  ),
  plant(
    'wrong-frontier',
    'sync',
    'a batch names only what came last as what it builds on',
    'src/sync/batch-log.ts',
    ['    this.#frontier.add(batch.id);', '    this.#frontier.clear();\n    this.#frontier.add(batch.id);'],
  ),
  plant(
    'gap-accepted',
    'sync',
    'a log may go on with a later number than the next',
    'src/sync/batch-log.ts',
    [
      'if (batch.sequence > known || this.#missing(batch) !== undefined)',
      'if (this.#missing({ ...batch, previous: undefined }) !== undefined)',
    ],
    ["if (batch.previous !== tail?.id) return 'broken-chain';", ''],
    [
      "if (batch.body.type === 'operations' && batch.body.firstCounter !== (tail?.nextCounter ?? 0))\n      return 'counter-jump';",
      '',
    ],
  ),
  plant(
    'applied-twice',
    'sync',
    'a batch that comes a second time is delivered a second time',
    'src/replica/receiving.ts',
    ['else if (log.has(batch.id) || log.isWaiting(batch.id)) return;', ''],
    [
      'const expected = admission ===',
      "if (admission === 'known') this.#delivered(batch);\n    const expected = admission ===",
      'src/replica/replica.ts',
    ],
  ),
  plant(
    'answer-begins-too-late',
    'sync',
    'an answer leaves out the first batch that the asker lacks of each log',
    'src/replica/asking.ts',
    [
      'if (batch.sequence < (clock.get(batch.replicaId) ?? 0)) continue;',
      'if (batch.sequence <= (clock.get(batch.replicaId) ?? 0)) continue;',
    ],
  ),
  plant(
    'request-without-timeout',
    'sync',
    'a request that nobody answers is waited for for ever',
    'src/replica/asking.ts',
    [
      'if (this.#request === undefined || nowMs - this.#request.touchedMs <= requestTimeoutMs) return;',
      'if (nowMs >= 0) return;',
    ],
  ),
  plant(
    'heartbeats-unread',
    'sync',
    'a heartbeat that tells of other batches is not followed by an exchange of clocks',
    'src/replica/acknowledging.ts',
    ["    link.disagreements = 0;\n    this.sayClock(link, true, 'control');", '    link.disagreements = 0;'],
  ),
  plant(
    'stale-clock-answered',
    'sync',
    'whoever asks for our clock gets the one that was sent first',
    'src/replica/acknowledging.ts',
    [
      "{ type: 'clock', partial: false, asks, clock, root: comparing.root() }",
      "{ type: 'clock', partial: false, asks, clock: (this.stale ??= new Map(clock)), root: comparing.root() }",
    ],
  ),
  plant(
    'clock-merged-wrongly',
    'clocks',
    'merging two clocks leaves out logs that only the other one knows',
    'src/clocks/vector-clock.ts',
    [
      'if ((clock.get(replicaId) ?? 0) < count) clock.set(replicaId, count);',
      'if ((clock.get(replicaId) ?? count) < count) clock.set(replicaId, count);',
    ],
  ),
  plant(
    'hybrid-clock-not-advanced',
    'clocks',
    'stamps of others are seen and not followed',
    'src/clocks/hybrid-logical-clock.ts',
    ['if (compareHybridTime(stamp, this.#last) > 0) this.#last = stamp;', ''],
  ),
  plant(
    'hybrid-clock-follows-the-future',
    'clocks',
    'a stamp from any future is followed',
    'src/clocks/hybrid-logical-clock.ts',
    [
      'if (stamp.wallMs > wallMs + clockDriftMaxMs || !isHybridTime(stamp)) return false;',
      'if (!isHybridTime(stamp)) return false;',
    ],
  ),
  plant(
    'send-before-persist',
    'storage',
    'a batch leaves while the disk is still writing it',
    'src/replica/driver.ts',
    [
      '    this.#ports.keep({ transaction,',
      "    for (const linkId of linkIds) if (message !== undefined) this.#ports.send(linkId, 'data', message);\n    this.#ports.keep({ transaction,",
    ],
  ),
  plant(
    'acknowledge-before-durable',
    'storage',
    'what is handed to the disk counts as kept',
    'src/replica/keeper.ts',
    [
      '    this.#inFlight = { batches, settled };',
      '    this.#inFlight = { batches, settled };\n    for (const batch of batches) this.durable.set(batch.replicaId, batch.sequence + 1);',
    ],
  ),
  plant(
    'refused-commit-taken-for-done',
    'storage',
    'a disk that is full is not heard',
    'src/replica/replica.ts',
    [
      '    if (!result.ok) {\n      this.#keeper.failed',
      "    if (!result.ok && result.reason === 'closed') {\n      this.#keeper.failed",
    ],
  ),
  plant(
    'own-batches-relaxed',
    'storage',
    'own batches are written as carelessly as those that others hold too',
    'src/replica/keeper.ts',
    ["durability: own.length > 0 ? 'strict' : 'relaxed',", "durability: 'relaxed',"],
  ),
  plant(
    'sequence-reused-after-crash',
    'storage',
    'a log whose end cannot be read is gone on with where it can',
    'src/replica/open-replica.ts',
    [
      'if (head === undefined || replica.clock.get(replicaId) === head.sequence + 1) return replica;',
      'return replica;',
    ],
  ),
  plant('lost-outbox-row', 'storage', 'every sixteenth batch gets no outbox row', 'src/replica/keeper.ts', [
    '.filter(batch => batch.sequence > 0)',
    '.filter(batch => batch.sequence % 16 > 0)',
  ]),
  plant(
    'head-not-with-batch',
    'storage',
    'every eighth batch is written without the log’s head',
    'src/replica/keeper.ts',
    ['last === undefined ? [] :', 'last === undefined || last.sequence % 8 === 0 ? [] :'],
  ),
  plant(
    'rotten-record-taken',
    'storage',
    'a stored record that has changed is taken for what it is now',
    'src/replica/replica.ts',
    ["else if (decoded.value.id !== batchId) this.refusals.add('stored batch damaged');", ''],
  ),
];
