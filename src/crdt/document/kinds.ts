/**
 * The kinds of values a document holds. A code stands in saved bytes and is never given out again; whoever adds a
 * kind adds it here and a way to reach it in handles.ts.
 */
import {
  clearableOpsVersion,
  decodeClearableCounter,
  decodeClearableOps,
  encodeClearableCounter,
  encodeClearableOps,
} from '../counters/clearable-codec.ts';
import { ClearableCounter, type ClearableCounterOp } from '../counters/clearable-counter.ts';
import { endsOfTally } from '../counters/tally.ts';
import type { CounterChange } from '../counters/messages.ts';
import { decodeTextOps, encodeTextOps } from '../text/codec.ts';
import type { TextChange, TextOp } from '../text/messages.ts';
import { lengthOf, mergeOps } from '../text/op-log.ts';
import { Text } from '../text/text.ts';
import { decodeTextState, encodeTextState } from '../text/state-codec.ts';
import type { Kind } from './kind.ts';
import { joinForHistory, splitForHistory } from './text-history.ts';

/** The map is the document's own: its values are the containers inside it. */
export const mapCode = 2;
export const mapName = 'map';

export const textKind: Kind<Text, TextOp, TextChange> = {
  code: 1,
  name: 'text',
  opsVersion: 1,
  create: context => new Text(context.replicaId, context.counter),
  refuse: (text, ops) => text.refuse(ops),
  apply: (text, ops) => text.apply(ops),
  clear: text => text.localDelete(0, text.length),
  countersOf: lengthOf,
  join: mergeOps,
  history: { join: joinForHistory, split: splitForHistory },
  encodeOps: encodeTextOps,
  decodeOps: decodeTextOps,
  ends: text => Array.from(text.tree.agents.all(), agent => [agent.replicaId, agent.end] as const),
  encode: encodeTextState,
  decode: decodeTextState,
};

export const counterKind: Kind<ClearableCounter, ClearableCounterOp, CounterChange> = {
  code: 3,
  name: 'counter',
  opsVersion: clearableOpsVersion,
  create: context => new ClearableCounter(context),
  refuse: (counter, ops) => counter.refuse(ops),
  apply: (counter, ops) => counter.apply(ops),
  clear: counter => counter.localClear(),
  countersOf: () => 1,
  join: ops => ops,
  ends: counter => endsOfTally(counter.counter.tally),
  encodeOps: encodeClearableOps,
  decodeOps: decodeClearableOps,
  encode: encodeClearableCounter,
  decode: decodeClearableCounter,
};

export type LeafOp = TextOp | ClearableCounterOp;
export type LeafChange = TextChange | CounterChange;
export type AnyKind = Kind<unknown, LeafOp, LeafChange>;

// Each kind only ever meets values and operations of its own: containers pair them by code.
const kinds = [textKind, counterKind] as readonly unknown[] as readonly AnyKind[];

const byCode = new Map(kinds.map(kind => [kind.code, kind]));

/** The kind with this code, unless it is the map's or unknown. */
export function leafKind(code: number): AnyKind | undefined {
  return byCode.get(code);
}

/** What a person calls it. */
export function kindName(code: number): string {
  return code === mapCode ? mapName : (byCode.get(code)?.name ?? `kind ${String(code)}`);
}
