import { css } from 'lit';

export const styles = css`
  :host {
    contain: layout style paint;
    display: block;
    height: 100%;
    overflow-y: auto;
  }
  .sheet {
    max-width: 720px;
    margin: 0 auto;
    padding: 48px 32px 64px;
  }
  h2 {
    font: 600 32px/40px var(--read);
    letter-spacing: -0.012em;
  }
  .promise {
    margin-top: 4px;
    color: var(--ink-3);
    font-size: 14px;
    line-height: 20px;
  }
  ul {
    display: grid;
    grid-template-columns: repeat(auto-fill, minmax(224px, 1fr));
    gap: 12px;
    margin: 24px 0;
  }
  a,
  .new {
    display: flex;
    flex-direction: column;
    gap: 2px;
    width: 100%;
    min-height: 88px;
    height: 100%;
    padding: 14px 16px;
    border: 1px solid var(--line);
    border-radius: var(--radius-2);
    background: var(--paper);
    color: var(--ink);
    text-align: left;
    text-decoration: none;
  }
  .new {
    border-style: dashed;
    background: none;
  }
  a:hover,
  .new:hover {
    border-color: var(--line-control);
  }
  .name {
    display: flex;
    align-items: center;
    gap: 8px;
    font: 600 17px/24px var(--read);
    overflow-wrap: anywhere;
  }
  .line {
    color: var(--ink-3);
    font-size: 14px;
    line-height: 20px;
  }
  section {
    padding-top: 16px;
    border-top: 1px solid var(--line);
    font-size: 14px;
    line-height: 20px;
  }
  progress {
    display: block;
    width: 100%;
    height: 6px;
    margin: 8px 0 16px;
    border: 0;
    border-radius: 3px;
    background: var(--line);
    appearance: none;
  }
  progress::-webkit-progress-bar {
    border-radius: 3px;
    background: var(--line);
  }
  progress::-webkit-progress-value {
    border-radius: 3px;
    background: var(--safe);
  }
  progress::-moz-progress-bar {
    border-radius: 3px;
    background: var(--safe);
  }
  .note {
    margin-top: 12px;
    color: var(--ink-2);
  }
  @media (max-width: 699px) {
    .sheet {
      padding: 24px 20px 48px;
    }
    h2 {
      font-size: 27px;
      line-height: 34px;
    }
  }
`;
