/** Plays one of etcd's scripts and says where it went otherwise. */
import { Interaction, withoutLogLines } from './interaction.ts';
import { readScript, ScriptError, type Block } from './script.ts';
import { ConfigurationChanges, runQuorum } from './tables.ts';

export interface Difference {
  readonly line: number;
  readonly command: string;
  readonly expected: string;
  readonly actual: string;
}

export interface Played {
  readonly commands: number;
  /** The first difference: what follows it follows from it. */
  readonly difference: Difference | undefined;
}

type Run = (block: Block) => readonly string[];

/** Scripts of one kind share their commands, so the first one tells which it is. */
function runnerFor(name: string): {
  readonly run: Run;
  readonly compared: (lines: readonly string[]) => readonly string[];
} {
  const all = (lines: readonly string[]): readonly string[] => lines;
  if (name === 'committed' || name === 'vote') return { run: runQuorum, compared: all };
  if (name === 'simple' || name === 'enter-joint' || name === 'leave-joint') {
    const changes = new ConfigurationChanges();
    return { run: block => changes.run(block), compared: all };
  }
  const interaction = new Interaction();
  return { run: block => interaction.run(block), compared: withoutLogLines };
}

export function play(text: string): Played {
  let commands = 0;
  let at = { line: 1, command: '' };
  try {
    const blocks = readScript(text);
    const { run, compared } = runnerFor(blocks[0]?.name ?? '');
    if (blocks.length === 0) throw new ScriptError('no command in it');
    for (const block of blocks) {
      at = { line: block.line, command: block.name };
      const expected = compared(block.expected);
      const actual = compared(run(block));
      if (actual.join('\n') !== expected.join('\n')) {
        return { commands, difference: { ...at, expected: expected.join('\n'), actual: actual.join('\n') } };
      }
      commands++;
    }
    return { commands, difference: undefined };
  } catch (error) {
    // Raft's own assertions too: a script that breaks it has failed, and says where.
    const { name, message } = error as Error;
    return { commands, difference: { ...at, expected: 'to be played', actual: `${name}: ${message}` } };
  }
}
