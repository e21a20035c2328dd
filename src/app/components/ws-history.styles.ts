import { css } from 'lit';

export const styles = css`
  :host {
    display: block;
    padding-bottom: 24px;
  }
  .scrub {
    position: sticky;
    top: 0;
    z-index: 1;
    display: grid;
    grid-template-columns: 1fr auto;
    gap: 4px 12px;
    padding: 14px 16px 10px;
    background: var(--paper);
    line-height: 20px;
  }
  label {
    font-weight: 600;
  }
  .place {
    color: var(--ink-3);
    font-variant-numeric: tabular-nums;
  }
  input {
    grid-column: 1 / -1;
    width: 100%;
    height: 24px;
    margin: 0;
    accent-color: var(--thread);
  }
  ol {
    margin: 0;
    padding: 0;
    list-style: none;
  }
  .stretch {
    display: grid;
    grid-template-columns: 26px 1fr auto;
    gap: 0 10px;
    align-items: center;
    width: 100%;
    padding: 7px 16px 7px 14px;
    border-left: 2px solid transparent;
    text-align: left;
    line-height: 18px;
  }
  .stretch:hover {
    background: var(--line-soft);
  }
  .stretch:focus-visible {
    outline-offset: -2px;
  }
  [aria-current='true'] {
    border-color: var(--thread);
    background: var(--thread-soft);
  }
  ws-avatar {
    --avatar: 26px;
    grid-row: span 2;
  }
  .name {
    overflow: hidden;
    text-overflow: ellipsis;
    white-space: nowrap;
    font-weight: 600;
  }
  .when {
    grid-column: 2 / -1;
    font-size: 13px;
    color: var(--ink-2);
    font-variant-numeric: tabular-nums;
  }
  .counts {
    display: flex;
    gap: 8px;
    font: 500 12px/18px var(--mono);
  }
  .added {
    color: var(--safe);
  }
  .removed {
    color: var(--broken);
  }
  [aria-current='true'] :is(.added, .removed) {
    color: var(--ink);
  }
  .empty {
    margin: 16px;
    color: var(--ink-2);
  }
  .more {
    margin: 12px 16px;
  }
  @media (pointer: coarse), (max-width: 699px) {
    input {
      height: 44px;
    }
    .stretch {
      min-height: 56px;
    }
  }
`;
