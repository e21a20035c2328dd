import { css } from 'lit';

export const styles = css`
  :host {
    /* Painted and laid out by itself: a keystroke in the page leaves it as it is. */
    contain: layout style paint;
    display: block;
    min-height: 0;
  }
  aside {
    display: flex;
    flex-direction: column;
    height: 100%;
    font-size: 14px;
  }
  .head {
    display: flex;
    flex: none;
    align-items: center;
    justify-content: space-between;
    height: 48px;
    padding: 0 8px 0 16px;
    border-bottom: 1px solid var(--line);
  }
  .tabs {
    display: flex;
    align-self: stretch;
    gap: 18px;
  }
  [role='tab'] {
    margin-bottom: -1px;
    border-bottom: 2px solid transparent;
    color: var(--ink-3);
  }
  [role='tab']:hover {
    color: var(--ink);
  }
  [aria-selected='true'] {
    border-color: var(--thread);
    color: var(--ink);
    font-weight: 600;
  }
  [role='tab']:focus-visible {
    outline-offset: -2px;
  }
  #contents {
    flex: 1;
    min-height: 0;
    overflow-y: auto;
    overscroll-behavior: contain;
    scrollbar-color: var(--line) transparent;
  }
  .close {
    display: grid;
    place-items: center;
    width: 32px;
    height: 32px;
    border-radius: var(--radius);
    color: var(--ink-3);
  }
  .close:hover {
    color: var(--ink);
    background: var(--line-soft);
  }
  @media (pointer: coarse), (max-width: 699px) {
    .head {
      height: 56px;
    }
    .close {
      width: 44px;
      height: 44px;
    }
  }
`;
