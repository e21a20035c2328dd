/** What Raft says and holds, in the words of etcd's scripts. */
import type {
  Configuration,
  ConfigurationChange,
  MemberChange,
} from '../../../src/consensus/configuration.ts';
import type { Entry, HardState, MemberId, Proposal, Snapshot } from '../../../src/consensus/entry.ts';
import type { Message } from '../../../src/consensus/messages.ts';
import type { Ready } from '../../../src/consensus/ready.ts';
import type { Role } from '../../../src/consensus/state.ts';
import type { MemberStatus } from '../../../src/consensus/status.ts';

/** Changes proposed in etcd's older form of one change each, which its scripts name apart. Ours has one form. */
export const olderForm = new WeakSet<ConfigurationChange>();

/** etcd's flat message, local ones included: what is printed, and no more. */
export interface Wire {
  readonly from: string;
  readonly to: string;
  readonly type: string;
  readonly term: number;
  readonly logTerm?: number;
  readonly index?: number;
  readonly rejectHint?: number;
  readonly commit?: number;
  readonly vote?: number;
  readonly entries?: readonly (Proposal | Entry)[];
  readonly snapshot?: Snapshot | undefined;
  readonly responses?: readonly Wire[];
}

/** Hexadecimal, as etcd prints ids. */
const idText = (id: MemberId): string => (id === 0 ? 'None' : id.toString(16));

const typeNames: Readonly<Record<Message['type'], string>> = {
  'pre-vote': 'MsgPreVote',
  'pre-vote-response': 'MsgPreVoteResp',
  'request-vote': 'MsgVote',
  'request-vote-response': 'MsgVoteResp',
  'append-entries': 'MsgApp',
  'append-response': 'MsgAppResp',
  'install-snapshot': 'MsgSnap',
  heartbeat: 'MsgHeartbeat',
  'heartbeat-response': 'MsgHeartbeatResp',
  'timeout-now': 'MsgTimeoutNow',
  'transfer-leadership': 'MsgTransferLeader',
  propose: 'MsgProp',
  'read-index': 'MsgReadIndex',
  'read-index-response': 'MsgReadIndexResp',
};
/** Every type a script may name, the local ones too. */
export const wireTypes: ReadonlySet<string> = new Set([
  ...Object.values(typeNames),
  ...['MsgHup', 'MsgBeat', 'MsgUnreachable', 'MsgSnapStatus', 'MsgCheckQuorum', 'MsgForgetLeader'],
  ...['MsgStorageAppend', 'MsgStorageAppendResp', 'MsgStorageApply', 'MsgStorageApplyResp'],
]);

export function wireOf(message: Message): Wire {
  const { from, to, term } = message;
  const wire = { from: idText(from), to: idText(to), type: typeNames[message.type], term };
  switch (message.type) {
    case 'pre-vote':
    case 'request-vote':
      return { ...wire, logTerm: message.lastLogTerm, index: message.lastLogIndex };
    case 'pre-vote-response':
    case 'request-vote-response':
      return message.granted ? wire : { ...wire, rejectHint: 0 };
    case 'append-entries': {
      const { prevLogTerm: logTerm, prevLogIndex: index, leaderCommit: commit, entries } = message;
      return { ...wire, logTerm, index, commit, entries };
    }
    case 'append-response': {
      const { index, refused } = message;
      if (refused === undefined) return { ...wire, index };
      return { ...wire, index, logTerm: refused.hintTerm, rejectHint: refused.hintIndex };
    }
    case 'install-snapshot':
      return { ...wire, snapshot: message.snapshot };
    case 'heartbeat':
      return { ...wire, commit: message.leaderCommit };
    case 'heartbeat-response':
    case 'timeout-now':
      return wire;
    case 'transfer-leadership':
      // etcd writes the transferee where the sender stands.
      return { ...wire, from: idText(message.transferee) };
    case 'propose':
      return { ...wire, entries: message.proposals };
    case 'read-index':
      return { ...wire, entries: [{ type: 'normal', data: message.context }] };
    case 'read-index-response':
      return { ...wire, index: message.index, entries: [{ type: 'normal', data: message.context }] };
    default:
      return message satisfies never;
  }
}

