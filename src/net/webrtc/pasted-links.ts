/**
 * Links made by two texts that people carry: an offer from whoever is in the space, an answer from whoever was given it.
 * Beside the mesh, which has the links; here are the two texts and the patience that people need.
 */
import { toHex } from '../../base/bytes.ts';
import {
  anyone,
  decodePasted,
  encodePasted,
  type PastedDone,
  type PastedRefusal,
  type PastedText,
} from '../pasted.ts';
import type { SignalData } from '../signals.ts';
import type { LinkId } from '../transport.ts';
import type { ProvenLink } from './proven-link.ts';
import type { SealedSignals } from './sealed-signals.ts';

/** From an offer to its answer: a walk to the next room, a mail and its reply. */
export const pastedPatienceMs = 15 * 60_000;
/** How long candidates are gathered; a STUN server that does not answer would take ten seconds. */
const gatherMs = 3_000;

/** A link whose other end may not be known yet. */
export interface Meeting {
  peer: LinkId;
  readonly dial: string;
  readonly initiator: boolean;
}

export interface PastedPorts {
  readonly self: LinkId;
  readonly signals: SealedSignals;
  /** A link that signals to nobody. */
  readonly make: (meeting: Meeting) => ProvenLink;
  /** From now on it is the link with `meeting.peer`. */
  readonly adopt: (meeting: Meeting, link: ProvenLink) => void;
  readonly isLinked: (peer: LinkId) => boolean;
  readonly nowMs: () => number;
}

type Opened =
  | { readonly ok: true; readonly from: LinkId; readonly dial: string; readonly data: SignalData }
  | { readonly ok: false; readonly reason: PastedRefusal };

export class PastedLinks {
  readonly #ports: PastedPorts;
  #offered: { readonly meeting: Meeting; readonly link: ProvenLink; readonly untilMs: number } | undefined;

  constructor(ports: PastedPorts) {
    this.#ports = ports;
  }

  /** The text of an offer; undefined where the browser makes none. An earlier one is over. */
  async offer(): Promise<string | undefined> {
    this.close();
    const dial = toHex(crypto.getRandomValues(new Uint8Array(8)));
    const meeting: Meeting = { peer: anyone, dial, initiator: true };
    const link = this.#ports.make(meeting);
    this.#offered = { meeting, link, untilMs: this.#ports.nowMs() + pastedPatienceMs };
    const description = await described(link.connection);
    return description === undefined ? undefined : this.#textOf(anyone, dial, description);
  }

  /** The text of the answer to somebody's offer. */
  async answer(text: string): Promise<PastedText> {
    const opened = await this.#open(text, anyone);
    if (!opened.ok) return opened;
    const { from, dial, data } = opened;
    if (data === 'dial-me' || data.type !== 'offer') return { ok: false, reason: 'wrong-text' };
    const meeting: Meeting = { peer: from, dial, initiator: false };
    const link = this.#ports.make(meeting);
    this.#ports.adopt(meeting, link);
    if (link.signal(data) !== undefined) return { ok: false, reason: 'malformed' };
    const description = await described(link.connection);
    if (description === undefined) return { ok: false, reason: 'malformed' };
    return { ok: true, text: await this.#textOf(from, dial, description) };
  }

  /** Takes the answer to our offer. */
  async accept(text: string): Promise<PastedDone> {
    const opened = await this.#open(text, this.#ports.self);
    if (!opened.ok) return opened;
    const { from, dial, data } = opened;
    const offered = this.#offered;
    if (data === 'dial-me' || data.type !== 'answer' || offered?.meeting.dial !== dial)
      return { ok: false, reason: 'wrong-text' };
    this.#offered = undefined;
    offered.meeting.peer = from;
    this.#ports.adopt(offered.meeting, offered.link);
    return offered.link.signal(data) === undefined ? { ok: true } : { ok: false, reason: 'malformed' };
  }

  tick(): void {
    if (this.#offered !== undefined && this.#ports.nowMs() >= this.#offered.untilMs) this.close();
  }
  close(): void {
    this.#offered?.link.close('offer is over');
    this.#offered = undefined;
  }

  async #textOf(to: LinkId, dial: string, data: SignalData): Promise<string> {
    const from = this.#ports.self;
    return encodePasted({ from, to, body: await this.#ports.signals.seal(from, to, { dial, data }) });
  }

  async #open(text: string, expected: LinkId): Promise<Opened> {
    const decoded = decodePasted(text);
    if (!decoded.ok) return { ok: false, reason: decoded.reason === 'version' ? 'version' : 'malformed' };
    const { from, to, body } = decoded.value;
    if (from === this.#ports.self) return { ok: false, reason: 'ourselves' };
    if (this.#ports.isLinked(from)) return { ok: false, reason: 'linked' };
    if (to !== expected) return { ok: false, reason: to === anyone ? 'wrong-text' : 'other-space' };
    const opened = await this.#ports.signals.open(from, to, body);
    if (opened.ok) return { ok: true, from, ...opened.signal };
    const { reason } = opened;
    if (reason === 'replayed') return { ok: false, reason: 'used' };
    if (reason === 'key' || reason === 'seal') return { ok: false, reason: 'other-space' };
    return { ok: false, reason: reason === 'version' ? 'version' : 'malformed' };
  }
}

/** The description of a connection that is being made, with what candidates there are. */
async function described(connection: RTCPeerConnection): Promise<SignalData | undefined> {
  await new Promise<void>(resolve => {
    const timer = setTimeout(resolve, gatherMs);
    const look = (): void => {
      if (connection.iceGatheringState !== 'complete') return;
      clearTimeout(timer);
      resolve();
    };
    connection.addEventListener('icegatheringstatechange', look);
    look();
  });
  const { type, sdp } = connection.localDescription ?? {};
  return (type === 'offer' || type === 'answer') && sdp !== undefined ? { type, sdp } : undefined;
}
