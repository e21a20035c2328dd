import { css } from 'lit';

export const styles = css`
  :host {
    position: fixed;
    top: var(--y);
    left: var(--x);
    z-index: 3;
    pointer-events: none;
  }
  p {
    width: max-content;
    max-width: 240px;
    padding: 4px 10px;
    border: 1px solid var(--line);
    border-radius: var(--radius);
    background: var(--paper);
    font-size: 13px;
    line-height: 18px;
    translate: -12px 18px;
  }
  b {
    font-weight: 600;
  }
  .dot {
    display: inline-block;
    width: 8px;
    height: 8px;
    margin-right: 7px;
    border-radius: 50%;
    background: var(--c);
  }
`;
