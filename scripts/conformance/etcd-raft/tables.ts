/** Plays etcd's tables on quorums and on configuration changes, which are compared byte for byte. */
import {
  enterJoint,
  leaveJoint,
  simpleChange,
  type Changed,
  type MemberChange,
} from '../../../src/consensus/configuration.ts';
import type { MemberId } from '../../../src/consensus/entry.ts';
import {
  jointReached,
  jointVote,
  majorityReached,
  majorityVote,
  votersOf,
  type VoteResult,
} from '../../../src/consensus/quorum.ts';
import { Tracker } from '../../../src/consensus/tracker.ts';
import { describeConfiguration, describeProgress } from './describe.ts';
import { ScriptError, truth, wholeNumber, type Argument, type Block } from './script.ts';

type Reached = ReadonlyMap<MemberId, number>;
const voteNames: Readonly<Record<VoteResult, string>> = {
  won: 'VoteWon',
  lost: 'VoteLost',
  pending: 'VotePending',
};
const indexText = (index: number): string => (index === Infinity ? '∞' : String(index));
const lookup = (reached: Reached) => (id: MemberId) => reached.get(id);

/** `committed` and `vote`. */
export function runQuorum({ name, args }: Block): readonly string[] {
  if (name !== 'committed' && name !== 'vote') throw new ScriptError(`unknown command "${name}"`);
  const incoming = idsOf(args, 'cfg');
  const outgoing = idsOf(args, 'cfgj');
  const joint = args.some(({ key }) => key === 'cfgj');
  const given = givenValues(args, name);
  const voters = votersOf({ incoming: sorted(incoming), outgoing: sorted(outgoing) });
  if (voters.length !== given.length) {
    const set = voters.map(id => `${id}:{}`).join(' ');
    return [`error: mismatched input (explicit or _) for voters map[${set}]: [${given.join(' ')}]`];
  }
  // In the order of the first mention; a voter of both halves is given once.
  const order = [...new Set([...incoming, ...outgoing])];
  const reached = new Map(
    order.map((id, at) => [id, given[at] ?? 0] as const).filter(([, value]) => value !== 0),
  );
  const halves = { incoming: sorted(incoming), outgoing: sorted(outgoing) };
  return name === 'vote' ? vote(halves, joint, reached) : committed(halves, joint, reached);
}

interface Halves {
  readonly incoming: readonly MemberId[];
  readonly outgoing: readonly MemberId[];
}
const swapped = ({ incoming, outgoing }: Halves): Halves => ({ incoming: outgoing, outgoing: incoming });

function vote(halves: Halves, joint: boolean, given: Reached): readonly string[] {
  const voteOf = (id: MemberId): boolean | undefined => (given.has(id) ? given.get(id) !== 1 : undefined);
  if (!joint) return [voteNames[majorityVote(halves.incoming, voteOf)]];
  const result = jointVote(halves, voteOf);
  const mirrored = jointVote(swapped(halves), voteOf);
  return [...(mirrored === result ? [] : [`${voteNames[mirrored]} <-- via symmetry`]), voteNames[result]];
}

function committed(halves: Halves, joint: boolean, reached: Reached): readonly string[] {
  const { incoming } = halves;
  if (joint) {
    const index = jointReached(halves, lookup(reached));
    const mirrored = jointReached(swapped(halves), lookup(reached));
    const differs = mirrored === index ? '' : `${indexText(mirrored)} <-- via symmetry\n`;
    return `${picture(votersOf(halves), reached)}${differs}${indexText(index)}`.split('\n');
  }
  const index = majorityReached(incoming, lookup(reached));
  let text = picture(incoming, reached);
  const compare = (other: number, how: string): void => {
    if (other !== index) text += `${indexText(other)} <-- ${how}`;
  };
  compare(byCounting(incoming, reached), 'via alternative computation\n');
  compare(jointReached({ incoming, outgoing: [] }, lookup(reached)), 'via zero-joint quorum\n');
  compare(jointReached({ incoming, outgoing: incoming }, lookup(reached)), 'via self-joint quorum\n');
  for (const id of incoming) {
    const own = reached.get(id) ?? 0;
    if (!(index > own && own > 0)) continue;
    // It is behind what is committed already: further behind, nothing changes.
    for (const [value, shown] of [
      [own - 1, own],
      [0, 0],
    ] as const) {
      compare(
        majorityReached(incoming, lookup(new Map(reached).set(id, value))),
        `overlaying ${id}->${shown}`,
      );
    }
  }
  return `${text}${indexText(index)}`.split('\n');
}

