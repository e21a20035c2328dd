/**
 * What both registers check and write of a set of siblings (src/clocks/dotted-version-vector.ts): the values that no
 * known write has overwritten, under one vector of what was seen.
 */
import type { Reader, Writer } from '../../base/codec.ts';
import { DottedVersionVectorSet, type Sibling } from '../../clocks/dotted-version-vector.ts';
import type { ReadonlyVectorClock } from '../../clocks/vector-clock.ts';
import type { OpId } from '../context.ts';
import { SeenThen } from '../log-order.ts';
import { readEntries, readNext, writeEntries, type Replicas } from '../replicas.ts';
import { readValue, writeValue, type Value } from '../value.ts';

export type Siblings = DottedVersionVectorSet<Value>;

/** Checks the writes of one list in their order: each may overwrite what was seen before it, and nothing else. */
export class OverwriteCheck {
  readonly #seen: SeenThen;

  constructor(context: ReadonlyVectorClock) {
    this.#seen = new SeenThen(context);
  }

  /** The reason to refuse the write, or `undefined`; it counts as seen then. */
  refuse(id: OpId, overwrites: readonly OpId[]): string | undefined {
    if (this.#seen.has(id)) return undefined;
    for (const dot of overwrites) if (!this.#seen.has(dot)) return 'unknown write';
    this.#seen.add(id);
    return undefined;
  }
}

/** For each replica, how far its writes were seen, and whether the last of them is a sibling, with its value. */
export function writeSiblings(writer: Writer, siblings: Siblings, replicas?: Replicas): void {
  writeEntries(writer, siblings.context, replicas, (next, replicaId) => {
    writer.varUint(next);
    const sibling = siblings.siblingOf(replicaId);
    if (sibling === undefined) writer.byte(OVERWRITTEN);
    else writeValue(writer.byte(SIBLING), sibling.value);
  });
}

/** `check` goes through each value first, with a reader of its own. */
export function readSiblings(reader: Reader, replicas?: Replicas, check?: (value: Reader) => void): Siblings {
  const siblings: Sibling<Value>[] = [];
  let [entries, held] = [0, 0];
  const context = readEntries(reader, replicas, (replicaId, end) => {
    const next = readNext(reader, end);
    const flag = reader.byte();
    entries++;
    if (flag === SIBLING) {
      check?.(reader.again(reader.at));
      const sibling = { dot: { replicaId, counter: next - 1 }, value: readValue(reader) };
      if (!reader.looks) siblings.push(sibling);
      held++;
    } else if (flag !== OVERWRITTEN) reader.fail('malformed flag');
    return next;
  });
  // Whatever overwrote the others is there itself.
  if (entries > 0 && held === 0) reader.fail('no value left');
  return new DottedVersionVectorSet(context, siblings);
}

const OVERWRITTEN = 0;
const SIBLING = 1;
