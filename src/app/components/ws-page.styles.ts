import { css } from 'lit';

export const styles = css`
  :host {
    /* A keystroke lays out the page and nothing around it. */
    contain: layout style paint;
    /* So that the editor knows whether its margin has room for a heading's marks. */
    container-type: inline-size;
    display: block;
    position: relative;
    height: 100%;
    min-height: 0;
  }
  .wait {
    position: absolute;
    inset: 48px 0 auto;
    width: min(var(--measure), 100% - 48px);
    margin: 0 auto;
    color: var(--ink-3);
  }
  /* Only a wait that one notices is said. */
  p.wait {
    animation: appear 0s 400ms backwards;
  }
  .failed .button {
    margin-top: 12px;
  }
  @keyframes appear {
    from {
      opacity: 0;
    }
  }
  @media (max-width: 699px) {
    .wait {
      inset-block-start: 28px;
    }
  }
`;
