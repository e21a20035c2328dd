/** What is done to a value, by whom, and how to tell whether what came of it is right. Drawn from a seed: always the same. */
import { SeededRandom } from '../../src/base/random.ts';
import type { Edit } from './library.ts';

interface Viewable {
  view(): unknown;
}

export interface Workload<V> {
  /** By the first client, known to all before the clock starts. */
  readonly before: readonly Edit<V>[];
  readonly clients: number;
  /** Edits in the order in which they are made. */
  readonly edits: readonly { readonly client: number; readonly edit: Edit<V> }[];
  /** Nobody hears of the others until all have made theirs. Else everybody has each edit before the next. */
  readonly apart: boolean;
  /** Why `view` cannot have come of this; undefined when it is right. */
  readonly wrong: (view: unknown) => string | undefined;
}

/** A subject of a suite. */
export interface Subject<V> {
  readonly name: string;
  /** Only libraries that can move things take part. */
  readonly moves?: boolean;
  readonly workload: () => Workload<V>;
}

/** Chooses the next edit of `client`, for which everything is now as `model` says. `at` counts its edits. */
export type Draw<V, M extends V> = (model: M, random: SeededRandom, at: number, client: number) => Edit<V>;

interface Start<V, M extends V> {
  readonly model: () => M;
  readonly before?: { readonly count: number; readonly draw: Draw<V, M> };
}

/** Everybody knows everything: what comes out is what the model says, exactly. Two and more write in turns of up to 50 edits. */
export function together<V extends Viewable, M extends V>(
  name: string,
  start: Start<V, M>,
  count: number,
  draw: Draw<V, M>,
  clients = 1,
): Workload<V> {
  const random = new SeededRandom(name);
  const { model, before } = begun(start, random);
  const edits: { client: number; edit: Edit<V> }[] = [];
  for (let client = 0; edits.length < count; client = (client + 1) % clients) {
    const turn = clients === 1 ? count : Math.min(count - edits.length, 1 + random.below(50));
    for (const edit of drawn(model, turn, draw, random, client, edits.length)) edits.push({ client, edit });
  }
  const expected = JSON.stringify(model.view());
  const wrong = (view: unknown) =>
    JSON.stringify(view) === expected ? undefined : 'it is not what the model says';
  // Somebody must hear of it.
  return { before, clients: Math.max(2, clients), edits, apart: false, wrong };
}

/** What is known of edits made apart: what was there before, and what each client's own view is. */
export interface Apart<M> {
  readonly start: M;
  readonly clients: readonly M[];
}

/** Nobody knows of the others' edits. `wrong` says what cannot come of them. */
export function apart<V extends Viewable, M extends V>(
  name: string,
  start: Start<V, M>,
  clients: number,
  each: number,
  draw: Draw<V, M>,
  wrong: (view: ReturnType<V['view']>, made: Apart<M>) => string | undefined,
): Workload<V> {
  const random = new SeededRandom(name);
  const { model, before } = begun(start, random);
  const models: M[] = [];
  const edits: { client: number; edit: Edit<V> }[] = [];
  for (let client = 0; client < clients; client++) {
    const own = start.model();
    for (const edit of before) edit(own);
    models.push(own);
    for (const edit of drawn(own, each, draw, random, client, 0)) edits.push({ client, edit });
  }
  return {
    before,
    clients,
    edits,
    apart: true,
    wrong: view => wrong(view as ReturnType<V['view']>, { start: model, clients: models }),
  };
}

function begun<V, M extends V>(
  start: Start<V, M>,
  random: SeededRandom,
): { model: M; before: readonly Edit<V>[] } {
  const model = start.model();
  const before =
    start.before === undefined ? [] : drawn(model, start.before.count, start.before.draw, random, 0, 0);
  return { model, before };
}

function drawn<V, M extends V>(
  model: M,
  count: number,
  draw: Draw<V, M>,
  random: SeededRandom,
  client: number,
  from: number,
): Edit<V>[] {
  return Array.from({ length: count }, (_, i) => {
    const edit = draw(model, random, from + i, client);
    edit(model);
    return edit;
  });
}

/** As in crdt-benchmarks. */
export const editsAlone = 6000;
/** Of a long history, by two who write in turns. */
export const editsLong = 20_000;
/** Of each of two who write apart. */
export const editsApart = 3000;
/** Of each of many. */
export const editsOfMany = 5;
export const manyClients = [10, 100, 1000] as const;

/** As people name things: some seven letters. */
export function word(random: SeededRandom): string {
  const length = 4 + random.below(7);
  return Array.from({ length }, () => String.fromCharCode(97 + random.below(26))).join('');
}
