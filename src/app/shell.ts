/**
 * The way in for main.ts: what can be shown, one function each. Only the screens, no session and no network;
 * the editor follows in a chunk of its own.
 */
import './styles/fonts.css';
import './styles/tokens.css';
import { html, render } from 'lit';
import type { Failure } from './failures.ts';
import { loadEditor } from './load-editor.ts';
import type { SpaceSession } from './space-session.ts';
import './components/ws-failed.ts';
import './components/ws-insecure.ts';
import './components/ws-space.ts';
import './components/ws-update.ts';

export { invalidLink, openingFailed, storageFailed, unsupported, type Failure } from './failures.ts';

/** Asks for the editor's chunk, so that it travels while the space is being opened. */
export function preloadEditor(): void {
  // Whoever opens the page sees and reports a failure; here it only has to be asked for.
  loadEditor().catch(() => undefined);
}

export interface ShowSpaceOptions {
  /** The space was opened by an invitation and may have nothing in it yet. */
  readonly joining?: boolean;
}

export function showSpace(root: HTMLElement, session: SpaceSession, options: ShowSpaceOptions = {}): void {
  render(html`<ws-space .session=${session} ?joining=${options.joining === true}></ws-space>`, root);
}

export function showInsecure(root: HTMLElement): void {
  render(html`<ws-insecure></ws-insecure>`, root);
}

export function showFailed(root: HTMLElement, failure: Failure): void {
  render(html`<ws-failed .failure=${failure}></ws-failed>`, root);
}

/** Beside whatever is shown. `apply` takes the new version and reloads. */
export function showUpdate(root: HTMLElement, apply: () => void): void {
  const toast = root.querySelector('ws-update') ?? document.createElement('ws-update');
  toast.apply = apply;
  root.append(toast);
}
