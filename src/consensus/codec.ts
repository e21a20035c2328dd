/**
 * Messages of Raft as bytes. What cannot be true is not decoded: entries have no index of their own but follow the one before, their
 * terms are written as rises and stay within the message's, sets of members are ascending and disjoint. So the core is never shown a
 * log with gaps or a configuration that contradicts itself, whoever sent it. What may be a lie all the same, it looks at itself.
 *
 *     version, type, from, to, term, then the fields of the type in the order of messages.ts
 */
import { assertNever } from '../base/assert.ts';
import { decodeTwice, Writer, type Decoded, type Reader } from '../base/codec.ts';
import {
  counterMax,
  messageBytesMax,
  raftContextBytesMax,
  raftEntriesMax,
  raftMembersMax,
  snapshotBytesMax,
} from '../base/limits.ts';
import type { Configuration, ConfigurationChange, MemberChange } from './configuration.ts';
import type { Entry, MemberId, Proposal, Snapshot } from './entry.ts';
import type { Message } from './messages.ts';

const version = 1;

/** The number of a type is its place here: new ones come at the end. */
const types = [
  'pre-vote',
  'pre-vote-response',
  'request-vote',
  'request-vote-response',
  'append-entries',
  'append-response',
  'install-snapshot',
  'heartbeat',
  'heartbeat-response',
  'timeout-now',
  'transfer-leadership',
  'propose',
  'read-index',
  'read-index-response',
] as const satisfies readonly Message['type'][];
const transitions = ['auto', 'implicit', 'explicit'] as const;
const changeTypes = ['add-voter', 'add-learner', 'remove', 'update'] as const;

export function encodeMessage(message: Message): Uint8Array<ArrayBuffer> {
  const writer = new Writer().byte(version).byte(types.indexOf(message.type));
  writer.varUint(message.from).varUint(message.to).varUint(message.term);
  switch (message.type) {
    case 'pre-vote':
    case 'request-vote':
      writer
        .varUint(message.lastLogIndex)
        .varUint(message.lastLogTerm)
        .byte(message.transfer ? 1 : 0);
      break;
    case 'pre-vote-response':
    case 'request-vote-response':
      writer.byte(message.granted ? 1 : 0);
      break;
    case 'append-entries':
      writer.varUint(message.prevLogIndex).varUint(message.prevLogTerm);
      writer.varUint(message.leaderCommit).varUint(message.session);
      writeEntries(writer, message.entries, message.prevLogTerm);
      break;
    case 'append-response': {
      const { refused } = message;
      writer
        .varUint(message.index)
        .varUint(message.session)
        .byte(refused === undefined ? 0 : 1);
      if (refused !== undefined) writer.varUint(refused.hintIndex).varUint(refused.hintTerm);
      break;
    }
    case 'install-snapshot':
      writer.varUint(message.session);
      writeSnapshot(writer, message.snapshot);
      break;
    case 'heartbeat':
      writer.varUint(message.leaderCommit).varUint(message.round);
      break;
    case 'heartbeat-response':
      writer.varUint(message.round);
      break;
    case 'timeout-now':
      break;
    case 'transfer-leadership':
      writer.varUint(message.transferee);
      break;
    case 'propose':
      writer.varUint(message.proposals.length);
      for (const proposal of message.proposals) writeProposal(writer, proposal);
      break;
    case 'read-index':
      writer.varBytes(message.context);
      break;
    case 'read-index-response':
      writer.varUint(message.index).varBytes(message.context);
      break;
    default:
      assertNever(message);
  }
  return writer.finish();
}

/** `bytesMax`: a snapshot that came in pieces may be longer than what comes in one. */
export function decodeMessage(bytes: Uint8Array, bytesMax: number = messageBytesMax): Decoded<Message> {
  if (bytes.length > bytesMax) return { ok: false, reason: 'too large' };
  return decodeTwice(bytes, reader => {
    if (reader.byte() !== version) reader.fail('unknown version of a Raft message');
    const type = types[reader.byte()] ?? reader.fail('unknown type of a Raft message');
    const envelope = { from: readMember(reader), to: readMember(reader), term: readCounter(reader) };
    const isOutsideTerms = type === 'propose' || type === 'read-index';
    if ((envelope.term === 0) !== isOutsideTerms) reader.fail('a term where none is, or none where one is');
    return readMessage(reader, type, envelope);
  });
}

type Envelope = Pick<Message, 'from' | 'to' | 'term'>;

function readMessage(reader: Reader, type: Message['type'], envelope: Envelope): Message {
  switch (type) {
    case 'pre-vote':
    case 'request-vote': {
      const [lastLogIndex, lastLogTerm] = [readCounter(reader), readCounter(reader)];
      return { ...envelope, type, lastLogIndex, lastLogTerm, transfer: readFlag(reader) };
    }
    case 'pre-vote-response':
    case 'request-vote-response':
      return { ...envelope, type, granted: readFlag(reader) };
    case 'append-entries': {
      const [prevLogIndex, prevLogTerm] = [readCounter(reader), readCounter(reader)];
      const [leaderCommit, session] = [readCounter(reader), readCounter(reader)];
      const entries = readEntries(reader, prevLogIndex, prevLogTerm, envelope.term);
      return { ...envelope, type, prevLogIndex, prevLogTerm, leaderCommit, entries, session };
    }
    case 'append-response': {
      const [index, session] = [readCounter(reader), readCounter(reader)];
      if (!readFlag(reader)) return { ...envelope, type, index, session };
      const refused = { hintIndex: reader.varUint(index), hintTerm: readCounter(reader) };
      return { ...envelope, type, index, session, refused };
    }
    case 'install-snapshot': {
      const session = readCounter(reader);
      return { ...envelope, type, session, snapshot: readSnapshot(reader, envelope.term) };
    }
    case 'heartbeat':
      return { ...envelope, type, leaderCommit: readCounter(reader), round: readCounter(reader) };
    case 'heartbeat-response':
      return { ...envelope, type, round: readCounter(reader) };
    case 'timeout-now':
      return { ...envelope, type };
    case 'transfer-leadership':
      return { ...envelope, type, transferee: readMember(reader) };
    case 'propose': {
      const count = reader.varUint(raftEntriesMax);
      if (count === 0) reader.fail('nothing proposed');
      const proposals: Proposal[] = [];
      for (let n = 0; n < count; n++) keep(reader, proposals, readProposal(reader));
      return { ...envelope, type, proposals };
    }
    case 'read-index':
      return { ...envelope, type, context: reader.varBytes(raftContextBytesMax) };
    case 'read-index-response':
      return { ...envelope, type, index: readCounter(reader), context: reader.varBytes(raftContextBytesMax) };
    default:
      return assertNever(type);
  }
}

