import { describe, expect, test } from 'vitest';
import type { ReplicaId } from '../base/ids.ts';
import { stateHash } from '../clocks/vector-clock.ts';
import { nobleCrypto } from '../sync/crypto.ts';
import { decodeSyncMessage, type SyncMessage } from '../sync/messages.ts';
import { graceMs } from './asking.ts';
import { acknowledgeEveryMs } from './gathering.ts';
import { gatherMs } from './keeper.ts';
import { Presence } from './presence.ts';
import { Author, clientOf, Lone, presenceUpdate } from './lone.model.ts';

/** A replica with a link to an author whose certificate it holds. */
function acquainted(): { lone: Lone; author: Author } {
  const lone = new Lone();
  const author = new Author(1);
  lone.meet('link', author.replicaId);
  lone.batches('link', author.certificate());
  lone.sent.length = 0;
  return { lone, author };
}
const other = (digit: string) => digit.repeat(32) as ReplicaId;

describe('links', () => {
  test('[SYNC15] hello is the first word and is repeated until it is answered', () => {
    const lone = new Lone();
    lone.step({ type: 'link-up', linkId: 'link' });
    expect(lone.sent.map(({ message }) => message.type)).toEqual(['hello']);
    lone.pass(1800);
    expect(lone.sentOf('hello').map(({ heard }) => heard)).toEqual([false, false, false, false]);
    lone.hear('link', { type: 'hello', version: 2, replicaId: other('b'), heard: false });
    expect(lone.sentOf('hello').at(-1)?.heard).toBe(true);
    const said = lone.sentOf('hello').length;
    lone.pass(2000);
    expect(lone.sentOf('hello').length).toBe(said);
  });

  test('[SYNC15] what comes before hello is counted and not taken', () => {
    const lone = new Lone();
    lone.step({ type: 'link-up', linkId: 'link' });
    lone.hear('link', { type: 'batches', batches: [new Author(1).certificate().bytes] });
    expect(lone.refused('message: before hello')).toBe(1);
    expect(lone.replica.clock.size).toBe(1);
  });

  test('[SYNC15] another version, our own name and a changed name end the link', () => {
    const lone = new Lone();
    const hello = (replicaId: ReplicaId, version = 1): SyncMessage => ({
      type: 'hello',
      version,
      replicaId,
      heard: true,
    });
    for (const linkId of ['version', 'self', 'changed']) lone.step({ type: 'link-up', linkId });
    lone.hear('version', hello(other('b'), 2));
    lone.hear('self', hello(lone.replica.replicaId));
    lone.hear('changed', hello(other('c')), hello(other('c')), hello(other('d')));
    expect(lone.drops).toEqual([
      { linkId: 'version', reason: 'protocol-version' },
      { linkId: 'self', reason: 'ourselves' },
      { linkId: 'changed', reason: 'changed-name' },
    ]);
  });

  test('[NET111] whoever names itself other than its link has proven is dropped, and pushes nobody out', () => {
    const { lone, author } = acquainted();
    lone.step({ type: 'link-up', linkId: 'liar', replicaId: other('b') });
    lone.hear('liar', { type: 'hello', version: 2, replicaId: author.replicaId, heard: true });
    expect(lone.drops).toEqual([{ linkId: 'liar', reason: 'not-the-proven' }]);
    expect(lone.refused('hello: not the proven replica')).toBe(1);
    expect(lone.replica.linkOf(author.replicaId)).toBe('link');
    lone.step({ type: 'link-up', linkId: 'honest', replicaId: author.replicaId });
    lone.hear('honest', { type: 'hello', version: 2, replicaId: author.replicaId, heard: true });
    expect(lone.replica.linkOf(author.replicaId)).toBe('honest');
  });

  test('[SYNC18] parts of a long message are a sign of life, and silence begins after the last of them', () => {
    const { lone, author } = acquainted();
    const state = () => lone.replica.status().peers[0]?.state;
    for (let part = 0; part < 10; part++) {
      lone.pass(3000);
      lone.step({ type: 'alive', linkId: 'link' });
      expect(state()).toBe('connected');
    }
    lone.pass(4000);
    expect(state()).toBe('silent');
    lone.step({ type: 'alive', linkId: 'link' });
    expect(state()).toBe('connected');
    lone.pass(11_000);
    expect(lone.drops).toEqual([{ linkId: 'link', reason: 'silent' }]);
    lone.step({ type: 'alive', linkId: 'link' });
    expect(lone.replica.status().peers).toMatchObject([{ replicaId: author.replicaId, state: 'gone' }]);
  });

  test('[SYNC16] the same replica on a newer link replaces the older', () => {
    const { lone, author } = acquainted();
    lone.meet('newer', author.replicaId);
    expect(lone.drops).toEqual([{ linkId: 'link', reason: 'replaced' }]);
    expect(lone.replica.status().peers).toMatchObject([{ replicaId: author.replicaId, state: 'connected' }]);
    lone.batches('newer', author.write('on the newer'));
    lone.batches('link', author.write('on the older, '));
    expect(lone.text()).toBe('on the newer');
    lone.sent.length = 0;
    lone.edit([{ from: 0, to: 0, insert: 'x' }]);
    lone.pass(100);
    expect(lone.sentOf('batches', 'newer').length).toBe(1);
    expect(lone.sentOf('batches', 'link').length).toBe(0);
  });

  test('[SYNC17] heartbeats come once a second; one with another hash is answered by a clock', () => {
    const { lone, author } = acquainted();
    lone.pass(3000);
    expect(lone.sentOf('heartbeat').length).toBe(3);
    lone.sent.length = 0;
    const heartbeat = (clock: ReadonlyMap<ReplicaId, number>): SyncMessage => ({
      type: 'heartbeat',
      sentMs: 5,
      echoMs: 0,
      heldMs: 0,
      stateHash: stateHash(nobleCrypto, clock, lone.replica.durableRoot),
    });
    lone.hear('link', heartbeat(lone.replica.durableClock));
    expect(lone.sentOf('clock')).toEqual([]);
    lone.hear('link', heartbeat(author.clock()));
    expect(lone.sentOf('clock')).toMatchObject([
      { partial: false, asks: true, clock: lone.replica.durableClock },
    ]);
  });

  test('[SYNC17] a round trip is what passed less what the peer held', () => {
    const { lone } = acquainted();
    const sentMs = lone.nowMs;
    lone.nowMs += 150;
    lone.hear('link', {
      type: 'heartbeat',
      sentMs: 9,
      echoMs: sentMs,
      heldMs: 100,
      stateHash: new Uint8Array(8),
    });
    expect(lone.replica.status().peers[0]?.roundTripMs).toBe(50);
  });
});

