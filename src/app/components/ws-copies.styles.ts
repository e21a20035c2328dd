import { css } from 'lit';

export const styles = css`
  section {
    margin: 12px 16px 8px;
    padding: 12px 14px;
    border: 1px solid var(--line);
    border-radius: var(--radius-2);
    background: var(--sheet);
    font-size: 14px;
    line-height: 20px;
  }
  b {
    font-weight: 600;
  }
  ws-weave {
    margin: 10px 0 6px;
    min-height: 48px;
  }
  summary {
    display: inline-block;
    color: var(--thread);
    text-decoration: underline;
    text-decoration-thickness: 1px;
    text-underline-offset: 3px;
    cursor: pointer;
  }
  dl {
    display: grid;
    grid-template-columns: auto 1fr;
    gap: 4px 10px;
    margin: 8px 0;
    font-size: 13px;
    line-height: 18px;
  }
  dt {
    max-width: 10ch;
    overflow: hidden;
    text-overflow: ellipsis;
    white-space: nowrap;
    font-weight: 600;
  }
  dd {
    color: var(--ink-2);
  }
  .safe {
    color: var(--safe);
  }
  .waiting {
    color: var(--waiting);
  }
  .gloss {
    color: var(--ink-3);
    font-size: 13px;
    line-height: 18px;
  }
  @media (pointer: coarse), (max-width: 699px) {
    summary {
      padding: 12px 0;
    }
  }
`;
