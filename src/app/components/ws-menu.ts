/** A button and the menu it opens: native popover, arrow keys, Escape. What is in the element is the button's face. */
import { LitElement, html, type TemplateResult } from 'lit';
import { customElement, property, query, state } from 'lit/decorators.js';
import { base } from '../styles/base.styles.ts';
import { styles } from './ws-menu.styles.ts';

export interface MenuItem {
  readonly label: string;
  readonly icon?: TemplateResult;
  /** Takes something away. */
  readonly removes?: boolean;
  readonly disabled?: boolean;
  readonly run: () => void;
}

/** Distance to the button and to the edge of the window, in pixels. */
const gap = 4;

@customElement('ws-menu')
export class WsMenu extends LitElement {
  static override styles = [base, styles];

  @property() label = '';
  @property({ attribute: false }) items: readonly MenuItem[] = [];
  @state() private open = false;
  @query('.trigger') private trigger!: HTMLButtonElement;
  @query('[popover]') private menu!: HTMLElement;

  #hadFocus = false;

  override focus(): void {
    this.trigger.focus();
  }

  #place(): void {
    const { left, right, top, bottom } = this.trigger.getBoundingClientRect();
    const { offsetWidth: width, offsetHeight: height } = this.menu;
    const x = left + width + gap > innerWidth ? right - width : left;
    const y = bottom + gap + height > innerHeight ? top - gap - height : bottom + gap;
    Object.assign(this.menu.style, {
      left: `${String(Math.max(gap, x))}px`,
      top: `${String(Math.max(gap, y))}px`,
    });
  }

  get #buttons(): HTMLButtonElement[] {
    return [...this.menu.querySelectorAll('button')].filter(button => !button.disabled);
  }

  /** Whoever closes it by Escape is where they were; whoever went elsewhere stays there. */
  #toggling(event: ToggleEvent): void {
    this.#hadFocus = event.newState === 'closed' && this.menu.matches(':focus-within');
  }
  #toggled(event: ToggleEvent): void {
    this.open = event.newState === 'open';
    if (this.#hadFocus) this.trigger.focus();
    this.#hadFocus = false;
    if (!this.open) return;
    this.#place();
    this.#buttons[0]?.focus();
  }

  #key(event: KeyboardEvent): void {
    const buttons = this.#buttons;
    const at = buttons.findIndex(button => button === this.renderRoot.querySelector(':focus'));
    const steps: Readonly<Record<string, number>> = {
      ArrowDown: at + 1,
      ArrowUp: at - 1,
      Home: 0,
      End: -1,
    };
    const to = steps[event.key];
    if (event.key === 'Tab') this.menu.hidePopover();
    if (to === undefined) return;
    event.preventDefault();
    buttons.at(to % buttons.length)?.focus();
  }

  #choose(item: MenuItem): void {
    this.trigger.focus();
    this.menu.hidePopover();
    item.run();
  }

  override render(): TemplateResult {
    return html`<button
        type="button"
        class="trigger"
        aria-label=${this.label}
        aria-haspopup="menu"
        aria-expanded=${this.open ? 'true' : 'false'}
        title=${this.label}
        @click=${() => this.menu.togglePopover()}
      >
        <slot></slot>
      </button>
      <div
        popover
        role="menu"
        tabindex="-1"
        aria-label=${this.label}
        @beforetoggle=${(event: ToggleEvent) => this.#toggling(event)}
        @toggle=${(event: ToggleEvent) => this.#toggled(event)}
        @keydown=${(event: KeyboardEvent) => this.#key(event)}
      >
        ${this.items.map(
          item =>
            html`<button
              type="button"
              role="menuitem"
              tabindex="-1"
              class=${item.removes === true ? 'removes' : ''}
              ?disabled=${item.disabled === true}
              @click=${() => this.#choose(item)}
            >
              ${item.icon}${item.label}
            </button>`,
        )}
      </div>`;
  }
}

declare global {
  interface HTMLElementTagNameMap {
    'ws-menu': WsMenu;
  }
}
