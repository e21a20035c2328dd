/**
 * Where the others are: a coloured caret, a tinted selection, and a name that appears when the caret moves and
 * goes after two seconds, so that it never covers what one reads. Drawn in layers above and below the text,
 * not in it: another's caret never breaks a ligature, a line or a composition of ours.
 */
import {
  EditorSelection,
  StateEffect,
  StateField,
  type EditorState,
  type Extension,
} from '@codemirror/state';
import { EditorView, RectangleMarker, layer, type LayerMarker, type ViewUpdate } from '@codemirror/view';
import { hueClass } from '../hues.ts';
import { nameOf } from '../words.ts';
import type { RemoteCursor } from '../space-session.ts';

const tagShownMs = 2000;
/** A tag this close to the right edge opens to the left instead. */
const tagWidthMax = 160;

export const setCursors = StateEffect.define<readonly RemoteCursor[]>();

interface Shown {
  readonly cursor: RemoteCursor;
  readonly anchor: number;
  readonly head: number;
  /** Counts its moves: a marker whose count went up shows its tag again. */
  readonly moves: number;
}

const cursorField = StateField.define<readonly Shown[]>({
  create: () => [],
  update(shown, transaction) {
    let next = shown;
    if (transaction.docChanged && shown.length > 0) {
      next = shown.map(one => ({
        ...one,
        anchor: transaction.changes.mapPos(one.anchor, -1),
        head: transaction.changes.mapPos(one.head, -1),
      }));
    }
    for (const effect of transaction.effects) {
      if (effect.is(setCursors)) next = placed(effect.value, next, transaction.newDoc.length);
    }
    return next;
  },
});

/** Whether setting these cursors would show anything else than what stands there. */
export function cursorsChanged(state: EditorState, cursors: readonly RemoteCursor[]): boolean {
  const shown = state.field(cursorField);
  return (
    shown.length !== cursors.length ||
    shown.some((one, index) => {
      const cursor = cursors[index];
      return (
        cursor?.replicaId !== one.cursor.replicaId ||
        cursor.anchor !== one.anchor ||
        cursor.head !== one.head ||
        cursor.profile.name !== one.cursor.profile.name ||
        cursor.profile.colour !== one.cursor.profile.colour
      );
    })
  );
}

function placed(
  cursors: readonly RemoteCursor[],
  before: readonly Shown[],
  length: number,
): readonly Shown[] {
  if (cursors.length === 0 && before.length === 0) return before;
  return cursors.map(cursor => {
    const old = before.find(one => one.cursor.replicaId === cursor.replicaId);
    const anchor = Math.min(Math.max(0, cursor.anchor), length);
    const head = Math.min(Math.max(0, cursor.head), length);
    const moved = old?.anchor !== anchor || old.head !== head;
    return { cursor, anchor, head, moves: (old?.moves ?? 0) + (moved ? 1 : 0) };
  });
}

class CaretMarker implements LayerMarker {
  readonly #shown: Shown;
  readonly #place: RectangleMarker;
  readonly #leftwards: boolean;

  constructor(shown: Shown, place: RectangleMarker, leftwards: boolean) {
    this.#shown = shown;
    this.#place = place;
    this.#leftwards = leftwards;
  }
  eq(other: LayerMarker): boolean {
    return (
      other instanceof CaretMarker &&
      other.#place.eq(this.#place) &&
      other.#shown.cursor.replicaId === this.#shown.cursor.replicaId &&
      other.#label() === this.#label() &&
      other.#shown.moves === this.#shown.moves &&
      other.#leftwards === this.#leftwards
    );
  }
  draw(): HTMLElement {
    const caret = document.createElement('div');
    const tag = document.createElement('div');
    caret.append(tag);
    this.#dress(caret, tag);
    showTag(tag);
    return caret;
  }
  update(caret: HTMLElement, before: LayerMarker): boolean {
    if (!(before instanceof CaretMarker)) return false;
    if (before.#shown.cursor.replicaId !== this.#shown.cursor.replicaId) return false;
    const tag = caret.firstElementChild;
    if (!(tag instanceof HTMLElement)) return false;
    this.#dress(caret, tag);
    if (before.#shown.moves !== this.#shown.moves) showTag(tag);
    return true;
  }
  #label(): string {
    const { name, colour } = this.#shown.cursor.profile;
    return `${hueClass(colour)} ${nameOf(name)}`;
  }
  #dress(caret: HTMLElement, tag: HTMLElement): void {
    const { name, colour } = this.#shown.cursor.profile;
    const className = `cm-peer-caret ${hueClass(colour)}${this.#leftwards ? ' cm-peer-leftwards' : ''}`;
    if (caret.className !== className) caret.className = className;
    if (tag.className === '') tag.className = 'cm-peer-name';
    if (tag.textContent !== nameOf(name)) tag.textContent = nameOf(name);
    // Moved by a transform: the layer is not laid out again for a caret that only moved.
    caret.style.transform = `translate(${String(this.#place.left)}px, ${String(this.#place.top)}px)`;
    const height = `${String(this.#place.height)}px`;
    if (caret.style.height !== height) caret.style.height = height;
  }
}

