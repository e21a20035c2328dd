import { css } from 'lit';

export const styles = css`
  :host {
    position: fixed;
    inset: auto auto 16px 16px;
    z-index: 3;
    color: var(--ink);
    font: 400 14px/20px var(--ui);
  }
  .toast {
    display: flex;
    align-items: center;
    gap: 4px;
    padding: 8px 8px 8px 16px;
    border: 1px solid var(--line-control);
    border-radius: var(--radius-2);
    background: var(--paper);
  }
  p {
    margin-right: 12px;
  }
  @media (max-width: 699px) {
    :host {
      inset: auto 8px calc(64px + env(safe-area-inset-bottom));
    }
    p {
      flex: 1;
    }
  }
`;
