import { css } from 'lit';

export const styles = css`
  :host {
    display: flex;
    flex-direction: column;
    overflow: hidden;
  }
  .top {
    flex: none;
    padding: 32px 32px 20px;
  }
  .columns {
    display: flex;
    flex: 1;
    align-items: flex-start;
    gap: 12px;
    min-height: 0;
    padding: 0 32px 24px;
    overflow: auto hidden;
    scrollbar-color: var(--line) transparent;
  }
  .column {
    display: flex;
    flex: 1 1 240px;
    min-width: 232px;
    max-width: 300px;
    flex-direction: column;
    max-height: 100%;
    padding: 8px;
    border-radius: var(--radius-2);
    background: var(--shade);
  }
  .another {
    flex: 0 0 220px;
    padding: 8px 0;
  }
  .head {
    display: flex;
    align-items: center;
    gap: 4px;
    margin-bottom: 4px;
  }
  .heading {
    flex: 1;
    min-width: 0;
    height: 28px;
    padding: 0 6px;
    border: 1px solid transparent;
    border-radius: var(--radius);
    background: none;
    font-size: 14px;
    font-weight: 600;
    text-overflow: ellipsis;
  }
  .heading:hover {
    border-color: var(--line);
  }
  .heading:focus {
    background: var(--sheet);
  }
  .count {
    color: var(--ink-3);
    font-size: 13px;
    font-variant-numeric: tabular-nums;
  }
  .head ws-menu {
    color: var(--ink-3);
  }
  ul {
    position: relative;
    display: flex;
    flex-direction: column;
    gap: 6px;
    min-height: 8px;
    margin: 0 -8px 4px;
    padding: 2px 8px;
    overflow-y: auto;
    scrollbar-color: var(--line) transparent;
  }
  li {
    position: relative;
  }
  .card {
    position: relative;
    padding: 8px 10px;
    border: 1px solid var(--line);
    border-radius: var(--radius);
    background: var(--sheet);
    font-size: 14px;
    line-height: 20px;
    cursor: pointer;
    overflow-wrap: anywhere;
    touch-action: manipulation;
    content-visibility: auto;
    contain-intrinsic-size: auto 58px;
  }
  .card:has(.mover) {
    content-visibility: visible;
  }
  .card:hover {
    border-color: var(--line-control);
  }
  .card.held {
    border-color: var(--thread);
    outline: 2px solid var(--thread);
    outline-offset: 0;
    background: var(--thread-soft);
    cursor: grabbing;
  }
  .card.dragged {
    opacity: 0.45;
  }
  .card.moved {
    border-color: var(--c);
    box-shadow: 0 0 0 1px var(--c);
  }
  .mover {
    position: absolute;
    top: -10px;
    right: 6px;
    z-index: 1;
    padding: 0 6px;
    border-radius: 4px;
    background: var(--c);
    color: var(--on-peer);
    font-size: 12px;
    line-height: 17px;
    font-weight: 600;
  }
  li:has(.mover) {
    z-index: 1;
  }
  .note {
    display: -webkit-box;
    overflow: hidden;
    -webkit-box-orient: vertical;
    -webkit-line-clamp: 2;
    color: var(--ink-3);
    font-size: 13px;
    line-height: 18px;
    white-space: pre-line;
  }
  .foot {
    display: flex;
    flex-wrap: wrap;
    align-items: center;
    gap: 4px 6px;
    margin-top: 6px;
  }
  .foot ws-avatar {
    --avatar: 20px;
  }
  .tag {
    padding: 0 7px;
    border: 1px solid var(--line);
    border-radius: 10px;
    color: var(--ink-2);
    font-size: 12px;
    line-height: 18px;
  }
  .drop::before,
  .drop-last::after {
    content: '';
    display: block;
    flex: none;
    height: 2px;
    margin: -1px 0;
    border-radius: 1px;
    background: var(--thread);
  }
  .drop::before {
    position: absolute;
    inset: -4px 0 auto;
    margin: 0;
  }
  @media (max-width: 699px) {
    .top {
      padding: 20px 20px 12px;
    }
    .columns {
      padding: 0 20px 16px;
      scroll-snap-type: x proximity;
      scroll-padding: 20px;
    }
    .column {
      flex: none;
      width: min(272px, 80vw);
      scroll-snap-align: start;
    }
    .heading {
      height: 44px;
    }
    .card {
      min-height: 44px;
    }
  }
`;
