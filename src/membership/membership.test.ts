/** What happens between members, told as stories. Many of them, drawn: src/sim/crowd/worlds.test.ts. */
import { expect, test } from 'vitest';
import type { ReplicaId } from '../base/ids.ts';
import { Crowd, type CrowdNode, type CrowdOptions } from '../sim/crowd/crowd.ts';
import { CrowdLedger } from '../sim/crowd/ledger.ts';
import { sharedHashing } from '../sim/shared-hashing.ts';
import { nobleCrypto } from '../sync/crypto.ts';
import { decodeGossip, encodeGossip } from './codec.ts';
import { reapAfterMs, tombstoneMs } from './config.ts';
import type { MembershipEffect } from './effects.ts';
import { signatureBytes } from './record.ts';

function settled(
  count: number,
  options: Partial<CrowdOptions> = {},
): { crowd: Crowd; nodes: CrowdNode[]; ledger: CrowdLedger } {
  const crowd = new Crowd({
    seed: 1,
    crypto: sharedHashing(nobleCrypto),
    latencyMs: [5, 60],
    loss: 0,
    traced: true,
    meeting: true,
    ...options,
  });
  const ledger = new CrowdLedger(crowd);
  for (let n = 0; n < count; n++) {
    const node = crowd.add();
    ledger.started(node);
    crowd.start(node, []);
    crowd.run(crowd.nowMs + 200);
  }
  crowd.run(crowd.nowMs + 30_000);
  return { crowd, nodes: crowd.nodes, ledger };
}
const states = (crowd: Crowd, { replicaId }: CrowdNode) =>
  crowd.up.map(({ membership }) => membership?.member(replicaId)?.state);
const all = (crowd: Crowd, node: CrowdNode, state: string | undefined) =>
  states(crowd, node).every(each => each === state);
const at = <T>(list: readonly T[], n: number): T => list[n] as T;

test('[MEM30] up to eight are linked with everyone, more with five to eight', () => {
  for (const count of [2, 8, 20]) {
    const { crowd, nodes } = settled(count);
    for (const { membership } of nodes) {
      expect(membership?.presentCount).toBe(count);
      const degree = membership?.active.size ?? 0;
      if (count <= 8) expect(degree).toBe(count - 1);
      else expect(degree >= 5 && degree <= 8).toBe(true);
    }
    expect(crowd.up.length).toBe(count);
  }
});

test('[MEM22] a crash is suspected within 3 s and known to all others within 6 s, at 8 and at 20 members', () => {
  for (const count of [8, 20]) {
    const { crowd, nodes } = settled(count);
    const victim = at(nodes, 3);
    const crashedMs = crowd.nowMs;
    crowd.crash(victim);
    expect(crowd.run(crashedMs + 3000, () => states(crowd, victim).every(state => state !== 'alive'))).toBe(
      true,
    );
    expect(crowd.run(crashedMs + 6000, () => all(crowd, victim, 'dead'))).toBe(true);
  }
});

test('[MEM22] the other of two is suspected and dies as well, though nobody can confirm it', () => {
  const { crowd, nodes } = settled(2);
  crowd.crash(at(nodes, 1));
  expect(crowd.run(crowd.nowMs + 9000, () => all(crowd, at(nodes, 1), 'dead'))).toBe(true);
});

test('[MEM12] a link that is cut condemns nobody: others hear both, and say so', () => {
  const { crowd, nodes } = settled(5);
  crowd.cut(at(nodes, 0), at(nodes, 1));
  crowd.run(crowd.nowMs + 60_000, () => {
    for (const node of nodes) expect(states(crowd, node)).not.toContain('dead');
    return false;
  });
});

test('[MEM15] whoever leaves is gone at once, and nobody is suspected', () => {
  const { crowd, nodes } = settled(6);
  const suspected: string[] = [];
  crowd.watchers.push({ traced: (_, { type }) => void (type === 'suspected' && suspected.push(type)) });
  crowd.leave(at(nodes, 2));
  expect(crowd.run(crowd.nowMs + 500, () => all(crowd, at(nodes, 2), 'left'))).toBe(true);
  crowd.run(crowd.nowMs + 60_000);
  expect(suspected).toEqual([]);
});

