/**
 * A space without a replica: a string, a status and people that a test or the gallery sets by hand. It never
 * ships. Its edits are checked against the text, so a binding that drifts fails at once.
 */
import type { TextChange } from '../../crdt/text/messages.ts';
import type { DeviceId, DocumentId, ReplicaId, SpaceId } from '../../base/ids.ts';
import { HybridLogicalClock } from '../../clocks/hybrid-logical-clock.ts';
import { Document } from '../../crdt/document/document.ts';
import { documentHref } from '../route.ts';
import type { PeerStatus, Pill, SyncStatus } from '../../replica/status.ts';
import type {
  Met,
  NetworkReading,
  NetworkSession,
  PageHistory,
  PageSession,
  PassedBatch,
  PastMoment,
  PastedTexts,
  Person,
  Profile,
  RemoteCursor,
  SpacePlace,
  SpaceShelf,
  SpaceSession,
  ValuesSession,
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
    ahead: 0,
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
    devices: (overrides.peers ?? [])
      .filter(({ sameDevice }) => !sameDevice)
      .map(({ deviceId, replicaId, behind }) => ({
        deviceId: deviceId ?? device(parseInt(replicaId, 16)),
        replicaIds: [replicaId],
        lacks: behind,
      })),
    whole: pill.type !== 'not-kept',
    lost: 0,
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

/** Every edit is a moment of its own. */
class PlainHistory implements PageHistory {
  readonly texts: string[] = [];
  readonly past: PastMoment[] = [];
  restored: number | undefined;
  note(text: string, profile: Profile, self: boolean, wallMs = Date.now()): void {
    this.texts.push(text);
    this.past.push({ replicaId: replica(self ? 0 : profile.colour), profile, self, wallMs });
  }
  moments(): readonly PastMoment[] {
    return this.past;
  }
  textAt(count: number): string {
    return this.texts[count - 1] ?? '';
  }
  /** One change over all that differs. */
  changes(from: number, to: number): readonly TextChange[] {
    const [before, after] = [this.textAt(from), this.textAt(to)];
    const shorter = Math.min(before.length, after.length);
    let start = 0;
    while (start < shorter && before[start] === after[start]) start++;
    let end = 0;
    while (end < shorter - start && before.at(-1 - end) === after.at(-1 - end)) end++;
    return [{ from: start, to: before.length - end, insert: after.slice(start, after.length - end) }];
  }
  authorAt(): PastMoment | undefined {
    return this.past.at(-1);
  }
  restore(count: number): boolean {
    this.restored = count;
    return true;
  }
}

export class PlainPage implements PageSession {
  readonly history = new PlainHistory();
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
  start(length: number): string {
    return this.#text.slice(0, length);
  }
  edit(changes: readonly TextChange[]): void {
    this.edits.push(changes);
    this.#text = applyChanges(this.#text, changes);
    this.history.note(this.#text, { name: 'Yoko', colour: 1 }, true);
  }
  /** Someone else edits. */
  receive(changes: readonly TextChange[], author?: Profile): void {
    this.#text = applyChanges(this.#text, changes);
    if (author !== undefined) this.history.note(this.#text, author, false);
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

/** A document of named values that lives here alone. */
export class PlainValues implements ValuesSession {
  readonly document: Document;
  readonly #readers = new Set<Parameters<ValuesSession['subscribe']>[0]>();

  constructor() {
    const clock = new HybridLogicalClock();
    let now = 0;
    this.document = new Document({
      replicaId: replica(0),
      counter: { next: 0 },
      stamp: overwritten => clock.stampOver(overwritten, ++now),
    });
  }
  transact(edits: (document: Document) => void): void {
    if (this.document.transact(() => edits(this.document)) !== undefined) this.#tell([], undefined);
  }
  /** Somebody else did what was done to `other`. */
  receive(other: Document, author: Profile): void {
    for (const batch of other.batchesSince(this.document.version) ?? []) {
      const applied = this.document.apply(batch);
      if (!applied.ok) throw new Error(applied.reason);
      this.#tell(applied.changes, author);
    }
  }
  subscribe(notify: Parameters<ValuesSession['subscribe']>[0]): () => void {
    this.#readers.add(notify);
    return () => this.#readers.delete(notify);
  }
  #tell(...told: Parameters<Parameters<ValuesSession['subscribe']>[0]>): void {
    for (const notify of this.#readers) notify(...told);
  }
}

export class PlainNetwork implements NetworkSession {
  reading: NetworkReading = {
    fingerprint: Uint8Array.from({ length: 32 }, (_, n) => (n * 73 + 0x5a) & 0xff),
    clock: new Map([[replica(0), 3]]),
    clocks: new Map(),
    links: new Map(),
  };
  readonly delays: (readonly [ReplicaId, number])[] = [];
  readonly #readers = new Set<(passed: PassedBatch) => void>();

  read(): NetworkReading {
    return this.reading;
  }
  setDelay(replicaId: ReplicaId, delayMs: number): void {
    this.delays.push([replicaId, delayMs]);
    const link = this.reading.links.get(replicaId) ?? { inBytes: 0, outBytes: 0, linkedWith: [] };
    const links = new Map(this.reading.links).set(replicaId, { ...link, delayMs });
    this.reading = { ...this.reading, links };
  }
  subscribeBatches(notify: (passed: PassedBatch) => void): () => void {
    this.#readers.add(notify);
    return () => this.#readers.delete(notify);
  }
  pass(passed: PassedBatch): void {
    for (const notify of this.#readers) notify(passed);
  }
}

export class PlainSession implements SpaceSession {
  readonly spaceId = 'c0'.repeat(16) as SpaceId;
  readonly deviceId = device(0);
  readonly firstPage = 'f0'.repeat(16) as DocumentId;
  readonly lastDocument = undefined;
  readonly catalogue = new PlainValues();
  readonly places: SpacePlace[] = [];
  readonly shelf: SpaceShelf = {
    spaces: () =>
      Promise.resolve([
        {
          spaceId: this.spaceId,
          href: documentHref(this.spaceId, this.firstPage),
          name: 'Harbour weekend',
          documents: 3,
          openedMs: 0,
          isOpen: true,
        },
      ]),
    create: () => {
      this.calls.push('new space');
      return Promise.resolve();
    },
  };
  readonly page: PlainPage;
  readonly #pages = new Map<DocumentId, PlainPage>();
  readonly #values = new Map<DocumentId, PlainValues>();
  readonly network = new PlainNetwork();
  readonly calls: string[] = [];
  link = 'http://localhost:8080/#s=3q2-7wAAAAAAAAAAAAAAAA';
  #status: SyncStatus = status(onlyHere);
  #peers: readonly Person[] = [];
  #profile: Profile = { name: 'Yoko', colour: 1 };
  readonly #readers = new Set<() => void>();

  constructor(text = '') {
    this.page = new PlainPage(text);
    this.#pages.set(this.firstPage, this.page);
  }
  pageOf(documentId: DocumentId): PlainPage {
    const page = this.#pages.get(documentId) ?? new PlainPage();
    this.#pages.set(documentId, page);
    return page;
  }
  valuesOf(documentId: DocumentId): PlainValues {
    const values = this.#values.get(documentId) ?? new PlainValues();
    this.#values.set(documentId, values);
    return values;
  }
  keepPlace(place: SpacePlace): void {
    this.places.push(place);
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
  readonly metBefore = new Map<DeviceId, Met>();
  met(): ReadonlyMap<DeviceId, Met> {
    return this.metBefore;
  }
  protected = true;
  isProtected(): boolean {
    return this.protected;
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
