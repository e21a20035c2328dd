import { css } from 'lit';

export const styles = css`
  :host {
    display: grid;
    grid-template: auto auto minmax(0, 1fr) auto / auto minmax(0, 1fr) auto;
    box-sizing: border-box;
    height: 100vh;
    height: 100dvh;
    overflow: hidden;
    background: var(--paper);
    color: var(--ink);
    font: 400 15px/24px var(--ui);
  }
  ws-topbar,
  ws-not-kept {
    grid-column: 1 / -1;
  }
  ws-rail {
    grid-area: 3 / 1;
    width: 232px;
    border-right: 1px solid var(--line);
    background: var(--shade);
  }
  .unknown {
    max-width: var(--measure);
    margin: 0 auto;
    padding: 48px 24px;
  }
  .unknown h2 {
    margin: 0 0 8px;
    font: 600 24px/32px var(--read);
  }
  main {
    grid-area: 3 / 2;
    position: relative;
    min-width: 0;
    min-height: 0;
    background: var(--sheet);
  }
  ws-panel {
    grid-area: 3 / 3;
    width: 300px;
    border-left: 1px solid var(--line);
    background: var(--paper);
  }
  ws-network,
  .failed {
    grid-area: 4 / 1 / auto / -1;
    border-top: 1px solid var(--line);
  }
  ws-network {
    height: clamp(200px, 34vh, 300px);
  }
  .failed {
    display: flex;
    align-items: center;
    gap: 16px;
    margin: 0;
    padding: 12px 16px;
    background: var(--shade);
  }
  .status {
    position: absolute;
    left: 50%;
    bottom: 20px;
    translate: -50% 0;
    max-width: calc(100% - 32px);
    padding: 5px 14px;
    border: 1px solid var(--line);
    border-radius: var(--radius-2);
    background: var(--paper);
    font-size: 14px;
    line-height: 20px;
    text-wrap: balance;
    pointer-events: none;
  }
  .status:empty {
    visibility: hidden;
    border-color: transparent;
    background: none;
  }
  @media (max-width: 699px) {
    :host {
      grid-template-columns: minmax(0, 1fr);
      padding-bottom: calc(56px + env(safe-area-inset-bottom));
    }
    main {
      grid-area: 3 / 1;
    }
    ws-panel,
    ws-rail,
    ws-network {
      grid-area: 3 / 1;
      z-index: 1;
      width: auto;
      height: auto;
      border: 0;
    }
    /* So that one sees what one looks back at. */
    ws-panel[tab='history'] {
      align-self: end;
      height: 46%;
      border-top: 1px solid var(--line);
    }
    .status {
      bottom: 12px;
      width: max-content;
    }
  }
`;