test('[MEM16] a reload is one member: the new session answers for what is believed of the old one', () => {
  const { crowd, nodes } = settled(6);
  const reloaded = at(nodes, 2);
  const before = reloaded.membership?.incarnation ?? 0;
  crowd.crash(reloaded);
  crowd.run(crowd.nowMs + 400);
  crowd.start(reloaded, []);
  crowd.run(crowd.nowMs + 20_000);
  expect(all(crowd, reloaded, 'alive')).toBe(true);
  for (const { membership } of crowd.up) expect(membership?.presentCount).toBe(6);
  expect(reloaded.membership?.incarnation).toBeGreaterThan(before);
});

test('[MEM17] whoever has gone stays gone: not by gossip of one who slept through it, nor after all others reloaded', () => {
  const { crowd, nodes, ledger } = settled(6);
  const [gone, sleeper] = [at(nodes, 2), at(nodes, 4)];
  for (const node of nodes) ledger.hinders(node, true);
  crowd.freeze(sleeper);
  crowd.leave(gone);
  crowd.run(crowd.nowMs + reapAfterMs + 5000);
  for (const node of nodes) {
    if (node === gone || node === sleeper) continue;
    crowd.crash(node);
    crowd.run(crowd.nowMs + 3000);
    crowd.start(node, []);
    crowd.run(crowd.nowMs + 20_000);
  }
  expect(sleeper.membership?.isPresent(gone.replicaId)).toBe(true);
  crowd.thaw(sleeper);
  crowd.run(crowd.nowMs + 60_000);
  expect(crowd.up.length).toBe(5);
  for (const { membership } of crowd.up) {
    expect(membership?.isPresent(gone.replicaId)).toBe(false);
    expect(membership?.presentCount).toBe(5);
  }
});

test('[MEM18] whoever slept for half of what tombstones last knows nobody any more, and joins anew', () => {
  const { crowd, nodes } = settled(3);
  const sleeper = at(nodes, 0);
  crowd.freeze(sleeper);
  crowd.nowMs += tombstoneMs / 2 + 1;
  crowd.thaw(sleeper);
  expect(sleeper.membership?.presentCount).toBe(1);
});

test('[MEM13] who slept accuses nobody for what it did not hear meanwhile', () => {
  const { crowd, nodes, ledger } = settled(5);
  ledger.hinders(at(nodes, 0), true);
  const accused: (number | undefined)[] = [];
  crowd.watchers.push({
    traced: (node, event) => {
      if (event.type === 'suspected' && node === at(nodes, 0))
        accused.push(crowd.byId(event.replicaId)?.index);
    },
  });
  crowd.freeze(at(nodes, 0));
  crowd.run(crowd.nowMs + 20_000);
  crowd.thaw(at(nodes, 0));
  crowd.run(crowd.nowMs + 30_000);
  expect(accused).toEqual([]);
  expect(all(crowd, at(nodes, 0), 'alive')).toBe(true);
});

test('[MEM14] slander is not believed by those who hear the slandered, who answers it', () => {
  const { crowd, nodes } = settled(5);
  const [slanderer, victim] = [at(nodes, 0), at(nodes, 1)];
  const { replicaId } = victim;
  const incarnation = victim.membership?.incarnation ?? 0;
  const accuser = slanderer.replicaId;
  for (const node of nodes.slice(2))
    for (const rumour of [
      { type: 'suspect', replicaId, incarnation, accuser } as const,
      { type: 'dead', replicaId, incarnation, ageS: 0 } as const,
    ])
      crowd.step(node, { type: 'message', peer: accuser, bytes: encodeGossip({ type: 'gossip' }, [rumour]) });
  expect(all(crowd, victim, 'alive')).toBe(true);
  crowd.run(crowd.nowMs + 5000);
  expect(all(crowd, victim, 'alive')).toBe(true);
  expect(victim.membership?.incarnation).toBeGreaterThan(incarnation);
});

test('[MEM14] an accusation under an incarnation that could not be answered changes nothing', () => {
  const { crowd, nodes } = settled(3);
  const [slanderer, victim] = [at(nodes, 0), at(nodes, 1)];
  const incarnation = 2 ** 48;
  const rumours = [
    { type: 'suspect', replicaId: victim.replicaId, incarnation, accuser: slanderer.replicaId },
    { type: 'dead', replicaId: victim.replicaId, incarnation, ageS: 0 },
  ] as const;
  const before = victim.membership?.incarnation;
  for (const node of nodes.slice(1))
    crowd.step(node, {
      type: 'message',
      peer: slanderer.replicaId,
      bytes: encodeGossip({ type: 'gossip' }, rumours),
    });
  crowd.run(crowd.nowMs + 10_000);
  expect(all(crowd, victim, 'alive')).toBe(true);
  expect(victim.membership?.incarnation).toBe(before);
});

