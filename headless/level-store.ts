/**
 * The Store port on LevelDB (classic-level): one database a space, in a folder of its own, open in one process.
 *
 * Two things that LevelDB does are not what the port promises, and are made good here:
 *
 * - After a write that failed half way (a full disk), what is written behind it can be lost at the next start: the log's reader
 *   finds no beginning any more (log_writer.cc counts what it meant to write). So after any failed commit the database is opened
 *   anew, which begins a new log, before the next one.
 * - Files that are damaged make opening or reading fail for all. They are repaired, and what cannot be repaired is put aside, never
 *   deleted: the space is then read again from peers. Records are written uncompressed, so that one byte damages one record.
 */
import { access, mkdir, readdir, rename } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { ClassicLevel } from 'classic-level';
import {
  batchKeyBytes,
  encodeHead,
  FoundRecords,
  headKeyBytes,
  readBatchKey,
  readHeadKey,
  readRowKey,
  rowKeyBytes,
  sealRecord,
} from '../src/storage/records.ts';
import { nobodyThere, type Reach } from '../src/storage/failpoints.ts';
import type {
  BatchKey,
  CommitResult,
  ScrubStep,
  Store,
  StoredSpace,
  StoreTransaction,
} from '../src/storage/store.ts';

type Database = ClassicLevel<Uint8Array, Uint8Array>;

/** One letter before each key says what it is a key of. */
const prefixes = { batch: 0x62, head: 0x68, outbox: 0x6f };
type Kind = keyof typeof prefixes;

/** Batches read at once while opening: some megabytes of a large space. */
const batchesAtOnce = 1000;

function keyed(kind: Kind, key: Uint8Array): Uint8Array {
  const bytes = new Uint8Array(1 + key.length);
  bytes[0] = prefixes[kind];
  bytes.set(key, 1);
  return bytes;
}
const rangeOf = (kind: Kind, after?: Uint8Array) => ({
  ...(after === undefined ? { gte: Uint8Array.of(prefixes[kind]) } : { gt: keyed(kind, after) }),
  lt: Uint8Array.of(prefixes[kind] + 1),
});

/** The folder is in use by another process. */
export class StoreBusy extends Error {
  override readonly name = 'StoreBusy';
}

export class LevelStore implements Store {
  /** How often what lay here could not be read at all and was put aside. */
  readonly putAside: number;
  readonly #folder: string;
  readonly #reach: Reach;
  /** Undefined while there is none, after a commit that failed. */
  #database: Database | undefined;
  /** Commits, reads and closing follow one another. */
  #turn: Promise<unknown> = Promise.resolve();
  #closed = false;

  private constructor(folder: string, database: Database, putAside: number, reach: Reach) {
    this.#folder = folder;
    this.#database = database;
    this.putAside = putAside;
    this.#reach = reach;
  }

  /** Rejects with `StoreBusy` when another process has it, and when the disk lets nobody write there. */
  static async open(folder: string, reach: Reach = nobodyThere): Promise<LevelStore> {
    await mkdir(dirname(folder), { recursive: true });
    await reach('store.opening');
    const database = await openDatabase(folder).catch((error: unknown) => {
      if (codeOf(error) === 'LEVEL_LOCKED') throw new StoreBusy(folder, { cause: error });
      return rescued(folder, error);
    });
    await reach('store.opened');
    return new LevelStore(folder, database, await countAside(folder), reach);
  }

