/**
 * Histories of a key-value store with `append`, as maps in Clojure's notation (EDN), one a line:
 *
 *     {:process 9, :type :invoke, :f :append, :key "0", :value "x 9 0 y"}
 *     {:process 9, :type :ok, :f :append, :key "0", :value "x 9 0 y"}
 *     {:process 1, :type :invoke, :f :get, :key "9", :value nil}
 *
 * Types mean what they mean to Jepsen: see etcd-jepsen.ts. Keys of the map may stand in any order, and others beside them.
 */
import type { AppendInput, AppendOutput } from '../models/append.ts';
import { readLog, wholeNumber, type LogEntry, type LogResult, type Outcome } from './log.ts';

export function readKvAppend(text: string): LogResult<AppendInput, AppendOutput> {
  return readLog(text, entryOf);
}

interface Atom {
  readonly type: 'keyword' | 'string' | 'symbol';
  readonly text: string;
}

function entryOf(line: string): LogEntry<AppendInput, AppendOutput> | undefined {
  const map = readMap(line);
  const [process, type, f, key, value] = ['process', 'type', 'f', 'key', 'value'].map(name => map?.get(name));
  if (process?.type === 'keyword' && process.text === 'nemesis') return { type: 'ignored' };
  const number = process?.type === 'symbol' ? wholeNumber(process.text) : undefined;
  if (number === undefined || type?.type !== 'keyword' || f?.type !== 'keyword' || key?.type !== 'string')
    return undefined;
  if (f.text !== 'get' && f.text !== 'put' && f.text !== 'append') return undefined;
  const text = value?.type === 'string' ? value.text : undefined;
  const isNil = value?.type === 'symbol' && value.text === 'nil';
  if (type.text === 'invoke') {
    if (f.text === 'get')
      return isNil ? { type: 'invoke', process: number, input: { type: 'get', key: key.text } } : undefined;
    if (text === undefined) return undefined;
    return { type: 'invoke', process: number, input: { type: f.text, key: key.text, value: text } };
  }
  const outcome = outcomeOf(type.text, f.text, text);
  const fits = (input: AppendInput) =>
    input.type === f.text &&
    input.key === key.text &&
    (input.type === 'get' || outcome?.type !== 'answered' || input.value === text);
  return outcome && { type: 'end', process: number, fits, outcome };
}

function outcomeOf(type: string, f: string, text: string | undefined): Outcome<AppendOutput> | undefined {
  if (type === 'info') return { type: 'lost' };
  if (type === 'fail') return { type: 'withdrawn' };
  if (type !== 'ok' || text === undefined) return undefined;
  return { type: 'answered', output: f === 'get' ? { type: 'value', value: text } : { type: 'done' } };
}

/** Whitespace and commas, which EDN treats alike, then one of: keyword, string, anything else without blanks. */
const ATOM = /[\s,]*(?::([^\s,:{}"]+)|"((?:[^"\\]|\\.)*)"|([^\s,:{}"]+))/y;

/** A flat map from keywords to atoms, alone on its line. */
function readMap(line: string): Map<string, Atom> | undefined {
  if (!line.startsWith('{') || !line.endsWith('}')) return undefined;
  const inside = line.slice(1, -1).trimEnd();
  const atoms: Atom[] = [];
  for (ATOM.lastIndex = 0; ATOM.lastIndex < inside.length;) {
    const [, keyword, quoted, symbol] = ATOM.exec(inside) ?? [];
    const string = quoted === undefined ? undefined : unescaped(quoted);
    if (keyword !== undefined) atoms.push({ type: 'keyword', text: keyword });
    else if (string !== undefined) atoms.push({ type: 'string', text: string });
    else if (symbol !== undefined) atoms.push({ type: 'symbol', text: symbol });
    else return undefined;
  }
  const map = new Map<string, Atom>();
  for (let at = 0; at < atoms.length; at += 2) {
    const [key, value] = [atoms[at], atoms[at + 1]];
    if (key?.type !== 'keyword' || value === undefined || map.has(key.text)) return undefined;
    map.set(key.text, value);
  }
  return map;
}

const ESCAPES: Readonly<Record<string, string>> = { n: '\n', t: '\t', r: '\r', '"': '"', '\\': '\\' };
const KNOWN_ESCAPES = /^(?:[^\\]|\\(?:u[0-9a-fA-F]{4}|[ntr"\\]))*$/s;

/** A string of EDN without its escapes; undefined if it has one that EDN does not know. */
function unescaped(quoted: string): string | undefined {
  if (!KNOWN_ESCAPES.test(quoted)) return undefined;
  return quoted.replace(/\\(u[0-9a-fA-F]{4}|.)/gs, (_, escape: string) =>
    escape.length > 1 ? String.fromCharCode(Number.parseInt(escape.slice(1), 16)) : (ESCAPES[escape] ?? ''),
  );
}
