/**
 * ESLint, with the project's own rules in words a reader of an error understands. The compiler keeps DOM and
 * Node out of the cores; these rules keep out what ES2023 itself still offers: the clock, chance, waiting.
 */
import lit from 'eslint-plugin-lit';
import litA11y from 'eslint-plugin-lit-a11y';
import wc from 'eslint-plugin-wc';
import tseslint from 'typescript-eslint';

const ADAPTERS = ['src/net/webrtc/**', 'src/storage/indexeddb/**'];
const CORES = [
  'base',
  'clocks',
  'crdt',
  'sync',
  'membership',
  'consensus',
  'net',
  'storage',
  'replica',
  'sim',
].map(folder => `src/${folder}/**/*.ts`);
const TESTS = ['**/*.test.ts', '**/*.model.ts', '**/*-suite.ts', 'e2e/**/*.ts'];
const BROWSER = ['src/app/**/*.ts', ...ADAPTERS.map(folder => `${folder}/*.ts`)];
const SCRIPTS = ['**/*.mjs', '**/*.cjs', '**/*.js'];

const noDefaultExport = {
  selector: 'ExportDefaultDeclaration',
  message: 'Exports are named, so that a thing has one name everywhere.',
};

const HANDED_IN = 'Cores are handed time, randomness and the network through ports (base/ports.ts).';
const SYNCHRONOUS = 'Cores are synchronous: give out an effect, and take its result as an input.';

const noHiddenInputs = [
  { selector: "NewExpression[callee.name='Date'][arguments.length=0]", message: HANDED_IN },
  { selector: "CallExpression[callee.name='Date']", message: HANDED_IN },
];

const noWaiting = [
  { selector: ':function[async=true]', message: SYNCHRONOUS },
  { selector: 'AwaitExpression', message: SYNCHRONOUS },
  { selector: 'ForOfStatement[await=true]', message: SYNCHRONOUS },
  { selector: "NewExpression[callee.name='Promise']", message: SYNCHRONOUS },
  { selector: "CallExpression[callee.object.name='Promise']", message: SYNCHRONOUS },
];

const coreRules = {
  'no-restricted-globals': [
    'error',
    ...[
      'performance',
      'crypto',
      'fetch',
      'setTimeout',
      'setInterval',
      'setImmediate',
      'queueMicrotask',
      'globalThis',
      'process',
      'console',
    ].map(name => ({ name, message: HANDED_IN })),
  ],
  'no-restricted-properties': [
    'error',
    { object: 'Date', property: 'now', message: HANDED_IN },
    { object: 'Math', property: 'random', message: HANDED_IN },
  ],
};

/** Plain mistakes that neither the compiler nor typescript-eslint's sets report. */
const everywhere = {
  eqeqeq: 'error',
  'no-var': 'error',
  'prefer-const': 'error',
  'object-shorthand': 'error',
  'no-self-compare': 'error',
  'no-restricted-syntax': ['error', noDefaultExport],
};