  async load(): Promise<StoredSpace> {
    return this.#inTurn(async () => {
      await this.#reach('load.begun');
      const read = async (): Promise<FoundRecords> => {
        const found = await this.#findRest(await this.opened());
        await this.#reach('load.outbox');
        for (let after: Uint8Array | undefined, more = true; more;) {
          const rows = await rowsOf(await this.opened(), 'batch', batchesAtOnce, after);
          await this.#reach('load.some-batches');
          for (const [key, record] of rows) found.batch(readBatchKey(key), record);
          after = rows.at(-1)?.[0];
          more = rows.length === batchesAtOnce;
        }
        return found;
      };
      const found = await read().catch(async (error: unknown) => {
        await this.#database?.close().catch(() => undefined);
        this.#database = await rescued(this.#folder, error);
        return read();
      });
      await this.#reach('load.done');
      return found;
    });
  }

  scrub(after: BatchKey | undefined, recordsMax: number): Promise<ScrubStep> {
    return this.#inTurn(async (): Promise<ScrubStep> => {
      if (this.#closed) return { ok: false, reason: 'closed' };
      try {
        await this.#reach('scrub.begun');
        const database = await this.opened();
        const found = after === undefined ? await this.#findRest(database) : new FoundRecords();
        const rows = await rowsOf(database, 'batch', recordsMax, after && batchKeyBytes(after));
        await this.#reach('scrub.read');
        for (const [key, record] of rows) found.batch(readBatchKey(key), record);
        const last = rows.length < recordsMax ? undefined : rows.at(-1);
        await this.#reach('scrub.done');
        const { batches: whole, damaged } = found;
        return { ok: true, whole, damaged, next: last && readBatchKey(last[0]) };
      } catch {
        return { ok: false, reason: 'failed' };
      }
    });
  }

  async #findRest(database: Database): Promise<FoundRecords> {
    const found = new FoundRecords();
    for (const [key, record] of await rowsOf(database, 'head', Infinity))
      found.head(readHeadKey(key), record);
    await this.#reach('load.heads');
    for (const [key, record] of await rowsOf(database, 'outbox', Infinity))
      found.outboxRow(readRowKey(key), record);
    return found;
  }

  commit({ batches, heads, outbox, settled, durability }: StoreTransaction): Promise<CommitResult> {
    // Before anything is waited for: whoever calls may use its bytes again.
    const put = (kind: Kind, key: Uint8Array, value?: Uint8Array) => {
      return { type: 'put' as const, key: keyed(kind, key), value: sealRecord(kind, key, value) };
    };
    const writes = [
      ...(batches ?? []).map(batch => put('batch', batchKeyBytes(batch), batch.bytes)),
      ...(heads ?? []).map(head => put('head', headKeyBytes(head.replicaId), encodeHead(head))),
      ...(outbox ?? []).map(row => put('outbox', rowKeyBytes(row))),
      ...(settled ?? []).map(row => ({ type: 'del' as const, key: keyed('outbox', rowKeyBytes(row)) })),
    ];
    return this.#inTurn(async (): Promise<CommitResult> => {
      if (this.#closed) return { ok: false, reason: 'closed' };
      try {
        await this.#reach('commit.in-turn');
        const database = await this.opened();
        await this.#reach(`commit.${durability}`);
        await database.batch(writes, { sync: durability === 'strict' });
        await this.#reach(`commit.${durability}-done`);
        return { ok: true };
      } catch (cause) {
        return this.#refused(cause);
      }
    });
  }

  /** Whether what failed was written after all nobody knows: it is written again, which changes nothing then. */
  async #refused(cause: unknown): Promise<CommitResult> {
    const database = this.#database;
    this.#database = undefined;
    await this.#reach('commit.failed').catch(() => undefined);
    await database?.close().catch(() => undefined);
    return { ok: false, reason: isFull(cause) ? 'full' : 'failed', cause };
  }

  /** The database as it is now; opened anew after a commit that failed. */
  async opened(): Promise<Database> {
    if (this.#database !== undefined) return this.#database;
    await this.#reach('commit.reopening');
    const database = await openDatabase(this.#folder);
    this.#database = database;
    await this.#reach('commit.reopened');
    return database;
  }

  #inTurn<T>(work: () => Promise<T>): Promise<T> {
    const turn = this.#turn.then(work);
    this.#turn = turn.catch(() => undefined);
    return turn;
  }

  close(): void {
    void this.closed();
  }

  /** What was begun is done, and the folder is free. */
  closed(): Promise<void> {
    return this.#inTurn(async () => {
      this.#closed = true;
      await this.#reach('close.begun');
      await this.#database?.close();
      this.#database = undefined;
      await this.#reach('close.done');
    });
  }
}

async function openDatabase(folder: string): Promise<Database> {
  const database: Database = new ClassicLevel(folder, {
    keyEncoding: 'view',
    valueEncoding: 'view',
    compression: false,
  });
  try {
    await database.open();
  } catch (error) {
    await database.close().catch(() => undefined);
    throw error instanceof Error && error.cause !== undefined ? error.cause : error;
  }
  return database;
}

async function rowsOf(
  database: Database,
  kind: Kind,
  limit: number,
  after?: Uint8Array,
): Promise<[key: Uint8Array, record: Uint8Array][]> {
  const range = { ...rangeOf(kind, after), ...(limit === Infinity ? {} : { limit }) };
  const rows = await database.iterator(range).all();
  return rows.map(([key, record]) => [plain(key).subarray(1), plain(record)]);
}

/** It gives out Buffers, whose `slice` is a view and no copy: nobody who takes a Uint8Array expects that. */
function plain({ buffer, byteOffset, length }: Uint8Array): Uint8Array {
  return new Uint8Array(buffer, byteOffset, length);
}

/** LevelDB cannot read its own files. First it repairs what it can; if it still cannot, they are put aside. */
async function rescued(folder: string, cause: unknown): Promise<Database> {
  if (!isDamage(cause)) throw cause;
  try {
    await ClassicLevel.repair(folder);
    const repaired = await openDatabase(folder);
    // What repairing has left may still not be readable.
    try {
      for (const kind of Object.keys(prefixes) as Kind[]) await rowsOf(repaired, kind, Infinity);
      return repaired;
    } catch (error) {
      await repaired.close();
      throw error;
    }
  } catch (error) {
    if (!isDamage(error)) throw error;
    await rename(folder, `${folder}.damaged-${String((await countAside(folder)) + 1)}`);
    return openDatabase(folder);
  }
}

/** What its checks find, and what the system says of a file that is cut to nothing or gone. */
function isDamage(error: unknown): boolean {
  if (!(error instanceof Error)) return false;
  if (codeOf(error) === 'LEVEL_CORRUPTION') return true;
  return (
    codeOf(error) === 'LEVEL_IO_ERROR' && /Invalid argument|No such file or directory/.test(error.message)
  );
}

async function countAside(folder: string): Promise<number> {
  const parent = dirname(folder);
  const exists = await access(parent).then(
    () => true,
    () => false,
  );
  const names = exists ? await readdir(parent) : [];
  return names.filter(name => join(parent, name).startsWith(`${folder}.damaged-`)).length;
}

function codeOf(error: unknown): string {
  return error instanceof Error && 'code' in error ? String(error.code) : '';
}

/** LevelDB hands on only what the system said, in words. */
function isFull(error: unknown): boolean {
  if (!(error instanceof Error)) return false;
  return /No space left on device|Disk quota exceeded|ENOSPC|EDQUOT/.test(
    `${codeOf(error)} ${error.message}`,
  );
}
