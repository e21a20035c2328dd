/** Members as scripts set them up, each with a disk and a state machine whose work waits until a command does it. */
import type { RaftConfig } from '../../../src/consensus/config.ts';
import { emptyConfiguration } from '../../../src/consensus/configuration.ts';
import type { MemberId, Snapshot } from '../../../src/consensus/entry.ts';
import { MemoryLogStorage } from '../../../src/consensus/log-storage.ts';
import type { Raft } from '../../../src/consensus/raft.ts';
import type { ApplyWork, PersistWork } from '../../../src/consensus/ready.ts';
import { protobufBytes, wireOf, type Wire } from './describe.ts';
import { Printed, ScriptError, truth, wholeNumber, type Argument } from './script.ts';

/** Asked for a snapshot, it gives the state of what was applied last, as etcd's does. */
export class ScriptedStorage extends MemoryLogStorage {
  readonly history: Snapshot[];
  constructor(first: Snapshot) {
    super(protobufBytes);
    this.history = [first];
  }
  get latest(): Snapshot {
    return this.history.at(-1) as Snapshot;
  }
  override snapshot(): Snapshot {
    return this.latest;
  }
}

export interface Node {
  readonly id: MemberId;
  readonly raft: Raft;
  readonly storage: ScriptedStorage;
  readonly config: RaftConfig;
  readonly appendWork: PersistWork[];
  readonly applyWork: ApplyWork[];
}

export const electionTicks = 3;
export const heartbeatTicks = 1;
export const emptySnapshot: Snapshot = {
  index: 0,
  term: 0,
  configuration: emptyConfiguration,
  data: new Uint8Array(0),
};

export interface NodeOptions {
  readonly config: Omit<RaftConfig, 'id' | 'random'>;
  /** What the nodes start from; none for nodes that know nothing. */
  readonly first: Snapshot | undefined;
}

/** The options of `add-nodes`. */
export function readNodeOptions(options: readonly Argument[]): NodeOptions {
  const configuration = { ...emptyConfiguration };
  const content: number[] = [];
  let index = 0;
  let config: Omit<RaftConfig, 'id' | 'random'> = {
    electionTicks,
    heartbeatTicks,
    inflightCountMax: 2 ** 31 - 1,
    bytesOf: protobufBytes,
  };
  for (const { key, values } of options) {
    const [value] = values;
    const ids = (): readonly MemberId[] => values.map(wholeNumber).sort((a, b) => a - b);
    if (key === 'voters') configuration.incoming = ids();
    else if (key === 'learners') configuration.learners = ids();
    else if (key === 'index') index = wholeNumber(value);
    else if (key === 'content') content.push(...new TextEncoder().encode(value ?? ''));
    else if (key === 'inflight') config = { ...config, inflightCountMax: wholeNumber(value) };
    else if (key === 'async-storage-writes') config = { ...config, asyncWrites: truth(value) };
    else if (key === 'prevote') config = { ...config, preVote: truth(value) };
    else if (key === 'checkquorum') config = { ...config, checkQuorum: truth(value) };
    else if (key === 'max-committed-size-per-ready')
      config = { ...config, applyingBytesMax: wholeNumber(value) };
    else if (key === 'disable-conf-change-validation') config = { ...config, validateChanges: !truth(value) };
    else if (key === 'step-down-on-removal') config = { ...config, stepDownOnRemoval: truth(value) };
    else if (key === 'read-only' && value === 'safe') config = { ...config, reads: 'safe' };
    else if (key === 'read-only' && value === 'lease-based') config = { ...config, reads: 'lease' };
    else throw new ScriptError(`unknown option "${key}=${values.join()}" of add-nodes`);
  }
  const bare =
    index === 0 &&
    content.length === 0 &&
    configuration.incoming.length + configuration.learners.length === 0;
  if (!bare && index <= 1) throw new Printed('index must be specified as > 1 due to bootstrap');
  const first = { index, term: 1, configuration, data: Uint8Array.from(content) };
  return { config: { ...config, applied: index }, first: bare ? undefined : first };
}

export function appendWire(node: Node, { hardState, entries, snapshot, responses, done }: PersistWork): Wire {
  return {
    from: node.id.toString(16),
    to: 'AppendThread',
    type: 'MsgStorageAppend',
    term: hardState?.term ?? 0,
    commit: hardState?.commitIndex ?? 0,
    vote: hardState?.votedFor ?? 0,
    entries,
    snapshot,
    responses: [...responses.map(wireOf), ...(done === undefined ? [] : [appendDoneWire(node, done)])],
  };
}
export function applyWire(node: Node, work: ApplyWork): Wire {
  return {
    from: node.id.toString(16),
    to: 'ApplyThread',
    type: 'MsgStorageApply',
    term: 0,
    entries: work.entries,
    responses: [applyDoneWire(node, work)],
  };
}

export function appendDoneWire(node: Node, { term, last, snapshot }: NonNullable<PersistWork['done']>): Wire {
  const wire = {
    from: 'AppendThread',
    to: node.id.toString(16),
    type: 'MsgStorageAppendResp',
    term,
    snapshot,
  };
  return last === undefined ? wire : { ...wire, logTerm: last.term, index: last.index };
}
export function applyDoneWire(node: Node, { entries }: ApplyWork): Wire {
  return { from: 'ApplyThread', to: node.id.toString(16), type: 'MsgStorageApplyResp', term: 0, entries };
}
