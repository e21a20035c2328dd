/**
 * Plays etcd's interaction scripts: some members, a network that holds every message until a command says otherwise, and for each member
 * a disk and a state machine that may work on their own time. Every command and option of etcd's own environment is here; any other
 * ends the script with an error.
 *
 * **Log lines.** etcd writes a line of log for many things it does, in its own words: `DEBUG`, `INFO`, `WARN`, `ERROR` or `FATAL`, then the text. Those
 * lines, indented or not, are left out of what is compared; all other lines must be equal. A command that prints nothing but such lines is
 * compared as one that prints `ok`. Log levels count for one thing: at `none` nothing is printed at all.
 */
import { SeededRandom } from '../../../src/base/random.ts';
import type { ConfigurationChange, MemberChange } from '../../../src/consensus/configuration.ts';
import type { Entry, MemberId } from '../../../src/consensus/entry.ts';
import type { Message } from '../../../src/consensus/messages.ts';
import { Raft } from '../../../src/consensus/raft.ts';
import type { PersistWork } from '../../../src/consensus/ready.ts';
import type { StepResult } from '../../../src/consensus/results.ts';
import {
  describeEntry,
  describeProgress,
  describeReady,
  describeWire,
  olderForm,
  roleNames,
  wireOf,
  wireTypes,
  type Wire,
} from './describe.ts';
import {
  appendDoneWire,
  appendWire,
  applyDoneWire,
  applyWire,
  electionTicks,
  emptySnapshot,
  heartbeatTicks,
  readNodeOptions,
  ScriptedStorage,
  type Node,
} from './nodes.ts';
import {
  only,
  optionOf,
  Printed,
  readCommand,
  ScriptError,
  truth,
  wholeNumber,
  type Argument,
  type Block,
  type Command,
} from './script.ts';

const logLine = /^\s*(DEBUG|INFO|WARN|ERROR|FATAL) /;
/** What of an output is compared. */
export function withoutLogLines(lines: readonly string[]): readonly string[] {
  const kept = lines.filter(line => !logLine.test(line));
  return kept.length === 0 ? ['ok'] : kept;
}

interface Sent {
  readonly wire: Wire;
  readonly to: MemberId;
  /** Of a member to itself, or of its threads: it cannot be lost. */
  readonly local: boolean;
  deliver(): string | undefined;
}

export class Interaction {
  #nodes: Node[] = [];
  #sent: Sent[] = [];
  #output = '';
  #quiet = false;

  /** What a command prints. Throws a `ScriptError` for what it does not know. */
  run(block: Block): readonly string[] {
    this.#output = '';
    try {
      if (block.name === 'propose-conf-change') this.#proposeChange(block, block.input.join('\n'));
      else {
        this.#command(block);
        for (const [at, line] of block.input.entries()) this.#further(line, block.line + 1 + at);
      }
    } catch (error) {
      if (!(error instanceof Printed)) throw error;
      // Errors are printed always.
      this.#output += error.message;
    }
    if (this.#output === '') return ['ok'];
    return this.#output.replace(/\n$/, '').split('\n');
  }
  #further(line: string, number: number): void {
    if (line.trim() === '') return;
    try {
      this.#command(readCommand(line, number));
    } catch (error) {
      if (!(error instanceof Printed)) throw error;
      this.#output += error.message;
    }
  }

