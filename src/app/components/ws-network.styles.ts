import { css } from 'lit';

export const styles = css`
  :host {
    contain: layout style paint;
    display: block;
    min-height: 0;
    container-type: inline-size;
  }
  section {
    position: relative;
    display: grid;
    grid-template-columns: minmax(220px, 0.8fr) minmax(430px, 1.45fr) minmax(230px, 0.9fr);
    height: 100%;
    background: var(--shade);
    font-size: 13px;
    line-height: 18px;
  }
  .pane {
    display: flex;
    flex-direction: column;
    min-width: 0;
    min-height: 0;
    padding: 10px 14px;
    overflow: auto;
    scrollbar-color: var(--line) transparent;
  }
  .pane + .pane {
    border-left: 1px solid var(--line);
  }
  .pane:focus-visible {
    outline-offset: -2px;
  }
  h2 {
    display: flex;
    flex-wrap: wrap;
    align-items: baseline;
    gap: 0 8px;
    margin-bottom: 8px;
    font-size: 13px;
    line-height: 18px;
    font-weight: 600;
  }
  .copies h2 {
    padding-right: 32px;
  }
  em {
    margin-left: auto;
    font-style: normal;
    font-weight: 400;
    color: var(--ink-3);
  }
  ws-mesh {
    flex: 1;
  }
  .close {
    position: absolute;
    z-index: 1;
    top: 4px;
    right: 6px;
    display: grid;
    place-items: center;
    width: 28px;
    height: 28px;
    border-radius: var(--radius);
    color: var(--ink-3);
  }
  .close:hover {
    color: var(--ink);
    background: var(--line-soft);
  }
  table {
    width: 100%;
    border-collapse: collapse;
    font-variant-numeric: tabular-nums;
  }
  th,
  td {
    padding: 0 8px 0 0;
    text-align: left;
    font-weight: 400;
  }
  thead {
    color: var(--ink-3);
  }
  thead th,
  thead td {
    padding-bottom: 2px;
    font-size: 12px;
    white-space: nowrap;
  }
  tbody tr {
    height: 44px;
    border-top: 1px solid var(--line-soft);
  }
  .links tbody th {
    width: 36%;
    max-width: 0;
  }
  .links tbody th {
    white-space: nowrap;
  }
  th ws-avatar {
    --avatar: 26px;
    vertical-align: middle;
  }
  .who {
    display: inline-block;
    width: calc(100% - 34px);
    margin-left: 6px;
    vertical-align: middle;
  }
  .name,
  .words {
    display: block;
    overflow: hidden;
    text-overflow: ellipsis;
  }
  .name {
    font-weight: 600;
  }
  .safe {
    color: var(--safe);
  }
  .waiting {
    color: var(--waiting);
  }
  .broken {
    color: var(--broken);
  }
  .calm {
    color: var(--ink-3);
  }
  .strip {
    width: 30%;
  }
  .figure {
    font-family: var(--mono);
    font-size: 12px;
    text-align: right;
    white-space: nowrap;
  }
  thead .figure {
    font-family: var(--ui);
  }
  .passed span {
    display: block;
  }
  .passed .sr-only,
  .passed [aria-hidden] {
    display: inline;
  }
  .passed .sr-only {
    position: absolute;
  }
  .delay {
    width: 1px;
  }
  select {
    height: 28px;
    padding: 0 4px;
    border: 1px solid var(--line);
    border-radius: var(--radius);
    background: var(--sheet);
    color: var(--ink);
    font: inherit;
  }
  .switch {
    width: 1px;
    padding-right: 0;
  }
  ws-switch {
    --switch-on: var(--safe);
  }
  .gloss {
    margin: 6px 0 8px;
    color: var(--ink-3);
  }
  .clocks tbody tr {
    height: 24px;
  }
  .clocks th {
    max-width: 9ch;
    overflow: hidden;
    text-overflow: ellipsis;
    white-space: nowrap;
  }
  .clocks thead th {
    font-weight: 600;
    color: var(--ink-2);
    border-bottom: 2px solid var(--c, transparent);
  }
  .clocks .past {
    font-family: var(--mono);
    font-weight: 400;
  }
  .clocks td.figure {
    border-radius: 3px;
  }
  .less {
    color: var(--waiting);
    font-weight: 700;
  }
  .greater {
    color: var(--thread);
    font-weight: 700;
  }
  .copy {
    width: 99%;
    padding: 0 0 0 4px;
    color: var(--ink-3);
  }
  .empty {
    max-width: 40ch;
    margin: auto;
    color: var(--ink-2);
    text-align: center;
    text-wrap: balance;
  }
  @media (pointer: coarse), (max-width: 899px) {
    select {
      height: 44px;
    }
    .close {
      width: 44px;
      height: 44px;
      top: 0;
      right: 0;
    }
    tbody tr {
      height: 56px;
    }
  }
  /* Cards, one below the other. */
  @container (max-width: 879px) {
    section {
      display: block;
      height: 100%;
      overflow-y: auto;
      overscroll-behavior: contain;
    }
    .pane {
      overflow: visible;
      padding: 14px 16px;
    }
    .pane + .pane {
      border-left: 0;
      border-top: 1px solid var(--line);
    }
    .map h2 {
      padding-right: 36px;
    }
    ws-mesh {
      height: 240px;
    }
    .close {
      position: sticky;
      z-index: 1;
      float: right;
      margin: 0 0 -44px;
    }
    .copies h2 {
      padding: 0;
    }
  }
  @container (max-width: 559px) {
    .strip {
      display: none;
    }
    .links tbody th {
      width: 99%;
    }
  }
`;