export function describeWire(wire: Wire, indent = ''): string {
  const { from, to, type, term, logTerm = 0, index = 0, rejectHint, commit = 0, vote = 0 } = wire;
  const { entries = [], snapshot, responses = [] } = wire;
  let text = `${indent}${from}->${to} ${type} Term:${term} Log:${logTerm}/${index}`;
  if (rejectHint !== undefined) text += ` Rejected (Hint: ${rejectHint})`;
  if (commit !== 0) text += ` Commit:${commit}`;
  if (vote !== 0) text += ` Vote:${vote}`;
  if (entries.length === 1) text += ` Entries:[${describeEntry(entries[0] as Entry)}]`;
  else if (entries.length > 1) {
    text += ` Entries:[${entries.map(entry => `\n${indent}  ${describeEntry(entry)}`).join('')}\n${indent}]`;
  }
  if (snapshot !== undefined) text += `\n${indent}  Snapshot: ${describeSnapshot(snapshot)}`;
  if (responses.length > 0) {
    text += ` Responses:[${responses.map(response => `\n${describeWire(response, `${indent}  `)}`).join('')}\n${indent}]`;
  }
  return text;
}

export function describeEntry(entry: Proposal | Entry): string {
  const { term, index } = { term: 0, index: 0, ...entry };
  if (entry.type === 'normal') return `${term}/${index} EntryNormal ${goQuote(entry.data)}`;
  const { change } = entry;
  const changes = describeChanges(change.changes);
  const name = olderForm.has(change) ? 'EntryConfChange' : 'EntryConfChangeV2';
  return `${term}/${index} ${name}${changes === '' ? '' : ` ${changes}`}`;
}

const changeLetters: Readonly<Record<MemberChange['type'], string>> = {
  'add-voter': 'v',
  'add-learner': 'l',
  remove: 'r',
  update: 'u',
};
function describeChanges(changes: readonly MemberChange[]): string {
  return changes.map(({ type, id }) => `${changeLetters[type]}${id}`).join(' ');
}

export function describeSnapshot({ index, term, configuration }: Snapshot): string {
  const { incoming, outgoing, learners, learnersNext, autoLeave } = configuration;
  const list = (ids: readonly MemberId[]): string => `[${ids.join(' ')}]`;
  return `Index:${index} Term:${term} ConfState:Voters:${list(incoming)} VotersOutgoing:${list(outgoing)} Learners:${list(learners)} LearnersNext:${list(learnersNext)} AutoLeave:${autoLeave}`;
}

export const roleNames: Readonly<Record<Role, string>> = {
  follower: 'StateFollower',
  'pre-candidate': 'StatePreCandidate',
  candidate: 'StateCandidate',
  leader: 'StateLeader',
};

function describeHardState({ term, votedFor, commitIndex }: HardState): string {
  return `Term:${term}${votedFor === 0 ? '' : ` Vote:${votedFor}`} Commit:${commitIndex}`;
}

/** `messages`: those of the ready, with the work for the local threads behind them. */
export function describeReady(ready: Ready, messages: readonly Wire[]): string {
  const { softState, hardState, readStates, entries, snapshot, committed } = ready;
  const lines: string[] = [];
  if (softState !== undefined) lines.push(`Lead:${softState.leaderId} State:${roleNames[softState.role]}`);
  if (hardState !== undefined) lines.push(`HardState ${describeHardState(hardState)}`);
  if (readStates.length > 0) {
    const states = readStates.map(({ index, context }) => `{${index} [${[...context].join(' ')}]}`);
    lines.push(`ReadStates [${states.join(' ')}]`);
  }
  if (entries.length > 0) lines.push('Entries:', ...entries.map(describeEntry));
  if (snapshot !== undefined) lines.push(`Snapshot ${describeSnapshot(snapshot)}`);
  if (committed.length > 0) lines.push('CommittedEntries:', ...committed.map(describeEntry));
  if (messages.length > 0) lines.push('Messages:', ...messages.map(wire => describeWire(wire)));
  if (lines.length === 0) return '<empty Ready>';
  return [`Ready MustSync=${ready.mustSync}:`, ...lines, ''].join('\n');
}

