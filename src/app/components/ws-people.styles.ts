import { css } from 'lit';

export const styles = css`
  :host {
    display: block;
  }
  section {
    padding: 4px 0 24px;
    font-size: 14px;
  }
  .person {
    display: grid;
    grid-template-columns: 32px 1fr auto;
    column-gap: 12px;
    align-items: center;
    padding: 8px 16px;
  }
  .person > ws-avatar,
  .colour {
    --avatar: 32px;
    grid-row: span 2;
  }
  .colour {
    display: flex;
    border-radius: 50%;
  }
  .colour:hover {
    outline: 2px solid var(--line);
    outline-offset: 2px;
  }
  .colour:focus-visible {
    outline: 2px solid var(--thread);
  }
  .name {
    min-width: 0;
    overflow: hidden;
    text-overflow: ellipsis;
    white-space: nowrap;
    line-height: 20px;
    font-weight: 600;
  }
  input.name {
    grid-column: 2 / -1;
    width: 100%;
    height: 24px;
    margin: -2px 0 -2px -7px;
    padding: 0 6px;
    border: 1px solid transparent;
    border-radius: var(--radius);
    background: none;
  }
  input.name:hover {
    border-color: var(--line);
  }
  input.name:focus {
    border-color: var(--thread);
    background: var(--sheet);
    outline: none;
  }
  .line {
    grid-column: 2;
    font-size: 13px;
    line-height: 18px;
    color: var(--ink-3);
    font-variant-numeric: tabular-nums;
  }
  /* Breaks between its halves first. */
  .line span {
    display: inline-block;
  }
  .self .line {
    grid-column: 2 / -1;
  }
  .silent {
    color: var(--waiting);
  }
  ws-switch {
    --switch-on: var(--safe);
    grid-area: 1 / 3 / span 2;
  }
  fieldset {
    grid-column: 1 / -1;
    display: grid;
    grid-template-columns: repeat(6, 32px);
    justify-content: space-between;
    gap: 8px;
    min-width: 0;
    margin: 12px 0 4px;
    padding: 12px;
    border: 1px solid var(--line);
    border-radius: var(--radius-2);
    background: var(--sheet);
  }
  [type='radio'] {
    appearance: none;
    display: grid;
    place-items: center;
    width: 32px;
    height: 32px;
    margin: 0;
    border-radius: 50%;
    cursor: pointer;
  }
  [type='radio']::before {
    content: '';
    width: 24px;
    height: 24px;
    border-radius: 50%;
    background: var(--c);
  }
  [type='radio']:checked {
    box-shadow: inset 0 0 0 2px var(--c);
  }
  [type='radio']:checked::before {
    width: 20px;
    height: 20px;
  }
  .empty {
    margin: 16px;
    padding: 16px;
    border: 1px dashed var(--line);
    border-radius: var(--radius-2);
    color: var(--ink-2);
    line-height: 20px;
  }
  .empty .button {
    margin-top: 12px;
  }
  @media (pointer: coarse), (max-width: 699px) {
    .colour,
    .person > ws-avatar {
      --avatar: 44px;
    }
    .person {
      grid-template-columns: 44px 1fr auto;
      padding: 10px 16px;
    }
    input.name {
      height: 44px;
      margin: -4px 0 -8px -7px;
      font-size: 16px;
    }
    fieldset {
      grid-template-columns: repeat(6, 44px);
      gap: 4px 0;
      padding: 8px 4px;
    }
    [type='radio'] {
      width: 44px;
      height: 44px;
    }
    [type='radio']::before {
      width: 32px;
      height: 32px;
    }
    [type='radio']:checked::before {
      width: 28px;
      height: 28px;
    }
  }
`;
