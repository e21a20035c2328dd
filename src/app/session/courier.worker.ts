/**
 * The Worker of an open space. It keeps batches and then sends them, one after the other, while the page draws what
 * was typed; and it beats, since a hidden tab's own timers slow to one a second or a minute.
 */
import { assertNever } from '../../base/assert.ts';
import type { LinkId } from '../../net/transport.ts';
import { OutboxLane } from '../../net/webrtc/outbox-lane.ts';
import { IndexedDbStore } from '../../storage/indexeddb/indexeddb-store.ts';
import type { FromCourier, ToCourier } from './courier-messages.ts';

const tickEveryMs = 250;

const lane = new OutboxLane();
let opening: Promise<IndexedDbStore | undefined> = Promise.resolve(undefined);
/** For each commit under way, the links it goes to. */
const going = new Set<Set<LinkId>>();

const say = (message: FromCourier): void => {
  self.postMessage(message);
};

async function commit(message: Extract<ToCourier, { type: 'commit' }>): Promise<void> {
  const linkIds = new Set(message.linkIds);
  going.add(linkIds);
  const store = await opening;
  const result = await (store?.commit(message.transaction) ?? {
    ok: false as const,
    reason: 'failed' as const,
  });
  going.delete(linkIds);
  const sent = result.ok ? [...linkIds].filter(linkId => lane.send(linkId, message.frames)) : [];
  // A cause may be anything, and not everything can be told across threads.
  const told = result.ok ? result : { ok: false as const, reason: result.reason };
  say({ type: 'committed', number: message.number, committed: { result: told, sent } });
}

self.onmessage = ({ data: message }: MessageEvent<ToCourier>) => {
  switch (message.type) {
    case 'open':
      opening = IndexedDbStore.open(message.spaceId).catch(() => undefined);
      break;
    case 'commit':
      void commit(message);
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