  readonly #commands: Readonly<Record<string, (args: readonly Argument[]) => void>> = {
    _breakpoint: () => undefined,
    'add-nodes': args => this.#addNodes(args),
    campaign: args => this.#first(args).raft.campaign(),
    compact: args => this.#compact(this.#first(args), wholeNumber(args[1]?.key)),
    'deliver-msgs': args => this.#deliverMessages(args),
    'process-ready': args => this.#forEach(args, 'handling Ready', node => this.#processReady(node)),
    'process-append-thread': args =>
      this.#forEach(args, 'processing append thread', node => this.#processAppend(node)),
    'process-apply-thread': args =>
      this.#forEach(args, 'processing apply thread', node => this.#processApply(node)),
    'log-level': args => this.#setLogLevel(args[0]?.key),
    'raft-log': args => this.#printLog(this.#first(args)),
    'raft-state': () => this.#printState(),
    'set-randomized-election-timeout': args =>
      this.#first(args).raft.setRandomizedElectionTicks(wholeNumber(only(args.slice(1), 'timeout'))),
    stabilize: args => this.#stabilize(args),
    status: args => this.#print(describeProgress(this.#first(args).raft.status().progress)),
    'tick-election': args => this.#tick(this.#first(args), electionTicks),
    'tick-heartbeat': args => this.#tick(this.#first(args), heartbeatTicks),
    'transfer-leadership': args =>
      this.#node(wholeNumber(optionOf(args, 'from'))).raft.transferLeadership(
        wholeNumber(optionOf(args, 'to')),
      ),
    'forget-leader': args => void this.#first(args).raft.forgetLeader(),
    'send-snapshot': args => this.#sendSnapshot(this.#first(args), wholeNumber(args[1]?.key)),
    propose: args => orPrinted(this.#first(args).raft.propose(new TextEncoder().encode(args[1]?.key ?? ''))),
    'report-unreachable': args => this.#reportUnreachable(args),
  };
  #command({ name, args }: Command): void {
    const run = Object.hasOwn(this.#commands, name) ? this.#commands[name] : undefined;
    if (run === undefined) throw new ScriptError(`unknown command "${name}"`);
    run(args);
  }
  #reportUnreachable(args: readonly Argument[]): void {
    if (args.length !== 2) {
      throw new Printed('must specify exactly two node indexes: node on which to report, and reported node');
    }
    this.#first(args).raft.reportUnreachable(wholeNumber(args[1]?.key));
  }

  #print(text: string): void {
    if (!this.#quiet) this.#output += text;
  }
  #printLine(text: string): void {
    this.#print(`${text}\n`);
  }
  #indented(print: () => void): void {
    const before = this.#output;
    this.#output = '';
    try {
      print();
    } finally {
      const lines = this.#output.replace(/\n$/, '').split('\n');
      const inner = this.#output === '' ? '' : lines.map(line => `  ${line}\n`).join('');
      this.#output = before + inner;
    }
  }
  #node(id: number): Node {
    const node = this.#nodes[id - 1];
    if (node === undefined) throw new ScriptError(`there is no node ${id}`);
    return node;
  }
  #first(args: readonly Argument[]): Node {
    return this.#node(wholeNumber(args[0]?.key));
  }
  /** Those named; options are passed over. */
  #named(args: readonly Argument[]): readonly Node[] {
    return args.filter(({ values }) => values.length === 0).map(({ key }) => this.#node(wholeNumber(key)));
  }
  #forEach(args: readonly Argument[], doing: string, work: (node: Node) => void): void {
    const nodes = this.#named(args);
    for (const node of nodes) {
      if (nodes.length === 1) work(node);
      else {
        this.#printLine(`> ${node.id} ${doing}`);
        this.#indented(() => work(node));
      }
    }
  }

  #addNodes([count, ...options]: readonly Argument[]): void {
    const { config, first } = readNodeOptions(options);
    for (let added = 0; added < wholeNumber(count?.key); added++) {
      const id = this.#nodes.length + 1;
      const storage = new ScriptedStorage(first ?? emptySnapshot);
      if (first !== undefined) storage.applySnapshot(first);
      const own = { ...config, id, random: new SeededRandom(id) };
      this.#nodes.push({
        id,
        raft: new Raft(own, storage),
        storage,
        config: own,
        appendWork: [],
        applyWork: [],
      });
    }
  }

  #tick(node: Node, ticks: number): void {
    for (let tick = 0; tick < ticks; tick++) node.raft.tick();
  }

  #compact(node: Node, index: number): void {
    if (index < node.storage.firstIndex)
      throw new Printed('requested index is unavailable due to compaction');
    node.storage.compact(index);
    this.#printLog(node);
  }
  #printLog({ storage }: Node): void {
    const { firstIndex, lastIndex } = storage;
    if (lastIndex < firstIndex) {
      this.#print(`log is empty: first index=${firstIndex}, last index=${lastIndex}`);
      return;
    }
    const entries = storage.entries(firstIndex, lastIndex + 1, Infinity);
    for (const entry of entries) this.#printLine(describeEntry(entry));
  }
  #printState(): void {
    for (const { raft, id } of this.#nodes) {
      const { role, isVoter, term, leaderId } = raft.status();
      this.#printLine(
        `${id}: ${roleNames[role]} (${isVoter ? 'Voter' : 'Non-Voter'}) Term:${term} Lead:${leaderId}`,
      );
    }
  }
  #setLogLevel(level: string | undefined): void {
    const known = ['debug', 'info', 'warn', 'error', 'fatal', 'none'];
    if (level === undefined || !known.includes(level.toLowerCase())) {
      throw new Printed('log levels must be either of [DEBUG INFO WARN ERROR FATAL NONE]');
    }
    this.#quiet = level.toLowerCase() === 'none';
  }

  #proposeChange({ args: [first, ...options] }: Command, input: string): void {
    const node = this.#node(wholeNumber(first?.key));
    let older = false;
    let transition: ConfigurationChange['transition'] = 'auto';
    for (const { key, values } of options) {
      const [value] = values;
      if (key === 'v1') older = truth(value);
      else if (key !== 'transition') throw new Printed(`unknown command ${key}`);
      else if (value === 'auto' || value === 'implicit' || value === 'explicit') transition = value;
      else throw new Printed(`unknown transition ${value ?? ''}`);
    }
    const changes = readChanges(input);
    if (older && (changes.length > 1 || transition !== 'auto')) {
      throw new Printed('v1 conf change can only have one operation and no transition');
    }
    if (older && changes.length === 0) throw new ScriptError('a v1 conf change has one operation');
    const change: ConfigurationChange = { transition, changes };
    if (older) olderForm.add(change);
    orPrinted(node.raft.proposeChange(change));
  }

  #deliverMessages(args: readonly Argument[]): void {
    const recipients: { readonly id: number; readonly drop: boolean }[] = [];
    let type: string | undefined;
    for (const { key, values } of args) {
      if (values.length === 0) recipients.push({ id: wholeNumber(key), drop: false });
      else if (key === 'type') type = values.at(-1);
      else if (key === 'drop')
        recipients.push(...values.map(value => ({ id: wholeNumber(value), drop: true })));
      else throw new ScriptError(`unknown option "${key}" of deliver-msgs`);
    }
    if (type !== undefined && !wireTypes.has(type)) throw new ScriptError(`unknown message type "${type}"`);
    const both = recipients.find(
      ({ id, drop }) => drop && recipients.some(other => !other.drop && other.id === id),
    );
    if (both !== undefined) throw new ScriptError(`can't both deliver and drop msgs to ${both.id}`);
    let handled = 0;
    for (const { id, drop } of recipients) handled += this.#deliver(id, drop, type);
    if (handled === 0) this.#printLine('no messages');
  }
  #deliver(id: MemberId, drop: boolean, type?: string): number {
    const isMeant = (sent: Sent): boolean =>
      sent.to === id && !(drop && sent.local) && (type === undefined || sent.wire.type === type);
    const meant = this.#sent.filter(isMeant);
    this.#sent = this.#sent.filter(sent => !isMeant(sent));
    for (const sent of meant) {
      this.#printLine(`${drop ? 'dropped: ' : ''}${describeWire(sent.wire)}`);
      const error = drop ? undefined : sent.deliver();
      if (error !== undefined) this.#printLine(error);
    }
    return meant.length;
  }
  #send(message: Message): void {
    const { to } = message;
    const deliver = (): string | undefined => errorText(this.#node(to).raft.step(message));
    this.#sent.push({ wire: wireOf(message), to, local: message.from === to, deliver });
  }
  #sendSnapshot(from: Node, to: MemberId): void {
    const { id, raft, storage } = from;
    const { term } = raft;
    const message: Message = {
      type: 'install-snapshot',
      from: id,
      to,
      term,
      snapshot: storage.latest,
      session: 0,
    };
    this.#send(message);
    this.#print(describeWire(wireOf(message)));
  }

  #processReady(node: Node): void {
    const ready = node.raft.ready();
    const { persist, apply, messages } = ready;
    const wires = messages.map(wireOf);
    if (persist !== undefined) wires.push(appendWire(node, persist));
    if (apply !== undefined) wires.push(applyWire(node, apply));
    this.#print(describeReady(ready, wires));
    if (node.config.asyncWrites === true) {
      if (persist !== undefined) node.appendWork.push(persist);
      if (apply !== undefined) node.applyWork.push(apply);
    } else {
      this.#write(node, ready);
      this.#apply(node, ready.committed);
    }
    for (const message of messages) this.#send(message);
    if (node.config.asyncWrites !== true) node.raft.advance();
  }
  #processAppend(node: Node): void {
    const work = node.appendWork.shift();
    if (work === undefined) {
      this.#print('no append work to perform');
      return;
    }
    const { responses, done } = work;
    this.#printLine(`Processing:\n${describeWire({ ...appendWire(node, work), responses: [] })}`);
    this.#write(node, work);
    this.#printLine('Responses:');
    for (const message of responses) {
      this.#printLine(describeWire(wireOf(message)));
      this.#send(message);
    }
    if (done === undefined) return;
    const wire = appendDoneWire(node, done);
    this.#printLine(describeWire(wire));
    const deliver = (): undefined => {
      node.raft.persisted(done);
    };
    this.#sent.push({ wire, to: node.id, local: true, deliver });
  }
  #processApply(node: Node): void {
    const work = node.applyWork.shift();
    if (work === undefined) {
      this.#print('no apply work to perform');
      return;
    }
    this.#printLine(`Processing:\n${describeWire({ ...applyWire(node, work), responses: [] })}`);
    this.#apply(node, work.entries);
    const wire = applyDoneWire(node, work);
    this.#printLine(`Responses:\n${describeWire(wire)}`);
    const deliver = (): undefined => {
      node.raft.applied(work.done);
    };
    this.#sent.push({ wire, to: node.id, local: true, deliver });
  }

  #write({ storage }: Node, { hardState, entries, snapshot }: Omit<PersistWork, 'responses'>): void {
    if (hardState !== undefined) storage.hardState = hardState;
    if (snapshot === undefined) storage.append(entries);
    else if (entries.length === 0) storage.applySnapshot(snapshot);
    else throw new Printed("can't apply snapshot and entries at the same time");
  }
  /** The state machine is a text that grows by what is applied. */
  #apply({ raft, storage }: Node, entries: readonly Entry[]): void {
    for (const entry of entries) {
      const { latest } = storage;
      const isChange = entry.type === 'configuration';
      const configuration = isChange ? raft.applyChange(entry.change) : latest.configuration;
      const data = isChange ? latest.data : Uint8Array.of(...latest.data, ...entry.data);
      storage.history.push({ index: entry.index, term: entry.term, configuration, data });
    }
  }

  /** Everything that can happen happens, until nothing can. */
  #stabilize(args: readonly Argument[]): void {
    const before = this.#quiet;
    for (const { key, values } of args) {
      if (values.length === 0) continue;
      if (key !== 'log-level') throw new ScriptError(`unknown option "${key}" of stabilize`);
      this.#setLogLevel(values[0]);
    }
    const named = this.#named(args);
    const nodes = named.length > 0 ? named : this.#nodes;
    while (this.#stabilizeOnce(nodes));
    this.#quiet = before;
  }
  #stabilizeOnce(nodes: readonly Node[]): boolean {
    let busy = false;
    const phase = (doing: string, due: (node: Node) => boolean, work: (node: Node) => void): void => {
      for (const node of nodes) {
        if (!due(node)) continue;
        busy = true;
        this.#printLine(`> ${node.id} ${doing}`);
        work(node);
      }
    };
    phase(
      'handling Ready',
      ({ raft }) => raft.hasReady(),
      node => this.#indented(() => this.#processReady(node)),
    );
    phase(
      'receiving messages',
      ({ id }) => this.#sent.some(({ to }) => to === id),
      ({ id }) => this.#indented(() => this.#deliver(id, false)),
    );
    phase(
      'processing append thread',
      ({ appendWork }) => appendWork.length > 0,
      node => {
        while (node.appendWork.length > 0) this.#indented(() => this.#processAppend(node));
      },
    );
    phase(
      'processing apply thread',
      ({ applyWork }) => applyWork.length > 0,
      node => {
        while (node.applyWork.length > 0) this.#indented(() => this.#processApply(node));
      },
    );
    return busy;
  }
}

/** As etcd's scripts write changes: `v1 l2 r3 u4`. */
function readChanges(input: string): readonly MemberChange[] {
  const types = { v: 'add-voter', l: 'add-learner', r: 'remove', u: 'update' } as const;
  const words = input.split(/\s+/).filter(word => word !== '');
  return words.map(word => {
    const letter = word[0] ?? '';
    if (!Object.hasOwn(types, letter)) throw new Printed(`unknown input: ${word}`);
    return { type: types[letter as keyof typeof types], id: wholeNumber(word.slice(1)) };
  });
}

function errorText(result: StepResult): string | undefined {
  if (result.ok) return undefined;
  switch (result.reason) {
    case 'unknown-peer':
      return 'raft: cannot step as peer not found';
    case 'not-leader':
    case 'not-member':
    case 'handing-over':
    case 'too-much-pending':
      return 'raft proposal dropped';
    default:
      return `refused: ${result.reason}`;
  }
}
function orPrinted(result: StepResult): void {
  const text = errorText(result);
  if (text !== undefined) throw new Printed(text);
}
