/** The text engine alone, for its size: editing, operations as bytes, joining them. */
export { decodeTextOps, encodeTextOps } from '../../src/crdt/text/codec.ts';
export { mergeOps } from '../../src/crdt/text/op-log.ts';
export { Text } from '../../src/crdt/text/text.ts';
