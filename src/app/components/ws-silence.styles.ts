import { css } from 'lit';

export const styles = css`
  :host {
    display: block;
    height: 30px;
  }
  svg {
    width: 100%;
    height: 100%;
  }
  path,
  line {
    vector-effect: non-scaling-stroke;
  }
  .under {
    fill: var(--c);
    fill-opacity: 0.16;
  }
  .line {
    fill: none;
    stroke: var(--c);
    stroke-width: 1.6;
    stroke-linejoin: round;
  }
  .threshold {
    stroke: var(--broken);
    stroke-width: 1;
    stroke-dasharray: 3 4;
  }
`;
