/**
 * A space without a replica: a string, a status and people that a test or the gallery sets by hand. It never
 * ships. Its edits are checked against the text, so a binding that drifts fails at once.
 */
import type { TextChange } from '../../crdt/text/messages.ts';
import type { DeviceId, ReplicaId } from '../../base/ids.ts';
import type { PeerStatus, Pill, SyncStatus } from '../../replica/status.ts';
import type {
  PageSession,
  PastedTexts,
  Person,
  Profile,
  RemoteCursor,
  SpaceSession,
} from '../space-session.ts';

export const replica = (n: number): ReplicaId => n.toString(16).padStart(32, '0') as ReplicaId;
export const device = (n: number): DeviceId => n.toString(16).padStart(32, '0') as DeviceId;

export function peer(n: number, overrides: Partial<PeerStatus> = {}): PeerStatus {
  return {
    replicaId: replica(n),
    deviceId: device(n),
    sameDevice: false,
    state: 'connected',
    behind: 0,
    forked: false,
    silentMs: 400,
    roundTripMs: 12,
    linkOn: true,
    ...overrides,
  };
}

export function status(pill: Pill, overrides: Partial<SyncStatus> = {}): SyncStatus {
  return {
    pill,
    keeping: pill.type === 'not-kept' ? pill : { type: 'kept' },
    online: pill.type !== 'offline',
    signaling: 'signaling' in pill ? pill.signaling : pill.type === 'offline' ? 'off' : 'connected',
    peers: [],
    forked: false,
    ...overrides,
  };
}

export const onlyHere: Pill = { type: 'only-here', keeping: false, signaling: 'connected' };

export function applyChanges(text: string, changes: readonly TextChange[]): string {
  return changes.reduce((now, { from, to, insert }) => {
    if (from < 0 || to < from || to > now.length)
      throw new RangeError(`change ${String(from)}–${String(to)} is outside the text`);
    return now.slice(0, from) + insert + now.slice(to);
  }, text);
}

export class PlainPage implements PageSession {
  readonly edits: (readonly TextChange[])[] = [];
  selection: { readonly anchor: number; readonly head: number } | undefined;
  #text: string;
  #cursors: readonly RemoteCursor[] = [];
  readonly #readers = new Set<(changes: readonly TextChange[], author: Profile | undefined) => void>();
  readonly #cursorReaders = new Set<() => void>();

  constructor(text = '') {
    this.#text = text;
  }
  text(): string {
    return this.#text;
  }
  edit(changes: readonly TextChange[]): void {
    this.edits.push(changes);
    this.#text = applyChanges(this.#text, changes);
  }
  /** Someone else edits. */
  receive(changes: readonly TextChange[], author?: Profile): void {
    this.#text = applyChanges(this.#text, changes);
    for (const notify of this.#readers) notify(changes, author);
  }
  place(cursors: readonly RemoteCursor[]): void {
    this.#cursors = cursors;
    for (const notify of this.#cursorReaders) notify();
  }
  subscribe(notify: (changes: readonly TextChange[], author: Profile | undefined) => void): () => void {
    this.#readers.add(notify);
    return () => this.#readers.delete(notify);
  }
  select(selection: { readonly anchor: number; readonly head: number } | undefined): void {
    this.selection = selection;
  }
  cursors(): readonly RemoteCursor[] {
    return this.#cursors;
  }
  subscribeCursors(notify: () => void): () => void {
    this.#cursorReaders.add(notify);
    return () => this.#cursorReaders.delete(notify);
  }
}

export class PlainSession implements SpaceSession {
  readonly page: PlainPage;
  readonly calls: string[] = [];
  link = 'http://localhost:8080/#s=3q2-7wAAAAAAAAAAAAAAAA';
  #status: SyncStatus = status(onlyHere);
  #peers: readonly Person[] = [];
  #profile: Profile = { name: 'Yoko', colour: 1 };
  readonly #readers = new Set<() => void>();

  constructor(text = '') {
    this.page = new PlainPage(text);
  }
  show(next: SyncStatus, names: readonly string[] = []): void {
    this.#status = next;
    this.#peers = next.peers.map((one, index) => ({
      replicaId: one.replicaId,
      profile: { name: names[index] ?? '', colour: index + 2 },
      self: false,
    }));
    this.#notify();
  }
  status(): SyncStatus {
    return this.#status;
  }
  people(): readonly Person[] {
    return [{ replicaId: replica(0), profile: this.#profile, self: true }, ...this.#peers];
  }
  profile(): Profile {
    return this.#profile;
  }
  subscribe(notify: () => void): () => void {
    this.#readers.add(notify);
    return () => this.#readers.delete(notify);
  }
  setProfile(profile: Profile): void {
    this.calls.push(`profile ${profile.name} ${String(profile.colour)}`);
    this.#profile = profile;
    this.#notify();
  }
  setNetwork(on: boolean): void {
    this.calls.push(`network ${on ? 'on' : 'off'}`);
    const pill: Pill = on ? onlyHere : { type: 'offline', changes: 12 };
    this.#status = { ...this.#status, pill, online: on, signaling: on ? 'connected' : 'off' };
    this.#notify();
  }
  setLink(replicaId: ReplicaId, on: boolean): void {
    this.calls.push(`link ${String(parseInt(replicaId, 16))} ${on ? 'on' : 'off'}`);
    this.#status = {
      ...this.#status,
      peers: this.#status.peers.map(one => (one.replicaId === replicaId ? { ...one, linkOn: on } : one)),
    };
    this.#notify();
  }
  /** Offers are the word itself, and answers to it. */
  readonly pasted: PastedTexts = {
    offer: () => Promise.resolve('an offer'),
    answer: offer =>
      Promise.resolve(
        offer === 'an offer' ? { ok: true, text: 'an answer' } : { ok: false, reason: 'malformed' },
      ),
    accept: answer => Promise.resolve(answer === 'an answer' ? { ok: true } : { ok: false, reason: 'used' }),
  };

  shareLink(): string {
    return this.link;
  }
  close(): void {
    this.#readers.clear();
  }
  #notify(): void {
    for (const notify of this.#readers) notify();
  }
}
