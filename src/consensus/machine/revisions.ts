/**
 * Keys and values with their past: each transaction that changes anything is one revision, and every revision since the last
 * compaction can be read and watched from (multi-version concurrency control, as etcd's mvcc has it).
 *
 * The obvious way, a map that is overwritten, cannot answer two reads at one instant while writes go on, nor tell a watcher that was
 * away what it missed. Here each key has its versions in order, found by bisection, and one list has all changes in order of revision,
 * from which watches read at their own pace: a slow watcher costs nothing but what history is kept anyway.
 */
import { assert } from '../../base/assert.ts';
import type { Reader, Writer } from '../../base/codec.ts';
import {
  commandBytesMax,
  counterMax,
  storeBytesMax,
  storeChangesMax,
  storeKeyBytesMax,
} from '../../base/limits.ts';
import type { KeyRange, Operation, Version } from './commands.ts';

/** What a version takes beside key and value, about. */
const versionOverheadBytes = 64;

export type RangeRead =
  | {
      readonly ok: true;
      readonly revision: number;
      readonly items: readonly Version[];
      readonly more: boolean;
    }
  | { readonly ok: false; readonly reason: 'compacted' | 'no-such-revision' };

export class Revisions {
  #revision = 0;
  /** Reads at this revision still work, those before it do not. */
  #compacted = 0;
  #bytes = 0;
  /** Ascending; all that have a version. */
  #keys: string[] = [];
  #versions = new Map<string, Version[]>();
  /** Ascending by revision; all after `#compacted`. */
  #changes: Version[] = [];

  get revision(): number {
    return this.#revision;
  }
  get compactedRevision(): number {
    return this.#compacted;
  }

