import type { CounterValue } from '../library.ts';
import { ModelCounter } from '../models.ts';
import {
  apart,
  editsAlone,
  editsApart,
  editsLong,
  editsOfMany,
  manyClients,
  together,
  type Apart,
  type Draw,
  type Subject,
} from '../workload.ts';

const start = { model: () => new ModelCounter() };

const addOne: Draw<CounterValue, ModelCounter> = () => counter => {
  counter.add(1);
};

const addAny: Draw<CounterValue, ModelCounter> = (_, random) => {
  const amount = 1 + random.below(100);
  const signed = random.below(3) === 0 ? -amount : amount;
  return counter => {
    counter.add(signed);
  };
};

const wrong = (view: number, { clients }: Apart<ModelCounter>) =>
  view === clients.reduce((sum, client) => sum + client.view(), 0) ? undefined : 'it counted wrong';

export const counters: readonly Subject<CounterValue>[] = [
  { name: 'B1 add 1', workload: () => together('B1 add 1', start, editsAlone, addOne) },
  {
    name: 'B1 add and subtract',
    workload: () => together('B1 add and subtract', start, editsAlone, addAny),
  },
  { name: 'B2 two clients', workload: () => apart('B2', start, 2, editsApart, addAny, wrong) },
  ...manyClients.map(clients => ({
    name: `B3 ${clients} clients`,
    workload: () => apart('B3', start, clients, editsOfMany, addAny, wrong),
  })),
  { name: 'B4 long history', workload: () => together('B4', start, editsLong, addAny, 2) },
];
