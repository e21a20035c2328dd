import { css } from 'lit';

export const styles = css`
  :host {
    position: absolute;
    inset: 0;
    z-index: 1;
    background: var(--sheet);
  }
  section {
    display: flex;
    flex-direction: column;
    height: 100%;
  }
  header {
    display: flex;
    flex: none;
    flex-wrap: wrap;
    align-items: center;
    gap: 8px 12px;
    padding: 8px 24px;
    border-bottom: 1px solid var(--line);
    background: var(--thread-soft);
    font-size: 14px;
    line-height: 20px;
  }
  header p {
    flex: 1;
    min-width: 180px;
  }
  b {
    font-weight: 600;
  }
  [role='alert'] {
    display: block;
    color: var(--broken);
  }
  .text {
    flex: 1;
    min-height: 0;
    padding: 40px max(24px, calc((100% - var(--measure)) / 2)) 20vh;
    overflow-y: auto;
  }
  pre {
    margin: 0;
    font: 400 17px/28px var(--read);
    white-space: pre-wrap;
    overflow-wrap: anywhere;
  }
  .text:focus-visible {
    outline-offset: -2px;
  }
  ins {
    text-decoration: none;
    box-shadow: inset 0 -2px 0 var(--c);
    background: color-mix(in oklch, var(--c) 12%, transparent);
  }
  del {
    color: var(--ink-3);
    text-decoration-color: var(--c);
  }
`;
