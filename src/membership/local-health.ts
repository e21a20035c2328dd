/**
 * How much we trust ourselves (Lifeguard, section 3.1): a tab whose timers come late, or that nobody answers, hears everybody late. So it blames
 * itself first, and gives the others more time, up to ninefold.
 */
import { healthScoreMax, lateTickMs } from './config.ts';

/** So many ticks in time make up for one that was late. */
const goodTicksWanted = 4;
/** Late ticks alone make it no worse than this: a hidden tab ticks once a second for hours, and should not believe in ghosts for minutes. */
const lateScoreMax = 2;

export class LocalHealth {
  #score = 0;
  #goodTicks = 0;

  /** 0 is well. */
  get score(): number {
    return this.#score;
  }
  /** What timeouts are multiplied by. */
  get stretch(): number {
    return 1 + this.#score;
  }

  worse(): void {
    this.#score = Math.min(healthScoreMax, this.#score + 1);
  }
  better(): void {
    this.#score = Math.max(0, this.#score - 1);
  }
  worst(): void {
    this.#score = healthScoreMax;
    this.#goodTicks = 0;
  }

  /** `gapMs`: since the tick before. */
  ticked(gapMs: number): void {
    if (gapMs > lateTickMs) {
      this.#goodTicks = 0;
      if (this.#score < lateScoreMax) this.worse();
    } else if (++this.#goodTicks >= goodTicksWanted) {
      this.#goodTicks = 0;
      this.better();
    }
  }
}
