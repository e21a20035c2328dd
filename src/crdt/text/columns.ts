/**
 * A column: many small numbers one after the other. Reading a hundred thousand of them right after the program has started is
 * what loading a document costs, so this is the shortest way from a byte to a number; `base/codec.ts` is for
 * messages.
 */
import type { Reader } from '../../base/codec.ts';
import type { ScratchWriter } from './scratch-writer.ts';

export class ColumnReader {
  readonly #bytes: Uint8Array;
  readonly #reader: Reader;
  #at = 0;

  /** The next section of `reader`: its length, then the bytes. */
  constructor(reader: Reader) {
    this.#reader = reader;
    this.#bytes = reader.varBytes(reader.left);
  }

  /** Bytes not read yet: no column holds more numbers than that. */
  get left(): number {
    return this.#bytes.length - this.#at;
  }

  byte(): number {
    return this.#bytes[this.#at++] ?? this.#reader.fail('short');
  }

  /** lib0's unsigned variable-length integer, at most `max`, in its shortest form. */
  varUint(max: number): number {
    // Most are a byte or two. What is not there is `undefined`, which is not below anything.
    const first = this.#bytes[this.#at] as number;
    if (first < 128 && first <= max) {
      this.#at++;
      return first;
    }
    const second = this.#bytes[this.#at + 1] as number;
    const both = (first & 127) + second * 128;
    if (first >= 128 && second > 0 && second < 128 && both <= max) {
      this.#at += 2;
      return both;
    }
    return this.#long(max);
  }

  /** Zig-zag: 0, -1, 1, -2, … as 0, 1, 2, 3, …; at most `max` either way. */
  varInt(max: number): number {
    const value = this.varUint(2 * max);
    return (value & 1) === 0 ? value / 2 : -(value + 1) / 2;
  }

  #long(max: number): number {
    let value = 0;
    let scale = 1;
    let byte: number;
    do {
      byte = this.byte();
      value += (byte & 127) * scale;
      scale *= 128;
      if (value > max) this.#reader.fail('number too large');
    } while (byte >= 128);
    return byte === 0 && scale > 128 ? this.#reader.fail('not the shortest form') : value;
  }

  end(): void {
    if (this.left > 0) this.#reader.fail('trailing bytes');
  }
}

/** Counterpart of `ColumnReader.varInt`. */
export function writeVarInt(writer: ScratchWriter, value: number): void {
  writer.varUint(value < 0 ? -2 * value - 1 : 2 * value);
}

export function writeSection(writer: ScratchWriter, bytes: Uint8Array): void {
  writer.varUint(bytes.length).bytes(bytes);
}
