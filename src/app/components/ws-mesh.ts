/**
 * The mesh as a map: this tab, its peers, and each link as it is. What the picture says the table beside it says in words,
 * so for a screen reader it is one sentence.
 *
 * Batches run along the threads as they leave and come. One that goes out on a link that is cut here runs as far as the cut.
 */
import { LitElement, html, nothing, svg, type PropertyValues, type TemplateResult } from 'lit';
import { customElement, property, query } from 'lit/decorators.js';
import { hueClass } from '../hues.ts';
import { between, mapHeight, mapWidth, placesOf, strokeOf, type Point } from '../mesh-layout.ts';
import type { LinkLook } from '../network-words.ts';
import { base, hues } from '../styles/base.styles.ts';
import { initialsOf } from '../words.ts';
import { styles } from './ws-mesh.styles.ts';

export interface MeshNode {
  readonly id: string;
  readonly name: string;
  readonly colour: number;
  /** Its link with this tab; undefined for this tab. */
  readonly link?: {
    readonly look: LinkLook;
    readonly label: string;
    readonly bytesPerS: number;
    readonly delayMs: number;
    /** With whom else it says it is linked, by id. */
    readonly linkedWith: readonly string[];
  };
}

const nodeRadius = 17;
/** How much of a link is missing around its cut, as a share. */
const cutFrom = 0.44;
const cutTo = 0.56;
const runMs = 360;
const runsMax = 24;
const runLongestMs = 3000;

@customElement('ws-mesh')
export class WsMesh extends LitElement {
  static override styles = [base, hues, styles];

  /** This tab first. */
  @property({ attribute: false }) nodes: readonly MeshNode[] = [];
  @property() sentence = '';
  @query('.runs') private runs!: SVGGElement;
  #places = new Map<string, Point>();

  protected override willUpdate(changed: PropertyValues<this>): void {
    if (!changed.has('nodes')) return;
    const places = placesOf(this.nodes.length);
    this.#places = new Map(this.nodes.map(({ id }, index) => [id, places[index] ?? { x: 0, y: 0 }]));
  }

  /** A batch of somebody with this colour leaves for `peer`, or comes from it. */
  run(peer: string, direction: 'out' | 'in', colour: number): void {
    const self = this.nodes[0];
    const node = this.nodes.find(({ id }) => id === peer);
    const from = self && this.#places.get(self.id);
    const to = this.#places.get(peer);
    if (node?.link === undefined || from === undefined || to === undefined) return;
    if (this.runs.childElementCount >= runsMax || matchMedia('(prefers-reduced-motion: reduce)').matches)
      return;
    const stopped = node.link.look === 'cut' || node.link.look === 'off';
    const [start, end] = direction === 'out' ? [from, stopped ? between(from, to, cutFrom) : to] : [to, from];
    const dot = document.createElementNS('http://www.w3.org/2000/svg', 'circle');
    dot.setAttribute('r', '3.5');
    dot.setAttribute('class', `run ${hueClass(colour)}`);
    this.runs.append(dot);
    const duration = Math.min(
      runLongestMs,
      runMs + (direction === 'out' && !stopped ? node.link.delayMs : 0),
    );
    const at = ({ x, y }: Point) => `translate(${String(x)}px, ${String(y)}px)`;
    const animation = dot.animate([{ transform: at(start) }, { transform: at(end) }], { duration });
    const gone = (): void => {
      dot.remove();
    };
    animation.finished.then(gone, gone);
  }

  #others(): TemplateResult[] {
    const lines = new Map<string, TemplateResult>();
    for (const { id, link } of this.nodes) {
      // The word of somebody who is not heard is old.
      if (link?.look !== 'connected') continue;
      for (const other of link.linkedWith) {
        const [a, b] = [this.#places.get(id), this.#places.get(other)];
        if (a === undefined || b === undefined) continue;
        lines.set(
          [id, other].sort().join(),
          svg`<line class="other" x1=${a.x} y1=${a.y} x2=${b.x} y2=${b.y}/>`,
        );
      }
    }
    return [...lines.values()];
  }

  #link({ id, link }: MeshNode): TemplateResult | typeof nothing {
    const self = this.nodes[0];
    const a = self && this.#places.get(self.id);
    const b = this.#places.get(id);
    if (link === undefined || a === undefined || b === undefined) return nothing;
    const { look, label, bytesPerS } = link;
    const middle = between(a, b, 0.5);
    const parts: readonly (readonly [Point, Point])[] =
      look === 'cut' || look === 'off'
        ? [
            [a, between(a, b, cutFrom)],
            [between(a, b, cutTo), b],
          ]
        : [[a, b]];
    return svg`<g class="link ${look}">
      ${parts.map(
        ([from, to]) =>
          svg`<line x1=${from.x} y1=${from.y} x2=${to.x} y2=${to.y} stroke-width=${look === 'connected' ? strokeOf(bytesPerS) : 2}/>`,
      )}
      <text x=${middle.x} y=${middle.y - 6}>${label}</text>
    </g>`;
  }

  #node({ id, name, colour, link }: MeshNode): TemplateResult {
    const { x, y } = this.#places.get(id) ?? { x: 0, y: 0 };
    const here = link === undefined || link.look === 'connected' || link.look === 'silent';
    return svg`<g class="node ${hueClass(colour)} ${here ? '' : 'away'}" transform="translate(${x} ${y})">
      ${link === undefined ? svg`<circle class="ring" r=${nodeRadius + 4}/>` : nothing}
      <circle class="disc" r=${nodeRadius}/>
      <text class="initials" y="4.5">${initialsOf(name)}</text>
      <text class="name" y=${nodeRadius + 18}>${link === undefined ? 'You' : name}</text>
    </g>`;
  }

  override render(): TemplateResult {
    return html`<svg viewBox="0 0 ${mapWidth} ${mapHeight}" role="img" aria-label=${this.sentence}>
      <g>${this.#others()}</g>
      <g>${this.nodes.map(node => this.#link(node))}</g>
      <g class="runs"></g>
      <g>${this.nodes.map(node => this.#node(node))}</g>
    </svg>`;
  }
}

declare global {
  interface HTMLElementTagNameMap {
    'ws-mesh': WsMesh;
  }
}
