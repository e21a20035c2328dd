/**
 * Peers that are no replicas of ours: hostile ones, and one of a later version. They know the space's secret (anybody with
 * the link does), so nothing keeps them out; the replicas must bear with them, and converge among themselves.
 */
import { assertNever } from '../base/assert.ts';
import { utf8 } from '../base/bytes.ts';
import type { ReplicaId } from '../base/ids.ts';
import { frameBytesMax } from '../base/limits.ts';
import type { SeededRandom } from '../base/random.ts';
import type { VectorClock } from '../clocks/vector-clock.ts';
import type { LinkId, TransportEvent } from '../net/transport.ts';
import {
  decodeSyncMessage,
  encodeSyncMessage,
  protocolVersion,
  rootBytes,
  type SyncMessage,
} from '../sync/messages.ts';
import { Author } from './author.ts';
import { Session } from './network.ts';
import { sealingKeyOf } from './node.ts';
import type { StrangerKind } from './plan.ts';
import type { World } from './world.ts';

const actEveryMs = 300;
/** Nobody is at it all the time: for the first part of each minute, and quiet for the rest of it. */
const actsForMs = 20_000;
const quietEveryMs = 1000;
const remembered = 200;
/** Of batches that keep the rules; who writes for ever is waited for for ever by whoever wants to have all. */
const writesMax = 300;

export class Stranger {
  readonly #world: World;
  readonly #kind: StrangerKind;
  readonly #random: SeededRandom;
  readonly #author: Author;
  readonly #session: Session;
  readonly #heard: Uint8Array[] = [];
  readonly #peers = new Map<LinkId, ReplicaId>();
  #theirClock: VectorClock = new Map();

