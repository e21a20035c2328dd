import { css } from 'lit';

export const styles = css`
  :host {
    /* A stacking context, so that a keystroke in the page does not paint it again; its popover opens over the rest. */
    isolation: isolate;
    position: relative;
    z-index: 1;
    display: block;
  }
  header {
    display: flex;
    align-items: center;
    gap: 16px;
    height: 52px;
    padding: 0 16px;
    border-bottom: 1px solid var(--line);
  }
  .brand {
    color: inherit;
    text-decoration: none;
    display: flex;
    align-items: center;
    gap: 10px;
  }
  .brand {
    width: 215px;
    border-right: 1px solid var(--line);
    height: 51px;
  }
  .menu {
    display: none;
  }
  .where {
    display: flex;
    flex: 1;
    gap: 8px;
    min-width: 0;
    font-size: 15px;
    line-height: 24px;
  }
  .space {
    flex: 0 1 auto;
    overflow: hidden;
    text-overflow: ellipsis;
    white-space: nowrap;
    color: var(--ink-3);
  }
  .space::after {
    content: '/';
    padding-left: 8px;
  }
  h1 {
    flex: 0 1 auto;
    min-width: 0;
    overflow: hidden;
    text-overflow: ellipsis;
    white-space: nowrap;
    font-size: 15px;
    line-height: 24px;
    font-weight: 600;
  }
  .state {
    display: flex;
    align-items: center;
    gap: 12px;
    min-width: 0;
  }
  .people {
    border-radius: 16px;
  }
  .view {
    display: grid;
    place-items: center;
    width: 32px;
    height: 32px;
    border-radius: var(--radius);
    color: var(--ink-2);
  }
  .view:hover {
    color: var(--ink);
    background: var(--line-soft);
  }
  .view[aria-expanded='true'] {
    color: var(--thread);
    background: var(--thread-soft);
  }
  .avatars {
    display: flex;
    padding: 2px;
    isolation: isolate;
  }
  .avatars > * {
    border-radius: 50%;
    box-shadow: 0 0 0 2px var(--paper);
  }
  .avatars > * + * {
    margin-left: -1px;
  }
  .more {
    display: grid;
    place-items: center;
    width: 28px;
    height: 28px;
    background: var(--line-soft);
    color: var(--ink-2);
    font-size: 12px;
    font-weight: 600;
  }
  @media (hover: hover) {
    .people:hover .avatars > * {
      box-shadow: 0 0 0 2px var(--line);
    }
  }
  @media (max-width: 899px) {
    .space {
      display: none;
    }
  }
  @media (max-width: 779px) {
    .brand {
      width: auto;
      border: 0;
    }
    .wordmark {
      display: none;
    }
  }
  @media (max-width: 699px) {
    header {
      gap: 8px;
      padding: 0 12px 0 16px;
    }
    .brand {
      display: none;
    }
    .menu {
      display: grid;
      place-items: center;
      width: 44px;
      height: 44px;
      margin-left: -12px;
      border-radius: var(--radius);
    }
    /* Looks no larger than it is important; reaches as far as a thumb needs. */
    .button {
      position: relative;
      min-height: 36px;
    }
    .button::after {
      content: '';
      position: absolute;
      inset: -5px 0;
    }
    /* The state becomes the bar at the bottom: there is room for its words there, and the thumb is near. */
    .state {
      position: fixed;
      inset: auto 0 0;
      z-index: 2;
      flex-direction: row-reverse;
      justify-content: space-between;
      height: calc(56px + env(safe-area-inset-bottom));
      padding: 0 12px env(safe-area-inset-bottom);
      border-top: 1px solid var(--line);
      background: var(--paper);
    }
    .view {
      width: 44px;
      height: 44px;
    }
    .people {
      display: flex;
      align-items: center;
      justify-content: flex-end;
      flex: none;
      min-width: 44px;
      min-height: 44px;
    }
  }
`;