describe('asking', () => {
  test('[SYNC21] what its author sends anyway is asked of another only after a grace', () => {
    const { lone, author } = acquainted();
    const second = new Author(2);
    lone.meet('second', second.replicaId);
    lone.clockOf('second', author.clock());
    lone.sent.length = 0;
    const batch = author.write('pushed');
    lone.clockOf('second', author.clock());
    lone.pass(100);
    lone.batches('link', batch);
    lone.pass(1000);
    expect(lone.sentOf('request')).toEqual([]);
    author.write('swallowed');
    lone.clockOf('second', author.clock());
    expect(lone.sentOf('request')).toEqual([]);
    lone.pass(graceMs + 100);
    expect(lone.sentOf('request', 'second').length).toBe(1);
  });

  test('[SYNC20] one peer is asked at a time; when it is silent for 3 s, another', () => {
    const lone = new Lone();
    const author = new Author(5);
    author.certificate();
    const peers = ['first', 'second', 'third'];
    for (const [at, linkId] of peers.entries()) {
      lone.meet(linkId, new Author(10 + at).replicaId);
      lone.clockOf(linkId, author.clock());
    }
    expect(lone.sentOf('request').length).toBe(1);
    lone.pass(2900);
    expect(lone.sentOf('request').length).toBe(1);
    lone.pass(400);
    expect(lone.sentOf('request').length).toBe(2);
    lone.pass(3200);
    const asked = lone.sent.filter(({ message }) => message.type === 'request').map(({ linkId }) => linkId);
    expect(asked.length).toBe(3);
    expect(asked[0]).not.toBe(asked[1]);
    expect(asked[1]).not.toBe(asked[2]);
  });

  test('[SYNC20] what a peer pushes while it types is no answer: one that was lost is asked for again', () => {
    const { lone, author } = acquainted();
    author.write('lost');
    lone.clockOf('link', author.clock());
    lone.pass(graceMs + 100);
    expect(lone.sentOf('request').length).toBe(1);
    for (let i = 0; i < 8; i++) {
      lone.batches('link', author.write('typing on'));
      lone.pass(640 - gatherMs);
    }
    expect(lone.sentOf('request').length).toBe(2);
  });

  test('[SYNC20] an answer that takes its time is waited for', () => {
    const { lone, author } = acquainted();
    const batches = Array.from({ length: 10 }, () => author.write('slow '));
    lone.clockOf('link', author.clock());
    lone.pass(graceMs + 100);
    for (const batch of batches) {
      lone.batches('link', batch);
      lone.pass(1000);
    }
    expect(lone.sentOf('request').length).toBe(1);
  });

  test('[SYNC20] when the peer that was asked goes, another is asked at once', () => {
    const lone = new Lone();
    const author = new Author(5);
    author.certificate();
    for (const linkId of ['first', 'second']) {
      lone.meet(linkId, new Author(linkId.length).replicaId);
      lone.clockOf(linkId, author.clock());
    }
    lone.step({ type: 'link-down', linkId: 'first', reason: 'closed' });
    expect(lone.sent.filter(({ message }) => message.type === 'request').map(({ linkId }) => linkId)).toEqual(
      ['first', 'second'],
    );
  });

  test('[SYNC20] an answer stops at the window and goes on where it stopped, in an order that meets dependencies', () => {
    const { lone, author } = acquainted();
    for (let i = 0; i < 50; i++) lone.batches('link', author.write(`${String(i)} `.padEnd(20_000, '.')));
    lone.sent.length = 0;
    const rounds: number[] = [];
    const sequences: number[] = [];
    for (let goesOn = false, more = true; more; goesOn = true) {
      lone.sent.length = 0;
      lone.hear('link', { type: 'request', goesOn, clock: new Map([[lone.replica.replicaId, 1]]) });
      const sent = lone.sentOf('batches').flatMap(({ batches }) => batches);
      rounds.push(sent.reduce((sum, { length }) => sum + length, 0));
      sequences.push(...sent.map((_, at) => sequences.length + at));
      more = lone.sentOf('end')[0]?.more === true;
    }
    expect(sequences.length).toBe(51);
    expect(rounds.length).toBe(4);
    for (const bytes of rounds) expect(bytes).toBeLessThan(256 * 1024 + 21_000);
  });

  test('[SYNC20] the asker goes on only when it has caught up with the signatures', () => {
    const { lone, author } = acquainted();
    const batches = Array.from({ length: 40 }, () => author.write('x'.repeat(20_000)));
    lone.clockOf('link', author.clock());
    expect(lone.sentOf('request').map(({ goesOn }) => goesOn)).toEqual([false]);
    lone.holdsSignatures = true;
    for (const batch of batches.slice(0, 30)) lone.hear('link', { type: 'batches', batches: [batch.bytes] });
    lone.hear('link', { type: 'end', more: true });
    lone.pass(500);
    expect(lone.sentOf('request').length).toBe(1);
    lone.releaseSignatures();
    expect(lone.sentOf('request').map(({ goesOn }) => goesOn)).toEqual([false, true]);
  });

  test('[SYNC22] acknowledgements of a burst are one clock of what changed', () => {
    const { lone, author } = acquainted();
    lone.pass(gatherMs + 500);
    lone.sent.length = 0;
    for (let i = 0; i < 10; i++) lone.hear('link', { type: 'batches', batches: [author.write('x').bytes] });
    lone.pass(gatherMs + acknowledgeEveryMs + 100);
    expect(lone.sentOf('clock').filter(({ partial }) => partial)).toEqual([
      { type: 'clock', partial: true, asks: false, clock: author.clock(), root: undefined },
    ]);
  });

  test('[SYNC11] what the disk refuses is shown, and neither acknowledged nor passed on', () => {
    const { lone, author } = acquainted();
    lone.disk = { ok: false, reason: 'full' };
    lone.batches('link', author.write('not kept'));
    lone.pass(1000);
    expect(lone.text()).toBe('not kept');
    expect(lone.replica.durableClock.get(author.replicaId)).toBe(1);
    lone.sent.length = 0;
    lone.hear('link', { type: 'request', goesOn: false, clock: new Map() });
    expect(lone.sentOf('batches').flatMap(({ batches }) => batches).length).toBe(2);
    lone.disk = { ok: true };
    lone.pass(2500);
    expect(lone.replica.durableClock.get(author.replicaId)).toBe(2);
  });
});