/** The largest value that so many have reached, found by trying each. */
function byCounting(voters: readonly MemberId[], reached: Reached): number {
  if (voters.length === 0) return Infinity;
  const values = voters.map(id => reached.get(id) ?? 0);
  const isCommitted = (index: number): boolean =>
    2 * values.filter(value => value >= index).length > voters.length;
  return Math.max(0, ...values.filter(isCommitted));
}

/** A bar for each voter: how many are behind it. */
function picture(voters: readonly MemberId[], reached: Reached): string {
  if (voters.length === 0) return '<empty majority quorum>';
  const { length } = voters;
  const values = voters.map(id => reached.get(id) ?? 0);
  let text = `${' '.repeat(length)}    idx\n`;
  for (const [at, id] of voters.entries()) {
    const bar = values.filter(value => value < (values[at] as number)).length;
    text += reached.has(id) ? `${'x'.repeat(bar)}>${' '.repeat(length - bar)}` : `?${' '.repeat(length)}`;
    text += ` ${String(values[at]).padStart(5)}    (id=${id})\n`;
  }
  return text;
}

const sorted = (ids: readonly MemberId[]): readonly MemberId[] => [...new Set(ids)].sort((a, b) => a - b);

function idsOf(args: readonly Argument[], key: string): readonly MemberId[] {
  const values = args.filter(argument => argument.key === key).flatMap(argument => argument.values);
  if (values.length === 1 && values[0] === 'zero' && key === 'cfgj') return [];
  return values.map(wholeNumber);
}

/** 0 stands for no answer. Votes: 1 against, 2 for. */
function givenValues(args: readonly Argument[], name: string): readonly number[] {
  const unknown = args.find(({ key }) => !['cfg', 'cfgj', 'idx', 'votes'].includes(key));
  if (unknown !== undefined) throw new ScriptError(`unknown option "${unknown.key}" of ${name}`);
  const read = (value: string): number => {
    if (value === '_') return 0;
    if (name === 'committed') return wholeNumber(value);
    if (value !== 'y' && value !== 'n') throw new ScriptError(`unknown vote: ${value}`);
    return value === 'y' ? 2 : 1;
  };
  const key = name === 'vote' ? 'votes' : 'idx';
  return args.filter(argument => argument.key === key).flatMap(argument => argument.values.map(read));
}

/** `simple`, `enter-joint` and `leave-joint`, each on what the ones before made. */
export class ConfigurationChanges {
  readonly #tracker = new Tracker({ inflightCountMax: 10, inflightBytesMax: Infinity });
  #lastIndex = 0;

  run({ name, args, input }: Block): readonly string[] {
    const lastIndex = this.#lastIndex++;
    const changes: MemberChange[] = [];
    for (const word of input.join(' ').trim().split(/\s+/)) {
      if (word === '') continue;
      if (word.length < 2) return [`unknown token ${word}`];
      const type = changeTypes.get(word.charAt(0));
      if (type === undefined) return [`unknown input: ${word}`];
      changes.push({ type, id: wholeNumber(word.slice(1)) });
    }
    const changed = this.#change(name, args, changes);
    if (!changed.ok) return [changed.reason];
    const { configuration, forgotten } = changed;
    this.#tracker.reconfigure(configuration, lastIndex, () => 0, forgotten);
    const progress = new Map(
      [...this.#tracker.progress].map(([id, known]) => {
        const { state, matchIndex, nextIndex, isLearner, paused, pendingSnapshot, recentlyActive } = known;
        const shown = { state, matchIndex, nextIndex, isLearner, paused, pendingSnapshot, recentlyActive };
        return [
          id,
          { ...shown, inflightCount: known.inflights.count, inflightFull: known.inflights.full },
        ] as const;
      }),
    );
    return `${describeConfiguration(configuration)}\n${describeProgress(progress)}`.trimEnd().split('\n');
  }

  #change(name: string, args: readonly Argument[], changes: readonly MemberChange[]): Changed {
    const { configuration } = this.#tracker;
    const autoLeave = args.find(({ key }) => key === 'autoleave');
    const unknown = args.find(({ key }) => key !== 'autoleave' || name !== 'enter-joint');
    if (unknown !== undefined) throw new ScriptError(`unknown option "${unknown.key}" of ${name}`);
    switch (name) {
      case 'simple':
        return simpleChange(configuration, changes);
      case 'enter-joint':
        return enterJoint(configuration, changes, autoLeave !== undefined && truth(autoLeave.values[0]));
      case 'leave-joint':
        return changes.length > 0
          ? { ok: false, reason: 'this command takes no input' }
          : leaveJoint(configuration);
      default:
        throw new ScriptError(`unknown command "${name}"`);
    }
  }
}

const changeTypes = new Map([
  ['v', 'add-voter'],
  ['l', 'add-learner'],
  ['r', 'remove'],
  ['u', 'update'],
] as const) as ReadonlyMap<string, MemberChange['type']>;
