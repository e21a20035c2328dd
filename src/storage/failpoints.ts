/**
 * Every wait on the way to the disk and back has a name, so that a test can be there: kill the process, or say that the disk is full.
 * "A crash at every await" is then a list that one goes through, and not a hope. In production nobody is, and reaching one costs
 * nothing.
 */
export const storagePoints = [
  'device.read',
  'device.made',
  'device.written',
  'device.synced',
  'device.renamed',
  'device.kept',
  'store.opening',
  'store.opened',
  'load.begun',
  'load.heads',
  'load.outbox',
  'load.some-batches',
  'load.done',
  'sign.begun',
  'sign.done',
  'commit.in-turn',
  'commit.strict',
  'commit.strict-done',
  'commit.relaxed',
  'commit.relaxed-done',
  'commit.failed',
  'commit.reopening',
  'commit.reopened',
  'keep.answered',
  'verify.done',
  'scrub.begun',
  'scrub.read',
  'scrub.done',
  'close.begun',
  'close.done',
] as const;

export type StoragePoint = (typeof storagePoints)[number];

/** Whoever is there may never answer, or reject: as the disk would at that point. */
export type Reach = (point: StoragePoint) => Promise<void>;

export const nobodyThere: Reach = () => Promise.resolve();
