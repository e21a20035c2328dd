/** One side of the comparison: how its pages are opened and when they are connected. The rest is the same for both. */
import type { Page } from 'playwright';

/** What a contestant has started for one run. */
export interface Space {
  /** Where the first page goes. It finds the space empty. */
  readonly firstUrl: string;
  /** Where page `number` (1 and up) goes, once the first page shows its editor. */
  urlFor(number: number, first: Page): Promise<string>;
  /** To how many others the page is connected, as it says itself. */
  connected(page: Page): Promise<number>;
  close(): Promise<void>;
}

export interface Contestant {
  readonly library: string;
  /** Once, before the first run. */
  prepare(): Promise<void>;
  /** Fresh servers and an empty space, for one run. */
  open(peers: number): Promise<Space>;
  close(): Promise<void>;
}
