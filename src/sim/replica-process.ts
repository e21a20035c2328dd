/**
 * A replica as a node runs it: the production machine and its production driver, on simulated ports. The counterpart of
 * `src/app/session`: opens from disk, signs, keeps, sends, ticks; its editor is a `Mirror`.
 */
import type { DocumentId, ReplicaId } from '../base/ids.ts';
import type { TraceEvent } from '../base/trace.ts';
import type { Document } from '../crdt/document/document.ts';
import type { TextChange } from '../crdt/text/messages.ts';
import type { TransportEvent } from '../net/transport.ts';
import { documentEngine } from '../replica/document-engine.ts';
import {
  Driver,
  fillIn,
  type Committed,
  type DriverPorts,
  type Keep,
  type Shown,
} from '../replica/driver.ts';
import type { Effect } from '../replica/effects.ts';
import { openReplica } from '../replica/open-replica.ts';
import type { Replica } from '../replica/replica.ts';
import { toHex } from '../base/bytes.ts';
import type { Ending } from './checker.ts';
import { Mirror } from './mirror.ts';
import { Session } from './network.ts';
import type { Node, Process } from './node.ts';
import { isSignedBy, signatureOf } from './signer.ts';
import type { World } from './world.ts';

const tickEveryMs = 250;
/** How soon a page notices that it is throttled no more. */
const throttleLookMs = 1000;
/** From a Worker to its page and back. */
const hopMs = 0.4;

export class ReplicaProcess implements Process {
  readonly node: Node;
  readonly replica: Replica;
  readonly session: Session;
  readonly mirrors = new Map<DocumentId, Mirror>();
  alive = true;
  /** By index of the log, how many of its batches are delivered here; kept up by the checkers. */
  readonly seen: number[] = [];
  /** By index of the log, how many of its batches the disk is known here to hold. */
  readonly confirmed: number[] = [];
  /** A number that hangs on the set of delivered batches alone. */
  seenKey = 0;
  /** Something was delivered or edited since the checkers last compared. */
  changed = true;
  readonly #world: World;
  readonly #driver: Driver;
  readonly #random;
  readonly #switchedOff = new Set<ReplicaId>();
  /** Transactions that the disk has not answered. */
  readonly #begun = new Set<() => void>();
  #wakeToken = 0;

  constructor(world: World, node: Node) {
    const { device, slot } = node;
    this.#world = world;
    this.node = node;
    this.#random = node.random.split('ports');
    this.replica = openReplica(
      {
        keys: world.keys,
        slot,
        device: device.keys,
        crypto: world.crypto,
        documents: documentEngine,
        clock: device.clock,
        traced: true,
      },
      device.load(),
    );
    for (const documentId of world.documents)
      this.mirrors.set(documentId, new Mirror(this.replica.text(documentId).toString()));
    const name = toHex(
      world.crypto.hashParts('session', [
        device.keys.deviceKey,
        Uint8Array.of(slot, node.index, node.session),
      ]),
    );
    this.session = new Session(world.network, node.index, name.slice(0, 32), node.random.split(name), {
      event: event => {
        this.#transport(event);
      },
      whenAwake: (lane, run) => {
        node.whenAwake(() => {
          if (this.alive) run();
        }, lane);
      },
    });
    this.#driver = new Driver(this.replica, this.#ports());
  }

  /** After the world has taken note of it. */
  start(): void {
    const { index } = this.node;
    this.#act(() => this.replica.open({ name: `Node ${String(index)}`, colour: 1 + (index % 12) }));
    this.session.setOnline(this.node.online);
    this.#beat(this.#random.fraction() * tickEveryMs);
  }

