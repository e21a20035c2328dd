/** A text in which the n-th Unicode character is found without counting from the start each time. */

/** Characters a chunk begins with; it may grow to four times that. */
const chunkCharacters = 512;

export class CharacterIndex {
  /** Each chunk holds whole characters. */
  readonly #chunks: { characters: number; text: string }[];

  constructor(text: string) {
    this.#chunks = chunksOf(text);
  }

  toString(): string {
    return this.#chunks.map(({ text }) => text).join('');
  }

  /** UTF-16 code units before the `position`-th character. */
  unitsBefore(position: number): number {
    let units = 0;
    let left = position;
    for (const { characters, text } of this.#chunks) {
      if (left <= characters) return units + (characters === text.length ? left : unitsOf(text, left));
      left -= characters;
      units += text.length;
    }
    if (left > 0) throw new Error(`position ${position} is behind the end`);
    return units;
  }

  /** `deleted` code units at `from`, both between whole characters, become `inserted`. */
  splice(from: number, deleted: number, inserted: string): void {
    let first = 0;
    let before = from;
    while (first < this.#chunks.length - 1 && before > (this.#chunks[first]?.text.length ?? 0)) {
      before -= this.#chunks[first]?.text.length ?? 0;
      first++;
    }
    let joined = this.#chunks[first]?.text ?? '';
    let last = first;
    while (joined.length < before + deleted && last < this.#chunks.length - 1)
      joined += this.#chunks[++last]?.text ?? '';
    const text = joined.slice(0, before) + inserted + joined.slice(before + deleted);
    const replaced =
      text.length <= 4 * chunkCharacters ? [{ characters: charactersOf(text), text }] : chunksOf(text);
    this.#chunks.splice(first, last - first + 1, ...replaced);
  }
}

function chunksOf(text: string): { characters: number; text: string }[] {
  const characters = Array.from(text);
  const chunks = [];
  for (let at = 0; at < characters.length; at += chunkCharacters) {
    const part = characters.slice(at, at + chunkCharacters);
    chunks.push({ characters: part.length, text: part.join('') });
  }
  return chunks;
}

function charactersOf(text: string): number {
  let count = 0;
  for (let at = 0; at < text.length; at += (text.codePointAt(at) ?? 0) > 0xffff ? 2 : 1) count++;
  return count;
}

function unitsOf(text: string, characters: number): number {
  let units = 0;
  for (let i = 0; i < characters; i++) units += (text.codePointAt(units) ?? 0) > 0xffff ? 2 : 1;
  return units;
}
