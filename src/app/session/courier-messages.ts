/** What the page and its courier say to each other. */
import type { SpaceId } from '../../base/ids.ts';
import type { LinkId } from '../../net/transport.ts';
import type { Committed, Keep } from '../../replica/driver.ts';
import type { BatchKey, ScrubStep } from '../../storage/store.ts';

export type ToCourier =
  /** Comes first, once. */
  | { readonly type: 'open'; readonly spaceId: SpaceId; readonly signingKey: CryptoKey }
  /** The frame leaves on the outbox lane of each link as soon as the transaction, signed, is on the disk. */
  | { readonly type: 'commit'; readonly number: number; readonly commit: Keep }
  | {
      readonly type: 'scrub';
      readonly number: number;
      readonly after: BatchKey | undefined;
      readonly recordsMax: number;
    }
  /** The sending end of a link's outbox lane, transferred. */
  | { readonly type: 'adopt'; readonly linkId: LinkId; readonly channel: RTCDataChannel }
  /** These links were switched off: what waits for the disk does not go to them. */
  | { readonly type: 'recall'; readonly linkIds: readonly LinkId[] }
  | { readonly type: 'close' };

export type FromCourier =
  /** Four times a second, also while the tab is hidden. */
  | { readonly type: 'tick' }
  | { readonly type: 'scrubbed'; readonly number: number; readonly step: ScrubStep }
  | { readonly type: 'committed'; readonly number: number; readonly committed: Committed };
