import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  introductionBytesMax,
  introductionBytesPerSecond,
  knownPeersMax,
  roomPeersMax,
  signalBytesMax,
} from '../base/limits.ts';
import { SeededRandom } from '../base/random.ts';
import {
  decodeIntroductionWord,
  encodeIntroductionWord,
  isIntroductionWord,
  type IntroductionWord,
} from './introduction-words.ts';
import { Introductions, listEveryMs, type IntroductionEffect } from './introductions.ts';
import type { LinkId } from './transport.ts';

const id = (digit: string): LinkId => digit.repeat(32);
const [ana, bo, cy, dan] = [id('a'), id('b'), id('c'), id('d')] as const;

const words: readonly IntroductionWord[] = [
  { type: 'peers', peers: [] },
  { type: 'peers', peers: [ana, bo] },
  { type: 'relay', to: cy, body: 'AbC-_9' },
  { type: 'relayed', from: cy, body: 'x'.repeat(signalBytesMax) },
];

test('[NET120] every word decodes to itself, and none can be taken for a message of replicas', () => {
  for (const word of words) {
    const bytes = encodeIntroductionWord(word);
    expect(decodeIntroductionWord(bytes)).toEqual({ ok: true, value: word });
    expect(isIntroductionWord(bytes)).toBe(true);
  }
  for (let code = 0; code < 0xb0; code++) expect(isIntroductionWord(Uint8Array.of(code))).toBe(false);
});

/** Peers and the links between them; what they send arrives at once. */
class Mesh {
  readonly peers = new Map<LinkId, Introductions>();
  readonly heard: (IntroductionEffect & { readonly at: LinkId })[] = [];
  nowMs = 0;

  constructor(...ids: readonly LinkId[]) {
    for (const peer of ids) this.peers.set(peer, new Introductions(peer, new SeededRandom(1)));
  }
  at(peer: LinkId): Introductions {
    const found = this.peers.get(peer);
    if (found === undefined) throw new Error('nobody');
    return found;
  }
  link(one: LinkId, other: LinkId): void {
    this.at(one).linkUp(other, this.nowMs);
    this.at(other).linkUp(one, this.nowMs);
  }
  cut(one: LinkId, other: LinkId): void {
    this.take(one, this.at(one).linkDown(other));
    this.take(other, this.at(other).linkDown(one));
  }
  pass(ms = 0): void {
    this.nowMs += ms;
    for (const [peer, core] of this.peers) this.take(peer, core.tick(this.nowMs));
  }
  take(at: LinkId, effects: readonly IntroductionEffect[]): void {
    for (const effect of effects) {
      if (effect.type === 'send')
        this.take(effect.linkId, this.at(effect.linkId).received(at, effect.bytes, this.nowMs));
      else this.heard.push({ ...effect, at });
    }
  }
  of(type: IntroductionEffect['type'], at: LinkId): IntroductionEffect[] {
    return this.heard.filter(effect => effect.type === type && effect.at === at);
  }
}

