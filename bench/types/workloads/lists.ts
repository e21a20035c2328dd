import type { SeededRandom } from '../../../src/base/random.ts';
import type { Edit, ListValue } from '../library.ts';
import { ModelList } from '../models.ts';
import {
  apart,
  editsAlone,
  editsApart,
  editsLong,
  editsOfMany,
  manyClients,
  together,
  word,
  type Apart,
  type Draw,
  type Subject,
} from '../workload.ts';

type DrawList = Draw<ListValue, ModelList>;

const empty = { model: () => new ModelList() };

const insert =
  (index: number, value: string): Edit<ListValue> =>
  list => {
    list.insert(index, value);
  };
const erase =
  (index: number): Edit<ListValue> =>
  list => {
    list.delete(index);
  };

/** Every element is another, so that it can be told where each came to be. */
const fresh = (random: SeededRandom, client: number, at: number) => `${word(random)} ${client} ${at}`;

const append: DrawList = (model, random, at, client) => insert(model.length, fresh(random, client, at));
const prepend: DrawList = (_, random, at, client) => insert(0, fresh(random, client, at));
const anywhere: DrawList = (model, random, at, client) =>
  insert(random.below(model.length + 1), fresh(random, client, at));

const insertOrDelete: DrawList = (model, random, at, client) =>
  model.length > 0 && random.below(3) === 0
    ? erase(random.below(model.length))
    : anywhere(model, random, at, client);

const move: DrawList = (model, random) => {
  const from = random.below(model.length);
  // Never to where it is: that is no edit.
  const to = (from + 1 + random.below(model.length - 1)) % model.length;
  return list => {
    list.move(from, to);
  };
};

/** Inserts, deletes and replaces; nine times of ten near where it last was. */
const asPeopleDo = (moves: boolean): DrawList => {
  let near = 0;
  return (model, random, at, client) => {
    const somewhere =
      random.below(10) === 0
        ? random.below(model.length + 1)
        : Math.min(near + random.below(3), model.length);
    near = somewhere;
    const what = random.below(10);
    const index = Math.min(somewhere, model.length - 1);
    if (model.length < 10 || what < 5) return insert(somewhere, fresh(random, client, at));
    if (what < 7) return erase(index);
    if (what < 9 || !moves) {
      const value = fresh(random, client, at);
      return list => {
        list.set(index, value);
      };
    }
    return move(model, random, at, client);
  };
};

const begun = (count: number) => ({ model: empty.model, before: { count, draw: append } });

/** What nobody deleted and what anybody inserted, all in the order in which each client saw its own. */
const wrong = (view: readonly string[], { start, clients }: Apart<ModelList>) => {
  const different = wrongElements(view, { start, clients });
  if (different !== undefined) return different;
  const left = new Set(view);
  for (const client of clients) {
    const own = client.view().filter(value => left.has(value));
    const ownSet = new Set(own);
    if (view.filter(value => ownSet.has(value)).join() !== own.join()) return 'the order is wrong';
  }
  return undefined;
};

const wrongElements = (view: readonly string[], { start, clients }: Apart<ModelList>) => {
  const seen = new Map<string, number>();
  for (const client of clients)
    for (const value of client.view()) seen.set(value, (seen.get(value) ?? 0) + 1);
  const before = new Set(start.view());
  const expected = [...seen].filter(([value, times]) => !before.has(value) || times === clients.length);
  const right =
    view.length === expected.length &&
    new Set(view).size === view.length &&
    expected.every(([value]) => view.includes(value));
  return right ? undefined : 'elements are missing or too many';
};

const alone = (name: string, draw: DrawList): Subject<ListValue> => ({
  name,
  workload: () => together(name, empty, editsAlone, draw),
});

export const lists: readonly Subject<ListValue>[] = [
  alone('B1 append', append),
  alone('B1 prepend', prepend),
  alone('B1 insert anywhere', anywhere),
  alone('B1 insert and delete', insertOrDelete),
  { name: 'B1 move', moves: true, workload: () => together('B1 move', begun(1000), editsAlone, move) },
  {
    name: 'B2 two clients',
    workload: () => apart('B2', begun(1000), 2, editsApart, insertOrDelete, wrong),
  },
  {
    name: 'B2 two clients move',
    moves: true,
    workload: () => apart('B2 move', begun(1000), 2, editsApart, move, wrongElements),
  },
  ...manyClients.map(clients => ({
    name: `B3 ${clients} clients`,
    workload: () => apart('B3', begun(100), clients, editsOfMany, insertOrDelete, wrong),
  })),
  { name: 'B4 long history', workload: () => together('B4', empty, editsLong, asPeopleDo(false), 2) },
  {
    name: 'B4 long history with moves',
    moves: true,
    workload: () => together('B4 moves', empty, editsLong, asPeopleDo(true), 2),
  },
];
