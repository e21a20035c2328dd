import { describe, expect, test } from 'vitest';
import { utf8 } from '../base/bytes.ts';
import { replicaIdOf, type BatchId, type DocumentId, type SpaceId } from '../base/ids.ts';
import { clockDriftMaxMs } from '../base/limits.ts';
import { epochMs } from '../sim/device-clock.ts';
import { decodeBatch, type Batch, type Section } from '../sync/batch.ts';
import { certificateFor } from '../sync/certificate.ts';
import { nobleCrypto } from '../sync/crypto.ts';
import { graceMs } from './asking.ts';
import { Author, keys, Lone, page, sign, signUnknown } from './lone.model.ts';

function acquainted(): { lone: Lone; author: Author } {
  const lone = new Lone();
  const author = new Author(1);
  lone.meet('link', author.replicaId);
  lone.batches('link', author.certificate(), author.write('honest'));
  expect(lone.text()).toBe('honest');
  return { lone, author };
}
/** The batch is refused for `reason`; the link, the text and honest batches go on. */
function expectRefused(batch: Batch | Uint8Array, reason: string, { lone, author } = acquainted()): void {
  const before = [...lone.replica.clock];
  lone.batches('link', batch);
  expect([...lone.replica.refusals.entries()]).toEqual([[reason, 1]]);
  expect([...lone.replica.clock]).toEqual(before);
  expect(lone.text()).toBe('honest');
  expect(lone.drops).toEqual([]);
  lone.batches('link', author.write('still '));
  expect(lone.text()).toBe('still honest');
}

describe('batches nobody may bring', () => {
  test('[SYNC2] a signature that does not hold', () => {
    const scene = acquainted();
    const { author } = scene;
    const forged = sign(author.header(), author.operations('forged'), new Author(7).device.deviceKey);
    expectRefused(forged, 'batch: signature', { lone: scene.lone, author: resumed(author) });
  });

  test('[SYNC2] another signature over a batch that is known is no other batch', () => {
    const { lone, author } = acquainted();
    const batch = author.write('once ');
    lone.batches('link', batch, batch);
    const twice = batch.bytes.slice();
    twice[twice.length - 1] = (twice.at(-1) ?? 0) ^ 1;
    lone.batches('link', twice);
    expect(lone.text()).toBe('once honest');
    expect(lone.replica.clock.get(author.replicaId)).toBe(3);
  });

  test('[SYNC5] another space', () => {
    const scene = acquainted();
    const header = { ...scene.author.header(), spaceId: 'e'.repeat(32) as SpaceId };
    const body = { type: 'operations', firstCounter: 6, sections: [] } as const;
    expectRefused(sign(header, body, scene.author.device.deviceKey), 'batch: another space', scene);
  });

  test('[SYNC3] a predecessor that is not the end of the log', () => {
    const scene = acquainted();
    const { author, lone } = scene;
    const certificate = [...lone.replica.clock].length > 0 ? lone.kept[1] : undefined;
    const header = { ...author.header(), previous: certificate };
    const body = { type: 'operations', firstCounter: 6, sections: [] } as const;
    expectRefused(sign(header, body, author.device.deviceKey), 'batch: broken-chain', scene);
  });

  test('[SYNC3] counters that do not begin where the last batch stopped', () => {
    const scene = acquainted();
    const body = { type: 'operations', firstCounter: 7, sections: [] } as const;
    const { author } = scene;
    expectRefused(sign(author.header(), body, author.device.deviceKey), 'batch: counter-jump', scene);
  });

  test('[SYNC3] a broken chain that shows only once the predecessor is here', () => {
    const { lone, author } = acquainted();
    const first = author.write('a');
    const jump = sign(
      author.header(),
      { type: 'operations', firstCounter: 99, sections: [] },
      author.device.deviceKey,
    );
    lone.batches('link', jump);
    expect([...lone.replica.refusals.entries()]).toEqual([]);
    lone.batches('link', first);
    expect(lone.text()).toBe('ahonest');
    expect(lone.refused('batch: counter-jump')).toBe(1);
    expect(lone.replica.clock.get(author.replicaId)).toBe(3);
  });

  test('[SYNC4] a certificate under another name, another slot or without the secret', () => {
    const stranger = new Author(3);
    const body = stranger.certificateBody();
    const key = stranger.device.deviceKey;
    const bad = [
      sign({ ...stranger.header(), replicaId: new Author(4).replicaId }, body, key),
      sign({ ...stranger.header(), incarnation: 1 }, body, key),
      sign(stranger.header(), { ...body, slot: 1 }, key),
      sign(stranger.header(), { ...body, proof: new Uint8Array(32) }, key),
      sign(stranger.header(), { ...body, sealingKey: new Uint8Array(32).fill(9) }, key),
    ];
    for (const certificate of bad) expectRefused(certificate, 'batch: certificate');
  });

  test('[SYNC4] a key of small order, under which any signature holds', () => {
    const deviceKey = new Uint8Array(32);
    deviceKey[0] = 1;
    const device = { deviceKey, sealingKey: new Uint8Array(32).fill(9) };
    const replicaId = replicaIdOf(nobleCrypto, deviceKey, keys.spaceId, 0, 0);
    const header = { ...new Author(3).header(), replicaId };
    expectRefused(
      sign(header, certificateFor(nobleCrypto, keys, replicaId, device, 0), deviceKey),
      'batch: certificate',
    );
  });

  test('[SYNC4] a sealing key of small order, with which anybody reads what is sealed to it', () => {
    const { deviceKey } = new Author(3).device;
    const device = { deviceKey, sealingKey: new Uint8Array(32) };
    const stranger = new Author(3);
    expectRefused(
      sign(stranger.header(), certificateFor(nobleCrypto, keys, stranger.replicaId, device, 0), deviceKey),
      'batch: certificate',
    );
  });

  test('[SYNC1] a certificate in the middle of a log, or operations at its beginning', () => {
    const scene = acquainted();
    const { author } = scene;
    expectRefused(
      sign(author.header(), author.certificateBody(), author.device.deviceKey),
      'batch: certificate out of place',
      scene,
    );
    const fresh = new Author(6);
    expectRefused(
      sign(fresh.header(), { type: 'operations', firstCounter: 0, sections: [] }, fresh.device.deviceKey),
      'batch: certificate out of place',
    );
  });

  test('[SYNC9] bytes that are no batch', () => {
    expectRefused(new Uint8Array(10), 'batch: short');
    expectRefused(new Uint8Array(200).fill(9), 'batch: unknown batch version');
  });

  test('operations that break the rules of the text are refused alike by all, and the log goes on', () => {
    const { lone, author } = acquainted();
    const section: Section = {
      documentId: page,
      kind: 1,
      counters: 3,
      operations: Uint8Array.of(1, 0, 0xff),
    };
    const body = { type: 'operations', firstCounter: 6, sections: [section] } as const;
    lone.batches('link', author.goOn(sign(author.header(), body, author.device.deviceKey)));
    expect(lone.text()).toBe('honest');
    expect(lone.replica.clock.get(author.replicaId)).toBe(3);
    expect([...lone.replica.refusals.entries()].length).toBe(1);
  });
});