export default tseslint.config(
  {
    ignores: [
      '**/node_modules/**',
      '**/dist/**',
      'dist-lib/**',
      'test-results/**',
      'screenshots/**',
      'playwright-report/**',
      'bench/**/pages/**',
    ],
  },
  { linterOptions: { reportUnusedDisableDirectives: 'error' } },

  {
    name: 'peerloom/typescript',
    files: ['**/*.ts', '**/*.mts'],
    extends: [tseslint.configs.strictTypeChecked, tseslint.configs.stylisticTypeChecked],
    languageOptions: {
      parserOptions: { project: ['tsconfig.node.json'], tsconfigRootDir: import.meta.dirname },
    },
    rules: {
      ...everywhere,
      '@typescript-eslint/consistent-type-imports': 'error',
      '@typescript-eslint/consistent-type-exports': 'error',
      '@typescript-eslint/no-unused-vars': ['error', { argsIgnorePattern: '^_', varsIgnorePattern: '^_' }],
      '@typescript-eslint/restrict-template-expressions': ['error', { allowNumber: true }],
      '@typescript-eslint/no-confusing-void-expression': ['error', { ignoreArrowShorthand: true }],
      '@typescript-eslint/no-unnecessary-condition': ['error', { allowConstantLoopConditions: true }],
      // It asks for `!` where no-non-null-assertion forbids it; `as T` says which type is meant.
      '@typescript-eslint/non-nullable-type-assertion-style': 'off',
      '@typescript-eslint/switch-exhaustiveness-check': [
        'error',
        { considerDefaultExhaustiveForUnions: true, requireDefaultForNonUnion: true },
      ],
    },
  },
  {
    name: 'peerloom/browser',
    files: BROWSER,
    languageOptions: { parserOptions: { project: ['tsconfig.browser.json'] } },
  },
  {
    name: 'peerloom/cores',
    files: CORES,
    ignores: [...ADAPTERS, 'src/net/node-webrtc/**', ...TESTS, 'src/sim/main.ts'],
    languageOptions: { parserOptions: { project: ['tsconfig.core.json'] } },
    rules: {
      ...coreRules,
      'no-restricted-syntax': ['error', noDefaultExport, ...noHiddenInputs, ...noWaiting],
    },
  },
  {
    // The declarations of the few globals of the cores have the shape of the platform's.
    name: 'peerloom/ambient',
    files: ['src/base/ambient.d.ts'],
    rules: { '@typescript-eslint/prefer-function-type': 'off' },
  },
  {
    // The store port promises, so its obvious implementation does too, and so does who stands at its waits. Nothing else in a core may.
    name: 'peerloom/memory-store',
    files: ['src/storage/memory-store.ts', 'src/storage/failpoints.ts'],
    rules: { 'no-restricted-syntax': ['error', noDefaultExport, ...noHiddenInputs] },
  },
  {
    // Lists of one operation are gone through at each keystroke, and until code is compiled `for … of` over one costs as
    // much as eight calls.
    name: 'peerloom/text-engine',
    files: ['src/crdt/text/*.ts'],
    rules: { '@typescript-eslint/prefer-for-of': 'off' },
  },
  {
    name: 'peerloom/components',
    files: ['src/app/**/*.ts'],
    extends: [lit.configs['flat/recommended'], wc.configs['flat/best-practice'], litA11y.configs.recommended],
    settings: { wc: { elementBaseClasses: ['LitElement'] } },
  },
  {
    name: 'peerloom/tests',
    files: TESTS,
    rules: {
      '@typescript-eslint/no-misused-spread': 'off',
      '@typescript-eslint/no-non-null-assertion': 'off',
      '@typescript-eslint/no-unsafe-argument': 'off',
      '@typescript-eslint/no-unsafe-assignment': 'off',
      '@typescript-eslint/no-unsafe-call': 'off',
      '@typescript-eslint/no-unsafe-member-access': 'off',
      '@typescript-eslint/no-unsafe-return': 'off',
      '@typescript-eslint/require-await': 'off',
      '@typescript-eslint/unbound-method': 'off',
    },
  },
  {
    // Tools read their configuration from a default export, and simple-peer has one.
    name: 'peerloom/configuration',
    files: ['**/*.config.ts', 'eslint.config.js', 'src/net/webrtc/simplepeer.d.ts'],
    rules: { 'no-restricted-syntax': 'off' },
  },
  {
    name: 'peerloom/scripts',
    files: SCRIPTS,
    languageOptions: {
      sourceType: 'module',
      globals: Object.fromEntries(
        ['AbortController', 'AbortSignal', 'Buffer', 'URL', 'clearTimeout', 'console', 'fetch', 'performance']
          .concat(['setTimeout', 'structuredClone', 'TextDecoder', 'TextEncoder', 'WebSocket'])
          .map(name => [name, 'readonly']),
      ),
    },
    rules: {
      'constructor-super': 'error',
      'no-cond-assign': 'error',
      'no-const-assign': 'error',
      'no-dupe-args': 'error',
      'no-dupe-else-if': 'error',
      'no-dupe-keys': 'error',
      'no-empty': 'error',
      'no-fallthrough': 'error',
      'no-redeclare': 'error',
      'no-undef': 'error',
      'no-unreachable': 'error',
      'no-unused-vars': ['error', { argsIgnorePattern: '^_', caughtErrors: 'all' }],
      'no-useless-catch': 'error',
      'valid-typeof': 'error',
      eqeqeq: 'error',
      'no-var': 'error',
      'object-shorthand': 'error',
      'prefer-const': 'error',
    },
  },
  {
    name: 'peerloom/commonjs',
    files: ['**/*.cjs'],
    languageOptions: { sourceType: 'commonjs', globals: { module: 'writable', require: 'readonly' } },
  },
);
