import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { ReplicaId } from '../../base/ids.ts';
import type { OpId } from '../context.ts';
import type { TextChange, TextOp } from './messages.ts';
import { countersOf, mergeOps } from './op-log.ts';
import { Text } from './text.ts';
import { ModelText, replicaId } from './text.model.ts';
import { checkTree } from './tree-check.model.ts';

function replay(before: string, changes: readonly TextChange[]): string {
  return changes.reduce(
    (text, { from, to, insert }) => text.slice(0, from) + insert + text.slice(to),
    before,
  );
}

interface Batch {
  readonly ops: readonly TextOp[];
  /** Batches that come before this one, its own author's among them. */
  readonly after: ReadonlySet<number>;
}

/** One replica: the engine, the model and a plain string fed by changes, side by side. */
class Peer {
  readonly text: Text;
  readonly model = new ModelText();
  readonly known = new Set<number>();
  plain = '';
  readonly id: ReplicaId;
  readonly counter = { next: 0 };
  constructor(id: ReplicaId) {
    this.id = id;
    this.text = new Text(id, this.counter);
  }

  edit(position: number, deleted: number, inserted: string, batches: Batch[]): void {
    const at = position % (this.text.length + 1);
    const first = this.counter.next;
    const ops = [
      ...this.text.localDelete(at, Math.min(deleted, this.text.length - at)),
      ...this.text.localInsert(Math.min(at, this.text.length), inserted),
    ];
    expect(countersOf(ops)).toBe(this.counter.next - first);
    for (const op of ops) {
      if (op.type === 'insert')
        expect(this.model.placeOf(this.shownBefore(op.id))).toEqual({ parent: op.parent, side: op.side });
      this.model.apply(op);
    }
    this.plain = this.model.toString();
    this.check();
    if (ops.length === 0) return;
    batches.push({ ops: batches.length % 2 === 0 ? mergeOps(ops) : ops, after: new Set(this.known) });
    this.known.add(batches.length - 1);
  }

  /** How many characters are shown before the one just inserted. */
  shownBefore(id: OpId): number {
    return this.text.indexOf({ id, assoc: 1 }) ?? -1;
  }

  receive(index: number, batch: Batch): void {
    const applied = this.text.apply(batch.ops);
    if (!applied.ok) throw new Error(applied.reason);
    for (const op of batch.ops) this.model.apply(op);
    this.known.add(index);
    this.plain = replay(this.plain, applied.changes);
    this.check();
  }

  check(): void {
    const text = this.text.toString();
    expect(text).toBe(this.model.toString());
    expect(text).toBe(this.plain);
    expect(this.text.length).toBe(text.length);
    checkTree(this.text.tree);
  }
}

const words = fc.oneof(
  { weight: 4, arbitrary: fc.constantFrom('a', 'b', 'xy', 'word', '') },
  { weight: 2, arbitrary: fc.constantFrom('😀', 'é', '👩‍💻', '\ud83d', '\ude00x', 'a😀b') },
);
const steps = fc.array(
  fc.record({
    kind: fc.constantFrom('edit', 'type', 'receive', 'receive', 'again'),
    peer: fc.nat(4),
    position: fc.nat(1000),
    deleted: fc.oneof({ weight: 2, arbitrary: fc.constant(0) }, fc.nat(6)),
    inserted: words,
    pick: fc.nat(1000),
  }),
  { maxLength: 50, size: 'max' },
);
const names = ['c', '1', 'f', '07', 'c1'].map(replicaId);

function run(peerCount: number, plan: typeof steps extends fc.Arbitrary<infer T> ? T : never): Peer[] {
  const peers = names.slice(0, peerCount).map(name => new Peer(name));
  const batches: Batch[] = [];
  const cursors = new Map<Peer, number>();
  for (const step of plan) {
    const peer = peers[step.peer % peerCount] as Peer;
    if (step.kind === 'edit') {
      peer.edit(step.position, step.deleted, step.inserted, batches);
    } else if (step.kind === 'type') {
      // Goes on where it was, now and then with a backspace: what people do.
      const at = Math.min(cursors.get(peer) ?? 0, peer.text.length);
      if (step.deleted > 4 && at > 0) peer.edit(at - 1, 1, '', batches);
      else peer.edit(at, 0, step.inserted, batches);
      cursors.set(peer, Math.max(0, at + (step.deleted > 4 ? -1 : step.inserted.length)));
    } else if (step.kind === 'again') {
      const known = [...peer.known];
      const index = known[step.pick % Math.max(1, known.length)];
      if (index !== undefined) peer.receive(index, batches[index] as Batch);
    } else deliver(peer, batches, step.pick);
  }
  // Everyone gets the rest, each in another order.
  for (const [i, peer] of peers.entries())
    for (let pick = i * 7; deliver(peer, batches, pick); pick += 13 * i + 5);
  return peers;
}

