/**
 * The sets themselves as bytes, one encoding each; docs/protocols/values.md describes them. A set's values stand in the
 * order of their own bytes, and an OR-Set names its replicas once, in the vector of what it has seen.
 */
import { decode, Writer, type Decoded, type Reader } from '../../base/codec.ts';
import type { ReplicaId } from '../../base/ids.ts';
import type { Context, OpId } from '../context.ts';
import { readVersion } from '../ops-codec.ts';
import { readEntries, readNext, writeEntries } from '../state-codec.ts';
import type { Value } from '../value.ts';
import { readElements, type Element } from './elements.ts';
import { GSet } from './g-set.ts';
import { ORSet, type DottedElement } from './or-set.ts';
import { TwoPhaseSet } from './two-phase-set.ts';

const setVersion = 1;

export function encodeGSet(set: GSet): Uint8Array<ArrayBuffer> {
  const writer = new Writer().byte(setVersion);
  set.elements.write(writer);
  return writer.finish();
}

export function decodeGSet(bytes: Uint8Array, context: Context): Decoded<GSet> {
  return decode(bytes, reader => {
    readVersion(reader, setVersion);
    return new GSet(context, readElements(reader, plain));
  });
}

export function encodeTwoPhaseSet(set: TwoPhaseSet): Uint8Array<ArrayBuffer> {
  const writer = new Writer().byte(setVersion);
  set.present.write(writer);
  set.removed.write(writer);
  return writer.finish();
}

export function decodeTwoPhaseSet(bytes: Uint8Array, context: Context): Decoded<TwoPhaseSet> {
  return decode(bytes, reader => {
    readVersion(reader, setVersion);
    const present = readElements(reader, plain);
    const removed = readElements(reader, (value, key) => {
      if (present.has(key)) reader.fail('added and removed');
      return plain(value);
    });
    return new TwoPhaseSet(context, present, removed);
  });
}

export function encodeORSet(set: ORSet): Uint8Array<ArrayBuffer> {
  const writer = new Writer().byte(setVersion);
  writeEntries(writer, set.seen, next => writer.varUint(next));
  const places = new Map([...set.seen.keys()].sort().map((replicaId, place) => [replicaId, place]));
  set.elements.write(writer, ({ dots }) => {
    writer.varUint(dots.length);
    for (const { replicaId, counter } of dots) writer.varUint(places.get(replicaId) ?? 0).varUint(counter);
  });
  return writer.finish();
}

export function decodeORSet(bytes: Uint8Array, context: Context): Decoded<ORSet> {
  return decode(bytes, reader => {
    readVersion(reader, setVersion);
    const seen = readEntries(reader, () => readNext(reader));
    const replicas = [...seen];
    /** Every dot read so far: each is at one value only. */
    const taken = replicas.map(() => new Set<number>());
    const elements = readElements(reader, (value, key): DottedElement => {
      return { key, value, dots: readDots(reader, replicas, taken) };
    });
    return new ORSet(context, seen, elements);
  });
}

/** At least one dot, rising by replica, each of them seen. */
function readDots(
  reader: Reader,
  replicas: readonly (readonly [ReplicaId, number])[],
  taken: readonly Set<number>[],
): OpId[] {
  const count = reader.varUint(replicas.length);
  if (count === 0) reader.fail('value without a dot');
  const dots: OpId[] = [];
  for (let i = 0, last = -1; i < count; i++) {
    const place = reader.varUint();
    const [replicaId, next] = replicas[place] ?? reader.fail('unknown replica');
    if (place <= last) reader.fail('dots not sorted');
    last = place;
    const counter = reader.varUint();
    if (counter >= next) reader.fail('dot not seen');
    if (taken[place]?.has(counter) === true) reader.fail('dot at two values');
    taken[place]?.add(counter);
    dots.push({ replicaId, counter });
  }
  return dots;
}

const plain = (value: Value): Element => ({ value });
