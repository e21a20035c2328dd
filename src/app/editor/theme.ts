/** The page: a serif at 17/28 on a measure of some seventy characters, and nothing around it. */
import { EditorView } from '@codemirror/view';
import { hueRules } from '../hues.ts';

/** Beside the measure; never less than a thumb's margin. Lines carry it, so that a click beside a line is on it. */
const side = 'max(24px, calc((100% - var(--measure)) / 2))';
/** One step of a list. */
const step = 1.6;

export const theme = EditorView.theme({
  '& *': { boxSizing: 'border-box' },
  ...Object.fromEntries(hueRules.map(([selector, colour]) => [selector, { '--c': colour }])),
  '&': { height: '100%', color: 'var(--ink)', background: 'transparent' },
  '&.cm-focused': { outline: 'none' },
  '.cm-scroller': {
    fontFamily: 'var(--read)',
    fontSize: '17px',
    lineHeight: '28px',
    overflowX: 'hidden',
    overflowY: 'auto',
    scrollbarColor: 'var(--line) transparent',
  },
  '.cm-content': { padding: '48px 0 40vh', caretColor: 'var(--thread)', minHeight: '100%' },
  '.cm-line': { padding: `0 ${side}` },
  '.cm-cursor, .cm-dropCursor': { borderLeft: '2px solid var(--thread)', marginLeft: '-1px' },
  '& > .cm-scroller > .cm-selectionLayer .cm-selectionBackground': { background: 'var(--line)' },
  '&.cm-focused > .cm-scroller > .cm-selectionLayer .cm-selectionBackground': {
    background: 'var(--selection)',
  },
  '.cm-placeholder': { color: 'var(--ink-3)' },

  '.md-h1': { fontSize: '32px', lineHeight: '40px', letterSpacing: '-0.012em', paddingTop: '8px' },
  '.md-h2': { fontSize: '21px', lineHeight: '28px', letterSpacing: '-0.005em', paddingTop: '8px' },
  '.md-h3': { fontSize: '18px', lineHeight: '28px', paddingTop: '4px' },
  '.cm-line.md-h1:first-child': { paddingTop: '0' },
  '.md-hash': { color: 'var(--ink-3)' },

  '.md-li': { textIndent: `-${String(step)}em` },
  ...Object.fromEntries(
    [1, 2, 3, 4, 5].map(depth => {
      const indent = `${String(depth * step)}em`;
      return [
        `.md-li-${String(depth)}`,
        {
          paddingLeft: `calc(${side} + ${indent})`,
          textIndent: `-${indent}`,
          '& .md-bullet': { minWidth: indent },
        },
      ];
    }),
  ),
  '.md-bullet': {
    display: 'inline-block',
    paddingRight: '0.25em',
    textIndent: '0',
    textAlign: 'right',
    whiteSpace: 'pre',
    fontFeatureSettings: '"tnum"',
    color: 'var(--ink-3)',
  },
  '.md-task': { fontFamily: 'var(--mono)', fontSize: '0.86em', lineHeight: '1', color: 'var(--thread)' },
  '.md-done': {
    color: 'var(--ink-3)',
    textDecoration: 'line-through',
    textDecorationThickness: '1px',
    // A box of its own is not struck through.
    '& .md-task': { display: 'inline-block', textIndent: '0' },
  },
  '.md-quote': { color: 'var(--ink-2)', fontStyle: 'italic' },
  '.md-code, .md-table': {
    fontFamily: 'var(--mono)',
    fontSize: '14px',
    lineHeight: '24px',
    tabSize: '4',
    '& *': { fontFamily: 'inherit', fontSize: 'inherit' },
  },
  '.md-code': { color: 'var(--ink-2)' },

  '@container (min-width: 680px)': {
    // Beside a wide page the marks of a heading hang in the margin, and its words align with the text.
    '.md-hash': {
      display: 'inline-block',
      width: '4em',
      marginLeft: '-4em',
      textAlign: 'right',
      whiteSpace: 'pre',
    },
  },
  '@media (max-width: 699px)': {
    '.cm-content': { paddingTop: '28px' },
    '.md-h1': { fontSize: '27px', lineHeight: '34px' },
  },
});
