/** What every component's shadow root starts from: boxes, controls, focus, and words for screen readers only. */
import { css, unsafeCSS } from 'lit';
import { hueRules } from '../hues.ts';

export const base = css`
  *,
  *::before,
  *::after {
    box-sizing: border-box;
  }
  [hidden] {
    display: none !important;
  }
  h1,
  h2,
  h3,
  p,
  ul,
  dl,
  dd {
    margin: 0;
    padding: 0;
  }
  ul {
    list-style: none;
  }
  button,
  input {
    font: inherit;
    color: inherit;
    letter-spacing: inherit;
  }
  button {
    background: none;
    border: 0;
    padding: 0;
    cursor: pointer;
    -webkit-tap-highlight-color: transparent;
    touch-action: manipulation;
  }
  svg {
    display: block;
    flex: none;
  }
  .icon {
    width: 17px;
    height: 17px;
    fill: none;
    stroke: currentColor;
    stroke-width: 1.8;
    stroke-linecap: round;
    stroke-linejoin: round;
  }
  :focus-visible {
    outline: 2px solid var(--thread);
    outline-offset: 2px;
  }
  .sr-only {
    position: absolute;
    width: 1px;
    height: 1px;
    margin: -1px;
    overflow: hidden;
    clip-path: inset(50%);
    white-space: nowrap;
  }
  .button {
    display: inline-flex;
    align-items: center;
    justify-content: center;
    gap: 7px;
    min-height: 32px;
    padding: 0 14px;
    border: 1px solid var(--line);
    border-radius: var(--radius);
    background: var(--sheet);
    font-size: 14px;
    line-height: 20px;
    font-weight: 600;
    white-space: nowrap;
    transition:
      background-color var(--quick),
      border-color var(--quick);
  }
  .button:hover {
    border-color: var(--line-control);
  }
  .button.primary {
    border-color: transparent;
    background: var(--thread);
    color: var(--on-thread);
  }
  .button.primary:hover {
    background: var(--thread-strong);
  }
  .button.quiet {
    border-color: transparent;
    background: none;
    color: var(--ink-2);
  }
  .button.quiet:hover {
    color: var(--ink);
    background: var(--line-soft);
  }
  @media (pointer: coarse), (max-width: 699px) {
    .button {
      min-height: 44px;
    }
  }
`;

/** The mark and the name beside it. */
export const brand = css`
  .mark {
    width: 24px;
    height: 24px;
    fill: none;
    stroke-width: 2.6;
    stroke-linecap: round;
  }
  .weft {
    stroke: var(--thread);
  }
  .warp {
    stroke: var(--peer-2);
  }
  .wordmark {
    height: 24px;
    fill: currentColor;
  }
`;

/** The peers' colours, for shadow roots; the editor's theme has them too. */
export const hues = unsafeCSS(
  hueRules.map(([selector, colour]) => `${selector} { --c: ${colour}; }`).join('\n'),
);
