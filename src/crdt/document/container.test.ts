import { expect, test } from 'vitest';
import { SeededRandom } from '../../base/random.ts';
import { Container } from './container.ts';
import { mapCode, setKind } from './kinds.ts';
import { replicaIdOf } from './testing.model.ts';

const names = ['a', 'b', 'c'].map(name => replicaIdOf(name));
const rootOf = () => new Container({ parent: undefined, key: '', kind: mapCode }, undefined);

function at(root: Container, path: readonly string[]): Container {
  return path.reduce(
    (map, key, depth) => map.ensureChild(key, depth + 1 < path.length ? mapCode : setKind.code),
    root,
  );
}

test('[DOC4] what is present is what was edited and not observed by a removal, in maps of any size', () => {
  for (let world = 0; world < 40; world++) {
    const random = new SeededRandom('containers').split(String(world));
    const root = rootOf();
    const next = names.map(() => 0);
    const edits: { readonly path: readonly string[]; readonly author: number; readonly counter: number }[] =
      [];
    /** Told to be present, by path. */
    const told = new Set<string>();
    const note = ({ id, present }: Container) => {
      const path: string[] = [];
      for (let each = id; each.parent !== undefined; each = each.parent) path.unshift(each.key);
      if (path.length === 0) return;
      expect(told.has(path.join('/'))).toBe(!present);
      if (present) told.add(path.join('/'));
      else told.delete(path.join('/'));
    };
    for (let step = 0; step < 400; step++) {
      const author = random.below(names.length);
      const counter = next[author] as number;
      next[author] = counter + 1 + random.below(3);
      const path = ['m', `inner ${String(random.below(3))}`, `value ${String(random.below(60))}`];
      at(root, path).touch(names[author] as (typeof names)[number], counter, note);
      edits.push({ path, author, counter });
      if (step % 4 !== 0) continue;
      // What somebody had seen who was behind, of some of us.
      const seen = next.map(end => random.below(end + 1));
      const observed = names.flatMap((replicaId, i) =>
        random.below(3) === 0 ? [] : [{ replicaId, counter: seen[i] as number }],
      );
      const inner = random.below(2) === 0;
      const key = inner ? (path[1] as string) : 'm';
      (inner ? root.ensureChild('m', mapCode) : root).remove(key, observed, note);
      for (let i = edits.length - 1; i >= 0; i--) {
        const edit = edits[i] as (typeof edits)[number];
        const taken = observed.some(id => id.replicaId === names[edit.author] && id.counter >= edit.counter);
        if (taken && (!inner || edit.path[1] === key)) edits.splice(i, 1);
      }
    }
    const expected = new Set(edits.map(({ path }) => path.join('/')));
    expect(new Set([...told].filter(path => path.split('/').length === 3))).toEqual(expected);
  }
});

/** How often anything is looked up in a map while `run` runs: whatever a removal looks at, it asks who edited it. */
function lookUpsOf(run: () => void): number {
  const get = Object.getOwnPropertyDescriptor(Map.prototype, 'get') as PropertyDescriptor;
  const plain = get.value as (this: unknown, key: unknown) => unknown;
  let count = 0;
  Object.defineProperty(Map.prototype, 'get', {
    ...get,
    value(this: unknown, key: unknown) {
      count++;
      return plain.call(this, key);
    },
  });
  try {
    run();
  } finally {
    Object.defineProperty(Map.prototype, 'get', get);
  }
  return count;
}

/** Of `count` removals of one key, each of which has seen one more of the `count` values in the map under it. */
function lookUpsOfRemovals(count: number): number {
  const root = rootOf();
  const [author] = names as [(typeof names)[0]];
  for (let i = 0; i <= count; i++) at(root, ['m', `value ${String(i)}`]).touch(author, i, undefined);
  const lookUps = lookUpsOf(() => {
    for (let i = 0; i < count; i++) root.remove('m', [{ replicaId: author, counter: i }], undefined);
  });
  expect(root.child('m', mapCode)?.present).toBe(true);
  expect(at(root, ['m', 'value 0']).present).toBe(false);
  return lookUps;
}

test('[DOC12] many removals under one key do not each look at all that is there', () => {
  // Ten times as many under ten times as much: looking at all of it was a hundred times as often.
  expect(lookUpsOfRemovals(2000)).toBeLessThan(16 * lookUpsOfRemovals(200));
});
