/** The text engine alone, for its size: editing, operations and states as bytes. Histories are fetched when asked for. */
export { decodeTextOps, encodeTextOps } from '../../src/crdt/text/codec.ts';
export { mergeOps } from '../../src/crdt/text/op-log.ts';
export { decodeTextState, encodeTextState } from '../../src/crdt/text/state-codec.ts';
export { Text } from '../../src/crdt/text/text.ts';
