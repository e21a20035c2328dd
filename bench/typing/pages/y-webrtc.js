/**
 * The page that Peerloom is compared with: Yjs, y-webrtc and y-codemirror.next, put together as their READMEs
 * do it, on Peerloom's own list of editor extensions.
 *
 * JavaScript, and outside of every tsconfig: its libraries stand in bench/node_modules, which a clone that never
 * ran a benchmark does not have.
 */
import { EditorState } from '@codemirror/state';
import { EditorView } from '@codemirror/view';
import { yCollab } from 'y-codemirror.next';
import { WebrtcProvider } from 'y-webrtc';
import * as Y from 'yjs';
import { editorExtensions } from '../../../src/app/editor/setup.ts';
import '../../../src/app/styles/fonts.css';
import '../../../src/app/styles/tokens.css';

const query = new URLSearchParams(location.search);
const peers = Number(query.get('peers'));

const doc = new Y.Doc();
const text = doc.getText('page');
const provider = new WebrtcProvider(query.get('room'), doc, {
  signaling: [query.get('signaling')],
  // Its default is 20 to 34, so that the mesh is full up to 20 peers; so it is here, for more of them too.
  maxConns: Math.max(20, peers),
  // No STUN: every peer is on this machine.
  peerOpts: { config: { iceServers: [] } },
});
provider.awareness.setLocalStateField('user', {
  name: `Peer ${query.get('number')}`,
  color: '#30bced',
  colorLight: '#30bced33',
});

new EditorView({
  parent: document.querySelector('#editor'),
  state: EditorState.create({
    doc: text.toString(),
    // The list has an undo history, so there is no second one: it would only cost y-webrtc time.
    extensions: [editorExtensions(), yCollab(text, provider.awareness, { undoManager: false })],
  }),
});

globalThis.yWebrtc = {
  /** Peers with an open channel that have answered the first exchange. */
  connected: () => [...(provider.room?.webrtcConns.values() ?? [])].filter(conn => conn.connected).length,
};