  constructor(world: World, index: number, kind: StrangerKind) {
    this.#world = world;
    this.#kind = kind;
    this.#random = world.random.split(`stranger ${String(index)} ${kind}`);
    const name = (what: string) => world.crypto.sha256(utf8(`${what} of stranger ${String(index)}`));
    this.#author = new Author(world.crypto, world.keys, {
      deviceKey: name('device'),
      sealingKey: sealingKeyOf(name('sealing')),
    });
    const id = name('session')
      .reduce((hex, byte) => hex + byte.toString(16).padStart(2, '0'), '')
      .slice(0, 32);
    this.#session = new Session(world.network, index, id, this.#random.split('session'), {
      event: event => {
        this.#event(event);
      },
      whenAwake: (_lane, run) => {
        run();
      },
    });
  }

  start(): void {
    this.#world.at(this.#random.below(3000), () => {
      const { wallMs } = this.#world;
      this.#author.add(this.#author.header(wallMs), this.#author.certificateBody());
      this.#session.join();
      this.#beat();
    });
  }

  get #isWriting(): boolean {
    return this.#world.isTyping && this.#author.log.length < writesMax;
  }

  #beat(): void {
    this.#session.tick();
    const acts = this.#world.nowMs % 60_000 < actsForMs;
    for (const [linkId, peer] of [...this.#peers]) {
      this.#beatOn(linkId);
      if (acts) this.#act(linkId, peer);
    }
    const everyMs = acts ? actEveryMs : quietEveryMs;
    this.#world.at(this.#world.nowMs + everyMs * (0.5 + this.#random.fraction()), () => {
      this.#beat();
    });
  }

  #event(event: TransportEvent): void {
    if (event.type === 'link-up') this.#sayHello(event.linkId, false);
    else if (event.type === 'link-down') this.#peers.delete(event.linkId);
    else if (event.type === 'message') this.#hear(event.linkId, event.bytes);
  }

  #sayHello(linkId: LinkId, heard: boolean): void {
    this.#send(linkId, {
      type: 'hello',
      version: protocolVersion,
      replicaId: this.#author.replicaId,
      heard,
    });
  }

  #hear(linkId: LinkId, bytes: Uint8Array): void {
    this.#heard.push(bytes.slice());
    if (this.#heard.length > remembered) this.#heard.splice(this.#random.below(remembered), 1);
    const decoded = decodeSyncMessage(bytes);
    if (!decoded.ok) return;
    const message = decoded.value;
    if (message.type === 'hello') {
      this.#peers.set(linkId, message.replicaId);
      if (!message.heard) this.#sayHello(linkId, true);
    } else if (message.type === 'clock') {
      this.#theirClock = new Map(message.clock);
      if (message.asks) this.#sayClock(linkId);
    } else if (message.type === 'request')
      this.#answer(linkId, message.clock.get(this.#author.replicaId) ?? 0);
  }

  #answer(linkId: LinkId, from: number): void {
    if (this.#kind !== 'liar') {
      const batches = this.#author.log.slice(from, from + 20);
      if (batches.length > 0) this.#send(linkId, { type: 'batches', batches });
    }
    this.#send(linkId, { type: 'end', more: this.#kind === 'liar' && this.#random.below(3) === 0 });
  }

  #sayClock(linkId: LinkId): void {
    const clock: VectorClock = new Map([[this.#author.replicaId, this.#author.log.length]]);
    if (this.#kind === 'liar') {
      for (const [replicaId, count] of this.#theirClock) clock.set(replicaId, count + this.#random.below(50));
      clock.set(this.#author.replicaId, this.#author.log.length + this.#random.below(9));
    }
    const root = new Uint8Array(rootBytes).fill(this.#random.below(256));
    this.#send(linkId, { type: 'clock', partial: false, asks: this.#random.below(4) === 0, clock, root });
  }

  #beatOn(linkId: LinkId): void {
    const nowMs = Math.floor(this.#world.nowMs);
    const stateHash = this.#world.crypto.sha256(Uint8Array.of(this.#random.below(256))).slice(0, 8);
    this.#send(linkId, {
      type: 'heartbeat',
      sentMs: nowMs,
      echoMs: this.#random.below(1 + nowMs),
      heldMs: 3,
      stateHash,
    });
  }

  #act(linkId: LinkId, peer: ReplicaId): void {
    switch (this.#kind) {
      case 'forger':
        this.#forge(linkId, peer);
        break;
      case 'replayer':
        this.#replay(linkId);
        break;
      case 'flooder':
        this.#flood(linkId);
        break;
      case 'liar':
        this.#sayClock(linkId);
        if (this.#random.below(6) === 0)
          this.#write(linkId, this.#random.below(2) === 0 ? 2 ** 40 : -(2 ** 30));
        break;
      case 'newer':
        this.#beNewer(linkId);
        break;
      default:
        assertNever(this.#kind);
    }
  }

  /** One more batch of our own log, with a stamp that far from now. */
  #write(linkId: LinkId, offMs: number): void {
    const [documentId] = this.#world.documents;
    if (documentId === undefined || !this.#isWriting) return;
    const wallMs = Math.max(0, this.#world.wallMs + offMs);
    const section = this.#author.typed(documentId, '☂');
    this.#push(linkId, this.#author.add(this.#author.header(wallMs), this.#author.operations([section])));
  }

  #forge(linkId: LinkId, peer: ReplicaId): void {
    const author = this.#author;
    const { wallMs } = this.#world;
    const count = this.#theirClock.get(peer) ?? 1;
    const victim = { replicaId: peer, sequence: count, previous: '0'.repeat(64) as never };
    switch (this.#random.below(7)) {
      case 0:
        // In another's name, under our own signature.
        this.#push(linkId, author.sign(author.header(wallMs, victim), author.operations([], 0)).bytes);
        break;
      case 1: {
        // One of another's batches, changed.
        const message = this.#heard.find(bytes => bytes[0] === 5)?.slice();
        if (message === undefined) break;
        const at = 8 + this.#random.below(message.length - 8);
        message[at] = (message[at] ?? 0) ^ (1 + this.#random.below(255));
        this.#sendBytes(linkId, message);
        break;
      }
      case 2:
        this.#push(
          linkId,
          author.sign(
            author.header(wallMs, { replicaId: peer, sequence: 0, previous: undefined }),
            author.certificateBody(),
          ).bytes,
        );
        break;
      case 3:
        this.#push(linkId, author.sign(author.header(wallMs), author.operations([], 10 ** 6)).bytes);
        break;
      case 4:
        this.#push(
          linkId,
          author.sign(
            author.header(wallMs, { dependencies: ['f'.repeat(64) as never], sequence: 10 ** 6 }),
            author.operations([]),
          ).bytes,
        );
        break;
      case 5:
        // Operations that are none; the batch itself keeps the rules, so every replica must refuse them alike.
        for (const documentId of this.#isWriting ? this.#world.documents : []) {
          author.skip(3);
          const operations = Uint8Array.of(1, this.#random.below(256), this.#random.below(256), 0xff);
          const body = author.operations([{ documentId, kind: 1, counters: 3, operations }]);
          this.#push(linkId, author.add(author.header(wallMs), body));
        }
        break;
      default:
        this.#send(linkId, { type: 'presence', update: utf8('{"name":"another"}') });
        this.#write(linkId, 0);
    }
  }

  #replay(linkId: LinkId): void {
    for (let n = 0; n < 5; n++) {
      const message = this.#heard[this.#random.below(Math.max(1, this.#heard.length))];
      // Another's hello would rename the link, which ends it: that, too, now and then.
      if (message !== undefined && (message[0] !== 1 || this.#random.below(40) === 0))
        this.#sendBytes(linkId, message);
    }
  }

  #flood(linkId: LinkId): void {
    const random = this.#random;
    // A flood that leaves the world's one thread time for others, or a seed with one in it would take all day.
    if (random.below(4) > 0) return;
    const noise = (length: number) => {
      const bytes = new Uint8Array(length);
      for (let i = 0; i < Math.min(length, 64); i++) bytes[i] = random.below(256);
      return bytes;
    };
    switch (random.below(6)) {
      case 0:
        this.#sendBytes(linkId, noise(1 + random.below(50_000)));
        break;
      case 1: {
        // Frames that no honest peer sends, or that begin what never ends.
        const frame = noise(1 + random.below(frameBytesMax + 100));
        frame[0] = random.below(2) === 0 ? 0x11 : random.below(256);
        this.#session.sendClear(linkId, frame);
        break;
      }
      case 2: {
        const clock: VectorClock = new Map();
        for (let n = 0; n < 300; n++) clock.set(n.toString(16).padStart(32, '7') as ReplicaId, 1 + n);
        const partial = random.below(2) === 0;
        const root = partial ? undefined : noise(rootBytes);
        this.#send(linkId, { type: 'clock', partial, asks: true, clock, root });
        break;
      }
      case 3: {
        // A log whose certificate never comes.
        const header = this.#author.header(0, {
          replicaId: random
            .below(2 ** 32)
            .toString(16)
            .padStart(32, '0') as ReplicaId,
          sequence: 1,
          previous: '1'.repeat(64) as never,
        });
        const operations = noise(5000 + random.below(40_000));
        const documentId = this.#world.documents[0];
        if (documentId === undefined) break;
        const body = this.#author.operations([{ documentId, kind: 1, counters: 1, operations }], 0);
        this.#push(linkId, this.#author.sign(header, body).bytes);
        break;
      }
      case 4:
        this.#send(linkId, { type: 'request', goesOn: random.below(2) === 0, clock: new Map() });
        break;
      default:
        for (let n = 0; n < 5; n++) this.#sayHello(linkId, false);
    }
  }

  #beNewer(linkId: LinkId): void {
    const random = this.#random;
    const { wallMs } = this.#world;
    const documentId = this.#world.documents[0];
    if (documentId === undefined) return;
    if (random.below(3) > 0) this.#sendBytes(linkId, Uint8Array.of(90 + random.below(9), random.below(256)));
    else if (this.#isWriting && random.below(4) === 0) {
      const counters = 1 + random.below(5);
      this.#author.skip(counters);
      const section = { documentId, kind: 200, counters, operations: utf8('what a later version writes') };
      const text = this.#author.typed(documentId, 'n');
      this.#push(
        linkId,
        this.#author.add(this.#author.header(wallMs), this.#author.operations([section, text])),
      );
    } else this.#sayClock(linkId);
  }

  #push(linkId: LinkId, batch: Uint8Array): void {
    this.#send(linkId, { type: 'batches', batches: [batch] });
  }
  #send(linkId: LinkId, message: SyncMessage): void {
    this.#sendBytes(linkId, encodeSyncMessage(message));
  }
  #sendBytes(linkId: LinkId, bytes: Uint8Array): void {
    this.#session.send(linkId, 'data', bytes);
  }
}
