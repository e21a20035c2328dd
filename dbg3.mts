import { toHex } from './src/base/bytes.ts';
import { encodeDocument } from './src/crdt/document/state-codec.ts';
import { encodeDocumentHistory } from './src/crdt/document/history-codec.ts';
import { documentOf, made, syncAll } from './src/crdt/document/testing.model.ts';
const a = documentOf('a'); const b = documentOf('b');
b.apply(made(a.map('m').text('t').insert(0, 'hi')));
b.transact(() => { b.map('m').text('t').insert(2, '!'); b.counter('n').add(5); b.root.delete('m'); b.map('ü').touch('x'); });
syncAll(a,b);
console.log(toHex(encodeDocument(a)));console.log(toHex(encodeDocumentHistory(a)!));
