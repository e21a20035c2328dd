/** What the page and its courier say to each other. */
import type { SpaceId } from '../../base/ids.ts';
import type { LinkId } from '../../net/transport.ts';
import type { Committed } from '../../replica/driver.ts';
import type { StoreTransaction } from '../../storage/store.ts';

export type ToCourier =
  /** Comes first, once. */
  | { readonly type: 'open'; readonly spaceId: SpaceId }
  /** `frames` leave on the outbox lane of each of `linkIds` as soon as the transaction is on the disk. */
  | {
      readonly type: 'commit';
      readonly number: number;
      readonly transaction: StoreTransaction;
      readonly linkIds: readonly LinkId[];
      readonly frames: readonly Uint8Array[];
    }
  /** The sending end of a link's outbox lane, transferred. */
  | { readonly type: 'adopt'; readonly linkId: LinkId; readonly channel: RTCDataChannel }
  /** These links were switched off: what waits for the disk does not go to them. */
  | { readonly type: 'recall'; readonly linkIds: readonly LinkId[] }
  | { readonly type: 'close' };

export type FromCourier =
  /** Four times a second, also while the tab is hidden. */
  | { readonly type: 'tick' }
  | { readonly type: 'committed'; readonly number: number; readonly committed: Committed };
