/**
 * The library `peerloom/crdt`: data that many replicas edit at once and that ends the same for all of them. README.md
 * beside this file is where to begin. Inside this repository the defining modules are imported, and never this file.
 */
export { Document } from './document/document.ts';
export type { DocumentOptions } from './document/document.ts';
export { decodeDocumentBatch, encodeDocumentBatch } from './document/batch-codec.ts';
export { decodeDocument, encodeDocument } from './document/state-codec.ts';
export { decodeDocumentHistory, encodeDocumentHistory } from './document/history-codec.ts';
export { Inbox } from './document/inbox.ts';
export type { Received } from './document/inbox.ts';
export type { DocumentMap } from './document/handles/map.ts';
export type { DocumentText, UndoableText } from './document/handles/text.ts';
export type { DocumentCounter, DocumentGCounter } from './document/handles/counter.ts';
export type { DocumentMVRegister, DocumentRegister } from './document/handles/registers.ts';
export type { DocumentList } from './document/handles/list.ts';
export type { DocumentTree } from './document/handles/tree.ts';
export type { DocumentGSet, DocumentSet, DocumentTwoPhaseSet } from './document/handles/sets.ts';
export type { Edited } from './document/handles/handle.ts';
export { countersOfBatch, pathOf } from './document/messages.ts';
export type {
  ContainerId,
  DocumentBatch,
  DocumentChange,
  DocumentEvent,
  EditEntry,
  Entry,
  UnreadEntry,
} from './document/messages.ts';
export { decodeMapOps, encodeMapOps } from './map/codec.ts';
export type { MapChange, MapOp, RemoveOp, TouchOp } from './map/messages.ts';

export { logContext } from './log-context.ts';
export { compareOpIds } from './context.ts';
export type { Applied, Context, OpId } from './context.ts';
export type { Counter } from './counter.ts';
export { valueKey } from './value.ts';
export type { Value } from './value.ts';
export { decode, Writer } from '../base/codec.ts';
export type { Decoded, Reader } from '../base/codec.ts';
export { isId } from '../base/ids.ts';
export type { ReplicaId } from '../base/ids.ts';

export { Text } from './text/text.ts';
export { decodeTextOps, encodeTextOps } from './text/codec.ts';
export { decodeTextState, encodeTextState } from './text/state-codec.ts';
export { countersOf, mergeOps } from './text/op-log.ts';
export { TextHistory } from './text/history.ts';
export type { TextVersion } from './text/history.ts';
export { encodeTextHistory } from './text/history-codec.ts';
export { decodeTextHistory } from './text/history-reader.ts';
export type { LoadedHistory } from './text/history-reader.ts';
export { TextVersions } from './text/versions.ts';
export type { BlameRun, VersionError } from './text/versions.ts';
export { prune, stableVersion } from './text/garbage.ts';
export type { Expand } from './text/expand.ts';
export type { MarkedText } from './text/marked-text.ts';
export type { MarkSet, MarkSpan } from './text/marks.ts';
export type {
  DeleteOp,
  InsertOp,
  MarkChange,
  MarkOp,
  RelativePosition,
  RestoreOp,
  TextApplied,
  TextChange,
  TextOp,
} from './text/messages.ts';
export { TextUndo } from './undo/text-undo.ts';
export type { TextReverted } from './undo/text-undo.ts';
export type { UndoOptions } from './undo/undo-stack.ts';

export { GCounter } from './counters/g-counter.ts';
export { PNCounter } from './counters/pn-counter.ts';
export { ClearableCounter } from './counters/clearable-counter.ts';
export type { ClearableCounterOp, CounterClearOp } from './counters/clearable-counter.ts';
export {
  decodeClearableCounter,
  decodeClearableOps,
  encodeClearableCounter,
  encodeClearableOps,
} from './counters/clearable-codec.ts';
export type { CounterChange, GCounterOp, PNCounterOp } from './counters/messages.ts';
export {
  decodeGCounter,
  decodeGCounterOps,
  decodePNCounter,
  decodePNCounterOps,
  encodeCounterOps,
  encodeGCounter,
  encodePNCounter,
} from './counters/codec.ts';

export { GSet } from './sets/g-set.ts';
export { ORSet } from './sets/or-set.ts';
export { TwoPhaseSet } from './sets/two-phase-set.ts';
export type { GSetOp, ORSetOp, SetChange, TwoPhaseSetOp } from './sets/messages.ts';
export {
  decodeGSetOps,
  decodeORSetOps,
  decodeTwoPhaseSetOps,
  encodeORSetOps,
  encodeSetOps,
} from './sets/codec.ts';
export {
  decodeGSet,
  decodeORSet,
  decodeTwoPhaseSet,
  encodeGSet,
  encodeORSet,
  encodeTwoPhaseSet,
} from './sets/state-codec.ts';

export { LWWRegister } from './registers/lww-register.ts';
export { MVRegister } from './registers/mv-register.ts';
export { ClearableMVRegister, ClearableRegister } from './registers/clearable-register.ts';
export type { RegisterChange, ValuesChange } from './registers/clearable-register.ts';
export type { LWWChange, LWWSetOp, MVChange, MVSetOp } from './registers/messages.ts';
export {
  decodeLWWOps,
  decodeLWWRegister,
  decodeMVOps,
  decodeMVRegister,
  encodeLWWOps,
  encodeLWWRegister,
  encodeMVOps,
  encodeMVRegister,
} from './registers/codec.ts';

export { List } from './list/list.ts';
export { decodeListOps, encodeListOps } from './list/codec.ts';
export { decodeList, encodeList } from './list/state-codec.ts';
export type { ListChange, ListOp } from './list/messages.ts';

export { Tree } from './tree/tree.ts';
export { decodeTreeOps, encodeTreeOps } from './tree/codec.ts';
export { decodeTree, encodeTree } from './tree/state-codec.ts';
export type { Parent, Spot, TreeChange, TreeOp } from './tree/messages.ts';

export { LamportClock, compareLamportTime } from '../clocks/lamport-clock.ts';
export type { LamportTime } from '../clocks/lamport-clock.ts';
export { DottedVersionVectorSet, concurrent, descends } from '../clocks/dotted-version-vector.ts';
export type { Dot, DottedVersionVector, Sibling } from '../clocks/dotted-version-vector.ts';
export { compareHybridTime, HybridLogicalClock } from '../clocks/hybrid-logical-clock.ts';
export type { HybridTime } from '../clocks/hybrid-logical-clock.ts';
export { countAhead, covers, mergeInto, readClock, writeClock } from '../clocks/vector-clock.ts';
export type { ReadonlyVectorClock, VectorClock } from '../clocks/vector-clock.ts';
