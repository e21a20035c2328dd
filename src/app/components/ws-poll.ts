/** A poll: answers with the ballots for each, or, where every touch counts, with a counter each. */
import { LitElement, html, nothing, type PropertyValues, type TemplateResult } from 'lit';
import { customElement, property, query, state } from 'lit/decorators.js';
import { live } from 'lit/directives/live.js';
import { repeat } from 'lit/directives/repeat.js';
import type { Document } from '../../crdt/document/document.ts';
import { ValuesController } from '../controllers/values-controller.ts';
import {
  addAnswer,
  count,
  deleteAnswer,
  readPoll,
  renameAnswer,
  setBy,
  setSeveral,
  vote,
  type Answer,
  type Poll,
  type Voter,
} from '../documents/poll.ts';
import { titleLengthMax } from '../documents/values.ts';
import { icons } from '../icons.ts';
import type { ValuesSession } from '../space-session.ts';
import { base, hues } from '../styles/base.styles.ts';
import { documentStyles } from '../styles/document.styles.ts';
import { countOf } from '../words.ts';
import { styles } from './ws-poll.styles.ts';
import './ws-avatar.ts';
import './ws-menu.ts';

/** More would push the count away; the rest are a number. */
const facesMax = 6;

/** Asks for `ws-title` (detail: the new name). */
@customElement('ws-poll')
export class WsPoll extends LitElement {
  static override styles = [base, hues, documentStyles, styles];

  @property({ attribute: false }) values: ValuesSession | undefined;
  /** Whose ballot this tab gives. */
  @property({ attribute: false }) voter: Voter | undefined;
  @property() name = '';
  @state() private renaming: string | undefined;
  @query('.name') private nameInput!: HTMLInputElement | null;
  readonly #following = new ValuesController(this);

  override focus(): void {
    this.nameInput?.focus();
  }

  protected override willUpdate(changed: PropertyValues<this>): void {
    if (changed.has('values') && this.values !== undefined) this.#following.follow(this.values);
  }

