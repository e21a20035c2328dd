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
  '.md-box': {
    appearance: 'none',
    display: 'inline-block',
    position: 'relative',
    width: '17px',
    height: '17px',
    margin: '0 3px 0 0',
    border: '1.5px solid var(--line-control)',
    borderRadius: '4px',
    background: 'var(--sheet)',
    verticalAlign: '-2.5px',
    textIndent: '0',
    cursor: 'pointer',
  },
  '.md-box:checked': { borderColor: 'var(--thread)', background: 'var(--thread)' },
  '.md-box:checked::after': {
    content: '""',
    position: 'absolute',
    left: '4.5px',
    top: '1px',
    width: '4px',
    height: '8px',
    border: 'solid var(--on-thread)',
    borderWidth: '0 2px 2px 0',
    transform: 'rotate(45deg)',
  },
  '.cm-tooltip': { border: '0', background: 'none', zIndex: '3' },
  '.md-slash': {
    boxSizing: 'border-box',
    width: '224px',
    maxHeight: '280px',
    margin: '4px 0',
    padding: '4px',
    overflowY: 'auto',
    border: '1px solid var(--line)',
    borderRadius: 'var(--radius-2)',
    background: 'var(--sheet)',
    color: 'var(--ink)',
    font: '400 14px/20px var(--ui)',
    listStyle: 'none',
  },
  '.md-slash li': {
    display: 'flex',
    justifyContent: 'space-between',
    padding: '6px 10px',
    borderRadius: 'var(--radius)',
    cursor: 'pointer',
  },
  '.md-slash li[aria-selected=true]': { background: 'var(--thread-soft)' },
  '.md-slash span': { color: 'var(--ink-3)', fontFamily: 'var(--mono)', fontSize: '12px' },
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
