import { expect, test } from 'vitest';
import { peerloom } from './libraries/peerloom.ts';
import { load, local, localWithUpdates, merged, prepareArtifacts, remote, session } from './measures.ts';
import { prepare } from './traces.ts';

const sequential = {
  startContent: '😀😀',
  endContent: 'a😀',
  txns: [{ patches: [] }, { patches: [[0, 1, 'a']] as const }],
};
const concurrent = {
  kind: 'concurrent',
  startContent: '😀|😀',
  endContent: 'x😀|😀yz',
  txns: [
    { parents: [], agent: 0, patches: [[0, 0, 'x']] as const },
    { parents: [], agent: 1, patches: [[3, 0, 'y']] as const },
    { parents: [1], agent: 1, patches: [] },
    // The same agent as the first, which knows nothing of it.
    { parents: [2], agent: 0, patches: [[4, 0, 'z']] as const },
  ],
};

test('histories that begin with a text are replayed, told and read back, its pairs left whole', () => {
  const library = peerloom();
  for (const raw of [sequential, concurrent]) {
    const trace = prepare('t', raw);
    const artifacts = prepareArtifacts(library, trace);
    for (const measure of [remote, merged, load]) measure(library, trace, artifacts);
    if (trace.concurrent) session(library, trace);
    else for (const measure of [local, localWithUpdates]) measure(library, trace);
  }
});

test('a text that does not end as it should is an error, whatever is measured', () => {
  const library = peerloom();
  const trace = { ...prepare('t', { endContent: 'ab', txns: [{ patches: [[0, 0, 'ab']] }] }), end: 'ac' };
  const right = prepareArtifacts(library, { ...trace, end: 'ab' });
  for (const run of [
    () => local(library, trace),
    () => localWithUpdates(library, trace),
    () => session(library, trace),
    () => remote(library, trace, right),
    () => merged(library, trace, right),
    () => load(library, trace, right),
  ])
    expect(run).toThrow('the text is wrong');
});
