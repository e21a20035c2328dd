/**
 * The few pictures the interface uses, inline so that none is fetched and each takes the colour of its words.
 * Outlines after Lucide (ISC licence); the mark and the `kept` knot are Peerloom's own.
 */
import { svg, html, type TemplateResult } from 'lit';

function icon(paths: TemplateResult): TemplateResult {
  return html`<svg class="icon" viewBox="0 0 24 24" aria-hidden="true" focusable="false">${paths}</svg>`;
}

export const icons = {
  /** Two threads crossing: kept, and kept together. */
  kept: icon(svg`<path d="M3 6.5c6 0 12 11 18 11"/><path d="M3 17.5c6 0 12-11 18-11"/>`),
  /** One thread: this device alone. */
  single: icon(svg`<path d="M3 15c4.5 0 4.5-6 9-6s4.5 6 9 6"/>`),
  keeping: icon(
    svg`<path d="M12 2v4"/><path d="m16.2 7.8 2.9-2.9"/><path d="M18 12h4"/><path d="m16.2 16.2 2.9 2.9"/><path d="M12 18v4"/><path d="m4.9 19.1 2.9-2.9"/><path d="M2 12h4"/><path d="m4.9 4.9 2.9 2.9"/>`,
  ),
  offline: icon(
    svg`<path d="M12 20h.01"/><path d="M8.5 16.429a5 5 0 0 1 7 0"/><path d="M5 12.859a10 10 0 0 1 5.17-2.69"/><path d="M19 12.859a10 10 0 0 0-2.007-1.523"/><path d="M2 8.82a15 15 0 0 1 4.177-2.643"/><path d="M22 8.82a15 15 0 0 0-11.288-3.764"/><path d="m2 2 20 20"/>`,
  ),
  online: icon(
    svg`<path d="M12 20h.01"/><path d="M2 8.82a15 15 0 0 1 20 0"/><path d="M5 12.859a10 10 0 0 1 14 0"/><path d="M8.5 16.429a5 5 0 0 1 7 0"/>`,
  ),
  alone: icon(svg`<path d="M19 21v-2a4 4 0 0 0-4-4H9a4 4 0 0 0-4 4v2"/><circle cx="12" cy="7" r="4"/>`),
  people: icon(
    svg`<path d="M16 21v-2a4 4 0 0 0-4-4H6a4 4 0 0 0-4 4v2"/><path d="M16 3.128a4 4 0 0 1 0 7.744"/><path d="M22 21v-2a4 4 0 0 0-3-3.87"/><circle cx="9" cy="7" r="4"/>`,
  ),
  search: icon(svg`<path d="m21 21-4.34-4.34"/><circle cx="11" cy="11" r="8"/>`),
  warning: icon(
    svg`<path d="m21.73 18-8-14a2 2 0 0 0-3.48 0l-8 14A2 2 0 0 0 4 21h16a2 2 0 0 0 1.73-3"/><path d="M12 9v4"/><path d="M12 17h.01"/>`,
  ),
  share: icon(
    svg`<path d="M12 3v12"/><path d="m16 7-4-4-4 4"/><path d="M5 12v7a2 2 0 0 0 2 2h10a2 2 0 0 0 2-2v-7"/>`,
  ),
  copy: icon(
    svg`<rect width="13" height="13" x="8" y="8" rx="2"/><path d="M4.5 16A1.5 1.5 0 0 1 3 14.5v-10A1.5 1.5 0 0 1 4.5 3h10A1.5 1.5 0 0 1 16 4.5"/>`,
  ),
  check: icon(svg`<path d="M20 6 9 17l-5-5"/>`),
  close: icon(svg`<path d="M18 6 6 18"/><path d="m6 6 12 12"/>`),
  disk: icon(
    svg`<path d="M10 16h.01"/><path d="M2.212 11.577a2 2 0 0 0-.212.896V18a2 2 0 0 0 2 2h16a2 2 0 0 0 2-2v-5.527a2 2 0 0 0-.212-.896L18.55 5.11A2 2 0 0 0 16.76 4H7.24a2 2 0 0 0-1.79 1.11z"/><path d="M21.946 12.013H2.054"/><path d="M6 16h.01"/>`,
  ),
  signaling: icon(
    svg`<path d="M4.9 16.1C1 12.2 1 5.8 4.9 1.9"/><path d="M7.8 4.7a6.14 6.14 0 0 0-.8 7.5"/><circle cx="12" cy="9" r="2"/><path d="M16.2 4.8c2 2 2.26 5.11.8 7.47"/><path d="M19.1 1.9a9.96 9.96 0 0 1 0 14.1"/><path d="m8 22 4-11 4 11"/><path d="M9.5 18h5"/>`,
  ),
  devices: icon(
    svg`<path d="M18 8V6a2 2 0 0 0-2-2H4a2 2 0 0 0-2 2v7a2 2 0 0 0 2 2h8"/><path d="M10 19v-4"/><path d="M7 19h5"/><rect width="6" height="10" x="16" y="12" rx="2"/>`,
  ),
} as const;

export type IconName = keyof typeof icons;

/** The mark: two warps, two wefts, each passing over one and under the other. */
export const mark = html`<svg class="mark" viewBox="0 0 24 24" aria-hidden="true" focusable="false">
  <path class="weft" d="M2.5 8h9.9M19.6 8h1.9M2.5 16h1.9M11.6 16h9.9" />
  <path class="warp" d="M8 2.5v1.9M8 11.6v9.9M16 2.5v9.9M16 19.6v1.9" />
</svg>`;
