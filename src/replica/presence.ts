/**
 * Who is here and where their caret is, on y-protocols awareness. Ephemeral: never stored, gone with the link.
 *
 * Awareness names clients by number. Ours derive from replica ids, so a peer can speak for itself alone: an
 * update that names another is dropped before it is applied. Its own 30-second timer is stopped; the failure
 * detector removes people.
 */
import {
  applyAwarenessUpdate,
  Awareness,
  encodeAwarenessUpdate,
  removeAwarenessStates,
} from 'y-protocols/awareness';
import { decode } from '../base/codec.ts';
import { isId, type DocumentId, type ReplicaId } from '../base/ids.ts';
import { counterMax, nameLengthMax, presenceBytesMax } from '../base/limits.ts';
import type { RelativePosition, TextChange } from '../crdt/text/messages.ts';

export interface PresenceState {
  readonly name: string;
  /** One of the twelve peer hues, 1–12. */
  readonly colour: number;
  /** Its page is hidden: the person looks elsewhere. It still beats. */
  readonly away?: boolean;
  readonly selection?: {
    readonly documentId: DocumentId;
    readonly anchor: RelativePosition;
    readonly head: RelativePosition;
  };
}

function clientIdOf(replicaId: ReplicaId): number {
  return parseInt(replicaId.slice(0, 12), 16);
}

export class Presence {
  readonly #ownId: ReplicaId;
  readonly #awareness: Awareness;
  /** What peers said of themselves, read: at most once a peer. */
  readonly #parsed = new Map<
    ReplicaId,
    { readonly state: unknown; readonly presence: PresenceState | undefined }
  >();

  constructor(ownId: ReplicaId) {
    this.#ownId = ownId;
    const document = { clientID: clientIdOf(ownId), on: () => undefined, off: () => undefined };
    this.#awareness = new Awareness(document as unknown as ConstructorParameters<typeof Awareness>[0]);
    // Stops the timer that would read the wall clock behind the replica's back; all else keeps working.
    this.#awareness.destroy();
  }

  set(state: PresenceState): void {
    this.#awareness.setLocalState({ ...state });
  }

  /** What to send: our own state alone. */
  update(): Uint8Array {
    return encodeAwarenessUpdate(this.#awareness, [clientIdOf(this.#ownId)]);
  }

  /** A peer's update. The reason when it was dropped. */
  receive(
    from: ReplicaId,
    update: Uint8Array,
  ): { readonly ok: true } | { readonly ok: false; readonly reason: string } {
    const named = decode(update, reader => {
      if (reader.varUint() !== 1) reader.fail('presence of several');
      const client = reader.varUint();
      reader.varUint(counterMax);
      return { client, json: reader.varString(presenceBytesMax) };
    });
    if (!named.ok) return { ok: false, reason: `presence: ${named.reason}` };
    if (named.value.client !== clientIdOf(from)) return { ok: false, reason: 'presence of another' };
    if (!isJson(named.value.json)) return { ok: false, reason: 'presence: not JSON' };
    applyAwarenessUpdate(this.#awareness, update, from);
    return { ok: true };
  }

  /** Where its own edit has left `peer`'s caret: its own word on that comes later, gathered over a stretch of typing. */
  moved(peer: ReplicaId, selection: PresenceState['selection']): void {
    const states = this.#awareness.getStates();
    const state = states.get(clientIdOf(peer));
    if (state !== undefined && selection !== undefined) states.set(clientIdOf(peer), { ...state, selection });
  }

  /** A new session of this peer begins, or its link ended: its old clock says nothing any more. */
  forget(peer: ReplicaId): void {
    removeAwarenessStates(this.#awareness, [clientIdOf(peer)], 'gone');
    this.#awareness.meta.delete(clientIdOf(peer));
    this.#parsed.delete(peer);
  }

  of(peer: ReplicaId): PresenceState | undefined {
    const state: unknown = this.#awareness.getStates().get(clientIdOf(peer));
    // Asked for with each batch of theirs; a state is another object when it has changed.
    const known = this.#parsed.get(peer);
    if (known !== undefined && known.state === state) return known.presence;
    const presence = parseState(state);
    this.#parsed.set(peer, { state, presence });
    return presence;
  }
}

/**
 * Where a caret at `index` stands after its owner's `changes`: behind what they put there, else with the text around
 * it. Everyone reckons like this, so a caret that types need not be sent with each letter.
 */
export function caretAfter(index: number, changes: readonly TextChange[]): number {
  let at = index;
  for (const { from, to, insert } of changes) {
    if (from <= at && at <= to) at = from + insert.length;
    else if (to < at) at += insert.length - (to - from);
  }
  return at;
}

function isJson(text: string): boolean {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}

/** What a peer wrote is anything at all: take what has the right form, nothing else. */
function parseState(state: unknown): PresenceState | undefined {
  if (typeof state !== 'object' || state === null) return undefined;
  const { name, colour, away, selection } = state as Record<string, unknown>;
  if (typeof name !== 'string' || typeof colour !== 'number') return undefined;
  const known = {
    name: cleanName(name),
    colour: colour >= 1 && colour <= 12 ? Math.floor(colour) : 1,
    ...(away === true ? { away } : {}),
  };
  const place = parseSelection(selection);
  return place === undefined ? known : { ...known, selection: place };
}

/** Without control and direction-changing characters, which could make one name read as another. */
export function cleanName(name: string): string {
  const clean = name.replace(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/gu, '').trim();
  return Array.from(clean).slice(0, nameLengthMax).join('') || 'Someone';
}

function parseSelection(selection: unknown): PresenceState['selection'] {
  if (typeof selection !== 'object' || selection === null) return undefined;
  const { documentId, anchor, head } = selection as Record<string, unknown>;
  if (typeof documentId !== 'string' || !isId(documentId)) return undefined;
  const [from, to] = [parsePosition(anchor), parsePosition(head)];
  if (from === undefined || to === undefined) return undefined;
  return { documentId: documentId as DocumentId, anchor: from, head: to };
}

function parsePosition(position: unknown): RelativePosition | undefined {
  if (typeof position !== 'object' || position === null) return undefined;
  const { id, assoc } = position as Record<string, unknown>;
  if (assoc !== -1 && assoc !== 1) return undefined;
  if (id === null) return { id: null, assoc };
  if (typeof id !== 'object') return undefined;
  const { replicaId, counter } = id as Record<string, unknown>;
  if (typeof replicaId !== 'string' || !isId(replicaId)) return undefined;
  if (typeof counter !== 'number' || !Number.isSafeInteger(counter) || counter < 0) return undefined;
  return { id: { replicaId: replicaId as ReplicaId, counter }, assoc };
}
