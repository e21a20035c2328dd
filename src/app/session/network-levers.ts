/**
 * The levers of this tab's links, and the reading of what passes on them. A lever is set for a peer: whoever comes back
 * in a new session has a new link, and its lever stands where it stood.
 */
import type { ReplicaId } from '../../base/ids.ts';
import type { TraceRing } from '../../base/trace.ts';
import type { Mesh } from '../../net/webrtc/mesh.ts';
import type { Replica } from '../../replica/replica.ts';
import type { LinkReading, NetworkReading, NetworkSession, PassedBatch } from '../space-session.ts';

type Levers = Pick<Mesh, 'conditioner' | 'setLink' | 'traffic' | 'neighboursOf'>;
type Known = Pick<Replica, 'replicaId' | 'clock' | 'fingerprint' | 'linkOf' | 'peerClocks'>;

export class NetworkLevers implements NetworkSession {
  readonly #replica: Known;
  readonly #mesh: Levers;
  readonly #trace: Pick<TraceRing, 'subscribe'>;
  readonly #cut = new Set<ReplicaId>();
  readonly #delays = new Map<ReplicaId, number>();

  constructor(replica: Known, mesh: Levers, trace: Pick<TraceRing, 'subscribe'>) {
    this.#replica = replica;
    this.#mesh = mesh;
    this.#trace = trace;
  }

  setLink(peer: ReplicaId, on: boolean): void {
    if (on) this.#cut.delete(peer);
    else this.#cut.add(peer);
    const linkId = this.#replica.linkOf(peer);
    if (linkId !== undefined) this.#mesh.setLink(linkId, on);
  }

  setDelay(peer: ReplicaId, delayMs: number): void {
    if (delayMs === 0) this.#delays.delete(peer);
    else this.#delays.set(peer, delayMs);
    const linkId = this.#replica.linkOf(peer);
    if (linkId !== undefined) this.#mesh.conditioner.set(linkId, 'both', { delayMs });
  }

  /** Call when links may have changed. */
  keep(): void {
    for (const peer of this.#cut) {
      const linkId = this.#replica.linkOf(peer);
      if (linkId !== undefined && !this.#mesh.conditioner.settings(linkId, 'out').cut)
        this.#mesh.setLink(linkId, false);
    }
    for (const [peer, delayMs] of this.#delays) {
      const linkId = this.#replica.linkOf(peer);
      if (linkId !== undefined && this.#mesh.conditioner.settings(linkId, 'out').delayMs !== delayMs)
        this.#mesh.conditioner.set(linkId, 'both', { delayMs });
    }
  }

  read(): NetworkReading {
    const clocks = new Map(this.#replica.peerClocks());
    const replicaOf = new Map<string, ReplicaId>();
    for (const peer of clocks.keys()) {
      const linkId = this.#replica.linkOf(peer);
      if (linkId !== undefined) replicaOf.set(linkId, peer);
    }
    const links = new Map<ReplicaId, LinkReading>();
    for (const [linkId, peer] of replicaOf) {
      const named = [...this.#mesh.neighboursOf(linkId)].map(other => replicaOf.get(other));
      links.set(peer, {
        ...(this.#mesh.traffic(linkId) ?? { inBytes: 0, outBytes: 0 }),
        delayMs: this.#delays.get(peer) ?? 0,
        linkedWith: named.filter(other => other !== undefined),
      });
    }
    return { fingerprint: this.#replica.fingerprint(), clock: this.#replica.clock, clocks, links };
  }

  subscribeBatches(notify: (passed: PassedBatch) => void): () => void {
    return this.#trace.subscribe(({ event }) => {
      if (event.type === 'batch-sent') notify({ type: 'out', peer: event.to, author: event.replicaId });
      if (event.type === 'batch-received') notify({ type: 'in', peer: event.from, author: event.replicaId });
    });
  }
}
