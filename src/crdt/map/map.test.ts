import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { fromHex, toHex } from '../../base/bytes.ts';
import { counterMax, mapKeyBytesMax } from '../../base/limits.ts';
import { decodeDocumentBatch, encodeDocumentBatch } from '../document/batch-codec.ts';
import type { Document } from '../document/document.ts';
import type { DocumentMap } from '../document/handles/map.ts';
import type { DocumentBatch } from '../document/messages.ts';
import { decodeDocument, encodeDocument } from '../document/state-codec.ts';
import { contextOf, documentOf, made, replicaIdOf } from '../document/testing.model.ts';
import { damaged } from '../testing/damage.model.ts';
import { decodeMapOps, encodeMapOps } from './codec.ts';
import { ModelMap, type Done } from './map.model.ts';
import type { MapOp } from './messages.ts';

const kinds = ['register', 'counter', 'or-set', 'map'] as const;
type KindName = (typeof kinds)[number];

function edit(map: DocumentMap, key: string, kind: KindName, value: number): DocumentBatch {
  switch (kind) {
    case 'register':
      return made(map.set(key, value));
    case 'counter':
      return made(map.counter(key).add(1 + value));
    case 'or-set':
      return made(map.orSet(key).add(value));
    case 'map':
      // What is done inside it counts for it.
      return made(value % 2 === 0 ? map.map(key).touch('inside') : map.touch(key));
  }
}

interface Step {
  readonly peer: number;
  readonly type: 'edit' | 'remove' | 'sync' | 'reload';
  readonly key: string;
  readonly kind: KindName;
  readonly value: number;
}

const steps: fc.Arbitrary<readonly Step[]> = fc.array(
  fc.record({
    peer: fc.nat(5),
    type: fc.constantFrom('edit', 'edit', 'edit', 'remove', 'remove', 'sync', 'sync', 'reload'),
    key: fc.constantFrom('a', 'b', ''),
    kind: fc.constantFrom(...kinds),
    value: fc.nat(9),
  }),
  { maxLength: 60 },
);

class Peer {
  document: Document;
  readonly model = new ModelMap();
  readonly #name: string;

  constructor(name: string) {
    this.#name = name;
    this.document = documentOf(name);
  }

  get map(): DocumentMap {
    return this.document.map('m');
  }

  /** What events say is present, by key and kind. */
  check(): void {
    expect(this.map.keys()).toEqual(this.model.keys());
    for (const key of ['a', 'b', '']) {
      expect(this.map.kinds(key)).toEqual(this.model.kinds(key));
      expect(this.map.has(key)).toBe(this.model.kinds(key).length > 0);
    }
    // Emptied with its key: whoever has no edit that counts shows nothing.
    for (const key of ['a', 'b', ''])
      if (!this.model.kinds(key).includes('register')) expect(this.map.get(key)).toBe(undefined);
  }

