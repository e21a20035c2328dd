/**
 * Signaling servers that attack, on real connections: each pretends to be the other peer to both, ends both DTLS legs
 * with certificates of its own, and carries every word of the handshake from leg to leg. For that it has to have the
 * signals' key; what it lacks is what the handshake asks for.
 */
import { afterEach, expect, test, vi } from 'vitest';
import { SeededRandom } from '../../base/random.ts';
import { nobleCrypto } from '../../sync/crypto.ts';
import { fingerprintOf } from '../handshake/fingerprint.ts';
import { decodeHello, decodeProof, encodeProof } from '../handshake/messages.ts';
import { transcriptOf, type Role, type Side } from '../handshake/transcript.ts';
import { decodeClientMessage, encodeServerMessage, type ServerMessage } from '../signaling.ts';
import type { Signal, SignalData } from '../signals.ts';
import type { TransportEvent } from '../transport.ts';
import { Mesh } from './mesh.ts';
import { browserPlatform } from './platform.ts';
import { SealedSignals } from './sealed-signals.ts';
import { newIdentity, newSpace, type Space } from './space.model.ts';

/** The server in between. One page's sockets reach it instead of the network. */
class LyingServer {
  readonly legs: Leg[] = [];
  readonly sockets = new Map<string, SocketEnd>();
  readonly space: Space;
  /** Words it carried, by first byte. */
  readonly carried: number[] = [];
  /** What it makes of a word before it goes to the other leg. */
  change = (_word: Uint8Array<ArrayBuffer>, _to: Leg): Uint8Array<ArrayBuffer> => _word;
  readonly #signals: SealedSignals;
  #work = Promise.resolve();

  constructor(space: Space, signals: SealedSignals) {
    this.space = space;
    this.#signals = signals;
  }
  static async in(space: Space): Promise<LyingServer> {
    return new LyingServer(space, await SealedSignals.create(space.signaling, space.topic));
  }

  joined(peer: string, socket: SocketEnd): void {
    socket.say({ type: 'welcome', peers: [...this.sockets.keys()] });
    for (const other of this.sockets.values()) other.say({ type: 'joined', peer });
    this.sockets.set(peer, socket);
  }

  /** Opens what was meant for another, and answers in the other's name. */
  signal(from: string, to: string, body: string): void {
    this.#work = this.#work
      .then(async () => {
        const opened = await this.#signals.open(from, to, body);
        if (!opened.ok || opened.signal.data === 'dial-me') return;
        const { dial, data } = opened.signal;
        if (data.type === 'offer') await this.#intercept(from, to, dial);
        await this.legs.find(({ victim }) => victim === from)?.take(data);
      })
      // A candidate for legs that are gone.
      .catch(() => undefined);
  }
  async say(from: string, to: string, signal: Signal): Promise<void> {
    const body = await this.#signals.seal(from, to, signal);
    this.sockets.get(to)?.say({ type: 'signal', from, body });
  }

  /** One leg to whoever dials, one to whom it dials; instead of those of an earlier attempt. */
  async #intercept(dialler: string, answerer: string, dial: string): Promise<void> {
    this.close();
    const toDialler = new Leg(this, dialler, answerer, dial);
    const toAnswerer = new Leg(this, answerer, dialler, dial);
    [toDialler.other, toAnswerer.other] = [toAnswerer, toDialler];
    this.legs.push(toDialler, toAnswerer);
    await toAnswerer.offer();
  }

  close(): void {
    for (const { connection } of this.legs.splice(0)) connection.close();
  }
}

/** One of its two connections: to `victim`, in the name of `posedAs`. */
class Leg {
  readonly connection = new RTCPeerConnection();
  readonly victim: string;
  readonly posedAs: string;
  readonly #dial: string;
  readonly #server: LyingServer;
  other: Leg | undefined;
  #channel: RTCDataChannel | undefined;
  readonly #waiting: Uint8Array<ArrayBuffer>[] = [];

  constructor(server: LyingServer, victim: string, posedAs: string, dial: string) {
    this.#server = server;
    this.victim = victim;
    this.posedAs = posedAs;
    this.#dial = dial;
    this.connection.onicecandidate = ({ candidate }) => {
      if (candidate === null) return;
      const { candidate: line, sdpMid, sdpMLineIndex } = candidate;
      void this.#say({ type: 'candidate', candidate: { candidate: line, sdpMid, sdpMLineIndex } });
    };
    this.connection.ondatachannel = ({ channel }) => {
      this.#carry(channel);
    };
  }

  async offer(): Promise<void> {
    this.#carry(this.connection.createDataChannel('data'));
    await this.#describe(await this.connection.createOffer());
  }

  async take(data: Exclude<SignalData, string>): Promise<void> {
    if (data.type === 'candidate') await this.connection.addIceCandidate(data.candidate);
    else {
      await this.connection.setRemoteDescription(data);
      if (data.type === 'offer') await this.#describe(await this.connection.createAnswer());
    }
  }

