/**
 * Where the parts of a picture go. Time runs to the right and is stretched: between two events there is as much room
 * as the labels and points need, since in milliseconds a history is mostly gaps and a few crowded instants.
 */
import type { Told } from './story.ts';
import { rankEvents } from './timeline.ts';

export interface Bar {
  readonly told: Told;
  readonly label: string;
  readonly x: number;
  /** Of one that never returned, the right edge. */
  readonly end: number;
  readonly y: number;
  /** Where in its time it is thought to have happened, if it is placed. */
  readonly pointX: number | undefined;
}

export interface Layout {
  readonly bars: readonly Bar[];
  readonly lanes: readonly { readonly process: number; readonly y: number; readonly height: number }[];
  readonly right: number;
  readonly bottom: number;
}

export const characterWidth = 7.3;
const rowHeight = 46;
const laneGap = 10;
const gapLeast = 14;
const pointGap = 26;
const labelPad = 10;
const labelCharactersMax = 44;

export function layOut(
  operations: readonly Told[],
  placed: readonly Told[],
  labelOf: (told: Told) => string,
  [left, top]: readonly [left: number, top: number],
): Layout {
  const { invokes, returns } = rankEvents(operations, [...operations.keys()]);
  const events = operations.length + returns.size;
  const rankOf = new Map(
    operations.map((told, i) => [told, [invokes.get(i) as number, returns.get(i) ?? events]]),
  );
  const labels = new Map(operations.map(told => [told, shortened(labelOf(told))]));
  const points = pointsAfter(placed, told => (rankOf.get(told) as number[])[0] as number);

  // The x of each rank, one after the other: past its neighbour, the points between them, and labels that end here.
  const xs: number[] = [left];
  for (let rank = 1; rank <= events; rank++) {
    const between = points.get(rank - 1)?.length ?? 0;
    let x = (xs[rank - 1] as number) + Math.max(gapLeast, between > 0 ? pointGap * (between + 1) : 0);
    for (const [told, [from = 0, until]] of rankOf)
      if (until === rank) x = Math.max(x, (xs[from] as number) + widthOf(labels.get(told) as string));
    xs.push(x);
  }
  const pointX = new Map<Told, number>();
  for (const [rank, tolds] of points) {
    const [from, until] = [xs[rank] as number, xs[rank + 1] as number];
    for (const [i, told] of tolds.entries())
      pointX.set(told, from + ((until - from) * (i + 1)) / (tolds.length + 1));
  }

  const bars: Bar[] = [];
  const lanes: { process: number; y: number; height: number }[] = [];
  let y = top;
  for (const process of [...new Set(operations.map(told => told.process))].sort((a, b) => a - b)) {
    // One row, unless an operation never returned and the process went on.
    const rowEnds: number[] = [];
    for (const told of operations.filter(other => other.process === process)) {
      const [from = 0, until = 0] = rankOf.get(told) as number[];
      let row = rowEnds.findIndex(end => end < from);
      if (row < 0) row = rowEnds.push(until) - 1;
      rowEnds[row] = until;
      const label = labels.get(told) as string;
      const place = { x: xs[from] as number, end: xs[until] as number, y: y + row * rowHeight };
      bars.push({ told, label, ...place, pointX: pointX.get(told) });
    }
    const height = rowEnds.length * rowHeight;
    lanes.push({ process, y, height });
    y += height + laneGap;
  }
  return { bars, lanes, right: xs[events] as number, bottom: y - laneGap };
}

/** The placed operations by the event after which they are thought to happen: the latest invocation up to them. */
function pointsAfter(placed: readonly Told[], invokedAt: (told: Told) => number): Map<number, Told[]> {
  const points = new Map<number, Told[]>();
  let latest = 0;
  for (const told of placed) {
    latest = Math.max(latest, invokedAt(told));
    points.set(latest, [...(points.get(latest) ?? []), told]);
  }
  return points;
}

function widthOf(label: string): number {
  return label.length * characterWidth + 2 * labelPad;
}

/** The beginning and the end tell texts apart; the table has all of it. */
function shortened(label: string): string {
  if (label.length <= labelCharactersMax) return label;
  const half = (labelCharactersMax - 1) >>> 1;
  return `${label.slice(0, half)}…${label.slice(-half)}`;
}
