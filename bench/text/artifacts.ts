/** What a library made of a trace, in a file: JSON would cost more time to read than what is measured. */
import { readFileSync } from 'node:fs';
import type { Artifacts } from './measures.ts';

/** Stands for "the library has no such thing". */
const absent = 0xffffffff;

/** Each part preceded by its length: merged, state, history, then the updates. */
export function writeArtifacts({ merged, state, history, updates }: Artifacts): Uint8Array {
  const parts = [merged, state, history, ...updates];
  const whole = new Uint8Array(parts.reduce((sum, part) => sum + 4 + (part?.length ?? 0), 0));
  const view = new DataView(whole.buffer);
  let at = 0;
  for (const part of parts) {
    view.setUint32(at, part?.length ?? absent);
    at += 4;
    if (part === undefined) continue;
    whole.set(part, at);
    at += part.length;
  }
  return whole;
}

export function readArtifacts(file: string): Artifacts {
  const whole = readFileSync(file);
  const view = new DataView(whole.buffer, whole.byteOffset, whole.length);
  const parts: (Uint8Array | undefined)[] = [];
  for (let at = 0; at < whole.length;) {
    const length = view.getUint32(at);
    at += 4;
    if (length === absent) {
      parts.push(undefined);
      continue;
    }
    // Copies: a library may keep what it is given, and must not keep the whole file alive by it.
    parts.push(new Uint8Array(whole.subarray(at, at + length)));
    at += length;
  }
  const [merged, state, history, ...updates] = parts;
  return {
    merged: merged ?? new Uint8Array(),
    state,
    history,
    updates: updates.filter(update => update !== undefined),
  };
}