  reload(): void {
    const saved = encodeDocument(this.document);
    const loaded = decodeDocument(saved, contextOf(this.#name, this.document.context.counter.next));
    if (!loaded.ok) throw new Error(loaded.reason);
    expect(toHex(encodeDocument(loaded.value))).toBe(toHex(saved));
    this.document = loaded.value;
  }
}

describe('maps', () => {
  test('[DOC1] [DOC2] [DOC3] [DOC4] [DOC5] a key is there while an edit of it counts, as in the obvious map, on every replica', () => {
    fc.assert(
      fc.property(fc.integer({ min: 2, max: 6 }), steps, (count, plan) => {
        const peers = ['c', '1', 'f', '07', 'c1', '8'].slice(0, count).map(name => new Peer(name));
        const log: { readonly bytes: Uint8Array; readonly batch: DocumentBatch; readonly done: Done }[] = [];
        const bring = (to: Peer, from: Peer): void => {
          for (const { bytes, batch, done } of log) {
            if (!from.model.has(done)) continue;
            const read = decodeDocumentBatch(bytes, batch.replicaId, batch.firstCounter);
            if (!read.ok) throw new Error(read.reason);
            expect(to.document.apply(read.value)).toMatchObject({ ok: true });
            to.model.apply(done);
          }
        };
        for (const { peer, type, key, kind, value } of plan) {
          const at = peers[peer % count] as Peer;
          if (type === 'reload') at.reload();
          else if (type === 'sync') bring(at, peers[value % count] as Peer);
          else {
            const removes = type === 'remove';
            const batch = removes ? at.map.delete(key) : edit(at.map, key, kind, value);
            expect(batch === undefined).toBe(removes && at.model.kinds(key).length === 0);
            if (batch !== undefined)
              log.push({
                bytes: encodeDocumentBatch(batch),
                batch,
                done: at.model.local(key, removes ? undefined : kind),
              });
          }
          at.check();
        }
        for (const to of peers) for (const from of peers) bring(to, from);
        for (const peer of peers) {
          peer.check();
          expect(toHex(encodeDocument(peer.document))).toBe(
            toHex(encodeDocument((peers[0] as Peer).document)),
          );
        }
      }),
      { numRuns: 150 },
    );
  });

  test('[DOC5] what is written while its key is removed shows alone', () => {
    const [a, b] = [documentOf('a'), documentOf('b')];
    const before = made(a.map('m').set('k', 'old'));
    b.apply(before);
    const removal = made(a.map('m').delete('k'));
    const write = made(b.map('m').set('k', 'new'));
    a.apply(write);
    b.apply(removal);
    for (const document of [a, b]) {
      expect(document.map('m').get('k')).toBe('new');
      expect(document.map('m').keys()).toEqual(['k']);
    }
    // Two removals at once are one, and one of nothing is no edit.
    const both = [made(a.map('m').delete('k')), made(b.map('m').delete('k'))] as const;
    b.apply(both[0]);
    a.apply(both[1]);
    for (const document of [a, b]) {
      expect(document.map('m').has('k')).toBe(false);
      expect(document.map('m').delete('k')).toBe(undefined);
    }
    expect(toHex(encodeDocument(a))).toBe(toHex(encodeDocument(b)));
  });
});

const author = replicaIdOf('a');
const others = ['b', 'c'].map(replicaIdOf);
const [bob = author, cay = author] = others;
const ops: readonly MapOp[] = [
  { type: 'touch', id: { replicaId: author, counter: 7 }, key: 'k', kind: 2 },
  {
    type: 'remove',
    id: { replicaId: author, counter: 8 },
    key: 'ü',
    observed: [
      { replicaId: author, counter: 7 },
      { replicaId: cay, counter: 300 },
    ],
  },
  {
    type: 'remove',
    id: { replicaId: author, counter: 9 },
    key: '',
    observed: [{ replicaId: bob, counter: 0 }],
  },
];

describe('bytes of map operations', () => {
  test('[DOC11] the released bytes of version 1 stay what they are', () => {
    const bytes = encodeMapOps(ops, author, 7);
    expect(toHex(bytes)).toBe(
      `0103${author}${cay}${bob}` + '00016b02' + '0102c3bc02000701ac02' + '0100010200',
    );
    expect(decodeMapOps(bytes, author, 7)).toEqual({ ok: true, value: ops });
    expect(decodeMapOps(bytes, author, 7, 3)).toEqual({ ok: true, value: ops });
    expect(decodeMapOps(bytes, author, 7, 4)).toEqual({ ok: false, reason: 'counters do not add up' });
  });

  test.each([
    ['nothing', '', 'short'],
    ['another version', '0200', 'unknown version'],
    ['another operation', '010002', 'unknown operation'],
    ['no kind', '010000016b00', 'no kind'],
    ['a kind out of range', '010000016b808004', 'number too large'],
    ['a removal that has seen nothing', `0101${author}01016b00`, 'nothing observed'],
    ['a replica that is not in the table', `0101${author}01016b010100`, 'unknown replica'],
    ['a replica twice in the table', `0102${bob}${bob}`, 'replica named twice'],
    ['a replica twice in a removal', `0101${bob}01016b0200000001`, 'number too large'],
    ['a table used out of order', `0102${bob}${cay}01016b010100`, 'unknown replica'],
    ['a table with one too many', `0102${bob}${cay}01016b010000`, 'table names too many'],
    ['replicas out of order', `0102${cay}${bob}01016b0200000100`, 'observed not sorted'],
    ['a key that is no text', '010000ff', 'number too large'],
    ['a key too long', `0100008108${'61'.repeat(mapKeyBytesMax + 1)}02`, 'number too large'],
  ])('[DOC12] %s is refused', (_, hex, reason) => {
    const decoded = decodeMapOps(fromHex(hex), author, 7);
    expect(decoded).toMatchObject({ ok: false });
    expect(['short', reason]).toContain(decoded.ok ? 'taken' : decoded.reason);
  });

  test('[DOC12] no counter passes the last one there is', () => {
    const touch = fromHex('010000016b02');
    expect(decodeMapOps(touch, author, counterMax - 1).ok).toBe(true);
    expect(decodeMapOps(touch, author, counterMax)).toEqual({ ok: false, reason: 'counter out of range' });
  });

  test('[DOC11] [DOC12] of damaged bytes what is taken is in its one form', () => {
    let taken = 0;
    const bytes = encodeMapOps(ops, author, 7);
    for (const input of damaged(bytes, 20_000, 'map')) {
      const decoded = decodeMapOps(input, author, 7);
      if (!decoded.ok) continue;
      taken++;
      expect(toHex(encodeMapOps(decoded.value, author, 7))).toBe(toHex(input));
    }
    expect(taken).toBeGreaterThan(200);
  });
});