describe('introductions', () => {
  test('[NET121] a newcomer hears of all whom its peer knows, they of it, and signals go both ways through that peer', () => {
    const mesh = new Mesh(ana, bo, cy);
    mesh.link(ana, bo);
    mesh.link(ana, cy);
    mesh.pass();
    expect(mesh.of('known', bo)).toMatchObject([{ peer: cy }]);
    expect(mesh.of('known', cy)).toMatchObject([{ peer: bo }]);
    expect(mesh.of('known', ana)).toEqual([]);
    mesh.take(cy, mesh.at(cy).signal(bo, 'offer'));
    mesh.take(bo, mesh.at(bo).signal(cy, 'answer'));
    expect(mesh.of('signal', bo)).toMatchObject([{ from: cy, body: 'offer' }]);
    expect(mesh.of('signal', cy)).toMatchObject([{ from: bo, body: 'answer' }]);
  });

  test('[NET121] a peer that nobody names any more is forgotten; one that somebody still names is not', () => {
    const mesh = new Mesh(ana, bo, cy, dan);
    for (const other of [ana, dan]) {
      mesh.link(other, bo);
      mesh.link(other, cy);
    }
    mesh.pass();
    mesh.cut(ana, cy);
    mesh.pass();
    expect([mesh.at(bo).knows(cy), mesh.of('forgotten', bo)]).toEqual([true, []]);
    mesh.cut(dan, cy);
    mesh.pass();
    expect([mesh.at(bo).knows(cy), mesh.of('forgotten', bo).length]).toEqual([false, 1]);
    expect(mesh.at(bo).signal(cy, 'x')).toEqual([]);
  });

  test('[NET121] a list that was lost comes again', () => {
    const [core] = [new Introductions(ana, new SeededRandom(1))];
    core.linkUp(bo, 0);
    expect(core.tick(0).length).toBe(1);
    expect(core.tick(listEveryMs - 1)).toEqual([]);
    expect(core.tick(listEveryMs).length).toBe(1);
  });

  test('[NET122] what was relayed is relayed no further, and only to whom one has a link', () => {
    const mesh = new Mesh(ana, bo);
    mesh.link(ana, bo);
    const relayed = encodeIntroductionWord({ type: 'relayed', from: cy, body: 'x' });
    expect(mesh.at(ana).received(bo, relayed, 0)).toEqual([{ type: 'signal', from: cy, body: 'x' }]);
    const ask = encodeIntroductionWord({ type: 'relay', to: dan, body: 'x' });
    expect(mesh.at(ana).received(bo, ask, 0)).toEqual([{ type: 'refuse', reason: 'not-linked' }]);
    const own = encodeIntroductionWord({ type: 'relayed', from: ana, body: 'x' });
    expect(mesh.at(ana).received(bo, own, 0)).toEqual([{ type: 'refuse', reason: 'ourselves' }]);
    // Nobody is heard without a link.
    expect(mesh.at(ana).received(cy, ask, 0)).toEqual([]);
  });

  test('[NET123] what one peer can make us carry is bounded, and so is whom it can make us know', () => {
    const mesh = new Mesh(ana, bo, cy);
    mesh.link(ana, bo);
    mesh.link(ana, cy);
    const word = encodeIntroductionWord({ type: 'relay', to: cy, body: 'x'.repeat(signalBytesMax) });
    let carried = 0;
    const floodFor = (ms: number): void => {
      for (let sent = 0; sent < 100; sent++) {
        mesh.nowMs += ms / 100;
        for (const effect of mesh.at(ana).received(bo, word, mesh.nowMs))
          if (effect.type === 'send') carried += word.length;
      }
    };
    floodFor(0);
    expect(carried).toBeGreaterThan(introductionBytesMax / 2);
    expect(carried).toBeLessThanOrEqual(introductionBytesMax);
    carried = 0;
    floodFor(10_000);
    expect(carried).toBeLessThanOrEqual(11 * introductionBytesPerSecond);
    // Somebody else's share is untouched.
    expect(
      mesh.at(ana).received(cy, encodeIntroductionWord({ type: 'relay', to: bo, body: 'x' }), 0)[0]?.type,
    ).toBe('send');

    const crowd = (from: number): LinkId[] =>
      Array.from({ length: roomPeersMax }, (_, n) => (from + n).toString(16).padStart(32, '0'));
    const core = new Introductions(ana, new SeededRandom(1));
    core.linkUp(bo, 0);
    for (let round = 0; round < 50; round++)
      core.received(bo, encodeIntroductionWord({ type: 'peers', peers: crowd(100 * round) }), round * 1000);
    expect([...core.known()].length).toBe(roomPeersMax);
    for (const effect of core.linkDown(bo)) expect(effect.type).toBe('forgotten');
    expect([...core.known()]).toEqual([]);
    // Nor can many peers that one person opened.
    let crowds = 0;
    for (let n = 0; n < 20; n++) {
      const neighbour = `f${n.toString(16).padStart(31, '0')}`;
      core.linkUp(neighbour, 0);
      const word = encodeIntroductionWord({ type: 'peers', peers: crowd(100 * n) });
      for (const effect of core.received(neighbour, word, 0))
        if (effect.type === 'refuse' && effect.reason === 'crowd') crowds++;
    }
    expect([...core.known()].length).toBe(knownPeersMax);
    expect(crowds).toBeGreaterThan(0);
  });

  test('[NET123] whatever bytes come, nothing throws', () => {
    const core = new Introductions(ana, new SeededRandom(1));
    core.linkUp(bo, 0);
    fc.assert(
      fc.property(
        fc.constantFrom(...words),
        fc.uint8Array({ maxLength: 60 }),
        fc.nat(60),
        (word, noise, at) => {
          const bytes = encodeIntroductionWord(word).slice(0, 80);
          bytes.set(noise.subarray(0, Math.max(0, bytes.length - at)), Math.min(at, bytes.length));
          for (const effect of core.received(bo, bytes, 1e6 * noise.length))
            expect(effect.type).toBeDefined();
        },
      ),
      { numRuns: 2000 },
    );
  });
});