describe('presence', () => {
  const state = JSON.stringify({ name: 'Ada', colour: 3 });

  test('[SYNC24] a peer speaks for itself: presence in another name is dropped and counted', () => {
    const { lone, author } = acquainted();
    const victim = new Author(2);
    lone.meet('victim', victim.replicaId);
    lone.hear('link', { type: 'presence', update: presenceUpdate(clientOf(author.replicaId), 1, state) });
    expect(lone.replica.presenceOf(author.replicaId)).toEqual({ name: 'Ada', colour: 3 });
    lone.hear('link', { type: 'presence', update: presenceUpdate(clientOf(victim.replicaId), 1, state) });
    lone.hear('link', {
      type: 'presence',
      update: presenceUpdate(clientOf(lone.replica.replicaId), 9, state),
    });
    expect(lone.refused('presence of another')).toBe(2);
    expect(lone.replica.presenceOf(victim.replicaId)).toBeUndefined();
    lone.sent.length = 0;
    lone.pass(2000);
    expect(lone.drops).toEqual([]);
  });

  test('[SYNC27] a page that is hidden says so at once, on the lane that loses nothing, and says it when it is seen again', () => {
    const { lone, author } = acquainted();
    const reader = new Presence(author.replicaId);
    for (const away of [true, false]) {
      const effects = lone.replica.setAway(away);
      expect(effects).toMatchObject([{ type: 'send', linkId: 'link', lane: 'data' }]);
      for (const effect of effects) {
        const said = effect.type === 'send' ? decodeSyncMessage(effect.bytes) : undefined;
        if (said?.ok !== true || said.value.type !== 'presence') throw new Error('no presence');
        expect(reader.receive(lone.replica.replicaId, said.value.update)).toEqual({ ok: true });
      }
      expect(reader.of(lone.replica.replicaId)?.away).toBe(away ? true : undefined);
    }
  });

  test('[SYNC27] whether somebody is away is a plain yes, and anything else is no', () => {
    const { lone, author } = acquainted();
    const client = clientOf(author.replicaId);
    for (const [clock, away] of [true, 'true', 1, null, [true]].entries()) {
      const json = JSON.stringify({ name: 'Ada', colour: 3, away });
      lone.hear('link', { type: 'presence', update: presenceUpdate(client, clock + 1, json) });
      expect(lone.replica.presenceOf(author.replicaId)?.away).toBe(away === true ? true : undefined);
    }
  });

  test('[SYNC24] presence goes with the link, and a new session speaks although it counts anew', () => {
    const { lone, author } = acquainted();
    const client = clientOf(author.replicaId);
    lone.hear('link', { type: 'presence', update: presenceUpdate(client, 100, state) });
    lone.step({ type: 'link-down', linkId: 'link', reason: 'closed' });
    expect(lone.replica.presenceOf(author.replicaId)).toBeUndefined();
    lone.meet('again', author.replicaId);
    lone.hear('again', { type: 'presence', update: presenceUpdate(client, 1, state) });
    expect(lone.replica.presenceOf(author.replicaId)).toEqual({ name: 'Ada', colour: 3 });
  });

  test.each([
    ['[', 'presence: not JSON'],
    ['7', undefined],
    ['null', undefined],
    ['{"name":5,"colour":1}', undefined],
    ['{"__proto__":{"name":"x"},"colour":1}', undefined],
    [`{"name":"${'x'.repeat(2040)}"}`, undefined],
  ])('[SYNC24] whatever a peer says of itself: %s', (json, reason) => {
    const { lone, author } = acquainted();
    const update = presenceUpdate(clientOf(author.replicaId), 1, json);
    lone.hear('link', { type: 'presence', update: update.subarray(0, 2048) });
    expect(lone.replica.presenceOf(author.replicaId)).toBeUndefined();
    if (reason !== undefined) expect(lone.refused(reason)).toBe(1);
    expect(lone.drops).toEqual([]);
  });

  test('[SYNC24] a name is cut to its length and freed of what could disguise it', () => {
    const { lone, author } = acquainted();
    const json = JSON.stringify({ name: `\u202eeve\u0000${'z'.repeat(100)}`, colour: 99 });
    lone.hear('link', { type: 'presence', update: presenceUpdate(clientOf(author.replicaId), 1, json) });
    expect(lone.replica.presenceOf(author.replicaId)).toEqual({ name: `eve${'z'.repeat(37)}`, colour: 1 });
  });
});
