import { css } from 'lit';

export const styles = css`
  .title {
    flex: 1;
    min-width: 0;
    height: 40px;
    padding: 0;
    border: 0;
    background: none;
    font: 600 20px/32px var(--read);
  }
  .title:focus-visible {
    outline: none;
    box-shadow: 0 2px 0 var(--thread);
  }
  label {
    display: grid;
    grid-template-columns: 72px 1fr;
    align-items: baseline;
    margin-top: 12px;
    font-size: 14px;
  }
  label > span {
    color: var(--ink-3);
  }
  label > :is(select, textarea, input:not([type])) {
    width: 100%;
    min-height: 36px;
    padding: 6px 10px;
    border: 1px solid var(--line-control);
    border-radius: var(--radius);
    background: var(--sheet);
    color: inherit;
    font: inherit;
  }
  textarea {
    resize: vertical;
  }
  .foot {
    display: flex;
    align-items: center;
    justify-content: space-between;
    margin-top: 20px;
  }
  .tick {
    display: flex;
    align-items: center;
    gap: 8px;
    min-height: 32px;
    margin: 0;
  }
  .tick input {
    width: 18px;
    height: 18px;
    margin: 0;
    accent-color: var(--thread);
  }
  .button.removes {
    color: var(--broken);
  }
  .gone {
    margin: 8px 0 16px;
  }
  @media (pointer: coarse), (max-width: 699px) {
    label > :is(select, textarea, input:not([type])),
    .tick {
      min-height: 44px;
    }
  }
`;
