/**
 * Where the peers of the mesh map stand: on an ellipse, this tab first, the others in the order of their ids, so that the same
 * peers always make the same picture. A layout by forces would pull a mesh, where everybody is linked with everybody, into
 * the same circle, and let it drift while one looks.
 *
 * Pure.
 */
export interface Point {
  readonly x: number;
  readonly y: number;
}

export const mapWidth = 320;
export const mapHeight = 220;
/** Room for a node and the name under it. */
const margin = { x: 46, top: 26, bottom: 42 };

/** `count` places, the first one on the left: names are wide, and pictures are too. */
export function placesOf(count: number): readonly Point[] {
  const centre = { x: mapWidth / 2, y: (margin.top + mapHeight - margin.bottom) / 2 };
  if (count === 1) return [centre];
  const rx = mapWidth / 2 - margin.x;
  const ry = (mapHeight - margin.top - margin.bottom) / 2;
  return Array.from({ length: count }, (_, index) => {
    const angle = Math.PI + (index * 2 * Math.PI) / count;
    return { x: round(centre.x + rx * Math.cos(angle)), y: round(centre.y + ry * Math.sin(angle)) };
  });
}

/** A share of the way from `a` to `b`. */
export function between(a: Point, b: Point, share: number): Point {
  return { x: round(a.x + (b.x - a.x) * share), y: round(a.y + (b.y - a.y) * share) };
}

/** Thin is idle, thick is busy: each stroke more is four times the bytes a second. */
export function strokeOf(bytesPerS: number): number {
  return round(Math.min(6, 1.5 + Math.max(0, Math.log(Math.max(1, bytesPerS) / 100) / Math.log(4))));
}

function round(value: number): number {
  return Math.round(value * 10) / 10;
}