type ShownProgress = Pick<
  MemberStatus,
  'state' | 'matchIndex' | 'nextIndex' | 'isLearner' | 'paused' | 'pendingSnapshot' | 'recentlyActive'
> & { readonly inflightCount: number; readonly inflightFull: boolean };

const progressNames = { probe: 'StateProbe', replicate: 'StateReplicate', snapshot: 'StateSnapshot' };

export function describeProgress(progress: ReadonlyMap<MemberId, ShownProgress>): string {
  let text = '';
  for (const [id, shown] of [...progress].sort(([a], [b]) => a - b)) {
    text += `${id}: ${progressNames[shown.state]} match=${shown.matchIndex} next=${shown.nextIndex}`;
    if (shown.isLearner) text += ' learner';
    if (shown.paused) text += ' paused';
    if (shown.pendingSnapshot > 0) text += ` pendingSnap=${shown.pendingSnapshot}`;
    if (!shown.recentlyActive) text += ' inactive';
    if (shown.inflightCount > 0)
      text += ` inflight=${shown.inflightCount}${shown.inflightFull ? '[full]' : ''}`;
    text += '\n';
  }
  return text;
}

export function describeConfiguration(configuration: Configuration): string {
  const { incoming, outgoing, learners, learnersNext, autoLeave } = configuration;
  const set = (ids: readonly MemberId[]): string => `(${ids.join(' ')})`;
  let text = `voters=${set(incoming)}`;
  if (outgoing.length > 0) text += `&&${set(outgoing)}`;
  if (learners.length > 0) text += ` learners=${set(learners)}`;
  if (learnersNext.length > 0) text += ` learners_next=${set(learnersNext)}`;
  if (autoLeave) text += ' autoleave';
  return text;
}

const shortEscapes = new Map([
  ['\x07', '\\a'],
  ['\b', '\\b'],
  ['\f', '\\f'],
  ['\n', '\\n'],
  ['\r', '\\r'],
  ['\t', '\\t'],
  ['\v', '\\v'],
  ['"', '\\"'],
  ['\\', '\\\\'],
]);
/** As Go's `%q` writes bytes that are a text. */
function goQuote(data: Uint8Array): string {
  const text = new TextDecoder().decode(data);
  const escaped = Array.from(text, character => {
    const short = shortEscapes.get(character);
    if (short !== undefined) return short;
    const code = character.codePointAt(0) ?? 0;
    return code < 0x20 || code === 0x7f ? `\\x${code.toString(16).padStart(2, '0')}` : character;
  });
  return `"${escaped.join('')}"`;
}

const varintBytes = (value: number): number =>
  Math.max(1, Math.ceil((Math.floor(Math.log2(Math.max(value, 1))) + 1) / 7));

/** The size of an entry in etcd's protocol buffers, by which its scripts set limits. */
export function protobufBytes(entry: Entry): number {
  const data = entry.type === 'normal' ? entry.data.length : changeBytes(entry.change);
  const head = 2 + 1 + varintBytes(entry.term) + 1 + varintBytes(entry.index);
  return data === 0 ? head : head + 1 + varintBytes(data) + data;
}
function changeBytes(change: ConfigurationChange): number {
  const { changes } = change;
  if (olderForm.has(change)) return 6 + varintBytes(changes[0]?.id ?? 0) - 1;
  return changes.reduce((bytes, { id }) => bytes + 5 + varintBytes(id), changes.length === 0 ? 0 : 2);
}
