import { css } from 'lit';

export const styles = css`
  .sheet {
    max-width: calc(var(--measure) + 64px);
    margin: 0 auto;
    padding: 48px 32px 96px;
  }
  ul {
    display: flex;
    flex-direction: column;
    gap: 8px;
    margin: 24px 0 8px;
  }
  li {
    display: flex;
    align-items: center;
    gap: 4px;
  }
  li ws-menu {
    color: var(--ink-3);
  }
  .ballot,
  .counter {
    position: relative;
    display: flex;
    flex: 1;
    align-items: center;
    gap: 12px;
    min-width: 0;
    min-height: 48px;
    padding: 8px 14px 8px 12px;
    border: 1px solid var(--line);
    border-radius: var(--radius);
    background: var(--sheet);
    overflow: hidden;
    text-align: left;
    font-size: 15px;
    line-height: 20px;
    isolation: isolate;
  }
  .ballot:hover {
    border-color: var(--line-control);
  }
  .ballot[aria-pressed='true'] {
    border-color: var(--thread);
    box-shadow: inset 0 0 0 1px var(--thread);
  }
  .bar {
    position: absolute;
    inset: 0;
    z-index: -1;
    width: 100%;
    height: 100%;
  }
  .bar rect {
    fill: var(--shade);
    transition: width var(--quick) ease-out;
  }
  [aria-pressed='true'] .bar rect {
    fill: var(--thread-soft);
  }
  .mark {
    display: grid;
    flex: none;
    place-items: center;
    width: 18px;
    height: 18px;
    border: 1.5px solid var(--line-control);
    border-radius: 50%;
  }
  .several .mark {
    border-radius: 4px;
  }
  [aria-pressed='true'] .mark {
    border-color: var(--thread);
    background: var(--thread);
    color: var(--on-thread);
  }
  .mark .icon {
    width: 12px;
    height: 12px;
    stroke-width: 3;
  }
  .title {
    flex: 1;
    min-width: 0;
    overflow-wrap: anywhere;
  }
  .faces {
    display: flex;
    align-items: center;
    gap: 2px;
    color: var(--ink-2);
    font-size: 12px;
  }
  .faces ws-avatar {
    --avatar: 22px;
  }
  .count {
    min-width: 2ch;
    font: 500 15px/20px var(--mono);
    font-variant-numeric: tabular-nums;
    text-align: right;
  }
  .counter {
    padding: 4px 6px 4px 14px;
  }
  .counter .count {
    min-width: 4ch;
    text-align: center;
  }
  .step {
    display: grid;
    place-items: center;
    width: 36px;
    height: 36px;
    border: 1px solid var(--line);
    border-radius: var(--radius);
    color: var(--ink-2);
  }
  .step:hover {
    border-color: var(--line-control);
    color: var(--ink);
  }
  .rename {
    flex: 1;
    min-width: 0;
    height: 48px;
    padding: 0 14px;
    border: 1px solid var(--line-control);
    border-radius: var(--radius);
    background: var(--sheet);
  }
  .add {
    min-height: 40px;
    padding: 0 14px;
    font-size: 15px;
  }
  .undecided {
    margin-top: 16px;
    padding: 10px 14px;
    border-left: 3px solid var(--waiting);
    background: var(--shade);
    font-size: 14px;
    line-height: 20px;
  }
  .foot {
    display: flex;
    flex-wrap: wrap;
    align-items: center;
    gap: 4px 20px;
    margin-top: 20px;
    padding-top: 12px;
    border-top: 1px solid var(--line);
    color: var(--ink-3);
    font-size: 14px;
  }
  .foot > [role='status'] {
    flex: 1;
    white-space: nowrap;
  }
  .tick {
    display: flex;
    align-items: center;
    gap: 8px;
    min-height: 28px;
    color: var(--ink-2);
  }
  .tick input {
    width: 16px;
    height: 16px;
    margin: 0;
    accent-color: var(--thread);
  }
  @media (pointer: coarse), (max-width: 699px) {
    .step {
      width: 44px;
      height: 44px;
    }
    .tick {
      min-height: 44px;
    }
  }
  @media (max-width: 699px) {
    .sheet {
      padding: 24px 16px 64px;
    }
  }
`;
