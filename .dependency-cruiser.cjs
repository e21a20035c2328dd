/**
 * The import table of ARCHITECTURE.md, one rule per folder. Each rule says what a folder may reach; whatever
 * it does not name is refused, so a new dependency is a decision and not an accident.
 *
 * Tests, models and contract suites are held to no folder's rule: they may use what tests need.
 */
const TEST = String.raw`((\.test|\.model|-suite)\.ts$|^src/app/testing/)`;
const ADAPTERS = '^src/(net/webrtc|net/node-webrtc|storage/indexeddb)/';
/** A package, wherever the package manager put it. */
const npm = name => `(^|/)node_modules/${name}/`;
const src = (...folders) => `^src/(${folders.join('|')})/`;

/** What `folder` may import, besides itself. */
const mayImport = (folder, allowed, comment, { pathNot = [TEST], node = false } = {}) => ({
  name: `${folder.replaceAll('/', '-')}-imports`,
  comment,
  severity: 'error',
  from: { path: `^(src/)?${folder}/`, pathNot },
  to: { pathNot: [`^(src/)?${folder}/`, ...allowed], ...(node ? { dependencyTypesNot: ['core'] } : {}) },
});
const pure = { pathNot: [TEST, ADAPTERS] };

/** A package that one place alone may import. */
const onlyIn = (place, packagePath, name, comment) => ({
  name: `only-${name}`,
  comment,
  severity: 'error',
  from: { pathNot: [place] },
  to: { path: packagePath },
});

