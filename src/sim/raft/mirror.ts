/**
 * A checker's copy of one member's log: terms, and a hash over each prefix. It costs what changed, not what is there: two logs that end
 * with the same entry are the same (log matching, which is checked here too), so the search for a change begins at the end.
 */
import type { Entry } from '../../consensus/entry.ts';

export interface Mirrored {
  readonly entry: Entry;
  /** Over the log up to and with this entry. */
  readonly hash: number;
}

export function mix(hash: number, value: number): number {
  const mixed = Math.imul(hash ^ value, 0x85ebca6b);
  return (mixed ^ (mixed >>> 13)) | 0;
}
export function hashAfter(hash: number, entry: Entry): number {
  let after = mix(mix(hash, entry.term), entry.index);
  if (entry.type === 'normal') for (const byte of entry.data) after = mix(after, byte);
  else for (const { id, type } of entry.change.changes) after = mix(mix(after, id), type.length);
  return after;
}

export class LogMirror {
  /** Hash of what lies before the first entry; undefined while nobody has told. */
  #baseHash: number | undefined;
  #baseIndex: number;
  #entries: Mirrored[] = [];

  constructor(baseIndex: number, baseHash: number | undefined) {
    this.#baseIndex = baseIndex;
    this.#baseHash = baseHash;
  }
  get lastIndex(): number {
    return this.#baseIndex + this.#entries.length;
  }
  get lastHash(): number | undefined {
    return this.#entries.at(-1)?.hash ?? this.#baseHash;
  }
  get baseIndex(): number {
    return this.#baseIndex;
  }
  /** Hash of the log up to and with `index`, where that is known here. */
  hashAt(index: number): number | undefined {
    return index === this.#baseIndex ? this.#baseHash : this.at(index)?.hash;
  }
  at(index: number): Mirrored | undefined {
    return this.#entries[index - this.#baseIndex - 1];
  }
  /** Cuts off what is above `index`. */
  cutTo(index: number): void {
    if (index < this.lastIndex) this.#entries.length = Math.max(0, index - this.#baseIndex);
  }
  /** The next one. */
  push(entry: Entry): Mirrored | undefined {
    const before = this.lastHash;
    if (before === undefined) {
      // Nobody knows what was before it: it begins with this one.
      this.#baseIndex = entry.index;
      this.#entries = [];
      return undefined;
    }
    const mirrored = { entry, hash: hashAfter(before, entry) };
    this.#entries.push(mirrored);
    return mirrored;
  }
  /** What is committed everywhere is of no more interest. */
  forgetTo(index: number): void {
    const count = Math.min(index - this.#baseIndex, this.#entries.length - 1);
    if (count < 512) return;
    this.#baseHash = this.#entries[count - 1]?.hash;
    this.#baseIndex += count;
    this.#entries = this.#entries.slice(count);
  }
}
