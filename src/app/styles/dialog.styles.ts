/** A native dialog in the look of the rest. */
import { css } from 'lit';

export const dialogStyles = css`
  dialog {
    width: 480px;
    max-width: calc(100vw - 32px);
    max-height: calc(100dvh - 32px);
    padding: 12px 24px 24px;
    overflow-y: auto;
    border: 1px solid var(--line);
    border-radius: var(--radius-2);
    background: var(--paper);
    color: var(--ink);
    font: 400 15px/22px var(--ui);
    text-wrap: pretty;
  }
  dialog::backdrop {
    background: light-dark(oklch(0.27 0.02 60 / 0.28), oklch(0.1 0.01 60 / 0.6));
  }
  .head {
    display: flex;
    align-items: center;
    justify-content: space-between;
    margin: 0 -12px 8px 0;
  }
  .close {
    display: grid;
    flex: none;
    place-items: center;
    width: 44px;
    height: 44px;
    border-radius: var(--radius);
    color: var(--ink-3);
  }
  .close:hover {
    color: var(--ink);
  }
`;
