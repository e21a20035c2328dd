import { describe, expect, test } from 'vitest';
import { check } from './check.ts';
import { appendModel, type AppendInput, type AppendOutput } from './models/append.ts';
import { registerModel, type RegisterInput, type RegisterOutput } from './models/register.ts';
import type { History, Model } from './operation.ts';
import { drawPicture } from './picture.ts';
import { tell, type Story } from './story.ts';
import { drawTable } from './table.ts';

function storyOf<State, Input, Output>(
  model: Model<State, Input, Output>,
  history: History<Input, Output>,
): Story {
  const verdict = check(model, history);
  if (verdict.type !== 'not-linearizable') throw new Error(verdict.type);
  return tell(model, history, verdict);
}

const done = { output: { type: 'written' }, input: { type: 'write', key: '', value: 1 } } as const;
const read = (value: number | null) =>
  ({ input: { type: 'read', key: '' }, output: { type: 'value', value } }) as const;

/** Process 0 loses a write and goes on; process 1 sees the lost write, then what was before it. */
const history: History<RegisterInput, RegisterOutput> = [
  { process: 0, ...done, output: undefined, invokedAt: 1, returnedAt: undefined },
  { process: 1, ...read(1), invokedAt: 2, returnedAt: 3 },
  { process: 0, ...read(1), invokedAt: 4, returnedAt: 6 },
  { process: 1, ...read(null), invokedAt: 5, returnedAt: 7 },
  { process: 2, ...read(1), invokedAt: 6.5, returnedAt: 9 },
];

interface Box {
  readonly title: string;
  readonly role: string;
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly point: number | undefined;
}

/** What is drawn of each operation. A bar without an end has no width. */
function boxesOf(svg: string): Box[] {
  return [...svg.matchAll(/<g class="(placed|blocked|unplaced)"><title>(.*?)<\/title>(.*?)<\/g>/g)].map(
    ([, role = '', title = '', inside = '']) => {
      const number = (pattern: RegExp) =>
        pattern.test(inside) ? Number(pattern.exec(inside)?.[1]) : undefined;
      return {
        role,
        title,
        x: number(/<rect class="bar" x="([\d.]+)"/) ?? (number(/H([\d.]+)q/) as number) - 3,
        y: number(/<rect class="bar" x="[\d.]+" y="([\d.]+)"/) ?? (number(/M[\d.]+ ([\d.]+)H/) as number),
        width: number(/width="([\d.]+)"/) ?? Infinity,
        point: number(/cx="([\d.]+)"/),
      };
    },
  );
}

describe('the picture', () => {
  const svg = drawPicture(storyOf(registerModel, history));
  const boxes = boxesOf(svg);

  test('shows every operation once, with words, and which has no place by a sign that is no colour', () => {
    expect(boxes.map(({ title, role }) => [title, role])).toEqual([
      ['process 0: write 1 ⇒ ?', 'placed'],
      ['process 0: read ⇒ 1', 'placed'],
      ['process 1: read ⇒ 1', 'placed'],
      ['process 1: read ⇒ null', 'blocked'],
      ['process 2: read ⇒ 1', 'unplaced'],
    ]);
    expect(svg.match(/class="cross"/g)).toHaveLength(2); // Its own and the legend's.
    expect(svg).toContain('✕ read ⇒ null');
    expect(svg).toContain('role="img"');
    expect(svg).toContain('<desc id="what">No order explains read ⇒ null by process 1');
  });

  test('has each point within its bar, and points in the order of their numbers', () => {
    const placed = boxes.filter(({ role }) => role === 'placed');
    for (const { x, width, point } of placed) {
      expect(point).toBeGreaterThan(x);
      expect(point).toBeLessThan(x + width);
    }
    const line = /<polyline class="order" points="([^"]*)"/
      .exec(svg)?.[1]
      ?.split(' ')
      .map(pair => Number(pair.split(',')[0]));
    expect(line).toHaveLength(placed.length);
    expect(line).toEqual([...(line ?? [])].sort((a, b) => a - b));
  });

  test('gives a row of its own to what a process left without an answer when it went on', () => {
    const [lost, next] = boxes.filter(({ title }) => title.startsWith('process 0'));
    expect(next?.x).toBeGreaterThan(lost?.x ?? 0);
    expect(next?.y).not.toBe(lost?.y);
  });

  test('never lets bars of one row overlap', () => {
    for (const a of boxes)
      for (const b of boxes.filter(other => other !== a && other.y === a.y))
        expect(a.x + a.width < b.x || b.x + b.width < a.x).toBe(true);
  });

  test('keeps to itself: nothing fetched, nothing that runs, light and dark', () => {
    expect(svg).not.toMatch(/href|<script|url\(|@import|@font-face| on\w+=/);
    expect(svg).toContain('@media (prefers-color-scheme: dark)');
  });
});

describe('what others wrote is text, never markup', () => {
  const hostile = '</text><script>alert("x")</script>&\u0000\ud800 😀';
  const bad: History<AppendInput, AppendOutput> = [
    {
      process: 0,
      input: { type: 'append', key: hostile, value: hostile },
      output: { type: 'done' },
      invokedAt: 1,
      returnedAt: 2,
    },
    {
      process: 0,
      input: { type: 'get', key: hostile },
      output: { type: 'value', value: '' },
      invokedAt: 3,
      returnedAt: 4,
    },
  ];

  test('in the picture, where long labels lose their middle', () => {
    const svg = drawPicture(storyOf(appendModel, bad));
    expect(svg).not.toContain('<script');
    expect(svg).toContain('&lt;script&gt;');
    expect(svg).toContain('…');
    // What XML 1.0 forbids is in it nowhere; what it allows stays.
    expect(svg).toContain('😀');
    expect(/[^\t\n\r\u{20}-\u{d7ff}\u{e000}-\u{fffd}\u{10000}-\u{10ffff}]/u.test(svg)).toBe(false);
  });

  test('in the table, whose rows stay one line each', () => {
    const lines: History<AppendInput, AppendOutput> = bad.map(operation => ({
      ...operation,
      output: operation.output?.type === 'value' ? { type: 'value', value: 'a\nb' } : operation.output,
    }));
    const table = drawTable(storyOf(appendModel, lines));
    expect(table.trimEnd().split('\n')).toHaveLength(3 + 1 + lines.length);
  });
});

test('the table has the same facts in words', () => {
  expect(drawTable(storyOf(registerModel, history))).toBe(
    [
      'Not linearizable: register',
      'No order explains read ⇒ null by process 1 beside all that returned before it.',
      '',
      'order  process  from  until  asked    answered  then it is',
      '1      0        1     never  write 1  ?         1',
      '2      1        2     3      read     1         1',
      '3      0        4     6      read     1         1',
      '✕      1        5     7      read     null      impossible',
      '–      2        6.5   9      read     1',
      '',
    ].join('\n'),
  );
});