  #edit(edits: (document: Document) => void): void {
    this.values?.transact(edits);
  }

  async #rename(key: string): Promise<void> {
    this.renaming = key;
    await this.updateComplete;
    this.renderRoot.querySelector<HTMLInputElement>('.rename')?.select();
  }

  #vote(answer: Answer): void {
    const { voter } = this;
    if (voter !== undefined) this.#edit(document => vote(document, voter, answer.key));
  }

  // ── What is shown ─────────────────────────────────────────────────────────────────────────────────────────

  #menu(answer: Answer): TemplateResult {
    const items = [
      { label: 'Rename', run: () => void this.#rename(answer.key) },
      {
        label: 'Delete',
        removes: true,
        run: () => this.#edit(document => deleteAnswer(document, answer.id)),
      },
    ];
    return html`<ws-menu label="${answer.title}: more" .items=${items}>${icons.more}</ws-menu>`;
  }

  #renameField(answer: Answer): TemplateResult {
    const done = (event: Event, keep: boolean): void => {
      if (this.renaming !== answer.key) return;
      this.renaming = undefined;
      const { value } = event.currentTarget as HTMLInputElement;
      if (keep && value.trim() !== '') this.#edit(document => renameAnswer(document, answer.id, value));
    };
    return html`<input
      class="rename"
      aria-label="Answer"
      maxlength=${titleLengthMax}
      .value=${answer.title}
      @blur=${(event: Event) => done(event, true)}
      @keydown=${(event: KeyboardEvent) => {
        if (!event.isComposing && (event.key === 'Enter' || event.key === 'Escape'))
          done(event, event.key === 'Enter');
      }}
    />`;
  }

  #faces(voters: readonly Voter[]): TemplateResult {
    return html`<span class="faces" aria-hidden="true"
      >${voters
        .slice(0, facesMax)
        .map(({ name, colour }) => html`<ws-avatar name=${name} colour=${colour}></ws-avatar>`)}${
        voters.length > facesMax ? html`<span>+${voters.length - facesMax}</span>` : nothing
      }</span
    >`;
  }

  #ballot(answer: Answer, poll: Poll): TemplateResult {
    const { voters } = answer;
    const mine = voters.some(({ deviceId }) => deviceId === this.voter?.deviceId);
    const share = poll.voted === 0 ? 0 : voters.length / poll.voted;
    const names = voters.map(({ name }) => name).join(', ');
    return html`<button
      type="button"
      class="ballot ${poll.several ? 'several' : ''}"
      aria-pressed=${mine ? 'true' : 'false'}
      aria-label="${answer.title}, ${countOf(voters.length, 'vote')}${names === '' ? '' : `: ${names}`}"
      @click=${() => this.#vote(answer)}
    >
      <svg class="bar" aria-hidden="true" focusable="false" preserveAspectRatio="none" viewBox="0 0 1 1">
        <rect width=${share} height="1" />
      </svg>
      <span class="mark">${mine ? icons.check : nothing}</span>
      <span class="title">${answer.title || 'Untitled'}</span>
      ${this.#faces(voters)}
      <span class="count">${voters.length}</span>
    </button>`;
  }

  #counter(answer: Answer): TemplateResult {
    const change = (amount: 1 | -1) => () => this.#edit(document => count(document, answer.key, amount));
    return html`<div class="counter">
      <span class="title">${answer.title || 'Untitled'}</span>
      <button type="button" class="step" aria-label="One less: ${answer.title}" @click=${change(-1)}>
        ${icons.minus}
      </button>
      <output class="count" aria-label=${answer.title}>${answer.count}</output>
      <button type="button" class="step" aria-label="One more: ${answer.title}" @click=${change(1)}>
        ${icons.plus}
      </button>
    </div>`;
  }

  override render(): TemplateResult | typeof nothing {
    const { values } = this;
    if (values === undefined) return nothing;
    const poll = readPoll(values.document);
    const byVotes = poll.by === 'votes';
    return html`<div class="sheet">
      <input
        class="name"
        aria-label="Name of the poll"
        placeholder="What do you ask?"
        maxlength=${titleLengthMax}
        .value=${this.name}
        @change=${(event: Event) =>
          this.dispatchEvent(
            new CustomEvent('ws-title', { detail: (event.currentTarget as HTMLInputElement).value }),
          )}
      />
      <p class="promise">
        ${
          byVotes
            ? 'A ballot for each device; whoever changes their mind still has one. Votes given apart are all counted.'
            : 'Every touch counts, and none is lost, however many count at once.'
        }
      </p>
      <ul>
        ${repeat(
          poll.answers,
          ({ key }) => key,
          answer =>
            html`<li>
              ${
                this.renaming === answer.key
                  ? this.#renameField(answer)
                  : byVotes
                    ? this.#ballot(answer, poll)
                    : this.#counter(answer)
              }
              ${this.#menu(answer)}
            </li>`,
        )}
      </ul>
      <input
        class="add"
        aria-label="Add an answer"
        placeholder=${poll.answers.length === 0 ? 'Add the first answer' : 'Add an answer'}
        maxlength=${titleLengthMax}
        @keydown=${(event: KeyboardEvent) => {
          const input = event.currentTarget as HTMLInputElement;
          if (event.key !== 'Enter' || event.isComposing || input.value.trim() === '') return;
          const title = input.value;
          input.value = '';
          this.#edit(document => void addAnswer(document, title));
        }}
      />
      ${this.#foot(poll)}
    </div>`;
  }

  #foot(poll: Poll): TemplateResult {
    const { by, several, voted, undecided } = poll;
    const own = undecided.some(({ deviceId }) => deviceId === this.voter?.deviceId);
    return html`${
        undecided.length === 0
          ? nothing
          : html`<p class="undecided">
              ${
                own
                  ? 'Two of your tabs chose apart from each other. Choose again, and your vote counts.'
                  : `${undecided.map(({ name }) => name).join(', ')} chose twice while apart: not counted until chosen again.`
              }
            </p>`
      }
      <div class="foot">
        <span role="status">${by === 'votes' ? `${countOf(voted, 'ballot')} given` : ''}</span>
        <label class="tick" ?hidden=${by !== 'votes'}>
          <input
            type="checkbox"
            .checked=${live(several)}
            @change=${(event: Event) => {
              const { checked } = event.currentTarget as HTMLInputElement;
              this.#edit(document => setSeveral(document, checked));
            }}
          />
          Several answers
        </label>
        <label class="tick">
          <input
            type="checkbox"
            .checked=${live(by === 'tally')}
            @change=${(event: Event) => {
              const { checked } = event.currentTarget as HTMLInputElement;
              this.#edit(document => setBy(document, checked ? 'tally' : 'votes'));
            }}
          />
          Count up and down instead
        </label>
      </div>`;
  }
}

declare global {
  interface HTMLElementTagNameMap {
    'ws-poll': WsPoll;
  }
}