const readCounter = (reader: Reader): number => reader.varUint(counterMax);
const readMember = (reader: Reader): MemberId => readCounter(reader) || reader.fail('nobody');
function readFlag(reader: Reader): boolean {
  const byte = reader.byte();
  return byte > 1 ? reader.fail('neither yes nor no') : byte === 1;
}
/** Nothing is kept of what is only looked at. */
function keep<T>(reader: Reader, into: T[], value: T): void {
  if (!reader.looks) into.push(value);
}

function writeEntries(writer: Writer, entries: readonly Entry[], prevLogTerm: number): void {
  writer.varUint(entries.length);
  let before = prevLogTerm;
  for (const entry of entries) {
    writer.varUint(entry.term - before);
    before = entry.term;
    writeProposal(writer, entry);
  }
}
function readEntries(
  reader: Reader,
  prevLogIndex: number,
  prevLogTerm: number,
  termMax: number,
): readonly Entry[] {
  const count = reader.varUint(raftEntriesMax);
  const entries: Entry[] = [];
  let term = prevLogTerm;
  for (let n = 1; n <= count; n++) {
    term += readCounter(reader);
    if (term > termMax || term === 0) reader.fail('an entry of a term that has not begun');
    keep(reader, entries, { ...readProposal(reader), term, index: prevLogIndex + n });
  }
  return entries;
}

/** 0: data. Otherwise the transition of a configuration change, from 1 on. */
function writeProposal(writer: Writer, proposal: Proposal): void {
  if (proposal.type === 'normal') {
    writer.byte(0).varBytes(proposal.data);
    return;
  }
  const { transition, changes, context } = proposal.change;
  writer.byte(1 + transitions.indexOf(transition)).varUint(changes.length);
  for (const { type, id } of changes) writer.byte(changeTypes.indexOf(type)).varUint(id);
  writer.byte(context === undefined ? 0 : 1);
  if (context !== undefined) writer.varBytes(context);
}
function readProposal(reader: Reader): Proposal {
  const kind = reader.byte();
  if (kind === 0) return { type: 'normal', data: reader.varBytes(messageBytesMax) };
  const transition = transitions[kind - 1] ?? reader.fail('unknown kind of entry');
  const count = reader.varUint(raftMembersMax);
  const changes: MemberChange[] = [];
  for (let n = 0; n < count; n++) {
    const type = changeTypes[reader.byte()] ?? reader.fail('unknown change');
    changes.push({ type, id: readCounter(reader) });
  }
  const change: ConfigurationChange = { transition, changes };
  if (!readFlag(reader)) return { type: 'configuration', change };
  return { type: 'configuration', change: { ...change, context: reader.varBytes(raftContextBytesMax) } };
}

function writeSnapshot(writer: Writer, { index, term, configuration, data }: Snapshot): void {
  const { incoming, outgoing, learners, learnersNext, autoLeave } = configuration;
  writer.varUint(index).varUint(term);
  for (const ids of [incoming, outgoing, learners, learnersNext]) {
    writer.varUint(ids.length);
    let before = 0;
    for (const id of ids) {
      writer.varUint(id - before);
      before = id;
    }
  }
  writer.byte(autoLeave ? 1 : 0).varBytes(data);
}
function readSnapshot(reader: Reader, termMax: number): Snapshot {
  const [index, term] = [readCounter(reader), reader.varUint(termMax)];
  if (index === 0 || term === 0) reader.fail('a snapshot of nothing');
  const configuration = readConfiguration(reader);
  return { index, term, configuration, data: reader.varBytes(snapshotBytesMax) };
}
function readConfiguration(reader: Reader): Configuration {
  const [incoming, outgoing, learners, learnersNext] = [
    readMembers(reader),
    readMembers(reader),
    readMembers(reader),
    readMembers(reader),
  ];
  const autoLeave = readFlag(reader);
  if (incoming.length === 0) reader.fail('nobody votes');
  if (learners.some(id => incoming.includes(id) || outgoing.includes(id))) reader.fail('a voter that learns');
  if (learnersNext.some(id => incoming.includes(id) || !outgoing.includes(id)))
    reader.fail('a learner to be that does not vote yet');
  if (autoLeave && outgoing.length === 0) reader.fail('nothing to leave');
  return { incoming, outgoing, learners, learnersNext, autoLeave };
}
/** Written as rises, so that they can be nothing but ascending. */
function readMembers(reader: Reader): readonly MemberId[] {
  const count = reader.varUint(raftMembersMax);
  const ids: MemberId[] = [];
  let id = 0;
  for (let n = 0; n < count; n++) {
    id += readMember(reader);
    if (id > counterMax) reader.fail('number too large');
    ids.push(id);
  }
  return ids;
}
