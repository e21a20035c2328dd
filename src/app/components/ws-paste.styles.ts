import { css } from 'lit';

export const styles = css`
  details {
    margin-top: 16px;
    padding-top: 8px;
    border-top: 1px solid var(--line);
  }
  summary {
    min-height: 32px;
    font-weight: 600;
    line-height: 32px;
    cursor: pointer;
  }
  p {
    color: var(--ink-2);
    font-size: 14px;
    line-height: 20px;
  }
  section {
    margin-top: 12px;
  }
  h3 {
    margin-bottom: 6px;
    font-weight: 600;
    font-size: 14px;
    line-height: 20px;
  }
  form,
  .made {
    display: grid;
    gap: 8px;
    justify-items: start;
  }
  .made + form {
    margin-top: 12px;
  }
  textarea {
    width: 100%;
    padding: 8px 10px;
    border: 1px solid var(--line-control);
    border-radius: var(--radius);
    background: var(--sheet);
    color: var(--ink-2);
    font: 13px/20px var(--mono);
    overflow-wrap: anywhere;
    resize: vertical;
  }
  textarea:focus {
    border-color: var(--thread);
    outline: 1px solid var(--thread);
    outline-offset: 0;
  }
  [role='alert'] {
    margin-top: 8px;
    color: var(--ink);
  }
  @media (pointer: coarse), (max-width: 699px) {
    summary {
      min-height: 44px;
      line-height: 44px;
    }
    textarea {
      font-size: 16px;
    }
  }
`;
