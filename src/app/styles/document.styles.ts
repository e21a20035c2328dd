/** What boards and polls have in common: the sheet, the name above it, what it guarantees below the name. */
import { css } from 'lit';

export const documentStyles = css`
  :host {
    contain: layout style paint;
    display: block;
    height: 100%;
    overflow-y: auto;
    scrollbar-color: var(--line) transparent;
  }
  .name {
    display: block;
    width: 100%;
    padding: 0;
    border: 0;
    background: none;
    color: var(--ink);
    font: 600 32px/40px var(--read);
    letter-spacing: -0.012em;
    text-overflow: ellipsis;
  }
  .name::placeholder {
    color: var(--ink-3);
    opacity: 1;
  }
  .name:focus-visible {
    outline: none;
    box-shadow: 0 2px 0 var(--thread);
  }
  .promise {
    margin-top: 4px;
    color: var(--ink-3);
    font-size: 14px;
    line-height: 20px;
    text-wrap: pretty;
  }
  .add {
    width: 100%;
    min-height: 32px;
    padding: 0 8px;
    border: 1px solid transparent;
    border-radius: var(--radius);
    background: none;
    font-size: 14px;
  }
  .add::placeholder {
    color: var(--ink-3);
    opacity: 1;
  }
  .add:hover {
    border-color: var(--line);
  }
  .add:focus {
    border-color: var(--line-control);
    background: var(--sheet);
  }
  @media (pointer: coarse), (max-width: 699px) {
    .add {
      min-height: 44px;
    }
  }
  @media (max-width: 699px) {
    .name {
      font-size: 27px;
      line-height: 34px;
    }
  }
`;
