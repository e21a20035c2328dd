/**
 * Places between characters, tombstones included, that can be compared: where marks begin and end. Two places with
 * nothing shown between them are still two: what is typed there may come to stand between them.
 */
import { assert } from '../../base/assert.ts';
import type { Agent } from './agents.ts';
import type { RelativePosition } from './messages.ts';
import type { RunTree } from './run-tree.ts';
import { ROOT } from './runs.ts';

/** Just before (`assoc` 1) or after (-1) a character; after the root is the start, and `undefined` the end of the text. */
export type Point = { readonly agent: Agent; readonly counter: number; readonly assoc: -1 | 1 } | undefined;

/** `position` must be known here. */
export function pointOf(tree: RunTree, { id, assoc }: RelativePosition): Point {
  if (id === null) return assoc === 1 ? undefined : { agent: tree.agents.at(0), counter: 0, assoc };
  const agent = tree.agents.get(id.replicaId);
  assert(agent !== undefined, 'a validated place is known');
  return { agent, counter: id.counter, assoc };
}

export function positionOf(point: Point): RelativePosition {
  if (point === undefined) return { id: null, assoc: 1 };
  const { agent, counter, assoc } = point;
  return { id: agent.place === 0 ? null : { replicaId: agent.replicaId, counter }, assoc };
}

/** Which place comes first in the text: < 0 when `a` does. */
export function comparePoints(tree: RunTree, a: Point, b: Point): number {
  if (a === undefined || b === undefined) return (a === undefined ? 1 : 0) - (b === undefined ? 1 : 0);
  const runA = runAt(a);
  const runB = runAt(b);
  if (runA !== runB) return tree.blocks.compare(runA, runB);
  return a.counter - b.counter || b.assoc - a.assoc;
}

/** How many characters are shown before the place. */
export function indexOfPoint(tree: RunTree, point: Point): number {
  if (point === undefined) return tree.blocks.visible;
  const run = runAt(point);
  const at = tree.blocks.startOf(run);
  if (tree.runs.visible[run] === 0) return at;
  return at + point.counter - (tree.runs.start[run] as number) + (point.assoc === 1 ? 0 : 1);
}

/** The run that holds the character of the place. */
export function runAt(point: NonNullable<Point>): number {
  const run = point.agent.place === 0 ? ROOT : point.agent.find(point.counter);
  assert(run >= 0, 'a validated place is known');
  return run;
}

/** The place just before the shown character at `index`, or the end of the text. */
export function pointBefore(tree: RunTree, index: number): Point {
  return index >= tree.blocks.visible ? undefined : shownPoint(tree, index, 1);
}

/** The place just after the shown character before `index`, or the start of the text. */
export function pointAfter(tree: RunTree, index: number): NonNullable<Point> {
  if (index === 0) return { agent: tree.agents.at(0), counter: 0, assoc: -1 };
  return shownPoint(tree, index - 1, -1);
}

function shownPoint(tree: RunTree, index: number, assoc: -1 | 1): NonNullable<Point> {
  const run = tree.blocks.locate(index);
  const counter = (tree.runs.start[run] as number) + index - tree.blocks.cursorStart;
  return { agent: tree.agentOf(run), counter, assoc };
}

/** The place just before the character, tombstones included, that follows that of `point`. */
export function nextPoint(tree: RunTree, point: NonNullable<Point>): Point {
  const run = runAt(point);
  if (point.counter + 1 < tree.runs.end(run))
    return { agent: point.agent, counter: point.counter + 1, assoc: 1 };
  const next = tree.blocks.nextOf(run);
  if (next < 0) return undefined;
  return { agent: tree.agentOf(next), counter: tree.runs.start[next] as number, assoc: 1 };
}

/** The place just after the character, tombstones included, that comes before that of `point`, or the start of the text. */
export function previousPoint(tree: RunTree, point: NonNullable<Point>): NonNullable<Point> {
  const run = runAt(point);
  if (point.counter > (tree.runs.start[run] as number))
    return { agent: point.agent, counter: point.counter - 1, assoc: -1 };
  const previous = tree.blocks.previousOf(run);
  assert(previous >= 0, 'nothing stands before the root');
  return { agent: tree.agentOf(previous), counter: tree.runs.end(previous) - 1, assoc: -1 };
}
