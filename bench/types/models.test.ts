import { describe, expect, test } from 'vitest';
import { peerloom } from './libraries/peerloom.ts';
import { kinds, type Branch, type Kind, type Replica, type SetValue, type Shared } from './library.ts';
import { measure } from './measure.ts';
import { ModelCounter, ModelList, ModelMap, ModelSet, ModelTree } from './models.ts';
import { subjects } from './subjects.ts';
import type { Subject, Workload } from './workload.ts';

describe('the obvious values', () => {
  test('a counter counts, a set has what was added and not removed, a map what was set last', () => {
    const counter = new ModelCounter();
    counter.add(5);
    counter.add(-7);
    expect(counter.view()).toBe(-2);
    const set = new ModelSet();
    for (const value of ['b', 'a', 'b', 'c']) set.add(value);
    set.remove('c');
    expect(set.view()).toEqual(['a', 'b']);
    const map = new ModelMap();
    map.set('k', '1');
    map.set('a', '2');
    map.set('k', '3');
    map.set('gone', '4');
    map.delete('gone');
    expect(map.view()).toEqual([
      ['a', '2'],
      ['k', '3'],
    ]);
  });

  test('a list moves an element to where it is told to be', () => {
    const list = new ModelList();
    for (const [index, value] of [...'abcd'].entries()) list.insert(index, value);
    list.move(0, 2);
    expect(list.view().join('')).toBe('bcad');
    list.move(3, 0);
    expect(list.view().join('')).toBe('dbca');
    list.delete(1);
    list.set(0, 'x');
    expect(list.view().join('')).toBe('xca');
  });

  test('a tree moves nodes with what is in them, and forgets what is deleted', () => {
    const tree = new ModelTree();
    tree.create('a', undefined, 0);
    tree.create('b', 'a', 0);
    tree.create('c', 'b', 0);
    tree.create('d', undefined, 0);
    expect(tree.isAround('a', 'c')).toBe(true);
    tree.move('b', 'd', 0);
    expect(tree.view()).toEqual([
      ['d', [['b', [['c', []]]]]],
      ['a', []],
    ]);
    expect([tree.inside('d'), tree.inside('d', 'b'), tree.isAround('a', 'c')]).toEqual([1, 0, false]);
    tree.delete('b');
    expect(tree.labels).toEqual(['a', 'd']);
  });
});

/** Views that no library may get away with, of one that is right. */
function spoiled(kind: Kind, view: unknown): unknown[] {
  if (kind === 'counters') return [(view as number) + 1, -(view as number) - 1, 0.5];
  const all = view as readonly unknown[];
  const [first, second] = all;
  const others = [all.slice(1), all.slice(0, -1), [...all, first], []];
  if (kind === 'sets') return [...others, ['nobody added this', ...all.slice(1)], [...all, 'value nobody']];
  if (kind === 'maps')
    return [[[(first as string[])[0], 'nobody wrote this'], ...all.slice(1)], [...all, ['zz', 'x']], []];
  if (kind === 'lists') return [...others, ['nobody', ...all.slice(1)], [...all].reverse()];
  // A node with what is in it is gone, or is there twice.
  return [...others, [...all.slice(2), [(first as Branch)[0], [second]]]];
}

const withoutOrder = (name: string): boolean => /move|rings/.test(name);

/** Plays a workload on Peerloom, which is in this repository. */
function play<V extends { view(): unknown }>(shared: Shared<V>, workload: Workload<V>): unknown {
  const replicas = Array.from({ length: workload.clients }, (_, agent) => shared.open(agent));
  const reader = shared.open(workload.clients);
  const tell = (update: Uint8Array, to: readonly Replica<V>[]) => {
    for (const replica of to) replica.apply(update);
  };
  for (const edit of workload.before)
    tell((replicas[0] as Replica<V>).edit(edit), [...replicas.slice(1), reader]);
  for (const { client, edit } of workload.edits) {
    const update = (replicas[client] as Replica<V>).edit(edit);
    tell(update, workload.apart ? [reader] : [...replicas.filter((_, at) => at !== client), reader]);
  }
  return reader.value.view();
}

