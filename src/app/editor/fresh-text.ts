/**
 * What others have just written is underlined in their colour for ten seconds, so that one sees what came
 * without being told. The marks move with the text; one timer, set for the oldest mark, takes them away.
 */
import { StateEffect, StateField, type ChangeSet, type Extension, type Range } from '@codemirror/state';
import { Decoration, EditorView, ViewPlugin, type DecorationSet, type ViewUpdate } from '@codemirror/view';
import { hueClass } from '../hues.ts';

export const freshForMs = 10_000;
/** A return after weeks brings more than an underline can say; then only so many places are marked. */
const rangesMax = 500;

/** Marks end together, a few times a minute of typing instead of once a letter. */
const fadeEveryMs = 1000;

interface Fresh {
  /** Of the transaction that carries the effect: what it inserted is fresh. */
  readonly changes: ChangeSet;
  readonly colour: number;
  readonly now: number;
}

export const markFresh = StateEffect.define<Fresh>();
/** Takes away what is no longer fresh at this time. */
const fade = StateEffect.define<number>();

interface FreshSpec {
  readonly class: string;
  readonly until: number;
}
const untilOf = (mark: Decoration): number => (mark.spec as FreshSpec).until;

/**
 * `marks` and what has just come. What somebody types on is one mark from where they began, not one a letter: each
 * would be an element of its own in the line.
 */
function withFresh(marks: DecorationSet, { changes, colour, now }: Fresh): DecorationSet {
  const spec: FreshSpec = { class: `cm-fresh ${hueClass(colour)}`, until: now + freshForMs };
  const mark = Decoration.mark(spec);
  const add: Range<Decoration>[] = [];
  const joined = new Set<number>();
  changes.iterChangedRanges((_fromA, _toA, from, to) => {
    if (to === from || add.length >= rangesMax) return;
    let start = from;
    marks.between(from, from, (markFrom, markTo, before) => {
      if (markTo !== from || (before.spec as FreshSpec).class !== spec.class) return;
      start = markFrom;
      joined.add(markFrom);
    });
    add.push(mark.range(start, to));
  });
  const isJoined = (from: number, before: Decoration): boolean =>
    joined.has(from) && (before.spec as FreshSpec).class === spec.class;
  return marks.update({ filter: (from, _to, before) => !isJoined(from, before), add, sort: true });
}

const freshField = StateField.define<DecorationSet>({
  create: () => Decoration.none,
  update(marks, transaction) {
    let next = marks.map(transaction.changes);
    for (const effect of transaction.effects) {
      if (effect.is(markFresh)) next = withFresh(next, effect.value);
      else if (effect.is(fade))
        next = next.update({ filter: (_from, _to, mark) => untilOf(mark) > effect.value });
    }
    return next;
  },
  provide: field => EditorView.decorations.from(field),
});

/** When the oldest mark ends. */
function firstEnd(marks: DecorationSet): number | undefined {
  let end: number | undefined;
  const mark = marks.iter();
  while (mark.value !== null) {
    end = Math.min(end ?? Infinity, untilOf(mark.value));
    mark.next();
  }
  return end;
}

const fader = ViewPlugin.fromClass(
  class {
    #timer: number | undefined;
    readonly #view: EditorView;

    constructor(view: EditorView) {
      this.#view = view;
    }
    update(update: ViewUpdate): void {
      if (this.#timer !== undefined) return;
      const end = firstEnd(update.state.field(freshField));
      if (end === undefined) return;
      this.#timer = window.setTimeout(
        () => {
          this.#timer = undefined;
          this.#view.dispatch({ effects: fade.of(performance.now()) });
        },
        Math.max(fadeEveryMs, end - performance.now()),
      );
    }
    destroy(): void {
      window.clearTimeout(this.#timer);
    }
  },
);

const freshTheme = EditorView.baseTheme({
  '.cm-fresh': { boxShadow: 'inset 0 -2px 0 color-mix(in oklch, var(--c) 65%, transparent)' },
});

export const freshText: Extension = [freshField, fader, freshTheme];
