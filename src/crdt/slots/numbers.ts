/**
 * Numbers in a row, four or eight bytes each, that grow by pieces: an array that grows is copied into a larger one, and then there are
 * both of them and room that nobody needs. For decoders, which are held to what they take (docs/protocols/bounds.md).
 */
const pieceNumbers = 512;

export class Numbers {
  readonly #pieces: (Float64Array | Int32Array)[] = [];
  readonly #Piece: typeof Float64Array | typeof Int32Array;
  #length = 0;

  constructor(Piece: typeof Float64Array | typeof Int32Array = Float64Array) {
    this.#Piece = Piece;
  }

  get length(): number {
    return this.#length;
  }

  at(index: number): number {
    return this.#pieces[Math.floor(index / pieceNumbers)]?.[index % pieceNumbers] as number;
  }

  push(number: number): void {
    if (this.#length % pieceNumbers === 0) this.#pieces.push(new this.#Piece(pieceNumbers));
    const last = this.#pieces[this.#pieces.length - 1] as Float64Array | Int32Array;
    last[this.#length++ % pieceNumbers] = number;
  }

  /** Of the rising numbers from place `from` to `to`: how many of all stand before the first that is greater than `number`. */
  countUpTo(number: number, from: number, to: number): number {
    let low = from;
    let high = to;
    while (low < high) {
      const middle = (low + high) >> 1;
      if (this.at(middle) <= number) low = middle + 1;
      else high = middle;
    }
    return low;
  }
}
