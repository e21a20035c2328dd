/**
 * Whether a mark grows when somebody types at its ends. Typing on after bold goes on in bold; typing after a link is
 * not the link's text (Peritext, section 3.3). The rule is spent when the mark is made, on the choice of the two
 * characters and sides that it is tied to, so replicas may have different rules and still agree.
 */
import type { RelativePosition } from './messages.ts';
import { nextPoint, pointAfter, pointBefore, positionOf, previousPoint, runAt } from './points.ts';
import type { Point } from './points.ts';
import type { Restored, Restores } from './restores.ts';
import type { RunTree } from './run-tree.ts';
import { assert } from '../../base/assert.ts';

/** At which ends a mark takes in what is typed there. */
export type Expand = 'after' | 'before' | 'both' | 'none';

/** Names that are not here grow at their end, as formatting does. */
const expandByName: ReadonlyMap<string, Expand> = new Map([
  ['link', 'none'],
  ['comment', 'none'],
]);

/** What is before a colon decides: `comment:7f3a` is a comment. */
export function expandOf(name: string, own?: Readonly<Record<string, Expand>>): Expand {
  const colon = name.indexOf(':');
  const kind = colon < 0 ? name : name.slice(0, colon);
  const ruled = own !== undefined && Object.hasOwn(own, kind) ? own[kind] : undefined;
  return ruled ?? expandByName.get(kind) ?? 'after';
}

/**
 * The ends of a span over the shown characters `[from, to)`, `from < to`. What takes a mark away (`removes`) leaves
 * the mark an end where it begins and a start where it ends, so it grows just where the mark would not.
 */
export function spanOver(
  tree: RunTree,
  restores: Restores | undefined,
  from: number,
  to: number,
  expand: Expand,
  removes: boolean,
): { readonly start: RelativePosition; readonly end: RelativePosition } {
  const growsBefore = expand === 'before' || expand === 'both';
  const growsAfter = expand === 'after' || expand === 'both';
  const first = pointBefore(tree, from);
  assert(first !== undefined && from < to, 'a mark covers something');
  const last = pointAfter(tree, to);
  // The neighbours count tombstones: a deleted character that comes back had no part in the mark.
  const wideStart = removes ? !growsAfter : growsBefore;
  const wideEnd = removes ? !growsBefore : growsAfter;
  return {
    start: positionOf(wideStart ? placeBefore(tree, restores, first) : first),
    end: positionOf(wideEnd ? placeBehind(tree, restores, last) : last),
  };
}

/** Just after the nearest character to the left. One that was restored is no place any more: its places have moved. */
function placeBefore(tree: RunTree, restores: Restores | undefined, point: NonNullable<Point>): Point {
  let place = previousPoint(tree, point);
  for (let piece = pieceAt(restores, place); piece !== undefined; piece = pieceAt(restores, place))
    place = previousPoint(tree, {
      ...place,
      counter: Math.max(piece.start, tree.runs.start[runAt(place)] as number),
    });
  return place;
}

/** Just before the nearest character to the right. */
function placeBehind(tree: RunTree, restores: Restores | undefined, point: NonNullable<Point>): Point {
  let place = nextPoint(tree, point);
  while (place !== undefined) {
    const piece = pieceAt(restores, place);
    if (piece === undefined) break;
    place = nextPoint(tree, { ...place, counter: Math.min(piece.end, tree.runs.end(runAt(place))) - 1 });
  }
  return place;
}

function pieceAt(restores: Restores | undefined, place: NonNullable<Point>): Restored | undefined {
  return restores?.pieceOf({ replicaId: place.agent.replicaId, counter: place.counter });
}
