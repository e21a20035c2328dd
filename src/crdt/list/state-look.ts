/**
 * The bytes of a list, looked at: are they the one encoding of a list? What is asked of them is in proportion to them, and so is what
 * is kept while asking, four bytes a byte at most (docs/protocols/bounds.md).
 */
import type { Reader } from '../../base/codec.ts';
import { counterMax } from '../../base/limits.ts';
import type { HybridTime } from '../../clocks/hybrid-logical-clock.ts';
import { readStamp } from '../op-bytes.ts';
import type { Replicas } from '../replicas.ts';
import { Bits } from '../slots/bits.ts';
import { LookedAtSlots } from '../slots/slots-look.ts';
import { readValue } from '../value.ts';

export const listVersion = 1;

export function lookAtList(reader: Reader, replicas: Replicas | undefined): void {
  if (reader.byte() !== listVersion) reader.fail('unknown version');
  const slots = new LookedAtSlots(reader, replicas);
  slots.readMoves(reader);
  let count = 0;
  for (let place = 0; place < slots.replicaCount; place++) count += lookAtLiving(reader, slots, place);
  // A value takes at least a byte.
  if (count > reader.left) reader.fail('short');
  for (let i = 0; i < count; i++) readValue(reader);
  const isNamed = new Bits(slots.replicaCount);
  readTail(reader, slots.replicaCount, ({ index, place, counter }) => {
    if (index >= count) reader.fail('unknown element');
    if (counter >= slots.endOf(place)) reader.fail('counter out of range');
    isNamed.set(place);
  });
  const isEntered = new Bits(slots.moveCount);
  readTail(reader, slots.replicaCount, ({ index, place, counter }) => {
    if (index >= count) reader.fail('unknown element');
    const move = slots.moveAt(place, counter);
    if (move < 0 || !isEntered.set(move)) reader.fail('moved to no slot of a move');
  });
  for (let place = 0; place < slots.replicaCount; place++)
    if (!slots.hasSlots(place) && !isNamed.has(place)) reader.fail('not the one encoding');
}

/** How many elements of one replica are there: their ranges are of slots that no move made, and do not touch. */
function lookAtLiving(reader: Reader, slots: LookedAtSlots, place: number): number {
  const ranges = reader.varUint(reader.left >> 1);
  const { cursor, count: stretches } = slots.stretchesOf(place);
  const moves = slots.movesOf(place);
  let seen = 0;
  let total = 0;
  let at = 0;
  for (let i = 0; i < ranges; i++) {
    const start = at + reader.varUint(counterMax);
    const end = start + reader.varUint(counterMax);
    if (end <= start || end > counterMax) reader.fail('counter out of range');
    if (i > 0 && start === at) reader.fail('not the one encoding');
    for (at = start; at < end; at = cursor.end) {
      for (; cursor.end <= at && seen < stretches; seen++) cursor.next();
      if (at < cursor.start || at >= cursor.end) reader.fail('unknown slot');
    }
    at = end;
    while (moves.counter < start && moves.left > 0) moves.next();
    if (moves.counter >= start && moves.counter < end) reader.fail('slot of two kinds');
    total += end - start;
  }
  return total;
}

/** What few elements have: the last set of them, or the slot that a move took them to. */
export interface TailEntry {
  /** Which of the elements that are there. */
  readonly index: number;
  /** Of the write: the place of its replica in the table, its counter and its stamp. */
  readonly place: number;
  readonly counter: number;
  readonly stamp: HybridTime;
}

export function readTail(reader: Reader, replicaCount: number, take: (entry: TailEntry) => void): void {
  const count = reader.varUint(reader.left);
  let next = 0;
  let wallMs = 0;
  for (let i = 0; i < count; i++) {
    const index = next + reader.varUint();
    const place = reader.varUint();
    if (place >= replicaCount) reader.fail('unknown replica');
    const counter = reader.varUint(counterMax - 1);
    const stamp = readStamp(reader, wallMs);
    take({ index, place, counter, stamp });
    next = index + 1;
    wallMs = stamp.wallMs;
  }
}
