/**
 * Cards glide from where they were to where they are (FLIP: first, last, invert, play), so that one sees what moved where. Only when the
 * screen is still the same size, never under reduced motion, and not for boards so full that measuring them would cost a frame.
 */
import type { ReactiveController, ReactiveControllerHost } from 'lit';

const cardsMax = 200;
const glideMs = 160;

export class CardMotion implements ReactiveController {
  readonly #host: ReactiveControllerHost & { readonly renderRoot: HTMLElement | DocumentFragment };
  readonly #quiet = matchMedia('(prefers-reduced-motion: reduce)');
  #places = new Map<string, DOMRect>();

  constructor(host: ReactiveControllerHost & { readonly renderRoot: HTMLElement | DocumentFragment }) {
    this.#host = host;
    host.addController(this);
  }

  hostUpdate(): void {
    // The root is made with the first update.
    this.#places =
      (this.#host as { renderRoot?: ParentNode }).renderRoot === undefined
        ? new Map<string, DOMRect>()
        : this.#measure();
  }

  /** After an update: plays from what was measured before it. */
  played(): void {
    const before = this.#places;
    if (before.size === 0) return;
    for (const card of this.#cards()) {
      const was = before.get(card.dataset.key ?? '');
      if (was === undefined) continue;
      const now = card.getBoundingClientRect();
      const [dx, dy] = [was.left - now.left, was.top - now.top];
      if (Math.abs(dx) + Math.abs(dy) < 2) continue;
      card.animate([{ transform: `translate(${String(dx)}px, ${String(dy)}px)` }, { transform: 'none' }], {
        duration: glideMs,
        easing: 'ease-out',
      });
    }
  }

  #cards(): HTMLElement[] {
    if (this.#quiet.matches) return [];
    const cards = [...this.#host.renderRoot.querySelectorAll<HTMLElement>('[data-key]')];
    return cards.length > cardsMax ? [] : cards;
  }
  #measure(): Map<string, DOMRect> {
    return new Map(this.#cards().map(card => [card.dataset.key ?? '', card.getBoundingClientRect()]));
  }
}
