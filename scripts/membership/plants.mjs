/**
 * Bugs to plant in membership (docs/adr/0010): those that others shipped, those that the papers warn of, and some that this code had. Only
 * the tests can plant them.
 */
const plant = (name, says, file, ...edits) => ({ name, says, file: `src/membership/${file}`, edits });

/** @type {readonly { name: string, says: string, file: string, edits: readonly (readonly [string, string, string?])[] }[]} */
export const plants = [
  plant('refutation-ignored', 'the accused hears it and says nothing', 'accusations.ts', [
    'if (incarnation <= own + incarnationsAheadMax) this.#context.refute(incarnation);',
    'if (incarnation <= own + incarnationsAheadMax) return true;',
  ]),
  plant(
    'incarnation-reused',
    'a changed record goes out under the incarnation of the last one',
    'own-record.ts',
    ['this.#incarnation++;', 'if (this.#incarnation < 0) this.#incarnation = 0;'],
  ),
  plant('tombstone-dropped', 'whoever went is forgotten, and may be told of again', 'table.ts', [
    'return this.#members.get(replicaId)?.incarnation ?? this.#tombstones.get(replicaId)?.incarnation;',
    'return undefined;',
  ]),
  plant(
    'gone-at-the-same-incarnation',
    'the record under which a member died counts again',
    'membership.ts',
    [
      'if (goneAt !== undefined) return incarnation > goneAt;',
      'if (goneAt !== undefined) return incarnation >= goneAt;',
    ],
  ),
  plant(
    'confirmation-counted-twice',
    'an accusation that is repeated confirms itself',
    'suspicion.ts',
    ['if (this.#accusers.has(accuser) || this.confirmations >=', 'if (this.confirmations >='],
    ['return this.#accusers.size - 1;', 'return this.#count;'],
    ['    this.#accusers.add(accuser);\n', '    this.#accusers.add(accuser);\n    this.#count++;\n'],
    ['  #sinceMs: number;\n', '  #sinceMs: number;\n  #count = 0;\n'],
  ),
  plant(
    'sleeper-blames-others',
    'windows go on over a sleep, as if the others had been silent',
    'watching.ts',
    ['watch.phi.reset(this.#context.nowMs());\n      watch.doubtedMs = undefined;', 'watch.doubtedMs = 0;'],
  ),
  plant('older-record-taken', 'a record of an earlier incarnation replaces a later one', 'membership.ts', [
    'if (known === undefined || incarnation > known.incarnation) return true;',
    'if (known === undefined || incarnation !== known.incarnation) return true;',
  ]),
  plant(
    'islands-forgotten',
    'nobody asks who watches those that nobody within reach watches',
    'accusations.ts',
    ['this.#findIslands(nowMs);', ''],
  ),
  plant('tables-never-compared', 'what a rumour missed stays missed', 'comparing.ts', [
    'if (link.mismatches >= patience) this.#ask(peer);',
    '',
  ]),
  plant('view-without-bound', 'whoever asks becomes a neighbour', 'overlay.ts', [
    "else if (this.#active.size < activeMax || (word === 'ask-urgently' && this.#makeRoom())) {",
    'else if (this.#active.size < 99) {',
  ]),
  plant(
    'farewells-answer-farewells',
    'two who know that a third has left tell each other for ever',
    'membership.ts',
    ['if (present && goneAt !== undefined', 'if (goneAt !== undefined'],
  ),
];