  /** As it was at `revision`, which is not compacted. */
  get(key: string, revision = this.#revision): Version | undefined {
    const versions = this.#versions.get(key);
    if (versions === undefined) return undefined;
    const at = firstWhere(versions, version => version.revision > revision) - 1;
    const found = versions[at];
    return found?.value === undefined ? undefined : found;
  }
  range({ from, to }: KeyRange, { revision = this.#revision, limit = Infinity } = {}): RangeRead {
    if (revision > this.#revision) return { ok: false, reason: 'no-such-revision' };
    if (revision < this.#compacted) return { ok: false, reason: 'compacted' };
    const items: Version[] = [];
    for (let at = firstWhere(this.#keys, key => key >= from); at < this.#keys.length; at++) {
      const key = this.#keys[at] as string;
      if (to !== undefined && key >= to) break;
      const version = this.get(key, revision);
      if (version === undefined) continue;
      if (items.length >= limit) return { ok: true, revision, items, more: true };
      items.push(version);
    }
    return { ok: true, revision, items, more: false };
  }
  /** Changes after `revision` in this range, oldest first, whole revisions, and at least `atLeast` where there are as many. */
  changesAfter(
    revision: number,
    { from, to }: KeyRange,
    atLeast: number,
  ):
    | { readonly ok: true; readonly changes: readonly Version[]; readonly upTo: number }
    | { readonly ok: false } {
    if (revision < this.#compacted) return { ok: false };
    const changes: Version[] = [];
    let upTo = this.#revision;
    for (
      let at = firstWhere(this.#changes, change => change.revision > revision);
      at < this.#changes.length;
      at++
    ) {
      const change = this.#changes[at] as Version;
      if (changes.length >= atLeast && change.revision !== changes.at(-1)?.revision) {
        upTo = change.revision - 1;
        break;
      }
      if (change.key >= from && (to === undefined || change.key < to)) changes.push(change);
    }
    return { ok: true, changes, upTo };
  }

  /** All of them, as one revision, or none where there is no room. What was read comes back. */
  transact(operations: readonly Operation[]): readonly (Version | undefined)[] | 'full' | 'too-large' {
    const revision = this.#revision + 1;
    const written = new Map<string, Version>();
    const read: (Version | undefined)[] = [];
    let readBytes = 0;
    let bytes = this.#bytes;
    for (const operation of operations) {
      const { key } = operation;
      const before = written.get(key) ?? this.get(key);
      const exists = before?.value !== undefined;
      switch (operation.type) {
        case 'get':
          read.push(exists ? before : undefined);
          readBytes += bytesOf(before);
          break;
        case 'put': {
          const createdRevision = exists ? before.createdRevision : revision;
          const version = { key, value: operation.value, revision, createdRevision };
          written.set(key, version);
          bytes += bytesOf(version);
          break;
        }
        case 'delete':
          if (!exists) break;
          written.set(key, { key, value: undefined, revision, createdRevision: before.createdRevision });
          bytes += bytesOf(written.get(key));
      }
    }
    if (readBytes > commandBytesMax) return 'too-large';
    // Taking away is how room is made again, so that is always possible.
    const grows = [...written.values()].some(({ value }) => value !== undefined);
    if (grows && bytes > storeBytesMax) return 'full';
    if (written.size === 0) return read;
    this.#revision = revision;
    for (const version of written.values()) this.#add(version);
    if (this.#changes.length > storeChangesMax) {
      this.compact((this.#changes[this.#changes.length >> 1] as Version).revision);
    }
    return read;
  }
  #add(version: Version): void {
    const { key } = version;
    const versions = this.#versions.get(key);
    if (versions === undefined) {
      this.#versions.set(key, [version]);
      this.#keys.splice(
        firstWhere(this.#keys, known => known >= key),
        0,
        key,
      );
    } else versions.push(version);
    this.#changes.push(version);
    this.#bytes += bytesOf(version);
  }

  /** False when it is compacted already, or not written yet. */
  compact(revision: number): boolean {
    if (revision <= this.#compacted || revision > this.#revision) return false;
    this.#compacted = revision;
    this.#changes = this.#changes.slice(firstWhere(this.#changes, change => change.revision > revision));
    for (const [key, versions] of this.#versions) {
      // The one that is in force at this revision is still read; a deletion need not be.
      let first = firstWhere(versions, version => version.revision > revision) - 1;
      if (versions[first]?.value === undefined) first++;
      if (first <= 0) continue;
      for (const dropped of versions.splice(0, first)) this.#bytes -= bytesOf(dropped);
      if (versions.length === 0) this.#versions.delete(key);
    }
    this.#keys = this.#keys.filter(key => this.#versions.has(key));
    return true;
  }

  /** Each version once, by revision: what is older than the compaction first. */
  write(writer: Writer): void {
    const old = this.#keys.flatMap(key => {
      const first = this.#versions.get(key)?.[0];
      return first !== undefined && first.revision <= this.#compacted ? [first] : [];
    });
    writer.varUint(this.#revision).varUint(this.#compacted);
    for (const versions of [old, this.#changes]) {
      writer.varUint(versions.length);
      for (const version of versions) writeVersion(writer, version);
    }
  }
  static read(reader: Reader): Revisions {
    const revisions = new Revisions();
    const last = reader.varUint(counterMax);
    const compacted = reader.varUint(last);
    let before: Version | undefined;
    for (let left = reader.varUint(reader.left); left > 0; left--) {
      const version = readVersion(reader, compacted);
      if (version.value === undefined || (before !== undefined && before.key >= version.key))
        reader.fail('an old version that is none, or out of order');
      revisions.#add((before = version));
    }
    revisions.#changes = [];
    let at = compacted;
    for (let left = reader.varUint(reader.left); left > 0; left--) {
      const version = readVersion(reader, last);
      const known = revisions.#versions.get(version.key)?.at(-1);
      if (version.revision < at || version.revision <= compacted || version.revision === known?.revision)
        reader.fail('changes out of order');
      at = version.revision;
      revisions.#add(version);
    }
    revisions.#revision = last;
    revisions.#compacted = compacted;
    return revisions;
  }
}

export function writeVersion(writer: Writer, { key, value, revision, createdRevision }: Version): void {
  writer.varString(key).varUint(revision).varUint(createdRevision);
  writer.byte(value === undefined ? 0 : 1);
  if (value !== undefined) writer.varBytes(value);
}
export function readVersion(reader: Reader, revisionMax: number = counterMax): Version {
  const key = reader.varString(storeKeyBytesMax);
  const revision = reader.varUint(revisionMax);
  const createdRevision = reader.varUint(revision);
  const has = reader.byte();
  if (has > 1) reader.fail('neither there nor deleted');
  const value = has === 1 ? reader.varBytes(commandBytesMax).slice() : undefined;
  return { key, value, revision, createdRevision };
}

function bytesOf(version: Version | undefined): number {
  return version === undefined
    ? 0
    : versionOverheadBytes + 2 * version.key.length + (version.value?.length ?? 0);
}

/** Index of the first for which it holds, which it does for all after it. */
function firstWhere<T>(of: readonly T[], holds: (one: T) => boolean): number {
  let [low, high] = [0, of.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    assert(middle < of.length, 'bisection stays inside');
    if (holds(of[middle] as T)) high = middle;
    else low = middle + 1;
  }
  return low;
}