  stop(ending: Ending): void {
    this.alive = false;
    for (const settle of this.#begun) this.node.device.orphaned.add(settle);
    this.#driver.close();
    if (ending === 'close') this.session.close();
    else this.session.vanish();
  }

  // ── What the app does ─────────────────────────────────────────────────────────────────────────────────────

  edit(documentId: DocumentId, changes: readonly TextChange[]): void {
    this.#act(() => {
      const effects = this.replica.edit(documentId, changes);
      this.mirrors.get(documentId)?.apply(changes);
      this.#world.watch.edited(this, documentId, changes);
      return effects;
    });
  }

  transact(documentId: DocumentId, edits: (document: Document) => void): void {
    this.#act(() => this.replica.transact(documentId, edits));
  }

  select(documentId: DocumentId, anchor: number, head: number): void {
    this.#act(() => this.replica.select({ documentId, anchor, head }));
  }

  setProfile(name: string, colour: number): void {
    this.#act(() => this.replica.setProfile({ name, colour }));
  }

  setOnline(online: boolean): void {
    this.session.setOnline(online);
    this.#driver.step({ type: 'online', online });
    this.#world.handled(this);
  }

  /** Switches the link to whichever peer runs on `other`. */
  switchLink(other: ReplicaProcess, on: boolean): void {
    this.#switch(other.replica.replicaId, on);
  }
  switchAllOn(): void {
    for (const peer of [...this.#switchedOff]) this.#switch(peer, true);
  }

  #switch(peer: ReplicaId, on: boolean): void {
    if (on) this.#switchedOff.delete(peer);
    else this.#switchedOff.add(peer);
    const linkId = this.replica.linkOf(peer);
    if (linkId !== undefined) this.session.setLink(linkId, on);
    this.#driver.step({ type: 'link-switched', peer, on });
    this.#world.handled(this);
  }

  tick(): void {
    this.session.tick();
    this.#driver.step({ type: 'tick' });
    this.#world.handled(this);
  }

  #act(call: () => readonly Effect[]): void {
    this.#driver.run(call());
    this.#world.handled(this);
  }

  #transport(event: TransportEvent): void {
    if (event.type === 'drained') return;
    this.#driver.step(event);
    this.#world.handled(this);
  }

  #beat(afterMs: number): void {
    const { node } = this;
    this.#timer(this.#world.nowMs + afterMs, () => {
      node.whenAwake(() => {
        if (!this.alive) return;
        this.tick();
        this.#beat(tickEveryMs);
      });
    });
  }

  /** A timer of the page: late while it is throttled, and due at once when that ends. */
  #timer(atMs: number, run: () => void): void {
    const world = this.#world;
    const { node } = this;
    world.at(atMs, () => {
      if (!this.alive) return;
      const lateMs = node.throttleMs === 0 ? world.nowMs : node.timerAt(world.nowMs);
      if (lateMs <= world.nowMs) run();
      else this.#timer(Math.min(lateMs, world.nowMs + throttleLookMs), run);
    });
  }

  // ── Ports ─────────────────────────────────────────────────────────────────────────────────────────────────

  /** An answer from outside, if anybody is there to hear it. */
  #answer(afterMs: number, run: () => void): void {
    this.#world.at(this.#world.nowMs + afterMs, () => {
      if (!this.alive) return;
      this.node.whenAwake(() => {
        if (!this.alive) return;
        run();
        this.#world.handled(this);
      });
    });
  }

  #ports(): DriverPorts {
    const { node, session } = this;
    const { device } = node;
    const world = this.#world;
    return {
      clock: device.clock,
      verify: ({ deviceKey, message, signature }, answer) => {
        const holds = isSignedBy(deviceKey, message, signature);
        this.#answer(0.1 + this.#random.fraction(), () => {
          answer(holds);
        });
      },
      isClear: linkId => session.isClear(linkId),
      keep: (commit, answer) => {
        this.#world.watch.keeping(this, commit.transaction);
        this.#sign(commit, signature => {
          this.#keep(commit, signature, answer);
        });
      },
      scrub: (after, recordsMax, answer) => {
        this.#answer(1, () => {
          answer(device.disk.scrub(after, recordsMax));
        });
      },
      send: (linkId, lane, bytes) => {
        world.sending(this, bytes, linkId);
        session.send(linkId, lane, bytes);
      },
      drop: (linkId, reason) => {
        session.drop(linkId, reason);
      },
      wakeAt: monotonicMs => {
        const token = ++this.#wakeToken;
        // A timer of no length takes a millisecond, too.
        const atMs = Math.max(device.clock.timeOf(monotonicMs), world.nowMs + 1);
        this.#timer(atMs, () => {
          if (token !== this.#wakeToken) return;
          node.whenAwake(() => {
            if (!this.alive) return;
            this.#driver.wake();
            world.handled(this);
          });
        });
      },
      shown: effect => {
        this.#shown(effect);
      },
    };
  }

  /** Takes a moment, in which a process that ends takes everything with it. */
  #sign({ sign }: Keep, then: (signature: Uint8Array | undefined) => void): void {
    if (sign === undefined) {
      then(undefined);
      return;
    }
    const signature = signatureOf(this.node.device.keys.deviceKey, sign.message);
    this.#world.at(this.#world.nowMs + 0.2 + this.#random.fraction(), () => {
      if (this.alive) then(signature);
    });
  }

  /** What was begun is done even if the process ends meanwhile, or is not: that is chance. */
  #keep(
    { transaction: from, sign, linkIds, frame }: Keep,
    signature: Uint8Array | undefined,
    answer: (committed: Committed) => void,
  ): void {
    const world = this.#world;
    const { device } = this.node;
    const { disk, epoch } = device;
    // What a Worker keeps is its own.
    const batches = (from.batches ?? []).map(batch => ({ ...batch, bytes: batch.bytes.slice() }));
    const transaction = { ...from, batches };
    if (signature !== undefined) fillIn({ transaction, sign, frame }, signature);
    const { strictMs, relaxedMs, jitterMs } = disk;
    const takesMs =
      (transaction.durability === 'strict' ? strictMs : relaxedMs) + this.#random.fraction() * jitterMs;
    disk.busyUntilMs = Math.max(disk.busyUntilMs, world.nowMs) + takesMs;
    const settle = (): void => {
      if (!this.#begun.delete(settle)) return;
      device.orphaned.delete(settle);
      if (device.epoch !== epoch || (!this.alive && device.random.below(2) === 0)) return;
      const result = disk.commit(transaction);
      world.watch.kept(this, transaction, result);
      if (!this.alive) return;
      this.node.whenAwake(() => {
        if (!this.alive) return;
        const sent =
          result.ok && frame !== undefined ? linkIds.filter(linkId => this.#sendClear(linkId, frame)) : [];
        this.#answer(hopMs, () => {
          if (result.ok) world.watch.confirmed(this, transaction);
          answer({ result, signature, sent });
        });
      });
    };
    this.#begun.add(settle);
    world.at(disk.busyUntilMs, settle);
  }

  #sendClear(linkId: string, frame: Uint8Array): boolean {
    // The frame of one message is the message behind one byte.
    this.#world.sending(this, frame.subarray(1), linkId);
    return this.session.sendClear(linkId, frame);
  }

  #shown(effect: Shown): void {
    switch (effect.type) {
      case 'text-changed':
        this.mirrors.get(effect.documentId)?.apply(effect.changes);
        this.#world.watch.shown(this, effect.documentId, effect.changes);
        break;
      case 'trace':
        this.#world.watch.traced(this, effect.event);
        this.#world.say(this.node.index, () => lineOf(effect.event));
        break;
      case 'document-changed':
      case 'presence-changed':
      case 'status-changed':
        break;
    }
  }
}

/** A trace event for a reader: its type, then what it says, ids cut to their first digits. */
function lineOf({ type, ...said }: TraceEvent): string {
  const parts = Object.entries(said).map(
    ([key, value]) =>
      `${key} ${String(value)
        .slice(0, 24)
        .replace(/^([0-9a-f]{8})[0-9a-f]{16}$/, '$1')}`,
  );
  return `${type} ${parts.join(', ')}`;
}
