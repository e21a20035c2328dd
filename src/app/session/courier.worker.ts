/**
 * The Worker of an open space. It signs batches, keeps and then sends them, one after the other, while the page draws what
 * was typed; and it beats, since a hidden tab's own timers slow to one a second or a minute.
 */
import { assertNever } from '../../base/assert.ts';
import type { LinkId } from '../../net/transport.ts';
import { OutboxLane } from '../../net/webrtc/outbox-lane.ts';
import { IndexedDbStore } from '../../storage/indexeddb/indexeddb-store.ts';
import { fillIn, type Keep } from '../../replica/driver.ts';
import type { BatchKey, CommitResult } from '../../storage/store.ts';
import type { FromCourier, ToCourier } from './courier-messages.ts';

const tickEveryMs = 250;

const lane = new OutboxLane();
let opening: Promise<IndexedDbStore | undefined> = Promise.resolve(undefined);
let signingKey: CryptoKey | undefined;
/** For each commit under way, the links it goes to. */
const going = new Set<Set<LinkId>>();

const say = (message: FromCourier): void => {
  self.postMessage(message);
};

async function commit({ number, commit }: Extract<ToCourier, { type: 'commit' }>): Promise<void> {
  const linkIds = new Set(commit.linkIds);
  going.add(linkIds);
  const signature = commit.sign && (await signed(commit.sign.message));
  const result = await keep(commit, signature);
  going.delete(linkIds);
  const { frame } = commit;
  const sent = result.ok && frame !== undefined ? [...linkIds].filter(id => lane.send(id, frame)) : [];
  // A cause may be anything, and not everything can be told across threads.
  const told = result.ok ? result : { ok: false as const, reason: result.reason };
  say({ type: 'committed', number, committed: { result: told, signature, sent } });
}

async function scrub({ number, after, recordsMax }: Extract<ToCourier, { type: 'scrub' }>): Promise<void> {
  const store = await opening;
  const step = (await store?.scrub(after, recordsMax)) ?? { ok: false, reason: 'closed' };
  say({ type: 'scrubbed', number, step: step.ok ? { ...step, whole: step.whole.map(keyAlone) } : step });
}

/** Without its bytes, which the page has. */
const keyAlone = ({ replicaId, sequence, batchId }: BatchKey): BatchKey => ({ replicaId, sequence, batchId });

async function signed(message: Uint8Array): Promise<Uint8Array | undefined> {
  if (signingKey === undefined) return undefined;
  try {
    const bytes = message as Uint8Array<ArrayBuffer>;
    return new Uint8Array(await crypto.subtle.sign('Ed25519', signingKey, bytes));
  } catch {
    return undefined;
  }
}

/** What cannot be signed is not kept: without its signature a batch is nobody's. */
async function keep(commit: Keep, signature: Uint8Array | undefined): Promise<CommitResult> {
  const store = await opening;
  if (store === undefined || (commit.sign !== undefined && signature === undefined))
    return { ok: false, reason: 'failed' };
  if (signature !== undefined) fillIn(commit, signature);
  return store.commit(commit.transaction);
}

self.onmessage = ({ data: message }: MessageEvent<ToCourier>) => {
  switch (message.type) {
    case 'open':
      signingKey = message.signingKey;
      opening = IndexedDbStore.open(message.spaceId).catch(() => undefined);
      break;
    case 'commit':
      void commit(message);
      break;
    case 'scrub':
      void scrub(message);
      break;
    case 'adopt':
      lane.adopt(message.linkId, message.channel);
      break;
    case 'recall':
      for (const linkIds of going) for (const linkId of message.linkIds) linkIds.delete(linkId);
      break;
    case 'close':
      void opening.then(store => {
        store?.close();
        self.close();
      });
      break;
    default:
      assertNever(message);
  }
};

setInterval(() => {
  say({ type: 'tick' });
}, tickEveryMs);
