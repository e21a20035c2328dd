/** The screens that stand in for a space: one column of plain words on the sheet. */
import { css } from 'lit';

export const notice = css`
  :host {
    display: grid;
    grid-template-rows: auto 1fr;
    min-height: 100vh;
    min-height: 100dvh;
    background: var(--sheet);
    color: var(--ink);
    font: 400 15px/24px var(--ui);
  }
  header {
    display: flex;
    align-items: center;
    gap: 10px;
    height: 52px;
    padding: 0 16px;
    border-bottom: 1px solid var(--line);
    background: var(--paper);
  }
  main {
    width: min(560px, 100% - 48px);
    margin: 0 auto;
    padding: 12vh 0 64px;
    text-wrap: pretty;
  }
  h1 {
    margin-bottom: 12px;
    font: 600 28px/36px var(--read);
    letter-spacing: -0.01em;
    text-wrap: balance;
  }
  h2 {
    margin: 28px 0 8px;
    font-size: 15px;
    line-height: 24px;
    font-weight: 600;
  }
  p + p {
    margin-top: 12px;
  }
  .lead {
    color: var(--ink-2);
    font: 400 17px/28px var(--read);
  }
  pre {
    margin: 8px 0 0;
    padding: 10px 14px;
    border: 1px solid var(--line);
    border-radius: var(--radius);
    background: var(--paper);
    font: 13px/20px var(--mono);
    white-space: pre-wrap;
    overflow-wrap: anywhere;
  }
  code {
    font: 0.9em/1 var(--mono);
    overflow-wrap: anywhere;
  }
  a {
    color: var(--thread);
    text-underline-offset: 3px;
    text-decoration-thickness: 1px;
    overflow-wrap: anywhere;
  }
  .actions {
    display: flex;
    gap: 8px;
    margin-top: 24px;
  }
`;
