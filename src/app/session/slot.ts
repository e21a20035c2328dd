/**
 * A tab claims the lowest free slot of (this browser profile, this space) with a Web Lock and holds it while it
 * lives. So reopening gives the same replica back, and no two tabs ever write one log, not even for a moment:
 * the browser frees the lock when the tab is gone, however it went.
 */
import type { SpaceId } from '../../base/ids.ts';

const slotsMax = 64;

export interface Slot {
  readonly number: number;
  release(): void;
}

/** Undefined when every slot is taken. */
export async function claimSlot(spaceId: SpaceId): Promise<Slot | undefined> {
  for (let number = 0; number < slotsMax; number++) {
    const release = await tryLock(`peerloom/${spaceId}/${String(number)}`);
    if (release !== undefined) return { number, release };
  }
  return undefined;
}

function tryLock(name: string): Promise<(() => void) | undefined> {
  return new Promise((resolve, reject) => {
    navigator.locks
      .request(name, { ifAvailable: true }, lock => {
        if (lock === null) {
          resolve(undefined);
          return undefined;
        }
        return new Promise<void>(release => {
          resolve(release);
        });
      })
      .catch(reject);
  });
}
