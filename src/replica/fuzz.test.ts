import { expect, test } from 'vitest';
import { concatBytes } from '../base/bytes.ts';
import type { BatchId, ReplicaId } from '../base/ids.ts';
import { SeededRandom } from '../base/random.ts';
import { decodeBatch } from '../sync/batch.ts';
import { nobleCrypto } from '../sync/crypto.ts';
import { decodeSyncMessage, encodeSyncMessage } from '../sync/messages.ts';
import { Scene } from '../sim/scene.model.ts';
import { gatherMs } from './keeper.ts';
import { Lone } from './lone.model.ts';

interface Traffic {
  readonly authors: readonly ReplicaId[];
  readonly messages: readonly { readonly from: number; readonly bytes: Uint8Array }[];
  readonly batches: ReadonlySet<BatchId>;
  readonly text: string;
}

/** What replica 2, which only reads, was sent while three met, two wrote, and it was cut off for a while. */
function recorded(): Traffic {
  const scene = new Scene({ replicas: 3, seed: 'fuzz' });
  const messages: { from: number; bytes: Uint8Array }[] = [];
  const batches = new Set<BatchId>();
  scene.onSend = ({ from, to, bytes }) => {
    if (to !== 2) return;
    messages.push({ from, bytes: bytes.slice() });
    const message = decodeSyncMessage(bytes);
    if (!message.ok || message.value.type !== 'batches') return;
    for (const batch of message.value.batches) {
      const decoded = decodeBatch(nobleCrypto, batch);
      if (decoded.ok) batches.add(decoded.value.id);
    }
  };
  const write = (rounds: number) => {
    for (let round = 0; round < rounds; round++) {
      for (const i of [0, 1]) {
        scene.type(i, `${String(i)}ö漢`);
        if (round % 3 === 0) scene.edit(i, [{ from: 0, to: 1, insert: '' }]);
      }
      scene.peer(0).process.tick();
      scene.run(150);
    }
  };
  scene.run(1500);
  write(10);
  scene.partition([0, 1], [2]);
  write(5);
  scene.heal();
  write(5);
  expect(scene.converge()).toBeDefined();
  // What the others depend on and nobody sends it: its own certificate.
  const own = scene
    .peer(2)
    .disk.load()
    .batches.filter(({ replicaId }) => replicaId === scene.peer(2).replicaId);
  messages.unshift({
    from: 0,
    bytes: encodeSyncMessage({ type: 'batches', batches: own.map(({ bytes }) => bytes) }),
  });
  for (const { batchId } of own) batches.add(batchId);
  const authors = [0, 1].map(i => scene.peer(i).replicaId);
  return { authors, messages, batches, text: scene.textOf(2) };
}

function mutated(bytes: Uint8Array, other: Uint8Array, random: SeededRandom): Uint8Array {
  const changed = bytes.slice();
  const place = () => random.below(Math.max(1, changed.length));
  switch (random.below(6)) {
    case 0:
      return changed.subarray(0, place());
    case 1:
      return concatBytes(changed.subarray(0, place()), other.subarray(random.below(other.length)));
    case 2: {
      const from = place();
      changed.copyWithin(place(), from, Math.min(changed.length, from + 16));
      return changed;
    }
    case 3:
      changed[place()] = random.below(256);
      return changed;
    default:
      for (let flips = 1 + random.below(4); flips > 0; flips--) {
        const at = place();
        changed[at] = (changed[at] ?? 0) ^ (1 << random.below(8));
      }
      return changed;
  }
}

/** Short on an idle machine; the limit is for a busy one. */
const timeLimitMs = 60_000;

test(
  '[SYNC9] 20,000 damaged messages never throw and bring in nothing but batches that were written',
  () => {
    const traffic = recorded();
    const random = new SeededRandom('damage');
    const meetAll = (lone: Lone) => {
      for (const [from, author] of traffic.authors.entries()) lone.meet(`from ${String(from)}`, author);
    };
    // One replica has it all already, so nothing may change its text; others begin with nothing, again and again.
    const full = new Lone({ device: 50 });
    meetAll(full);
    for (const { from, bytes } of traffic.messages) full.hearBytes(`from ${String(from)}`, bytes.slice());
    full.pass(100);
    const text = full.text();
    expect(text).toBe(traffic.text);
    expect(text.length).toBeGreaterThan(50);
    const empty = () => {
      const lone = new Lone({ device: 51 });
      meetAll(lone);
      lone.hearBytes('from 0', traffic.messages[0]!.bytes.slice());
      return lone;
    };
    let fresh = empty();
    let taken = 0;

    for (let n = 0; n < 20_000; n++) {
      const { from, bytes } = traffic.messages[random.below(traffic.messages.length)]!;
      const other = traffic.messages[random.below(traffic.messages.length)]!.bytes;
      const damaged = mutated(bytes, other, random);
      for (const lone of n % 4 === 0 ? [full, fresh] : [full]) {
        const linkId = `from ${String(from)}`;
        lone.hearBytes(linkId, damaged.slice());
        lone.nowMs += 1;
        if (n % 50 === 0) lone.pass(gatherMs / 5);
        for (const drop of lone.drops.splice(0))
          lone.meet(drop.linkId, traffic.authors[Number(drop.linkId.slice(5))]!);
      }
      if (full.text() !== text) expect.fail(`message ${String(n)} changed the text`);
      if (n % 1000 === 0) {
        const strange = fresh.kept.slice(1).filter(id => !traffic.batches.has(id));
        expect(strange).toEqual([]);
        taken += fresh.kept.length - 1;
        fresh = empty();
      }
    }
    const refused = [...full.replica.refusals.entries()].reduce((sum, [, count]) => sum + count, 0);
    expect(refused).toBeGreaterThan(5_000);
    expect(taken).toBeGreaterThan(0);
    // And it still takes what is whole.
    for (const linkId of ['from 0', 'from 1']) full.step({ type: 'link-down', linkId, reason: 'closed' });
    expect(full.replica.status().keeping).toEqual({ type: 'kept' });
  },
  timeLimitMs,
);
