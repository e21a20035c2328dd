/** Lets a component follow a media query. */
import type { ReactiveController, ReactiveControllerHost } from 'lit';

/** Below this width People opens over the page, and the state moves to a bar at the bottom. */
export const phone = '(max-width: 699px)';

export class MediaController implements ReactiveController {
  readonly #query: MediaQueryList;
  readonly #changed: () => void;

  constructor(host: ReactiveControllerHost, query: string) {
    this.#query = matchMedia(query);
    this.#changed = () => host.requestUpdate();
    host.addController(this);
  }
  get matches(): boolean {
    return this.#query.matches;
  }
  hostConnected(): void {
    this.#query.addEventListener('change', this.#changed);
  }
  hostDisconnected(): void {
    this.#query.removeEventListener('change', this.#changed);
  }
}
