/**
 * Draws a failing history: a lane for each process, a bar for each operation from invocation to return, the order that
 * came farthest as a line through numbered points, and the operation that has no place in it. An SVG that stands
 * alone: no script, no font, nothing fetched; light and dark by the reader's setting.
 */
import { characterWidth, layOut, type Bar } from './layout.ts';
import { labelOf, type Story } from './story.ts';

const margin = 24;
const laneLabelWidth = 96;
const head = 84;
const legendHeight = 52;
const widthLeast = 740;
/** Within a row of the layout: the label's baseline, and the middle of the bar below it. */
const labelY = 15;
const barY = 30;
const barHeight = 10;

const STYLE = `
text { font: 13px 'Source Sans 3', system-ui, sans-serif; fill: #3d332a }
.paper { fill: #fdfbf7 }
.title { font-size: 17px; font-weight: 600 }
.lane { fill: #f4f0e8 }
.process, .legend { fill: #6b5d50 }
.label { font: 12px 'JetBrains Mono', ui-monospace, monospace; paint-order: stroke; stroke: #f4f0e8; stroke-width: 4px; stroke-linejoin: round }
.bar { fill: #cfe0ef; stroke: #2c6593; stroke-width: 1.5 }
.unplaced .bar { fill: none; stroke: #8a7d70 }
.open { fill: none; stroke: #2c6593; stroke-width: 1.5; stroke-dasharray: 3 4 }
.unplaced .open { stroke: #8a7d70 }
.blocked .bar { fill: #fbe3dd; stroke: #b3261e; stroke-width: 2; stroke-dasharray: 5 3 }
.blocked .label { fill: #b3261e; font-weight: 700 }
.cross { fill: none; stroke: #b3261e; stroke-width: 3; stroke-linecap: round }
.order { fill: none; stroke: #2c6593; stroke-width: 1.5; stroke-opacity: 0.55 }
.point { fill: #fdfbf7; stroke: #2c6593; stroke-width: 1.5 }
.place { font-size: 11px; font-weight: 600; text-anchor: middle; fill: #1f4c70 }
@media (prefers-color-scheme: dark) {
text { fill: #e8e0d6 }
.paper { fill: #1d1915 }
.lane { fill: #28231e }
.process, .legend { fill: #b3a698 }
.label { stroke: #28231e }
.bar { fill: #1f3d55; stroke: #7fb6e0 }
.unplaced .bar, .unplaced .open { stroke: #9c8f82 }
.open, .order, .point { stroke: #7fb6e0 }
.blocked .bar { fill: #4a201b; stroke: #ff9a8a }
.blocked .label { fill: #ff9a8a }
.cross { stroke: #ff9a8a }
.point { fill: #1d1915 }
.place { fill: #b9dbf5 }
}`;

export function drawPicture(story: Story): string {
  const { title, sentence, operations, placed } = story;
  const layout = layOut(operations, placed, labelOf, [margin + laneLabelWidth, head]);
  const textWidth = Math.max(title.length * 9, sentence.length * characterWidth) + 2 * margin;
  const width = Math.ceil(Math.max(widthLeast, layout.right + margin, textWidth));
  const height = Math.ceil(layout.bottom + legendHeight);
  const byPlace = placed.map(told => layout.bars.find(bar => bar.told === told) as Bar);
  const line = byPlace.map(bar => `${round(bar.pointX ?? 0)},${round(bar.y + barY)}`).join(' ');
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}" viewBox="0 0 ${width} ${height}" role="img" aria-labelledby="title what">`,
    `<title id="title">${escaped(title)}</title>`,
    `<desc id="what">${escaped(sentence)}</desc>`,
    `<style>${STYLE}\n</style>`,
    `<rect class="paper" width="${width}" height="${height}"/>`,
    `<text class="title" x="${margin}" y="36">${escaped(title)}</text>`,
    `<text x="${margin}" y="60">${escaped(sentence)}</text>`,
    ...layout.lanes.flatMap(({ process, y, height: laneHeight }) => [
      `<rect class="lane" x="${margin}" y="${y}" width="${width - 2 * margin}" height="${laneHeight}" rx="6"/>`,
      `<text class="process" x="${margin + 12}" y="${y + barY + 4}">process ${process}</text>`,
    ]),
    placed.length > 1 ? `<polyline class="order" points="${line}"/>` : '',
    ...layout.bars.map(bar => drawBar(bar, width - margin)),
    ...drawLegend(layout.bottom + 26),
    '</svg>',
    '',
  ].join('\n');
}