module.exports = {
  forbidden: [
    mayImport(
      'base',
      [npm('lib0')],
      'base is what everything stands on: codecs on lib0 and nothing else, or it would drag the rest along.',
    ),
    mayImport('clocks', [src('base')], 'Clocks are arithmetic on ids: they know no protocol and no library.'),
    mayImport(
      'crdt',
      [src('base', 'clocks')],
      'A document merges the same wherever its operations came from: it may not know sync, storage or network.',
    ),
    mayImport(
      'membership',
      [src('base', 'clocks')],
      'Membership is played in the simulator alone: it may not know what the members talk about.',
    ),
    mayImport(
      'consensus',
      [src('base', 'clocks')],
      'Raft agrees on bytes: it may not know documents, batches or links.',
    ),
    mayImport(
      'sync',
      [src('base', 'clocks', 'crdt'), npm('@noble/hashes')],
      'Sync carries batches: from crdt it needs the types of operations, and hashing behind the Crypto port.',
    ),
    {
      name: 'sync-imports-crdt-types-only',
      comment: 'Sync orders and stores operations and never applies one: the types of crdt are enough.',
      severity: 'error',
      from: { path: '^src/sync/', pathNot: [TEST] },
      to: { path: '^src/crdt/', dependencyTypesNot: ['type-only'] },
    },
    mayImport(
      'net',
      [src('base')],
      'The pure part of net is ports, frames and the conditioner: the same in a tab and in the simulator.',
      pure,
    ),
    mayImport(
      'storage',
      [src('base')],
      'The pure part of storage is the port and its obvious implementation: no database, no protocol.',
      pure,
    ),
    {
      name: 'pure-parts-know-no-adapter',
      comment: 'A port does not know its adapters: they are the edge, and only the app puts them together.',
      severity: 'error',
      from: { path: '^src/', pathNot: [TEST, ADAPTERS, '^src/app/'] },
      to: { path: ADAPTERS },
    },
    mayImport(
      'replica',
      [
        src('base', 'clocks', 'crdt', 'membership', 'consensus', 'sync', 'net', 'storage'),
        String.raw`(^|/)node_modules/y-protocols/awareness\.`,
      ],
      'A replica joins the pure cores and presence; storage, network and time come in through ports.',
    ),
    mayImport(
      'sim',
      [src('base', 'clocks', 'crdt', 'membership', 'consensus', 'sync', 'net', 'storage', 'replica')],
      'The simulator runs the very cores that ship, and only those: what it cannot replay it may not import.',
      { pathNot: [TEST, '^src/sim/main\\.ts$'] },
    ),
    mayImport(
      'net/webrtc',
      [src('base', 'net'), npm('(@types/)?simple-peer')],
      'An adapter knows its port and its library. This is the only network input and output in src.',
    ),
    mayImport(
      'net/node-webrtc',
      [src('base', 'net'), npm('(node-datachannel|(@types/)?simple-peer|(@types/)?ws)')],
      'The mesh of net/webrtc on libraries for Node. No page imports it, so nothing of it is in the app.',
    ),
    mayImport(
      'storage/indexeddb',
      [src('base', 'storage'), npm('idb')],
      'An adapter knows its port and its library. This is the only disk input and output in src.',
    ),
    mayImport(
      'app',
      [
        src('base', 'replica', 'crdt', 'net/webrtc', 'storage/indexeddb'),
        // main.ts hands these to the replica or reads them from it; they are ports and forms, never protocols.
        '^src/(net/transport|net/conditioner|net/frames|net/pasted|net/signaling|storage/store|sync/crypto)\\.ts$',
        npm('(lit|lit-html|lit-element|@lit|@lit-labs|@codemirror|@lezer|@fontsource-variable|qr)'),
        '\\.(css|svg)$',
      ],
      'The interface shows what a replica tells it; it may not reach past it into sync, membership or Raft.',
    ),
    mayImport(
      'headless',
      [
        src('base', 'replica', 'net/webrtc', 'net/node-webrtc'),
        '^src/(net|storage)/[^/]+\\.ts$',
        '^src/(sync/crypto|clocks/vector-clock)\\.ts$',
        npm('classic-level'),
      ],
      'An always-on replica is src/replica with adapters for Node, and nothing of the browser.',
      { node: true },
    ),
    mayImport(
      'signaling-server',
      ['^src/base/', '^src/net/(signaling|stun|ice)\\.ts$', npm('(@types/)?ws')],
      'The server relays sealed signals, answers STUN and serves files: it knows the envelopes and nothing of what is inside.',
      { node: true },
    ),
    onlyIn(
      '^(src/net/node-webrtc|headless)/',
      npm('node-datachannel'),
      'node-webrtc-imports-node-datachannel',
      'A native library stays behind our transport, and out of every page.',
    ),
    onlyIn(
      '^src/net/(node-)?webrtc/',
      npm('simple-peer'),
      'webrtc-imports-simple-peer',
      'simple-peer stays behind our transport, which limits, conditions and closes its links.',
    ),
    onlyIn(
      '^headless/',
      npm('classic-level'),
      'headless-imports-classic-level',
      'A native library stays behind the store port, and out of every page.',
    ),
    onlyIn(
      '^src/storage/indexeddb/',
      npm('idb'),
      'indexeddb-imports-idb',
      'The database stays behind the store port, whose contract suite every adapter passes.',
    ),
    onlyIn(
      '^src/replica/',
      npm('y-protocols'),
      'replica-imports-awareness',
      'Presence has one home. Nothing else of y-protocols is ours.',
    ),
    {
      name: 'no-yjs',
      comment: 'y-protocols/sync pulls in Yjs: a second CRDT engine, and its size, for nothing.',
      severity: 'error',
      from: { path: '^(src|signaling-server|headless)/' },
      to: { path: ['(^|/)node_modules/y-protocols/(dist/)?(sync|auth)\\.', npm('yjs')] },
    },
    {
      name: 'node-in-node-only',
      comment: 'Browser and cores have no Node. The server, the always-on replica and tests do.',
      severity: 'error',
      from: { path: '^src/', pathNot: [TEST, '^src/sim/main\\.ts$'] },
      to: { dependencyTypes: ['core'] },
    },
    {
      name: 'tests-stay-outside',
      comment: 'What ships imports no test, no suite and no test library.',
      severity: 'error',
      from: { path: '^(src|signaling-server|headless)/', pathNot: [TEST] },
      to: { path: [TEST, npm('(vitest|@vitest|fast-check|axe-core|playwright|@playwright)')] },
    },
    {
      name: 'no-cycles',
      comment: 'Two modules that need each other are one module, or hide a third.',
      severity: 'error',
      from: {},
      // Types may name each other: nothing of them is left when the code runs.
      to: { circular: true, viaOnly: { dependencyTypesNot: ['type-only'] } },
    },
    {
      name: 'no-orphans',
      comment: 'A module that nobody imports and that imports nothing is forgotten.',
      severity: 'error',
      from: { orphan: true, pathNot: ['\\.d\\.m?ts$', '^src/app/main\\.ts$', TEST] },
      to: {},
    },
    {
      name: 'resolvable',
      comment: 'An import that leads nowhere slips past every rule above.',
      severity: 'error',
      from: {},
      to: { couldNotResolve: true, pathNot: ['^virtual:'] },
    },
    {
      name: 'declared',
      comment: 'What is imported stands in package.json; what ships stands in its dependencies.',
      severity: 'error',
      from: { path: '^(src|signaling-server|headless)/', pathNot: [TEST] },
      to: { dependencyTypes: ['npm-dev', 'npm-no-pkg', 'npm-unknown'], dependencyTypesNot: ['type-only'] },
    },
  ],
  options: {
    doNotFollow: { path: ['node_modules'] },
    exclude: { path: ['^(e2e|bench)/'] },
    tsPreCompilationDeps: true,
    tsConfig: { fileName: 'tsconfig.json' },
    enhancedResolveOptions: {
      exportsFields: ['exports'],
      conditionNames: ['import', 'module', 'browser', 'default', 'types'],
      extensions: ['.ts', '.mts', '.js', '.mjs', '.cjs', '.json', '.d.ts'],
      mainFields: ['module', 'main', 'types'],
    },
  },
};
