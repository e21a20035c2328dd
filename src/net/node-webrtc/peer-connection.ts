/**
 * RTCPeerConnection of node-datachannel's polyfill as simple-peer needs it. Three things differ from a browser's:
 *
 * - libdatachannel negotiates by itself as soon as a channel is made, so a side that only answers, but makes its own
 *   negotiated channels first, would offer as well. Here it negotiates when it is asked to, and not before.
 * - Descriptions come as frozen objects; simple-peer writes to them.
 * - Its candidates begin with `a=`, which Chromium refuses.
 */
import { PeerConnection } from 'node-datachannel';
import polyfill from 'node-datachannel/polyfill';

type NativeConnection = InstanceType<typeof PeerConnection>;

let connections = 0;

export class NodePeerConnection extends polyfill.RTCPeerConnection {
  /** How many are not closed: each holds sockets and memory outside of what is collected. */
  static live = 0;
  readonly #native: NativeConnection;
  #closed = false;

  constructor(configuration: RTCConfiguration = {}) {
    const native = new PeerConnection(`peerloom-${String(++connections)}`, {
      iceServers: iceServersOf(configuration),
      iceTransportPolicy: configuration.iceTransportPolicy ?? 'all',
      disableAutoNegotiation: true,
    });
    super({ iceServers: [], peerConnection: native });
    this.#native = native;
    NodePeerConnection.live++;
  }

  override async createOffer(): Promise<RTCSessionDescriptionInit> {
    this.#native.setLocalDescription('offer');
    return plain((await super.createOffer()) as RTCSessionDescriptionInit);
  }

  override async createAnswer(): Promise<RTCSessionDescriptionInit> {
    this.#native.setLocalDescription('answer');
    return plain((await super.createAnswer()) as RTCSessionDescriptionInit);
  }

  /** `createOffer` and `createAnswer` have set it: libdatachannel does not make one without the other. */
  override async setLocalDescription(): Promise<void> {
    await Promise.resolve();
  }

  override dispatchEvent(event: Event): boolean {
    const { candidate } = event as RTCPeerConnectionIceEvent;
    if (event.type !== 'icecandidate' || candidate === null) return super.dispatchEvent(event);
    const own = new polyfill.RTCIceCandidate({
      candidate: candidate.candidate.replace(/^a=/, ''),
      sdpMid: candidate.sdpMid,
      sdpMLineIndex: 0,
    });
    return super.dispatchEvent(new polyfill.RTCPeerConnectionIceEvent(own));
  }

  override close(): void {
    if (!this.#closed) NodePeerConnection.live--;
    this.#closed = true;
    super.close();
  }
}

function plain({ type, sdp }: RTCSessionDescriptionInit): RTCSessionDescriptionInit {
  return sdp === undefined ? { type } : { type, sdp };
}

/** Addresses with the credentials in them, as libdatachannel reads them. */
function iceServersOf({ iceServers = [] }: RTCConfiguration): string[] {
  return iceServers.flatMap(({ urls, username, credential }) =>
    [urls].flat().map(url => {
      if (username === undefined || credential === undefined) return url;
      const [scheme = '', ...rest] = url.split(':');
      const user = `${encodeURIComponent(username)}:${encodeURIComponent(credential)}`;
      return `${scheme}:${user}@${rest.join(':')}`;
    }),
  );
}