function drawBar({ told, label, x, end, y, pointX }: Bar, edge: number): string {
  const top = y + barY - barHeight / 2;
  const [from, bottom] = [round(x), top + barHeight];
  const isBlocked = told.role.type === 'blocked';
  const parts = [`<title>${escaped(`process ${told.process}: ${labelOf(told)}`)}</title>`];
  if (told.returnedAt === undefined) {
    parts.push(
      `<path class="bar" d="M${round(end)} ${top}H${from + 3}q-3 0 -3 3v${barHeight - 6}q0 3 3 3H${round(end)}"/>`,
    );
    parts.push(`<path class="open" d="M${round(end)} ${top}H${edge}M${round(end)} ${bottom}H${edge}"/>`);
  } else {
    parts.push(
      `<rect class="bar" x="${from}" y="${top}" width="${round(end - x)}" height="${barHeight}" rx="3"/>`,
    );
  }
  parts.push(
    `<text class="label" x="${from + 1}" y="${y + labelY}">${escaped(isBlocked ? `✕ ${label}` : label)}</text>`,
  );
  if (isBlocked) parts.push(drawCross((x + end) / 2, y + barY));
  if (told.role.type === 'placed' && pointX !== undefined) {
    parts.push(`<circle class="point" cx="${round(pointX)}" cy="${y + barY}" r="10"/>`);
    parts.push(`<text class="place" x="${round(pointX)}" y="${y + barY + 4}">${told.role.place}</text>`);
  }
  return `<g class="${told.role.type}">${parts.join('')}</g>`;
}

function drawCross(x: number, y: number): string {
  const [left, right, arm] = [round(x - 7), round(x + 7), 7];
  return `<path class="cross" d="M${left} ${y - arm}L${right} ${y + arm}M${right} ${y - arm}L${left} ${y + arm}"/>`;
}

/** Colour says nothing here that number, cross or shape does not say as well. */
function drawLegend(y: number): string[] {
  const x = margin + 12;
  return [
    `<circle class="point" cx="${x}" cy="${y - 4}" r="10"/><text class="place" x="${x}" y="${y}">1</text>`,
    `<text class="legend" x="${x + 18}" y="${y}">the order that comes farthest</text>`,
    `<g class="blocked">${drawCross(x + 236, y - 4)}</g>`,
    `<text class="legend" x="${x + 252}" y="${y}">has no place in it</text>`,
    `<path class="open" d="M${x + 396} ${y - 9}h36M${x + 396} ${y + 1}h36"/>`,
    `<text class="legend" x="${x + 440}" y="${y}">never returned</text>`,
    `<g class="unplaced"><rect class="bar" x="${x + 556}" y="${y - 9}" width="36" height="10" rx="3"/></g>`,
    `<text class="legend" x="${x + 600}" y="${y}">not needed</text>`,
  ];
}

function round(x: number): number {
  return Math.round(x * 10) / 10;
}

/** Labels hold what others wrote: none of it is markup, and characters that XML forbids are shown as replaced. */
function escaped(text: string): string {
  return text
    .replaceAll(/[^\t\n\r\u{20}-\u{d7ff}\u{e000}-\u{fffd}\u{10000}-\u{10ffff}]/gu, '\ufffd')
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    .replaceAll('"', '&quot;');
}
