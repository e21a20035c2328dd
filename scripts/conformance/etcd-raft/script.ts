/**
 * Reads scripts in the format of cockroachdb/datadriven: a command and its arguments, further lines of input, `----`, and
 * the expected text up to a blank line. `----` twice lets it contain blank lines, up to another two.
 */

export interface Argument {
  readonly key: string;
  /** Empty for a word without `=`. */
  readonly values: readonly string[];
}

export interface Command {
  readonly name: string;
  readonly args: readonly Argument[];
}

export interface Block extends Command {
  /** Of the command, counted from 1. */
  readonly line: number;
  readonly input: readonly string[];
  /** Where the expected text begins. */
  readonly expectedLine: number;
  readonly expected: readonly string[];
}

/** What is wrong with a script itself, or asks for what this harness does not know. Never a difference in what Raft did. */
export class ScriptError extends Error {
  override readonly name = 'ScriptError';
}

/** An error that a script may expect: it is printed, as etcd prints it. */
export class Printed extends Error {
  override readonly name = 'Printed';
}

const separator = '----';

export function readScript(text: string): readonly Block[] {
  const lines = text.split('\n').map(line => line.replace(/\r$/, ''));
  const blocks: Block[] = [];
  let at = 0;
  while (at < lines.length) {
    let directive = (lines[at] ?? '').trim();
    const line = at + 1;
    at++;
    if (directive === '' || directive.startsWith('#')) continue;
    while (directive.endsWith('\\')) directive = `${directive.slice(0, -1)} ${(lines[at++] ?? '').trim()}`;
    const input: string[] = [];
    while (at < lines.length && lines[at] !== separator) input.push(lines[at++] as string);
    if (at === lines.length) throw new ScriptError(`line ${line}: no ${separator} after this command`);
    at++;
    const expected: string[] = [];
    const twice = lines[at] === separator;
    if (twice) at++;
    const expectedLine = at + 1;
    if (twice) {
      while (at < lines.length && !(lines[at] === separator && lines[at + 1] === separator)) {
        expected.push(lines[at++] as string);
      }
      if (at >= lines.length) throw new ScriptError(`line ${line}: its expected text has no end`);
      at += 2;
    } else
      while (at < lines.length && (lines[at] as string).trim() !== '') expected.push(lines[at++] as string);
    blocks.push({ ...readCommand(directive, line), line, input, expectedLine, expected });
  }
  return blocks;
}

const argument = /\s*([^\s=()]+)(?:=(?:\(([^)]*)\)|([^\s()]*)))?(?=\s|$)/y;

/** One command and its arguments: `word`, `key=value`, `key=(value, value)`. */
export function readCommand(text: string, line: number): Command {
  const args: Argument[] = [];
  argument.lastIndex = 0;
  while (argument.lastIndex < text.trimEnd().length) {
    const at = argument.lastIndex;
    const [, key, list, value] = argument.exec(text) ?? [];
    if (key === undefined) throw new ScriptError(`line ${line}: cannot read "${text.slice(at).trim()}"`);
    const values = list === undefined ? (value === undefined ? [] : [value]) : list.split(/[\s,]+/);
    args.push({ key, values: values.filter(entry => entry !== '') });
  }
  const [first, ...rest] = args;
  if (first === undefined || first.values.length > 0) throw new ScriptError(`line ${line}: no command`);
  return { name: first.key, args: rest };
}

/** A whole number as Go's `strconv` reads it. */
export function wholeNumber(text: string | undefined): number {
  if (text === undefined || !/^\d+$/.test(text)) throw new ScriptError(`"${text ?? ''}" is no whole number`);
  return Number(text);
}

export function truth(text: string | undefined): boolean {
  if (text === 'true' || text === '1' || text === 't') return true;
  if (text === 'false' || text === '0' || text === 'f') return false;
  throw new ScriptError(`"${text ?? ''}" is neither true nor false`);
}

/** The one value of `key=…`. */
export function optionOf(args: readonly Argument[], key: string): string {
  const values = args.find(argument => argument.key === key)?.values ?? [];
  if (values.length !== 1) throw new ScriptError(`${key}=… is missing`);
  return values[0] as string;
}
/** The same, where no other option may stand. */
export function only(args: readonly Argument[], key: string): string {
  const other = args.find(argument => argument.key !== key);
  if (other !== undefined) throw new ScriptError(`unknown option "${other.key}"`);
  return optionOf(args, key);
}