describe('what later versions bring', () => {
  function passedOn(lone: Lone, batch: Batch): boolean {
    lone.sent.length = 0;
    lone.meet('guest', new Author(9).replicaId);
    lone.hear('guest', { type: 'request', goesOn: false, clock: new Map() });
    const sent = lone.sentOf('batches', 'guest').flatMap(({ batches }) => batches);
    return sent.some(bytes => {
      const decoded = decodeBatch(nobleCrypto, bytes);
      return decoded.ok && decoded.value.id === batch.id;
    });
  }

  test('[SYNC7] a section of an unknown kind is kept, counted over and passed on', () => {
    const { lone, author } = acquainted();
    const unknown: Section = {
      documentId: 'd'.repeat(32) as DocumentId,
      kind: 200,
      counters: 5,
      operations: utf8('from the future'),
    };
    const body = { type: 'operations', firstCounter: 6, sections: [unknown] } as const;
    const batch = author.goOn(sign(author.header(), body, author.device.deviceKey));
    const next = sign(
      author.header(),
      { type: 'operations', firstCounter: 11, sections: [] },
      author.device.deviceKey,
    );
    lone.batches('link', batch, next);
    expect(lone.replica.clock.get(author.replicaId)).toBe(4);
    expect([...lone.replica.refusals.entries()]).toEqual([]);
    expect(lone.kept).toContain(batch.id);
    expect(passedOn(lone, batch)).toBe(true);
  });

  test('[SYNC7] a body of an unknown kind is kept and passed on, and the log goes on after it', () => {
    const { lone, author } = acquainted();
    const batch = author.goOn(signUnknown(author.header(), 77, utf8('new'), author.device.deviceKey));
    expect(batch.body).toEqual({ type: 'unknown', kind: 77 });
    lone.batches('link', batch, author.write('after '));
    expect(lone.text()).toBe('after honest');
    expect([...lone.replica.refusals.entries()]).toEqual([]);
    expect(lone.kept).toContain(batch.id);
    expect(passedOn(lone, batch)).toBe(true);
  });
});

