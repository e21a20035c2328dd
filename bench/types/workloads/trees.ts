import type { SeededRandom } from '../../../src/base/random.ts';
import type { Branch, Edit, TreeValue } from '../library.ts';
import { ModelTree } from '../models.ts';
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

type DrawTree = Draw<TreeValue, ModelTree>;

const empty = { model: () => new ModelTree() };

const create =
  (label: string, parent: string | undefined, index: number): Edit<TreeValue> =>
  tree => {
    tree.create(label, parent, index);
  };
const move =
  (label: string, parent: string | undefined, index: number): Edit<TreeValue> =>
  tree => {
    tree.move(label, parent, index);
  };

const oneOf = (labels: readonly string[], random: SeededRandom) =>
  labels.length === 0 ? undefined : labels[random.below(labels.length)];

const createAtEnd: DrawTree = (model, _, at, client) =>
  create(`${client}-${at}`, undefined, model.inside(undefined));

/** In any node, anywhere in it. One of ten in the root. */
const createAnywhere: DrawTree = (model, random, at, client) => {
  const parent = random.below(10) === 0 ? undefined : oneOf(model.labels, random);
  return create(`${client}-${at}`, parent, random.below(model.inside(parent) + 1));
};

const moveAnywhere: DrawTree = (model, random) => {
  const { labels } = model;
  const label = oneOf(labels, random) ?? '';
  // A ring is refused by the one and thrown at by the other.
  let parent = oneOf(labels, random);
  if (model.isAround(label, parent)) parent = undefined;
  return move(label, parent, random.below(model.inside(parent, label) + 1));
};

const asPeopleDo: DrawTree = (model, random, at, client) => {
  const what = random.below(10);
  const { labels } = model;
  if (labels.length < 10 || what < 5) return createAnywhere(model, random, at, client);
  if (what < 9) return moveAnywhere(model, random, at, client);
  // Of a few, the one with the least in it: people do not delete everything.
  const label = Array.from({ length: 5 }, () => oneOf(labels, random) ?? '').reduce((a, b) =>
    model.inside(b) < model.inside(a) ? b : a,
  );
  return tree => {
    tree.delete(label);
  };
};

const folders = 20;
const files = 400;
/** Some folders, and in them files. */
const draw: DrawTree = (model, random, at) => {
  if (at < folders) return create(`folder ${at}`, undefined, at);
  const parent = `folder ${random.below(folders)}`;
  return create(`file ${at}`, parent, random.below(model.inside(parent) + 1));
};
const filed = { model: empty.model, before: { count: folders + files, draw } };

/** Makes files and moves its own from folder to folder: nobody else touches them. */
const fileOwn: DrawTree = (model, random, at, client) => {
  const parent = `folder ${random.below(folders)}`;
  const own = model.labels.filter(label => label.startsWith(`of ${client} `));
  const label = random.below(2) === 0 ? oneOf(own, random) : undefined;
  if (label === undefined)
    return create(`of ${client} ${at}`, parent, random.below(model.inside(parent) + 1));
  return move(label, parent, random.below(model.inside(parent, label) + 1));
};

/** The parent of every label, and no label twice. */
function parentsOf(branches: readonly Branch[]): Map<string, string> {
  const parents = new Map<string, string>();
  const note = (inside: readonly Branch[], parent: string): void => {
    for (const [label, children] of inside) {
      if (parents.has(label)) throw new Error(`${label} is there twice`);
      parents.set(label, parent);
      note(children, label);
    }
  };
  note(branches, '');
  return parents;
}

const wrongParents = (view: readonly Branch[], { start, clients }: Apart<ModelTree>) => {
  const got = parentsOf(view);
  const expected = parentsOf(start.view());
  for (const client of clients)
    for (const [label, parent] of parentsOf(client.view()))
      if (label.startsWith('of')) expected.set(label, parent);
  if (got.size !== expected.size) return 'nodes are missing or too many';
  for (const [label, parent] of expected) if (got.get(label) !== parent) return `${label} is in another node`;
  return undefined;
};

/** Moves made apart can make rings, of which each library undoes another one: only that nothing is lost can be said. */
const lost = (view: readonly Branch[], { start }: Apart<ModelTree>) => {
  const got = parentsOf(view);
  const all = start.labels;
  return got.size === all.length && all.every(label => got.has(label)) ? undefined : 'nodes are lost';
};

export const trees: readonly Subject<TreeValue>[] = [
  {
    name: 'B1 create at the end',
    workload: () => together('B1 create at the end', empty, editsAlone, createAtEnd),
  },
  {
    name: 'B1 create anywhere',
    workload: () => together('B1 create anywhere', empty, editsAlone, createAnywhere),
  },
  { name: 'B1 move', workload: () => together('B1 move', filed, editsAlone, moveAnywhere) },
  { name: 'B2 two clients', workload: () => apart('B2', filed, 2, editsApart, fileOwn, wrongParents) },
  {
    name: 'B2 two clients move anywhere',
    workload: () => apart('B2 rings', filed, 2, editsApart, moveAnywhere, lost),
  },
  ...manyClients.map(clients => ({
    name: `B3 ${clients} clients`,
    workload: () => apart('B3', filed, clients, editsOfMany, fileOwn, wrongParents),
  })),
  { name: 'B4 long history', workload: () => together('B4', empty, editsLong, asPeopleDo, 2) },
];
