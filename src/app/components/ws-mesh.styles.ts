import { css } from 'lit';

export const styles = css`
  :host {
    display: block;
    min-height: 0;
  }
  svg {
    width: 100%;
    height: 100%;
  }
  line {
    stroke-linecap: round;
  }
  .other {
    stroke: var(--line);
    stroke-width: 1;
  }
  .connected line {
    stroke: var(--safe);
  }
  .silent line {
    stroke: var(--waiting);
    stroke-dasharray: 3 6;
  }
  .gone line {
    stroke: var(--broken);
    stroke-dasharray: 0.1 7;
  }
  .cut line,
  .off line {
    stroke: var(--ink-3);
    stroke-dasharray: 7 5;
  }
  text {
    font: 500 11px var(--ui);
    text-anchor: middle;
    fill: var(--ink-2);
    font-variant-numeric: tabular-nums;
  }
  /* Readable on whatever line runs behind it. */
  .link text,
  .name {
    paint-order: stroke;
    stroke: var(--shade);
    stroke-width: 4px;
    stroke-linejoin: round;
  }
  .disc {
    fill: var(--c);
  }
  .ring {
    fill: var(--shade);
    stroke: var(--thread);
    stroke-width: 2;
  }
  .initials {
    font-size: 12px;
    font-weight: 600;
    fill: var(--on-peer);
  }
  .away .disc {
    fill: var(--shade);
    stroke: var(--c);
    stroke-width: 1.5;
  }
  .away .initials {
    fill: var(--c);
  }
  .run {
    fill: var(--c);
    stroke: var(--shade);
    stroke-width: 1;
  }
`;
