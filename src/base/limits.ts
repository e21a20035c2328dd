/**
 * Every bound on what an outsider may make us hold or do, each with its reason. Checked before allocation.
 * Our own side keeps the same bounds, so an honest peer is never refused.
 */

/** One frame on a channel, header included: the size every browser's SCTP carries without interleaving stalls. */
export const frameBytesMax = 16 * 1024;
/** One message after reassembly: a batch of a large paste and its header fit; a peer cannot make us hold more. */
export const messageBytesMax = 1024 * 1024;
/** Messages one link may have open in reassembly at once: one a lane in honest use, some slack for reordering. */
export const openReassembliesMax = 8;
/** An unfinished message is dropped after this: its missing frame was lost and sync will ask again. */
export const reassemblyTimeoutMs = 10_000;
/** Bytes waiting for one link, our own queue and the channel's together, before `send` says `full`. */
export const sendQueueBytesMax = 4 * 1024 * 1024;
/**
 * Of the data lane no more is under way than the line delivers in this time beyond its own delay: what the channel has taken cannot
 * be taken back by a switch, and heartbeats wait behind it. A quarter of a second bridges every event loop that still feels alive.
 */
export const channelAheadMs = 250;
/** … but always this far, two frames, or a slow link would stand still between them … */
export const channelBufferedBytesMin = 2 * frameBytesMax;
/** … and never further, however fast it is: enough for a gigabit in the few milliseconds between two events. */
export const channelBufferedBytesMax = 1024 * 1024;
/** Control that finds this much of its kind waiting is late anyway, and is dropped; so the outbox lane uses the data lane. */
export const controlBufferedBytesMax = 64 * 1024;

/** One word of the handshake: a hello is some hundred bytes, and nobody has proven anything yet. */
export const handshakeBytesMax = 1024;
/** From an open channel to both proofs: three half round trips and two signatures, on the slowest path some seconds. */
export const handshakeTimeoutMs = 5_000;
/** Versions that a hello may offer. */
export const linkVersionsMax = 8;
/** The greatest number of a tab's slot that a certificate or a hello can name. */
export const slotMax = 0xffff;

/** Operations of one batch: a paste of half a megabyte closes a batch; the rest goes into the next ones. */
export const batchBodyBytesMax = 512 * 1024;
/** Dependencies of one batch: the frontier is never wider than the replicas writing at once. */
export const batchDependenciesMax = 1024;
/** Entries of a vector clock: replicas ever seen in a space. */
export const clockEntriesMax = 1024;
/** Document sections of one batch. */
export const batchSectionsMax = 64;
/** Counters stay exact in a double and in a 6-byte field. */
export const counterMax = 2 ** 48;
/** The name of a mark on text, in bytes: `comment:` and a long id fit, and a segment of text keeps many. */
export const markNameBytesMax = 256;
/** A stamp further ahead of our clock than this is delivered but never followed. */
export const clockDriftMaxMs = 60_000;
/** The last millisecond a stamp can name, in the year 10889: exact in a double and in a 6-byte field. */
export const stampWallMsMax = 2 ** 48 - 1;
/** Stamps within one millisecond: no clock that keeps the rules gets near it. */
export const stampLogicalMax = 2 ** 32;
/** Batches that wait for a dependency, over all links: beyond it the newest are dropped and asked for again. */
export const waitingBatchesMax = 4096;
/** Bytes of those. */
export const waitingBytesMax = 16 * 1024 * 1024;

/**
 * Items of one message of a Merkle walk: a thousand differences spread over a million keys have a thousand subtrees of their own, and
 * are found in one walk. Each costs us a way down of 64 steps at most.
 */
export const merkleItemsMax = 2048;
/** Keys that such a message may name, or one may ask for at once: some answers' worth of batches. */
export const merkleKeysMax = 16 * 1024;
/** An answer to such a message, however short it was. What does not fit is found by the next walk. */
export const merkleAnswerBytesMax = 512 * 1024;

/** Presence of one peer: a name, a colour, a selection. */
export const presenceBytesMax = 2048;
/** A display name, in UTF-16 units. */
export const nameLengthMax = 40;

/** One signal through the signaling server: a sealed SDP with all its candidates is 2–6 kB. */
export const signalBytesMax = 64 * 1024;
/** Sessions that all peers together can make us know: some rooms full. Beyond it names are not heard. */
export const knownPeersMax = 256;
/** Bytes of introductions that one peer may send at once: a newcomer that meets 63 through it sends some 400 kB of signals. */
export const introductionBytesMax = 1024 * 1024;
/** And again every second. */
export const introductionBytesPerSecond = 64 * 1024;
/** Signals of one attempt to connect: two descriptions and a candidate for each address, of which machines have a dozen or two. */
export const dialSignalsMax = 256;
/** One candidate line. Those of browsers are below 200 characters. */
export const iceCandidateLengthMax = 512;
/** Senders whose last sequence is kept, so that their signals open once: all sessions that meet in a long day. */
export const sealingPeersMax = 4096;
/** Peers the server lets into one room. */
export const roomPeersMax = 64;
/** A server that asks peers to come back later may ask for this much patience and no more. */
export const retryAfterMsMax = 60_000;
/** STUN and TURN servers that a signaling server may name: each costs every new link its candidates. */
export const iceServersMax = 8;
/** Addresses of one of them: UDP, TCP and TLS, on two ports at most. */
export const iceUrlsMax = 6;
/** One such address, a user name or a password of TURN: RFC 8489 allows 508 bytes, nobody needs them. */
export const iceTextLengthMax = 256;
/** One STUN packet: what passes every IPv4 path in one piece (RFC 8489, section 6.1). */
export const stunBytesMax = 548;