test('[MEM41] a record whose signature does not hold makes nobody', () => {
  const { crowd, nodes } = settled(3);
  const [liar, target] = [at(nodes, 0), at(nodes, 1)];
  const stranger = crowd.add();
  const effects: MembershipEffect[] = [];
  const bytes = liar.membership?.member(liar.replicaId)?.bytes ?? new Uint8Array();
  // The liar's own, with another signature.
  const forged = bytes.slice();
  const first = forged.length - signatureBytes;
  forged[first] = (forged[first] ?? 0) ^ 1;
  const rumour = {
    type: 'record',
    replicaId: liar.replicaId,
    incarnation: 1,
    present: true,
    bytes: forged,
  } as const;
  crowd.watchers.push({ changed: (_, effect) => effects.push(effect) });
  crowd.step(target, {
    type: 'message',
    peer: liar.replicaId,
    bytes: encodeGossip({ type: 'gossip' }, [rumour]),
  });
  expect(effects).toEqual([]);
  expect(target.membership?.isPresent(stranger.replicaId)).toBe(false);
  expect(target.membership?.member(liar.replicaId)?.bytes).toEqual(bytes);
});

test('[MEM23] where a member ends together with all who watched it, the others find out', () => {
  const { crowd, nodes } = settled(24, { meeting: false });
  const victim = at(nodes, 7);
  const watchers = crowd.up.filter(({ membership }) => membership?.active.has(victim.replicaId) === true);
  for (const node of [victim, ...watchers]) crowd.crash(node);
  const gone = [victim, ...watchers];
  const done = () =>
    gone.every(node => crowd.up.every(({ membership }) => membership?.isPresent(node.replicaId) === false));
  expect(crowd.run(crowd.nowMs + 90_000, done)).toBe(true);
});

test('[MEM31] a third killed at once leaves a connected overlay of those who are left', () => {
  const { crowd, nodes } = settled(30);
  for (const node of nodes.slice(0, 9)) crowd.crash(node);
  crowd.run(crowd.nowMs + 60_000);
  const reached = new Set<ReplicaId>([at(crowd.up, 0).replicaId]);
  for (const id of reached) for (const peer of crowd.byId(id)?.membership?.active ?? []) reached.add(peer);
  expect(reached.size).toBe(21);
  for (const { membership } of crowd.up) expect(membership?.presentCount).toBe(21);
});

test('[MEM5] an idle member says one heartbeat a second to each neighbour, and nothing else', () => {
  const { crowd, nodes } = settled(8);
  const before = at(nodes, 0).sentFrames;
  const bytes = at(nodes, 0).sentBytes;
  crowd.run(crowd.nowMs + 20_000);
  expect(at(nodes, 0).sentFrames - before).toBeLessThanOrEqual(7 * 21);
  expect((at(nodes, 0).sentBytes - bytes) / 20).toBeLessThan(200);
});

test('[MEM42] whatever bytes members are sent, nothing throws and what is held is bounded', () => {
  const { crowd, nodes } = settled(4);
  const kept: { to: CrowdNode; from: ReplicaId; bytes: Uint8Array }[] = [];
  const heard = crowd.step.bind(crowd);
  crowd.step = (node, input) => {
    if (input.type === 'message') kept.push({ to: node, from: input.peer, bytes: input.bytes });
    heard(node, input);
  };
  crowd.crash(at(nodes, 3));
  crowd.run(crowd.nowMs + 10_000);
  crowd.step = heard;
  expect(kept.length).toBeGreaterThan(100);
  let refused = 0;
  kept.forEach(({ to, from, bytes }, n) => {
    for (let flip = 0; flip < 20; flip++) {
      const changed = bytes.slice();
      const place = (7 * n + 13 * flip) % changed.length;
      changed[place] = (changed[place] ?? 0) ^ (1 << (flip % 8));
      if (!decodeGossip(changed).ok) refused++;
      crowd.step(to, { type: 'message', peer: from, bytes: changed });
      expect(to.membership?.verifyingCount).toBe(0);
    }
  });
  expect(refused).toBeGreaterThan(0);
});