describe('stamps', () => {
  test('[SYNC8] a stamp from far in the future is delivered, counted and not followed', () => {
    const { lone, author } = acquainted();
    author.stampMs = epochMs + lone.nowMs + clockDriftMaxMs + 60_000;
    lone.batches('link', author.write('tomorrow '));
    expect(lone.text()).toBe('tomorrow honest');
    expect(lone.refused('stamp in the future')).toBe(1);
    expect(ownStamp(lone).wallMs).toBeLessThan(epochMs + lone.nowMs + 1000);
  });

  test('[SYNC8] a stamp a little ahead is followed, so that ours comes after it', () => {
    const { lone, author } = acquainted();
    author.stampMs = epochMs + lone.nowMs + 30_000;
    lone.batches('link', author.write('soon '));
    expect(ownStamp(lone)).toEqual({ wallMs: author.stampMs, logical: 1 });
  });

  test('[SYNC8] no stamp can drive our own out of what a batch can carry', () => {
    const { lone, author } = acquainted();
    const stamp = { wallMs: epochMs + lone.nowMs + 30_000, logical: Number.MAX_SAFE_INTEGER };
    lone.batches(
      'link',
      author.goOn(sign({ ...author.header(), stamp }, author.operations('x'), author.device.deviceKey)),
    );
    expect(lone.text()).toBe('xhonest');
    expect(ownStamp(lone).logical).toBeLessThan(2 ** 40);
  });

  function ownStamp(lone: Lone): Batch['stamp'] {
    lone.sent.length = 0;
    lone.edit([{ from: 0, to: 0, insert: 'mine ' }]);
    lone.pass(100);
    const bytes = lone.sentOf('batches')[0]?.batches[0] ?? new Uint8Array();
    const decoded = decodeBatch(nobleCrypto, bytes);
    if (!decoded.ok) throw new Error(decoded.reason);
    return decoded.value.stamp;
  }
});

describe('messages', () => {
  test('[SYNC9] malformed bytes are counted; nothing throws and the link stays', () => {
    const { lone, author } = acquainted();
    const malformed = [
      [],
      [0],
      [99, 1],
      [1],
      [2, 0x80],
      [3, 7],
      [3, 0, 255, 255, 255],
      [5, 1, 200],
      [6, 2],
      [7, 9],
    ];
    for (const bytes of malformed) lone.hearBytes('link', Uint8Array.from(bytes));
    const counted = [...lone.replica.refusals.entries()].reduce((sum, [, count]) => sum + count, 0);
    expect(counted).toBe(malformed.length);
    expect(lone.drops).toEqual([]);
    lone.batches('link', author.write('still '));
    expect(lone.text()).toBe('still honest');
  });

  test('[SYNC9] a message on a link that is gone is nothing', () => {
    const { lone } = acquainted();
    lone.hearBytes('nowhere', Uint8Array.of(6, 0));
    expect([...lone.replica.refusals.entries()]).toEqual([]);
  });

  test('[SYNC6] batches of logs nobody vouches for cannot crowd out honest ones', () => {
    const { lone, author } = acquainted();
    const filler = 'x'.repeat(100_000);
    for (let device = 100; device < 200; device++) {
      const stranger = new Author(device);
      stranger.certificate();
      lone.hear('link', { type: 'batches', batches: [stranger.write(filler).bytes] });
    }
    expect(lone.refused('batch: overflow')).toBeGreaterThan(0);
    lone.batches('link', author.write('still '));
    expect(lone.text()).toBe('still honest');
    // And asking goes on as well.
    author.write('unheard ');
    lone.sent.length = 0;
    lone.clockOf('link', author.clock());
    lone.pass(graceMs + 100);
    lone.hear('link', { type: 'end', more: true });
    expect(lone.sentOf('request').map(({ goesOn }) => goesOn)).toEqual([false, true]);
  }, 30_000);

  test('[SYNC20] whoever drips junk in the place of an answer does not keep us from asking another', () => {
    const { lone, author } = acquainted();
    lone.meet('other', new Author(2).replicaId);
    author.write('unheard ');
    for (const link of ['link', 'other']) lone.clockOf(link, author.clock());
    lone.pass(graceMs + 100);
    const asked = () =>
      lone.sent.filter(({ message }) => message.type === 'request').map(({ linkId }) => linkId);
    const [first = ''] = asked();
    for (let n = 0; n < 40; n++) {
      lone.hear(first, { type: 'batches', batches: [new Uint8Array(200).fill(n)] });
      lone.pass(200);
    }
    expect(new Set(asked())).toEqual(new Set(['link', 'other']));
  });

  test('[SYNC6] a log may arrive before its certificate', () => {
    const { lone } = acquainted();
    const late = new Author(4);
    const certificate = late.certificate();
    const batches = [late.write('c'), late.write('b'), late.write('a')];
    lone.batches('link', ...batches.reverse());
    expect(lone.text()).toBe('honest');
    lone.batches('link', certificate);
    expect([...lone.text()].sort().join('')).toBe([...'honestabc'].sort().join(''));
  });
});

/** The author as its log stands: a forged batch took counters from the one who forged. */
function resumed(author: Author): Author {
  const again = new Author(1);
  again.certificate();
  again.write('honest');
  expect(again.previous satisfies BatchId | undefined).toBe(author.previous);
  return again;
}
