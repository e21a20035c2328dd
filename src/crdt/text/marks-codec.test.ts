import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { toHex } from '../../base/bytes.ts';
import { names, play, steps, UndoPeer } from '../undo/undo-peer.model.ts';
import { decodeExtras, encodeExtras } from './marks-codec.ts';
import { prune } from './garbage.ts';
import { encodeTextHistory } from './history-codec.ts';
import { decodeTextHistory } from './history-reader.ts';
import type { TextOp } from './messages.ts';
import { decodeTextState, encodeTextState } from './state-codec.ts';
import { Text } from './text.ts';
import { replicaId } from './text.model.ts';
import { TextVersions } from './versions.ts';

const alice = replicaId('a');
const bob = replicaId('b');

/** A text with one of everything. */
function example(): Text {
  const text = new Text(alice, { next: 0 }, { stamp: () => ({ wallMs: 12, logical: 0 }) });
  text.localInsert(0, 'abcd');
  text.localMark(1, 3, 'bold', true);
  text.localMark(0, 4, 'link', 'url');
  text.localDelete(1, 2);
  text.localRestore([{ id: { replicaId: alice, counter: 1 }, text: 'bc' }]);
  const unknown: TextOp = {
    ...{ type: 'unknown', id: { replicaId: bob, counter: 3 }, kind: 77, counters: 2 },
    bytes: Uint8Array.of(1, 2),
  };
  text.apply([unknown]);
  return text;
}

describe('marks and restores in a state', () => {
  test('[MARK3] [RESTORE3] replicas that applied the same operations write the same bytes, which read back as the same', () => {
    fc.assert(
      fc.property(fc.integer({ min: 2, max: 3 }), steps, (count, plan) => {
        const peers = names.slice(0, count).map(name => new UndoPeer(name));
        play(peers, plan);
        const [first] = peers as [UndoPeer];
        const bytes = encodeExtras(first.text.extras);
        const state = encodeTextState(first.text);
        const writer = { replicaId: replicaId('e'), counter: { next: 9000 } };
        for (const { text, history } of peers) {
          expect(encodeExtras(text.extras)).toEqual(bytes);
          expect(encodeTextState(text)).toEqual(state);
          const loaded = decodeTextState(state, writer);
          const replayed = decodeTextHistory(encodeTextHistory(history), writer);
          const half = [...history.version()].map(([id, end]) => [id, end >> 1] as const);
          const pruned = decodeTextHistory(encodeTextHistory(prune(history, new Map(half))), writer);
          const branch = new TextVersions(text, history).branch(history.version(), writer);
          if (!loaded.ok || !replayed.ok || !pruned.ok || !branch.ok) throw new Error('not read back');
          expect(replayed.value.history.ops()).toEqual(history.ops());
          for (const read of [loaded.value, replayed.value.text, pruned.value.text, branch.text]) {
            expect(encodeTextState(read)).toEqual(state);
            expect(read.toString()).toBe(text.toString());
            expect(read.spans()).toEqual(text.spans());
          }
        }
      }),
      { numRuns: 30 },
    );
  }, 60_000);

  test('[MARK9] a text without any has no bytes for them', () => {
    const text = new Text(alice, { next: 0 });
    text.localInsert(0, 'plain');
    expect(encodeExtras(text.extras)).toHaveLength(0);
    const read = decodeExtras(new Uint8Array(), text.tree);
    expect(read.ok && read.value.marks.size === 0).toBe(true);
  });

  test('[TEXT11] the released bytes of version 1 stay what they are', () => {
    expect(toHex(encodeExtras(example().extras))).toMatchInlineSnapshot(
      `"02a0000000000000000000000000000000b000000000000000000000000000000001000102000802000401000101000304626f6c640c00020005010000020003046c696e6b0c00060375726c0101034d02020102"`,
    );
  });

  test('[EXT1] what was unknown to whoever saved it is applied once it is known', () => {
    const { tree } = example();
    // A mark, type 1, as somebody saved it who did not know marks: his own nearest type is 78.
    const save = (bytes: number[]): Uint8Array => {
      const text = new Text(bob, { next: 0 });
      const id = { replicaId: bob, counter: 3 };
      text.apply([{ type: 'unknown', id, kind: 78, counters: 1, bytes: Uint8Array.from(bytes) }]);
      const saved = encodeExtras(text.extras);
      saved[saved.indexOf(78)] = 1;
      return saved;
    };
    const read = decodeExtras(save([0, 0, 0, 4, 98, 111, 108, 100, 12, 0, 2]), tree);
    expect(read.ok && read.value.marks.marksAt(0)).toEqual(new Map([['bold', true]]));
    // Nine counters before the third there is nothing.
    const wrong = decodeExtras(save([0, 1, 0, 9, 0, 4, 98, 111, 108, 100, 12, 0, 2]), tree);
    expect(wrong).toEqual({ ok: false, reason: 'number too large' });
  });

  test('[TEXT12] four thousand damaged inputs throw nothing, and what is read is what would be written', () => {
    const text = example();
    const good = encodeExtras(text.extras);
    let read = 0;
    fc.assert(
      fc.property(
        fc.array(fc.tuple(fc.nat(good.length - 1), fc.nat(255)), { minLength: 1, maxLength: 2 }),
        fc.oneof({ weight: 9, arbitrary: fc.constant(good.length) }, fc.nat(good.length)),
        (damage, length) => {
          const bytes = good.slice(0, length);
          for (const [at, byte] of damage) if (at < length) bytes[at] = byte;
          const extras = decodeExtras(bytes, text.tree);
          if (!extras.ok) return;
          read++;
          expect(encodeExtras(extras.value)).toEqual(bytes);
          extras.value.marks.spans(0, text.length);
        },
      ),
      { numRuns: 4_000 },
    );
    expect(read).toBeGreaterThan(40);
  }, 60_000);

  test('[TEXT12] a length from outside is checked before anything is allocated', () => {
    const { tree } = example();
    for (const bytes of [
      [200, 255, 3],
      [200, 7],
      [0, 255, 255, 255, 255, 15],
      [0, 0, 255, 255, 3],
      [0, 0, 0, 255, 255, 3],
      [0, 0, 0, 0, 0],
      [0, 0, 0, 0],
    ])
      expect(decodeExtras(Uint8Array.from(bytes), tree)).toMatchObject({ ok: false });
  });
});