/** Until when a tag is shown. */
const shownUntil = new WeakMap<HTMLElement, number>();

/**
 * Begins again each time, so the name stays while its owner types. A timer, not an animation: that would make the
 * browser compose frames for two seconds in every page that shows the caret, which costs more than all else a
 * keystroke of someone else's does, and a name half faded is a name badly to be read.
 */
function showTag(tag: HTMLElement): void {
  shownUntil.set(tag, performance.now() + tagShownMs);
  if (tag.style.visibility === 'visible') return;
  tag.style.visibility = 'visible';
  hideLater(tag, tagShownMs);
}
function hideLater(tag: HTMLElement, ms: number): void {
  window.setTimeout(() => {
    const left = (shownUntil.get(tag) ?? 0) - performance.now();
    if (left > 0) hideLater(tag, left);
    else tag.style.visibility = 'hidden';
  }, ms);
}

function carets(view: EditorView): CaretMarker[] {
  const width = view.scrollDOM.clientWidth;
  return view.state.field(cursorField).flatMap(shown => {
    const range = EditorSelection.cursor(shown.head, shown.head === view.state.doc.length ? -1 : 1);
    return RectangleMarker.forRange(view, '', range).map(
      place => new CaretMarker(shown, place, place.left > width - tagWidthMax),
    );
  });
}

function selections(view: EditorView): RectangleMarker[] {
  return view.state.field(cursorField).flatMap(({ cursor, anchor, head }) => {
    if (anchor === head) return [];
    const className = `cm-peer-selection ${hueClass(cursor.profile.colour)}`;
    return RectangleMarker.forRange(view, className, EditorSelection.range(anchor, head));
  });
}

const changed = (update: ViewUpdate): boolean =>
  update.state.field(cursorField) !== update.startState.field(cursorField) ||
  update.docChanged ||
  update.viewportChanged ||
  update.geometryChanged;

const cursorTheme = EditorView.baseTheme({
  '.cm-peer-carets': { pointerEvents: 'none' },
  '.cm-peer-caret': {
    position: 'absolute',
    top: '0',
    left: '0',
    width: '2px',

    marginLeft: '-1px',
    background: 'var(--c)',
  },
  '.cm-peer-name': {
    position: 'absolute',
    left: '0',
    bottom: '100%',
    maxWidth: `${String(tagWidthMax)}px`,
    padding: '0 5px',
    overflow: 'hidden',
    textOverflow: 'ellipsis',
    whiteSpace: 'nowrap',
    font: '600 11px/15px var(--ui)',
    color: 'var(--on-peer)',
    background: 'var(--c)',
    borderRadius: '3px 3px 3px 0',
    visibility: 'hidden',
  },
  '.cm-peer-leftwards .cm-peer-name': { left: 'auto', right: '0', borderRadius: '3px 3px 0 3px' },
  '.cm-peer-selection': { background: 'color-mix(in oklch, var(--c) 20%, transparent)' },
});

export const remoteCursors: Extension = [
  cursorField,
  layer({ above: true, class: 'cm-peer-carets', update: changed, markers: carets }),
  layer({ above: false, class: 'cm-peer-selections', update: changed, markers: selections }),
  cursorTheme,
];