function deliver(peer: Peer, batches: readonly Batch[], pick: number): boolean {
  const ready = batches.flatMap((batch, index) =>
    !peer.known.has(index) && [...batch.after].every(before => peer.known.has(before)) ? [index] : [],
  );
  const index = ready[pick % Math.max(1, ready.length)];
  if (index === undefined) return false;
  peer.receive(index, batches[index] as Batch);
  return true;
}

describe('text', () => {
  test('[TEXT1] replicas that applied the same operations, in any causal order and with repeats, show the same text as the model', () => {
    fc.assert(
      fc.property(fc.integer({ min: 2, max: 5 }), steps, (peerCount, plan) => {
        const peers = run(peerCount, plan);
        expect(new Set(peers.map(peer => peer.text.toString())).size).toBe(1);
      }),
      { numRuns: 250 },
    );
  }, 60_000);

  test('[TEXT1] operations no honest replica makes, but that break no rule, also end the same in any order', () => {
    const op = fc.record({
      who: fc.nat(3),
      on: fc.nat(500),
      side: fc.boolean(),
      text: fc.constantFrom('a', 'bc', 'def', '😀'),
      remove: fc.nat(9),
    });
    fc.assert(
      fc.property(
        fc.array(op, { maxLength: 40, size: 'max' }),
        fc.array(fc.nat(1000), { minLength: 50, maxLength: 50 }),
        (plan, picks) => {
          const all: TextOp[] = [];
          const ids: { id: OpId; high: boolean; low: boolean }[] = [];
          const next = [0, 3, 3, 100];
          for (const { who, on, side, text, remove } of plan) {
            const id = { replicaId: names[who] as ReplicaId, counter: next[who] as number };
            const target = ids[on % Math.max(1, ids.length)];
            if (remove < 2 && target !== undefined && !target.high && !target.low) {
              all.push({ type: 'delete', id, target: target.id, length: 1 });
              (next[who] as number) += 1;
              continue;
            }
            const left = side && target !== undefined;
            if (target !== undefined && (left ? target.low : target.high)) continue;
            all.push({
              type: 'insert',
              id,
              parent: on % 11 === 0 && !left ? null : (target?.id ?? null),
              side: left ? 'left' : 'right',
              text,
            });
            for (let i = 0; i < text.length; i++) {
              const unit = text.charCodeAt(i) & 0xfc00;
              ids.push({
                id: { ...id, counter: id.counter + i },
                high: unit === 0xd800,
                low: unit === 0xdc00,
              });
            }
            (next[who] as number) += text.length + (remove === 5 ? 2 : 0);
          }
          const model = new ModelText();
          for (const each of all) model.apply(each);
          for (const stride of [0, 1, 2]) {
            const peer = new Peer(names[4] as ReplicaId);
            const left = [...all];
            for (let i = 0; left.length > 0; i++) {
              // Any operation whose parent or target is there already.
              const ready = left.filter(each => {
                const on = each.type === 'insert' ? each.parent : each.type === 'delete' ? each.target : null;
                return on === null || peer.model.has(on);
              });
              const each = ready[
                stride === 0 ? 0 : (picks[(i * stride) % picks.length] as number) % ready.length
              ] as TextOp;
              left.splice(left.indexOf(each), 1);
              peer.receive(i, { ops: [each], after: new Set() });
            }
            expect(peer.text.toString()).toBe(model.toString());
          }
          const peer = new Peer(names[4] as ReplicaId);
          peer.receive(0, { ops: all, after: new Set() });
          expect(peer.text.toString()).toBe(model.toString());
        },
      ),
      { numRuns: 300 },
    );
  }, 60_000);

  test('[TEXT9] a relative position is where the model says, on every replica, after whatever happened', () => {
    fc.assert(
      fc.property(
        steps,
        fc.array(fc.tuple(fc.nat(1000), fc.constantFrom(-1 as const, 1 as const)), { maxLength: 8 }),
        (plan, places) => {
          const peers = run(3, plan.slice(0, 25));
          const [first] = peers as [Peer];
          const positions = places.map(([at, assoc]) => {
            const index = at % (first.text.length + 1);
            const position = first.text.relativePosition(index, assoc);
            const inside =
              /^[\udc00-\udfff]/.test(first.text.slice(index, index + 1)) &&
              /[\ud800-\udbff]$/.test(first.text.slice(0, index));
            expect(first.text.indexOf(position)).toBe(inside ? index - 1 : index);
            return position;
          });
          const batches: Batch[] = [];
          for (const step of plan.slice(25)) first.edit(step.position, step.deleted, step.inserted, batches);
          for (const position of positions)
            expect(first.text.indexOf(position)).toBe(first.model.indexOf(position));
          expect(
            first.text.indexOf({ id: { replicaId: replicaId('9'), counter: 1 }, assoc: 1 }),
          ).toBeUndefined();
        },
      ),
      { numRuns: 150 },
    );
  }, 60_000);
});
