import type { Edit, SetValue } from '../library.ts';
import { ModelSet } from '../models.ts';
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

type DrawSet = Draw<SetValue, ModelSet>;

const model = () => new ModelSet();
const empty = { model };

const add =
  (value: string): Edit<SetValue> =>
  set => {
    set.add(value);
  };
const remove =
  (value: string): Edit<SetValue> =>
  set => {
    set.remove(value);
  };

const addNew: DrawSet = (_, random, at) => add(`${word(random)} ${at}`);

/** Adds or removes one of `values`, whatever it is not. */
const toggle =
  (values: number): DrawSet =>
  (model, random) => {
    const value = `value ${random.below(values)}`;
    return model.has(value) ? remove(value) : add(value);
  };

/**
 * Adds what others add at the same time, and adds and removes what nobody else touches: what comes of it is the same
 * where adding wins and where the later write does.
 */
const mixed: DrawSet = (model, random, _, client) => {
  if (random.below(2) === 0) return add(`shared ${random.below(1000)}`);
  const own = `value ${client} ${random.below(200)}`;
  return model.has(own) ? remove(own) : add(own);
};
const parted = { model, before: { count: 200, draw: ((_, _random, at) => add(`value 0 ${at}`)) as DrawSet } };

/** What a client has of its own, and what anybody has added. */
const wrong = (view: readonly string[], { clients }: Apart<ModelSet>) => {
  const expected = new Set<string>();
  clients.forEach((client, number) => {
    for (const value of client.view())
      if (!value.startsWith('value') || value.startsWith(`value ${number} `)) expected.add(value);
  });
  return view.join() === [...expected].sort().join() ? undefined : 'values are missing or too many';
};

export const sets: readonly Subject<SetValue>[] = [
  { name: 'B1 add', workload: () => together('B1 add', empty, editsAlone, addNew) },
  {
    name: 'B1 add and remove',
    workload: () => together('B1 add and remove', empty, editsAlone, toggle(1000)),
  },
  { name: 'B2 two clients', workload: () => apart('B2', parted, 2, editsApart, mixed, wrong) },
  ...manyClients.map(clients => ({
    name: `B3 ${clients} clients`,
    workload: () => apart('B3', parted, clients, editsOfMany, mixed, wrong),
  })),
  { name: 'B4 long history', workload: () => together('B4', empty, editsLong, toggle(5000), 2) },
];
