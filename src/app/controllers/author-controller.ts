/** Notices when the pointer rests over the page, and asks the history who wrote what is under it. */
import type { ReactiveController, ReactiveControllerHost } from 'lit';
import { loadAuthor } from '../load-author.ts';
import type { PageHistory, PastMoment } from '../space-session.ts';

/** Whoever reads along with the pointer does not ask. */
export const restMs = 700;

export interface Pointed {
  readonly moment: PastMoment;
  readonly x: number;
  readonly y: number;
}

interface Place {
  readonly history: PageHistory;
  readonly indexAt: (x: number, y: number) => number | undefined;
}

export class AuthorController implements ReactiveController {
  pointed: Pointed | undefined;
  readonly #host: ReactiveControllerHost;
  #timer: number | undefined;

  constructor(host: ReactiveControllerHost) {
    this.#host = host;
    host.addController(this);
  }

  hostDisconnected(): void {
    this.leave();
  }

  /** A finger or a pen means to write. */
  move({ pointerType, buttons, clientX: x, clientY: y }: PointerEvent, place: Place): void {
    this.leave();
    if (pointerType !== 'mouse' || buttons !== 0) return;
    this.#timer = window.setTimeout(() => void this.#ask(x, y, place), restMs);
  }

  /** Also when one writes. */
  leave(): void {
    window.clearTimeout(this.#timer);
    this.#timer = undefined;
    if (this.pointed === undefined) return;
    this.pointed = undefined;
    this.#host.requestUpdate();
  }

  async #ask(x: number, y: number, { history, indexAt }: Place): Promise<void> {
    const timer = this.#timer;
    const loaded = await loadAuthor().then(
      () => true,
      () => false,
    );
    // Moved on meanwhile, or gone.
    if (!loaded || timer !== this.#timer) return;
    const index = indexAt(x, y);
    const moment = index === undefined ? undefined : history.authorAt(index);
    if (moment === undefined) return;
    this.pointed = { moment, x, y };
    this.#host.requestUpdate();
  }
}
