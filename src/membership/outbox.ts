/**
 * Rumours on their way to the neighbours: behind the next message that goes there anyway, or at once when somebody's life is the matter.
 *
 * Each link has a queue of its own, with one place for each thing that can be said of a member, so it is never longer than the table. What the
 * other end has just told us is not told back.
 */
import type { ReplicaId } from '../base/ids.ts';
import type { Rumour } from './messages.ts';

/** Rumours behind one message: with it they are one frame. */
const bytesMax = 12 * 1024;

interface Queued {
  readonly rumour: Rumour;
  /** How often it is still to be sent: the control lane loses. */
  left: number;
}
interface Queue {
  readonly rumours: Map<string, Queued>;
  urgent: boolean;
}

export interface Sending {
  readonly urgent: boolean;
  /** To all but this one. */
  readonly except?: ReplicaId | undefined;
}

export class Outbox {
  readonly #queues = new Map<ReplicaId, Queue>();

  open(peer: ReplicaId): void {
    this.#queues.set(peer, { rumours: new Map(), urgent: false });
  }
  close(peer: ReplicaId): void {
    this.#queues.delete(peer);
  }

  spread(rumour: Rumour, { urgent, except }: Sending): void {
    for (const [peer, queue] of this.#queues) if (peer !== except) put(queue, rumour, urgent);
  }
  /** To one, at once. */
  tell(peer: ReplicaId, rumour: Rumour): void {
    const queue = this.#queues.get(peer);
    if (queue !== undefined) put(queue, rumour, true);
  }
  /** `peer` knows it. */
  heardFrom(peer: ReplicaId, rumour: Rumour): void {
    const queued = this.#queues.get(peer)?.rumours;
    if (queued === undefined || queued.size === 0) return;
    const key = keyOf(rumour);
    if (queued.get(key)?.rumour.incarnation === rumour.incarnation) queued.delete(key);
  }
  /** To whom something is to be said at once. */
  *urgent(): Iterable<ReplicaId> {
    for (const [peer, { urgent, rumours }] of this.#queues) if (urgent && rumours.size > 0) yield peer;
  }

  /** What goes behind the message that `peer` is sent now. */
  take(peer: ReplicaId): Rumour[] {
    const queue = this.#queues.get(peer);
    if (queue === undefined) return [];
    queue.urgent = false;
    const taken: Rumour[] = [];
    let bytes = 0;
    for (const [key, queued] of queue.rumours) {
      bytes += queued.rumour.type === 'record' ? queued.rumour.bytes.length + 3 : 40;
      if (bytes > bytesMax) {
        queue.urgent = true;
        break;
      }
      taken.push(queued.rumour);
      if (--queued.left <= 0) queue.rumours.delete(key);
    }
    return taken;
  }
}

function keyOf(rumour: Rumour): string {
  return rumour.type === 'suspect' ? `${rumour.replicaId} ${rumour.accuser}` : rumour.replicaId;
}

function put(queue: Queue, rumour: Rumour, urgent: boolean): void {
  queue.rumours.set(keyOf(rumour), { rumour, left: urgent ? 2 : 1 });
  if (urgent) queue.urgent = true;
}