function checked<V extends { view(): unknown }>(
  kind: Kind,
  shared: Shared<V> | undefined,
  all: readonly Subject<V>[],
): void {
  if (shared === undefined) throw new Error('Peerloom has every kind');
  for (const { name, workload } of all) {
    if (!/^B1|^B2|^B3 10 /.test(name)) continue;
    const made = workload();
    const view = play(shared, made);
    expect(made.wrong(view), name).toBe(undefined);
    for (const [at, other] of spoiled(kind, view).entries()) {
      // Of what is moved apart, no order is the only right one.
      if (kind === 'lists' && made.apart && withoutOrder(name) && at === 5) continue;
      expect(verdict(made, other), `${name}, spoiled in way ${at}`).not.toBe(undefined);
    }
  }
}

/** Throwing says it, too. */
function verdict<V>({ wrong }: Workload<V>, view: unknown): string | undefined {
  try {
    return wrong(view);
  } catch (error) {
    return String(error);
  }
}

describe('what comes of the edits is checked', () => {
  const library = peerloom();
  test.each(kinds)('%s: a right view passes, and one that is spoiled does not', kind => {
    switch (kind) {
      case 'counters':
        checked(kind, library.counters?.(), subjects.counters);
        break;
      case 'sets':
        checked(kind, library.sets?.(), subjects.sets);
        break;
      case 'maps':
        checked(kind, library.maps?.(), subjects.maps);
        break;
      case 'lists':
        checked(kind, library.lists?.(), subjects.lists);
        break;
      case 'trees':
        checked(kind, library.trees?.(), subjects.trees);
    }
  });

  /** Peerloom's sets, with something wrong. */
  function faulty(
    fault: 'none' | 'forgets a removal' | 'forgets when it is saved' | 'shows others something else',
  ) {
    const shared = peerloom().sets?.();
    if (shared === undefined) throw new Error('Peerloom has sets');
    const wrap = (replica: Replica<SetValue>, agent: number, loaded = false): Replica<SetValue> => {
      const value: SetValue = {
        add: added => {
          replica.value.add(added);
        },
        remove: removed => {
          if (fault === 'forgets a removal') replica.value.add(removed);
          else replica.value.remove(removed);
        },
        view: () => {
          const view = replica.value.view();
          if (fault === 'forgets when it is saved' && loaded) return view.slice(1);
          return fault === 'shows others something else' && agent === 1 ? view.slice(1) : view;
        },
      };
      return {
        value,
        edit: change =>
          replica.edit(() => {
            change(value);
          }),
        apply: update => {
          replica.apply(update);
        },
        save: () => replica.save(),
      };
    };
    const whole: Shared<SetValue> = {
      open: agent => wrap(shared.open(agent), agent),
      load: (bytes, agent) => wrap(shared.load(bytes, agent), agent, true),
    };
    return whole;
  }

  const run = (fault: Parameters<typeof faulty>[0], name: string) => {
    const subject = subjects.sets.find(each => each.name === name);
    if (subject === undefined) throw new Error(`no subject ${name}`);
    return measure(faulty(fault), subject.workload());
  };

  test('a run is measured only when every replica has the right value, loaded ones too', () => {
    for (const name of ['B1 add and remove', 'B3 10 clients']) {
      expect(Object.keys(run('none', name))).toEqual([
        'time',
        'update bytes',
        'document bytes',
        'save',
        'load',
      ]);
      expect(() => run('forgets when it is saved', name)).toThrow('what was saved is not what is loaded');
    }
    for (const name of ['B1 add and remove', 'B2 two clients'])
      expect(() => run('forgets a removal', name)).toThrow();
    expect(() => run('shows others something else', 'B1 add and remove')).toThrow();
    expect(() => run('shows others something else', 'B2 two clients')).toThrow();
  });
});
