import { css } from 'lit';

export const styles = css`
  :host {
    display: inline-block;
    flex: none;
    width: var(--avatar, 28px);
    height: var(--avatar, 28px);
  }
  .avatar {
    display: grid;
    place-items: center;
    width: 100%;
    height: 100%;
    border-radius: 50%;
    background: var(--c);
    color: var(--on-peer);
    font-size: 12px;
    line-height: 1;
    font-weight: 600;
    letter-spacing: 0.01em;
    user-select: none;
  }
  /* Not text of the page: nobody searches for it, copies it or wants it read beside the name. */
  .avatar::before {
    content: attr(data-initials);
  }
  .away {
    background: var(--paper);
    color: var(--c);
    box-shadow: inset 0 0 0 1.5px var(--c);
  }
`;
