/**
 * What a screen sees of an open space. The components know this interface alone; main.ts hands them the real
 * one (a replica over WebRTC and IndexedDB), component tests hand them a small obvious one.
 */
import type { DeviceId, DocumentId, ReplicaId, SpaceId } from '../base/ids.ts';
import type { Document } from '../crdt/document/document.ts';
import type { DocumentChange } from '../crdt/document/messages.ts';
import type { TextChange } from '../crdt/text/messages.ts';
import type { PastedDone, PastedText } from '../net/pasted.ts';
import type { SyncStatus } from '../replica/status.ts';

/** What a device remembers of a space beside its log. */
export interface SpacePlace {
  readonly lastDocument: DocumentId;
  /** What the space is called, or its first document. */
  readonly name: string;
  readonly documents: number;
}

/** A name and one of the twelve peer hues (1–12). */
export interface Profile {
  readonly name: string;
  readonly colour: number;
}

/** One tab, ours included, as shown to people. */
export interface Person {
  readonly replicaId: ReplicaId;
  readonly profile: Profile;
  readonly self: boolean;
  /** Its page is hidden. */
  readonly away?: boolean;
}

/** A device that was met in this space, by any tab of ours. */
export interface Met {
  /** As it said last. */
  readonly profile: Profile;
  /** Milliseconds since 1970. */
  readonly metMs: number;
}

/** Someone else's selection, at its present place in the text (UTF-16 code units). */
export interface RemoteCursor {
  readonly replicaId: ReplicaId;
  readonly profile: Profile;
  readonly anchor: number;
  readonly head: number;
}

/** A batch that wrote on the page. */
export interface PastMoment {
  readonly replicaId: ReplicaId;
  readonly profile: Profile;
  /** Written on this device. */
  readonly self: boolean;
  /** By its author's clock, milliseconds since 1970. */
  readonly wallMs: number;
}

/** Reads the whole log when it is first asked; so it is asked only when somebody looks back. */
export interface PageHistory {
  /** Oldest first; grows at its end. */
  moments(): readonly PastMoment[];
  /** What the page said after its first `count` moments. */
  textAt(count: number): string;
  /** What was done to it between its first `from` and its first `to` moments, in text order, each change after the ones before it. */
  changes(from: number, to: number): readonly TextChange[];
  /** Who wrote the character at `index` of the page as it is; undefined for what is being written. */
  authorAt(index: number): PastMoment | undefined;
  /** Makes the page say what it said after its first `count` moments, as a new edit. False while what was just typed is not kept yet. */
  restore(count: number): boolean;
}

export interface PageSession {
  readonly history: PageHistory;
  /** The whole text now. */
  text(): string;
  /** Its first `length` units. */
  start(length: number): string;
  /** A local edit that the editor already shows; each change refers to the text after the ones before it. */
  edit(changes: readonly TextChange[]): void;
  /** Edits by others, to be shown by the editor. Never called for our own. */
  subscribe(notify: (changes: readonly TextChange[], author: Profile | undefined) => void): () => void;
  /** Where our caret is; undefined when the page has no focus. */
  select(selection: { readonly anchor: number; readonly head: number } | undefined): void;
  cursors(): readonly RemoteCursor[];
  subscribeCursors(notify: () => void): () => void;
}

/** A document of named values: a board, a poll, the catalogue of a space. */
export interface ValuesSession {
  /** To be read; edited through `transact` alone. */
  readonly document: Document;
  transact(edits: (document: Document) => void): void;
  /** Something changed, by others or, without an author, by this tab. */
  subscribe(notify: (changes: readonly DocumentChange[], author: Profile | undefined) => void): () => void;
}

/** Joining without a server: two texts that people carry from one to the other. */
export interface PastedTexts {
  /** To be given to somebody who has the space open. Undefined when none could be made. */
  offer(): Promise<string | undefined>;
  /** To be given back to whoever made the offer. */
  answer(offer: string): Promise<PastedText>;
  accept(answer: string): Promise<PastedDone>;
}

/** A space of this device, in a list of them. */
export interface ListedSpace {
  readonly spaceId: SpaceId;
  readonly href: string;
  /** Empty until it was shown once. */
  readonly name: string;
  readonly documents: number;
  /** Milliseconds since 1970. */
  readonly openedMs: number;
  /** In this tab. */
  readonly isOpen: boolean;
}

/** All spaces of this device. */
export interface SpaceShelf {
  /** The last opened first. */
  spaces(): Promise<readonly ListedSpace[]>;
  /** Makes an empty one and goes there. */
  create(): Promise<void>;
}

/** A link of this tab as its valve sees it. */
export interface LinkReading {
  /** Bytes of frames that passed since the connection began; they begin anew with the next. */
  readonly inBytes: number;
  readonly outBytes: number;
  /** What is added each way, by us. */
  readonly delayMs: number;
  /** With whom else this peer says it has a link; of whom we have met. */
  readonly linkedWith: readonly ReplicaId[];
}

export interface NetworkReading {
  /** 32 bytes that are the same on two screens when and only when both have the same changes. */
  readonly fingerprint: Uint8Array;
  /** How many batches of each log this tab has. */
  readonly clock: ReadonlyMap<ReplicaId, number>;
  /** The same of each peer's disk, as that said last. */
  readonly clocks: ReadonlyMap<ReplicaId, ReadonlyMap<ReplicaId, number>>;
  readonly links: ReadonlyMap<ReplicaId, LinkReading>;
}

/** A batch that left for `peer`, or came from it. */
export interface PassedBatch {
  readonly type: 'out' | 'in';
  readonly peer: ReplicaId;
  readonly author: ReplicaId;
}

export interface NetworkSession {
  /** As it is now; nobody is told of changes, which are too many. */
  read(): NetworkReading;
  setDelay(replicaId: ReplicaId, delayMs: number): void;
  subscribeBatches(notify: (passed: PassedBatch) => void): () => void;
}

export interface SpaceSession {
  readonly spaceId: SpaceId;
  readonly deviceId: DeviceId;
  readonly firstPage: DocumentId;
  /** The first page. */
  readonly page: PageSession;
  /** What the space holds: documents/catalogue.ts reads it. */
  readonly catalogue: ValuesSession;
  pageOf(documentId: DocumentId): PageSession;
  valuesOf(documentId: DocumentId): ValuesSession;
  readonly shelf: SpaceShelf;
  /** The document that was shown when the space was last open here. */
  readonly lastDocument: DocumentId | undefined;
  /** For the next time, and for the list of spaces. */
  keepPlace(place: SpacePlace): void;
  readonly network: NetworkSession;
  status(): SyncStatus;
  /** Ourselves first, then the peers of `status().peers` in a stable order. */
  people(): readonly Person[];
  /** Other devices that were ever met here. */
  met(): ReadonlyMap<DeviceId, Met>;
  /** Whether the browser has promised not to evict this device's copy when space runs short. */
  isProtected(): boolean;
  profile(): Profile;
  /** Status, people or profile changed; gathered over some tens of milliseconds. */
  subscribe(notify: () => void): () => void;
  setProfile(profile: Profile): void;
  /** The network switch of this tab. */
  setNetwork(on: boolean): void;
  /** The switch of one link, both directions. */
  setLink(replicaId: ReplicaId, on: boolean): void;
  /** The invitation: the app's address with the space's secret in its fragment. */
  shareLink(): string;
  readonly pasted: PastedTexts;
  close(): void;
}
