/**
 * The mesh of `../webrtc/` in a Node process: WebRTC by node-datachannel (libdatachannel), WebSockets by ws, since
 * Node 20 has none of its own. It is what an always-on replica and large meshes on one machine stand on.
 */
import { cleanup } from 'node-datachannel';
import polyfill from 'node-datachannel/polyfill';
import SimplePeer from 'simple-peer';
import { WebSocket as NodeWebSocket } from 'ws';
import { signalingTextBytesMax } from '../signaling.ts';
import type { Platform } from '../webrtc/platform.ts';
import { NodePeerConnection } from './peer-connection.ts';

/** The polyfill's types differ from the DOM's in names alone. */
const wrtc = { ...polyfill, RTCPeerConnection: NodePeerConnection } as unknown as Exclude<
  SimplePeer.Options['wrtc'],
  undefined
>;

export const nodePlatform: Platform = {
  loadPeers: () => Promise.resolve(options => new SimplePeer({ ...options, wrtc })),
  openSocket: url => {
    const options = { perMessageDeflate: false, maxPayload: signalingTextBytesMax, followRedirects: false };
    const socket = new NodeWebSocket(url, options);
    // Without a listener an error is thrown; what it means comes as `close`.
    socket.on('error', () => undefined);
    return socket as unknown as WebSocket;
  },
};

/** Ends libdatachannel's threads, so that the process can end by itself. Every mesh is to be closed before. */
export function endNodeWebRtc(): void {
  cleanup();
}
