import { css } from 'lit';

export const styles = css`
  :host {
    display: inline-flex;
  }
  .trigger {
    display: inline-flex;
    align-items: center;
    justify-content: center;
    gap: 8px;
    min-width: 28px;
    min-height: 28px;
    border-radius: var(--radius);
    color: inherit;
  }
  .trigger:hover,
  .trigger[aria-expanded='true'] {
    background: var(--line-soft);
    color: var(--ink);
  }
  [popover] {
    position: fixed;
    inset: auto;
    min-width: 176px;
    margin: 0;
    padding: 4px;
    border: 1px solid var(--line);
    border-radius: var(--radius-2);
    background: var(--sheet);
    color: var(--ink);
    font: 400 14px/20px var(--ui);
  }
  [popover]:focus {
    outline: none;
  }
  [role='menuitem'] {
    display: flex;
    align-items: center;
    gap: 10px;
    width: 100%;
    min-height: 32px;
    padding: 4px 10px;
    border-radius: var(--radius);
    text-align: left;
  }
  [role='menuitem'] .icon {
    width: 16px;
    height: 16px;
    color: var(--ink-3);
  }
  [role='menuitem']:hover,
  [role='menuitem']:focus-visible {
    background: var(--line-soft);
    outline-offset: -2px;
  }
  [role='menuitem']:disabled {
    color: var(--ink-3);
    cursor: default;
    background: none;
  }
  .removes,
  .removes .icon {
    color: var(--broken) !important;
  }
  @media (pointer: coarse), (max-width: 699px) {
    .trigger {
      min-width: 44px;
      min-height: 44px;
    }
    [role='menuitem'] {
      min-height: 44px;
    }
  }
`;
