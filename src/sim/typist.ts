/** Who sits at a node: edits, moves the caret, changes the name. Draws from streams of its own. */
import type { SeededRandom } from '../base/random.ts';
import type { TextChange } from '../crdt/text/messages.ts';
import type { Mirror } from './mirror.ts';
import type { Node } from './node.ts';
import type { Workload } from './plan.ts';
import { ReplicaProcess } from './replica-process.ts';
import type { World } from './world.ts';

const words = ['the ', 'page', ' and', 'müde ', '\n', '😀', 'of ', 'a', 'loom '];

export class Typist {
  readonly #world: World;
  readonly #node: Node;
  readonly #workload: Workload;
  readonly #when: SeededRandom;
  readonly #what: SeededRandom;
  #caret = 0;
  #inBurst = 0;
  #restsAtMs = Infinity;

  constructor(world: World, node: Node, workload: Workload) {
    this.#world = world;
    this.#node = node;
    this.#workload = workload;
    this.#when = node.random.split('when');
    this.#what = node.random.split('what');
  }

  start(): void {
    const { editsPerS, spells } = this.#workload;
    if (editsPerS === 0) return;
    if (spells !== undefined) this.#restsAtMs = this.#when.fraction() * spells.typesMs;
    this.#next();
  }

  /** How long one rests now, if the spell of typing is over. */
  #rest(): number {
    const { spells } = this.#workload;
    const { nowMs } = this.#world;
    if (spells === undefined || nowMs < this.#restsAtMs) return 0;
    const restMs = spells.restsMs * (0.25 + 1.5 * this.#when.fraction());
    this.#restsAtMs = nowMs + restMs + spells.typesMs * (0.25 + 1.5 * this.#when.fraction());
    return restMs;
  }

  #next(): void {
    const { editsPerS, burst } = this.#workload;
    const evenMs = 1000 / editsPerS;
    const spread = 0.25 + 1.5 * this.#when.fraction();
    let gapMs = evenMs * spread;
    if (burst > 1) {
      if (this.#inBurst > 0) {
        this.#inBurst--;
        gapMs = Math.min(evenMs, 20) * spread;
      } else {
        const length = 1 + this.#when.below(2 * burst - 1);
        this.#inBurst = length - 1;
        gapMs = (evenMs * length - Math.min(evenMs, 20) * (length - 1)) * spread;
      }
    }
    this.#world.at(this.#world.nowMs + this.#rest() + gapMs, () => {
      if (!this.#world.isTyping) return;
      const { process } = this.#node;
      if (process instanceof ReplicaProcess && this.#node.isAwake) this.#act(process);
      this.#next();
    });
  }

  #act(process: ReplicaProcess): void {
    const what = this.#what;
    const documents = this.#world.documents;
    const documentId = documents[what.below(10) < 8 ? 0 : what.below(documents.length)] ?? documents[0];
    const mirror = documentId === undefined ? undefined : process.mirrors.get(documentId);
    if (documentId === undefined || mirror === undefined) return;
    const roll = what.below(200);
    if (roll === 0) process.setProfile(`Name ${String(what.below(9))}`, 1 + what.below(12));
    else if (roll < 8) process.select(documentId, this.#place(mirror), this.#place(mirror));
    else {
      this.#world.counts.edits++;
      process.edit(documentId, [this.#change(mirror)]);
    }
  }

  #place(mirror: Mirror): number {
    const { place } = this.#workload;
    let at = Math.min(this.#caret, mirror.length);
    if (place === 'end') at = mirror.length;
    else if (place === 'anywhere' || this.#what.below(16) === 0) at = this.#what.below(mirror.length + 1);
    return wholeAt(mirror, at);
  }

  #change(mirror: Mirror): TextChange {
    const { deletes, lengthMax, pastes } = this.#workload;
    const what = this.#what;
    const from = this.#place(mirror);
    const [share, kind] = [what.fraction(), what.fraction()];
    const tooLong = mirror.length > lengthMax;
    let to = from;
    let insert = '';
    if (tooLong || share < deletes) {
      const most = tooLong ? Math.max(8, mirror.length - lengthMax) : 8;
      const start = Math.max(0, from - 1 - what.below(most));
      if (from > 0) {
        this.#caret = wholeAt(mirror, start);
        if (kind < 0.7) return { from: this.#caret, to: from, insert };
        insert = this.#word();
        this.#caret += insert.length;
        return { from: this.#caret - insert.length, to: from, insert };
      }
      to = wholeAt(mirror, Math.min(mirror.length, from + 1 + what.below(most)));
      if (to > from) return { from, to, insert };
    }
    insert =
      kind < pastes ? this.#word().repeat(50 + what.below(kind < pastes / 20 ? 6000 : 100)) : this.#word();
    this.#caret = from + insert.length;
    return { from, to, insert };
  }

  #word(): string {
    const n = this.#what.below(words.length + 9);
    return words[n] ?? String.fromCharCode(97 + this.#node.index, 97 + n);
  }
}

/** `at`, or the place before it when that is inside a surrogate pair: no editor puts a caret there. */
function wholeAt(mirror: Mirror, at: number): number {
  const unit = mirror.unit(at);
  return unit >= 0xdc00 && unit <= 0xdfff ? at - 1 : at;
}
