/**
 * The record of a long run: a file with what was played, one outcome a line, so that the run can be made in pieces and goes on where it
 * was stopped. Its first line says of what: a run is of one scenario and one code.
 */
import { createHash } from 'node:crypto';
import { appendFileSync, existsSync, readFileSync, truncateSync } from 'node:fs';

/** @param {string} script the bundle: what runs, whatever commit it came from */
export const codeOf = script => createHash('sha256').update(readFileSync(script)).digest('hex').slice(0, 16);

/**
 * @param {string} file
 * @param {object} head
 * @returns {{ outcomes: any[], add: (outcome: object) => void }}
 */
export function openRecord(file, head) {
  const first = JSON.stringify(head);
  const add = line => appendFileSync(file, `${JSON.stringify(line)}\n`);
  if (!existsSync(file)) add(head);
  const text = readFileSync(file, 'utf8');
  // A process that was killed may have left half a line.
  const whole = text.lastIndexOf('\n') + 1;
  truncateSync(file, Buffer.byteLength(text.slice(0, whole)));
  const [begins, ...lines] = text.slice(0, whole).split('\n').slice(0, -1);
  if (begins !== first) throw new Error(`${file} is the record of another run: ${begins}, not ${first}.`);
  return { outcomes: lines.map(line => JSON.parse(line)), add };
}
