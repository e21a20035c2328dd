import { css } from 'lit';

export const styles = css`
  :host {
    /* Painted and laid out by itself: a keystroke in the page leaves it as it is. */
    contain: layout style paint;
    display: flex;
    flex-direction: column;
    min-height: 0;
  }
  nav {
    flex: 1;
    min-height: 0;
    overflow-y: auto;
    overscroll-behavior: contain;
    padding: 12px 10px 24px;
    font-size: 14px;
    line-height: 20px;
    scrollbar-color: var(--line) transparent;
  }
  .space {
    width: 100%;
    height: 32px;
    padding: 0 8px;
    border: 1px solid transparent;
    border-radius: var(--radius);
    background: none;
    font: 600 16px/24px var(--read);
    text-overflow: ellipsis;
  }
  .space::placeholder {
    color: var(--ink-3);
    font-weight: 400;
    opacity: 1;
  }
  .space:hover {
    border-color: var(--line);
  }
  .space:focus {
    background: var(--sheet);
  }
  .head {
    display: flex;
    align-items: center;
    justify-content: space-between;
    margin-top: 12px;
    padding: 0 4px 4px 8px;
    color: var(--ink-3);
  }
  h2,
  summary {
    font-size: 12px;
    line-height: 20px;
    font-weight: 400;
    color: var(--ink-3);
  }
  li {
    position: relative;
    display: flex;
    align-items: center;
    border-radius: var(--radius);
  }
  .home {
    margin: 8px 10px;
    font-size: 14px;
  }
  .home[aria-current] {
    background: var(--thread-soft);
  }
  .home:hover {
    background: var(--line-soft);
  }
  .item:not(.home) {
    flex: 1;
  }
  .item {
    display: flex;
    align-items: center;
    gap: 10px;
    min-width: 0;
    min-height: 32px;
    padding: 0 8px;
    border-radius: var(--radius);
    color: var(--ink-2);
    text-decoration: none;
  }
  .item .icon {
    width: 16px;
    height: 16px;
    color: var(--ink-3);
  }
  .title {
    min-width: 0;
    overflow: hidden;
    text-overflow: ellipsis;
    white-space: nowrap;
  }
  li:hover,
  li:focus-within {
    background: var(--line-soft);
  }
  li:has([aria-current]) {
    background: var(--thread-soft);
  }
  [aria-current] {
    color: var(--ink);
    font-weight: 600;
  }
  [aria-current] .icon {
    color: var(--thread);
  }
  li ws-menu {
    opacity: 0;
    color: var(--ink-3);
  }
  li:hover ws-menu,
  li:focus-within ws-menu,
  li:has([aria-current]) ws-menu {
    opacity: 1;
  }
  .drop::before,
  .drop-end::after {
    content: '';
    position: absolute;
    inset: -1px 8px auto;
    height: 2px;
    border-radius: 1px;
    background: var(--thread);
  }
  .documents {
    position: relative;
  }
  .drop-end::after {
    inset: auto 8px -1px;
  }
  .rename {
    flex: 1;
    min-width: 0;
    height: 32px;
    padding: 0 8px;
    border: 1px solid var(--line-control);
    border-radius: var(--radius);
    background: var(--sheet);
  }
  details {
    margin-top: 16px;
  }
  summary {
    display: flex;
    align-items: center;
    gap: 6px;
    min-height: 28px;
    padding: 0 8px;
    border-radius: var(--radius);
    cursor: pointer;
  }
  .count {
    font-variant-numeric: tabular-nums;
  }
  .gone {
    color: var(--ink-3);
  }
  .restore {
    flex: none;
    min-height: 28px;
    padding: 0 8px;
    border-radius: var(--radius);
    color: var(--thread);
    font-size: 13px;
  }
  .restore:hover {
    text-decoration: underline;
    text-underline-offset: 3px;
  }
  @media (pointer: coarse), (max-width: 699px) {
    .item,
    .rename,
    .space,
    summary,
    .restore {
      min-height: 44px;
    }
    li ws-menu {
      opacity: 1;
    }
  }
`;
