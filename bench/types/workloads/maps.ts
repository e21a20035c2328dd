import type { Edit, MapValue } from '../library.ts';
import { ModelMap } from '../models.ts';
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

type DrawMap = Draw<MapValue, ModelMap>;

const empty = { model: () => new ModelMap() };

const set =
  (key: string, value: string): Edit<MapValue> =>
  map => {
    map.set(key, value);
  };
const drop =
  (key: string): Edit<MapValue> =>
  map => {
    map.delete(key);
  };

const setNew: DrawMap = (_, random, at) => set(`${word(random)} ${at}`, word(random));

const setOneOf =
  (keys: number): DrawMap =>
  (_, random) =>
    set(`key ${random.below(keys)}`, word(random));

/** Mostly sets, now and then takes a key away. */
const setOrDrop =
  (keys: number): DrawMap =>
  (model, random) => {
    const key = `key ${random.below(keys)}`;
    if (random.below(4) === 0 && model.get(key) !== undefined) return drop(key);
    return set(key, word(random));
  };

/** Of what was written to a key at the same time, one thing is there; nobody else can have written it. */
const wrong = (view: readonly (readonly [string, string])[], { clients }: Apart<ModelMap>) => {
  const got = new Map(view);
  const keys = new Set(clients.flatMap(client => client.view().map(([key]) => key)));
  for (const key of got.keys()) if (!keys.has(key)) return `nobody wrote ${key}`;
  for (const key of keys) {
    const written = clients.map(client => client.get(key)).filter(value => value !== undefined);
    const value = got.get(key);
    if (value === undefined || !written.includes(value)) return `${key} is not what somebody wrote last`;
  }
  return undefined;
};

export const maps: readonly Subject<MapValue>[] = [
  { name: 'B1 set new keys', workload: () => together('B1 set new keys', empty, editsAlone, setNew) },
  {
    name: 'B1 set one of 100 keys',
    workload: () => together('B1 set one of 100 keys', empty, editsAlone, setOneOf(100)),
  },
  {
    name: 'B1 set and delete',
    workload: () => together('B1 set and delete', empty, editsAlone, setOrDrop(100)),
  },
  { name: 'B2 two clients', workload: () => apart('B2', empty, 2, editsApart, setOneOf(1000), wrong) },
  ...manyClients.map(clients => ({
    name: `B3 ${clients} clients`,
    workload: () => apart('B3', empty, clients, editsOfMany, setOneOf(1000), wrong),
  })),
  { name: 'B4 long history', workload: () => together('B4', empty, editsLong, setOrDrop(2000), 2) },
];
