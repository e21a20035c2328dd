import { css } from 'lit';

export const styles = css`
  :host {
    display: inline-flex;
  }
  button {
    display: flex;
    align-items: center;
    gap: 8px;
    min-height: 32px;
    border-radius: var(--radius);
    font-size: 14px;
    color: var(--ink-2);
    white-space: nowrap;
  }
  /* A fixed place for the thumb on a ground that says on or off by more than its hue. */
  .track {
    position: relative;
    flex: none;
    width: 32px;
    height: 18px;
    border: 1px solid var(--line-control);
    border-radius: 9px;
    background: var(--sheet);
    transition:
      background-color var(--quick),
      border-color var(--quick);
  }
  .track::after {
    content: '';
    position: absolute;
    top: 2px;
    left: 2px;
    width: 12px;
    height: 12px;
    border-radius: 50%;
    background: var(--line-control);
    transition:
      transform var(--quick),
      background-color var(--quick);
  }
  [aria-checked='true'] .track {
    border-color: var(--switch-on, var(--thread));
    background: var(--switch-on, var(--thread));
  }
  [aria-checked='true'] .track::after {
    background: var(--on-thread);
    transform: translateX(14px);
  }
  button:hover .track {
    border-color: var(--ink-2);
  }
  @media (pointer: coarse), (max-width: 699px) {
    button {
      min-width: 44px;
      min-height: 44px;
      justify-content: center;
    }
  }
  @media (max-width: 699px) {
    .label {
      position: absolute;
      width: 1px;
      height: 1px;
      overflow: hidden;
      clip-path: inset(50%);
    }
  }
  @media (forced-colors: active) {
    [aria-checked='true'] .track {
      background: Highlight;
    }
    .track::after {
      background: ButtonText;
    }
  }
`;
