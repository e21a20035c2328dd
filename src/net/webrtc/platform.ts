/**
 * What a mesh takes from where it runs: WebRTC behind simple-peer, and WebSockets. A page brings the browser's
 * (`browserPlatform` here), a Node process those of `../node-webrtc/`. Everything else of this folder runs in both.
 */
import type SimplePeer from 'simple-peer';

export type MakePeer = (options: SimplePeer.Options) => SimplePeer.Instance;

export interface Platform {
  /** To be awaited before the first link; asked again after it failed. */
  readonly loadPeers: () => Promise<MakePeer>;
  readonly openSocket: (url: string) => WebSocket;
}

/** simple-peer is a third of the shell, and a page is shown and written in without it: so it comes after. */
export const browserPlatform: Platform = {
  loadPeers: async () => {
    const { default: Peer } = await import('simple-peer/simplepeer.min.js');
    return options => new Peer(options);
  },
  openSocket: url => new WebSocket(url),
};