  async #describe(description: RTCSessionDescriptionInit): Promise<void> {
    await this.connection.setLocalDescription(description);
    const { type, sdp = '' } = description;
    if (type === 'offer' || type === 'answer') await this.#say({ type, sdp });
  }

  async #say(data: SignalData): Promise<void> {
    await this.#server.say(this.posedAs, this.victim, { dial: this.#dial, data });
  }

  #carry(channel: RTCDataChannel): void {
    this.#channel = channel;
    channel.binaryType = 'arraybuffer';
    channel.onopen = () => {
      for (const word of this.#waiting.splice(0)) channel.send(word);
    };
    channel.onmessage = ({ data }: MessageEvent<ArrayBuffer>) => {
      const word = new Uint8Array(data);
      this.#server.carried.push(word[0] ?? 0);
      this.other?.send(this.other.changed(word));
    };
  }
  changed(word: Uint8Array<ArrayBuffer>): Uint8Array<ArrayBuffer> {
    return this.#server.change(word, this);
  }
  send(word: Uint8Array<ArrayBuffer>): void {
    if (this.#channel?.readyState === 'open') this.#channel.send(word);
    else this.#waiting.push(word);
  }

  /** SHA-256 of this leg's own certificate and of its victim's. */
  fingerprints(): { own: Uint8Array; victims: Uint8Array } {
    const { localDescription, remoteDescription } = this.connection;
    const [own, victims] = [localDescription, remoteDescription].map(of => fingerprintOf(of?.sdp ?? ''));
    if (own?.ok !== true || victims?.ok !== true) throw new Error('no fingerprint');
    return { own: own.fingerprint, victims: victims.fingerprint };
  }
}

let server: LyingServer;

class SocketEnd {
  onopen: (() => void) | null = null;
  onmessage: ((event: { data: string }) => void) | null = null;
  onclose: (() => void) | null = null;
  #peer = '';
  constructor() {
    queueMicrotask(() => this.onopen?.());
  }
  say(message: ServerMessage): void {
    this.onmessage?.({ data: encodeServerMessage(message) });
  }
  send(text: string): void {
    const decoded = decodeClientMessage(text);
    if (!decoded.ok) throw new Error(decoded.reason);
    const message = decoded.value;
    if (message.type === 'join') server.joined((this.#peer = message.peer), this);
    if (message.type === 'signal') server.signal(this.#peer, message.to, message.body);
  }
  close(): void {
    // Nothing is left of it.
  }
}

const opened: Mesh[] = [];
afterEach(() => {
  for (const mesh of opened.splice(0)) mesh.close();
  server.close();
  vi.unstubAllGlobals();
});

async function meshIn(space: Space, seed: number): Promise<{ mesh: Mesh; heard: TransportEvent[] }> {
  const mesh = new Mesh({
    platform: browserPlatform,
    signalingUrls: ['ws://the.lying.server/signal'],
    topic: space.topic,
    signals: await SealedSignals.create(space.signaling, space.topic),
    identity: await newIdentity(space),
    random: new SeededRandom(seed),
    seed,
    outbox: { adopt: () => undefined, recall: () => undefined },
  });
  const heard: TransportEvent[] = [];
  mesh.subscribe(event => heard.push(event));
  mesh.setOnline(true);
  opened.push(mesh);
  return { mesh, heard };
}

/** Until both ends have refused the link for this reason. */
async function bothRefuse(space: Space, reason: string): Promise<void> {
  vi.stubGlobal('WebSocket', SocketEnd);
  const [ana, bo] = [await meshIn(space, 1), await meshIn(space, 2)];
  const counts = () => [ana, bo].map(({ mesh }) => mesh.refusals.get(`handshake: ${reason}`));
  // An end that refuses before its own proof has left ends the attempt for the other, which refuses the next.
  while (counts().some(count => count === 0)) {
    await new Promise(resolve => setTimeout(resolve, 20));
    for (const { mesh } of [ana, bo]) mesh.tick();
  }
  // Both legs were open and both proofs were carried; nobody met anybody.
  expect(server.carried.filter(type => type === 0xa2).length).toBeGreaterThanOrEqual(2);
  for (const { heard } of [ana, bo])
    expect(heard.filter(({ type }) => type === 'link-up' || type === 'message')).toEqual([]);
}

test('[NET102] the lying server ends both legs and carries the handshake: both ends refuse it', async () => {
  const space = newSpace();
  server = await LyingServer.in(space);
  await bothRefuse(space, 'wrong-mac');
});

test('[NET102] a lying server that knows the whole secret makes every HMAC anew, and lacks the devices’ signatures', async () => {
  const space = newSpace();
  server = await LyingServer.in(space);
  const hellos = new Map<Leg, Uint8Array>();
  server.change = (word, to) => {
    if (decodeHello(word).ok) {
      hellos.set(to, word);
      return word;
    }
    const decoded = decodeProof(word);
    const from = to.other;
    if (!decoded.ok || from === undefined) return word;
    // As the victim of this leg sees it: this leg's certificate where the other victim's should be.
    const { own, victims } = to.fingerprints();
    const victimDialled = server.legs.indexOf(to) % 2 === 0;
    const theirs: Side = { fingerprint: victims, hello: hellos.get(from) ?? new Uint8Array() };
    const ours: Side = { fingerprint: own, hello: hellos.get(to) ?? new Uint8Array() };
    const prover: Role = victimDialled ? 'answerer' : 'dialler';
    const sides = victimDialled ? { dialler: theirs, answerer: ours } : { dialler: ours, answerer: theirs };
    const mac = nobleCrypto.hmacSha256(space.authentication, transcriptOf(prover, space.topic, sides));
    return encodeProof({ mac, signature: decoded.value.signature });
  };
  await bothRefuse(space, 'wrong-signature');
});
