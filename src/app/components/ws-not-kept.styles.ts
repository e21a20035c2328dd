import { css } from 'lit';

export const styles = css`
  :host {
    display: block;
  }
  .banner {
    display: flex;
    align-items: center;
    gap: 12px;
    padding: 10px 16px;
    border-bottom: 1px solid var(--broken);
    background: var(--broken-soft);
    font-size: 14px;
    line-height: 20px;
  }
  .banner > .icon {
    color: var(--broken);
  }
  p {
    flex: 1;
    text-wrap: pretty;
  }
  b {
    font-weight: 600;
  }
  @media (max-width: 699px) {
    .banner {
      flex-wrap: wrap;
    }
    p {
      flex-basis: 0;
    }
    .button {
      width: 100%;
    }
  }
`;
