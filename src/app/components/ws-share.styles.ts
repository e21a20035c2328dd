import { css } from 'lit';

export const styles = css`
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
    line-height: 22px;
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
  h2 {
    font: 600 20px/32px var(--read);
  }
  .close {
    display: grid;
    place-items: center;
    width: 44px;
    height: 44px;
    border-radius: var(--radius);
    color: var(--ink-3);
  }
  .close:hover {
    color: var(--ink);
  }
  .row {
    display: flex;
    gap: 8px;
    margin-bottom: 16px;
  }
  input {
    flex: 1;
    min-width: 0;
    height: 36px;
    padding: 0 10px;
    border: 1px solid var(--line-control);
    border-radius: var(--radius);
    background: var(--sheet);
    color: var(--ink-2);
    font: 13px/20px var(--mono);
    text-overflow: ellipsis;
  }
  input:focus {
    border-color: var(--thread);
    outline: 1px solid var(--thread);
    outline-offset: 0;
  }
  .copy {
    min-width: 100px;
    min-height: 36px;
  }
  p + p {
    margin-top: 12px;
  }
  p.sr-only {
    margin: 0;
  }
  b {
    font-weight: 600;
  }
  .quiet {
    color: var(--ink-2);
    font-size: 14px;
    line-height: 20px;
  }
  code {
    font: 0.9em/1 var(--mono);
  }
  .note {
    display: flex;
    gap: 10px;
    padding: 10px 12px;
    border: 1px solid var(--line);
    border-radius: var(--radius);
    background: var(--sheet);
    font-size: 14px;
    line-height: 20px;
  }
  .note .icon {
    margin-top: 1px;
    color: var(--waiting);
  }
  @media (max-width: 699px) {
    dialog {
      padding: 8px 16px 20px;
    }
    .row {
      flex-direction: column;
    }
    input {
      flex: none;
      height: 44px;
      font-size: 16px;
    }
  }
`;