/** Bytes of one key of a map, in UTF-8: a name or an id, not a text. */
export const mapKeyBytesMax = 1024;
/** Maps within maps: a reader recurses once a level, and nobody nests by hand as deep. */
export const mapDepthMax = 64;

/** Reads of one Raft leader that wait for a round of heartbeats: some dozens of bytes each, and an honest member batches its own. */
export const readIndexPendingMax = 1024;
/** Entries of one Raft append or forwarded proposal: each is an object of a hundred bytes, however short it came. */
export const raftEntriesMax = 4096;
/** Members of one Raft group, voters and learners each, and changes of one configuration change: a space has 64 peers. */
export const raftMembersMax = 64;
/** The name of a read, or what an application adds to a configuration change. */
export const raftContextBytesMax = 1024;

/** One key of the replicated store, or the name of a lock, a resource or a wish, in bytes. */
export const storeKeyBytesMax = 1024;
/** One command in the log: an append carries many, and a snapshot keeps the answers to some. */
export const commandBytesMax = 64 * 1024;
/** Comparisons and operations of one transaction, each. */
export const transactionOpsMax = 128;
/** Bytes of keys and values that the replicated store keeps, with their history: a snapshot must pass over a phone's line. */
export const storeBytesMax = 16 * 1024 * 1024;
/** Revisions whose changes are kept for watches and reads of the past; beyond it the older half is compacted. */
export const storeChangesMax = 8192;
/** Client sessions: the replicas of a full space, and some incarnations of each. */
export const clientSessionsMax = 512;
/** Requests of one session whose answers its client has not got yet. */
export const clientWindowMax = 64;
/** Leases, and locks, that one machine keeps. */
export const leasesMax = 1024;
export const locksMax = 4096;
/** Resources to book, places of each, and wishes of all: a wish is never forgotten, or it could be confirmed twice. */
export const resourcesMax = 1024;
export const placesMax = 65_536;
export const wishesMax = 65_536;
/** Time that one entry of the log lets pass: a leader that slept longer has not been there to keep it. */
export const advanceMsMax = 10_000;
/** The longest lease or reservation. */
export const ttlMsMax = 24 * 60 * 60 * 1000;
/** A session whose client says nothing for this long is forgotten: an evening's sleep and more. */
export const clientSessionMs = 24 * 60 * 60 * 1000;
/** A snapshot of the machine: the store, its wishes and the answers that clients have not got. */
export const snapshotBytesMax = 64 * 1024 * 1024;
/** A piece of a snapshot: a lossy link loses little with one, and a message carries it. */
export const snapshotPieceBytes = 64 * 1024;
/** Requests of this member's clients that wait for a place in the window, and reads that wait for a round. */
export const clientWaitingMax = 1024;
/** Members that may send us a snapshot at once: a leader, and one that does not know yet that it is none. */
export const snapshotSendersMax = 4;
/** Payload that a leader takes on before any of it is committed: a second of a phone's line. */
export const raftUncommittedBytesMax = 1024 * 1024;
/** A member's name in its record, in bytes of UTF-8: forty characters of any script. */
export const memberNameBytesMax = 160;
/** Neighbours that a record may list: the links that a member holds at most. */
export const neighboursMax = 8;
/** One signed record: an honest one is below 350 bytes. */
export const memberRecordBytesMax = 512;
/** Rumours of one message: a newcomer to a thousand is told of all of them at once. */
export const rumoursMax = 2048;
/** Parts in which two tables of members are compared: four bytes each, a handful of members in each. */
export const tablePartsMax = 256;
/** How often a request to probe may be passed on: to one who has a link, as far as records tell. */
export const probeHopsMax = 1;
/** How old a tombstone may say that it is, in seconds: a day and some slack. */
export const tombstoneAgeSMax = 100_000;
/** Members that one table holds, and tombstones beside them: a thousand people and a bad day of reloads. */
export const membersMax = 2048;
export const tombstonesMax = 4096;
/** Records whose signatures are being checked: what a newcomer to a thousand is sent. */
export const verifyingRecordsMax = 2048;
/** Probes that we make for others at once: some dozen members in doubt on a very bad day. */
export const probesForOthersMax = 64;
/** An accusation may name an incarnation this far ahead of the one we know, since the record may be on its way, and no further: the last one could not be answered. */
export const incarnationsAheadMax = 1000;
