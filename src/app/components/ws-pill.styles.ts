import { css } from 'lit';

export const styles = css`
  :host {
    display: flex;
    min-width: 0;
  }
  .pill {
    display: flex;
    align-items: center;
    gap: 8px;
    min-width: 0;
    min-height: 32px;
    padding: 0 12px;
    border: 1px solid var(--line);
    border-radius: 16px;
    font-size: 14px;
    line-height: 20px;
    transition: border-color var(--quick);
  }
  .pill:hover {
    border-color: var(--line-control);
  }
  .words {
    min-width: 0;
    overflow: hidden;
    text-overflow: ellipsis;
    white-space: nowrap;
    font-variant-numeric: tabular-nums;
  }
  .word {
    color: var(--ink);
  }
  .detail {
    color: var(--ink-3);
  }
  .safe .icon {
    color: var(--safe);
  }
  .waiting .icon {
    color: var(--waiting);
  }
  .broken .icon {
    color: var(--broken);
  }
  .calm .icon {
    color: var(--ink-3);
  }
  .pill.broken {
    border-color: var(--broken);
    background: var(--broken-soft);
  }
  .pill.broken .word {
    font-weight: 600;
  }

  [popover] {
    position: fixed;
    inset: var(--top, 56px) var(--right, 16px) auto auto;
    width: 380px;
    max-width: calc(100vw - 32px);
    margin: 0;
    padding: 16px 20px 20px;
    border: 1px solid var(--line);
    border-radius: var(--radius-2);
    background: var(--paper);
    color: var(--ink);
    font-size: 14px;
    line-height: 20px;
  }
  h2 {
    margin-bottom: 12px;
    font-size: 15px;
    line-height: 24px;
    font-weight: 600;
  }
  dl {
    display: grid;
    gap: 12px;
  }
  .line {
    display: grid;
    gap: 0;
  }
  dt {
    display: flex;
    align-items: center;
    gap: 10px;
    font-weight: 600;
  }
  dd {
    padding-left: 27px;
    color: var(--ink-2);
    font-variant-numeric: tabular-nums;
    text-wrap: pretty;
  }
  @media (max-width: 699px) {
    .pill {
      min-height: 44px;
      padding: 0 4px;
      border-color: transparent;
      background: none;
      border-radius: var(--radius);
    }
    .pill.broken {
      background: none;
      border-color: transparent;
    }
    .words {
      white-space: normal;
      text-align: left;
      font-size: 13px;
      line-height: 18px;
    }
    [popover] {
      inset: auto 8px calc(64px + env(safe-area-inset-bottom)) 8px;
      width: auto;
      max-width: none;
    }
  }
`;
