import { css } from 'lit';

export const styles = css`
  :host {
    display: flex;
    align-items: center;
    gap: 12px;
  }
  svg {
    width: 48px;
    height: 48px;
  }
  .weft {
    fill: var(--thread);
  }
  .warp {
    fill: var(--peer-5);
  }
  p {
    font: 500 13px/18px var(--mono);
    color: var(--ink-2);
  }
`;
