/**
 * The sets themselves as bytes, one encoding each; docs/protocols/values.md describes them. A set's values stand in the
 * order of their own bytes, and an OR-Set names its replicas once, in the vector of what it has seen.
 */
import { compareBytes } from '../../base/bytes.ts';
import { decodeTwice, Reader, Writer, type Decoded } from '../../base/codec.ts';
import type { ReplicaId } from '../../base/ids.ts';
import type { Context, OpId } from '../context.ts';
import { readVersion } from '../ops-codec.ts';
import { readEntries, readNext, writeEntries, type Replicas } from '../replicas.ts';
import { readValue, type Value } from '../value.ts';
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
  return decodeTwice(bytes, reader => {
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
  return decodeTwice(bytes, reader => {
    readVersion(reader, setVersion);
    const from = reader.at;
    const present = readElements(reader, plain);
    const isPresent = reader.looks ? lookUp(reader.since(from)) : (key: string) => present.has(key);
    const removed = readElements(reader, (value, key, bytes) => {
      if (isPresent(key, bytes)) reader.fail('added and removed');
      return plain(value);
    });
    return new TwoPhaseSet(context, present, removed);
  });
}

/** Are the bytes one of the values in `elements`? To be asked in their order: goes along with the question. */
function lookUp(elements: Uint8Array): (key: string, bytes: Uint8Array) => boolean {
  const reader = new Reader(elements);
  let left = reader.varUint();
  let here: Uint8Array | undefined;
  return (_, bytes) => {
    while (here === undefined || compareBytes(here, bytes) < 0) {
      if (left-- === 0) return ((left = 0), false);
      const from = reader.at;
      readValue(reader);
      here = reader.since(from);
    }
    return compareBytes(here, bytes) === 0;
  };
}

export function encodeORSet(set: ORSet, replicas?: Replicas): Uint8Array<ArrayBuffer> {
  const writer = new Writer().byte(setVersion);
  writeEntries(writer, set.seen, replicas, next => writer.varUint(next));
  const places = new Map([...set.seen.keys()].sort().map((replicaId, place) => [replicaId, place]));
  set.elements.write(writer, ({ dots }) => {
    writer.varUint(dots.length);
    for (const { replicaId, counter } of dots) writer.varUint(places.get(replicaId) ?? 0).varUint(counter);
  });
  return writer.finish();
}

export function decodeORSet(bytes: Uint8Array, context: Context, replicas?: Replicas): Decoded<ORSet> {
  return decodeTwice(bytes, reader => {
    readVersion(reader, setVersion);
    /** Of each replica, the first counter not seen, by its place. */
    const nexts: number[] = [];
    const seen = readEntries(reader, replicas, (_, end) => {
      const next = readNext(reader, end);
      nexts.push(next);
      return next;
    });
    const from = reader.at;
    if (reader.looks) {
      let count = 0;
      readElements(reader, value => {
        readDots(reader, nexts, () => count++);
        return plain(value);
      });
      lookAtDots(reader, reader.since(from), nexts, count);
      return new ORSet(context);
    }
    const names = [...seen.keys()];
    /** Every dot read so far: each is at one value only. */
    const taken = names.map(() => new Set<number>());
    const elements = readElements(reader, (value, key): DottedElement => {
      const dots: OpId[] = [];
      readDots(reader, nexts, (place, counter) => {
        if (taken[place]?.has(counter) === true) reader.fail('dot at two values');
        taken[place]?.add(counter);
        dots.push({ replicaId: names[place] as ReplicaId, counter });
      });
      return { key, value, dots };
    });
    return new ORSet(context, seen, elements);
  });
}

/** At least one dot, rising by the place of its replica, each of them seen. */
function readDots(
  reader: Reader,
  nexts: readonly number[],
  take: (place: number, counter: number) => void,
): void {
  const count = reader.varUint(nexts.length);
  if (count === 0) reader.fail('value without a dot');
  for (let i = 0, last = -1; i < count; i++) {
    const place = reader.varUint();
    const next = nexts[place] ?? reader.fail('unknown replica');
    if (place <= last) reader.fail('dots not sorted');
    last = place;
    const counter = reader.varUint();
    if (counter >= next) reader.fail('dot not seen');
    take(place, counter);
  }
}

/** Is no dot at two values? Eight bytes for each, which has two at least: a counter in 48 bits, the place before it. */
function lookAtDots(reader: Reader, elements: Uint8Array, nexts: readonly number[], count: number): void {
  const dots = new BigUint64Array(count);
  const again = new Reader(elements);
  let at = 0;
  readElements(again, value => {
    readDots(again, nexts, (place, counter) => {
      dots[at++] = (BigInt(place) << 48n) | BigInt(counter);
    });
    return plain(value);
  });
  dots.sort();
  for (let i = 1; i < count; i++) if (dots[i] === dots[i - 1]) reader.fail('dot at two values');
}

const plain = (value: Value): Element => ({ value });
