/** What happens in a world of replicas (world.model.ts), drawn by fast-check, so that a failing plan shrinks. */
import fc from 'fast-check';

export type Step<Edit> =
  /** `edits` in one batch; `gap` counters go to other values of the log first. */
  | { readonly type: 'edit'; readonly peer: number; readonly edits: readonly Edit[]; readonly gap: number }
  | { readonly type: 'deliver'; readonly peer: number; readonly pick: number }
  /** Operations `from` up to `from + count` of a batch that is known already. */
  | {
      readonly type: 'repeat';
      readonly peer: number;
      readonly pick: number;
      readonly from: number;
      readonly count: number;
    }
  /** At most `limit` batches that `other` has. */
  | { readonly type: 'sync'; readonly peer: number; readonly other: number; readonly limit: number }
  | { readonly type: 'reload'; readonly peer: number }
  /** Goes on from the snapshot of `other`, if that has all that `peer` has. */
  | { readonly type: 'adopt'; readonly peer: number; readonly other: number }
  | { readonly type: 'collect'; readonly peer: number };

export interface Plan<Edit> {
  readonly peerCount: number;
  readonly steps: readonly Step<Edit>[];
}

/** Plans for 2 to `peersMax` (at most 8) replicas. Other kinds of steps may be added by the caller. */
export function plans<Edit>(
  edit: fc.Arbitrary<Edit>,
  { peersMax = 8, stepsMax = 60 }: { readonly peersMax?: number; readonly stepsMax?: number } = {},
): fc.Arbitrary<Plan<Edit>> {
  const peer = fc.nat(peersMax - 1);
  const pick = fc.nat(999);
  const kind = <T extends string>(type: T) => fc.constant(type);
  const steps = fc.oneof(
    {
      weight: 5,
      arbitrary: fc.record({
        type: kind('edit'),
        peer,
        edits: fc.array(edit, { minLength: 1, maxLength: 3 }),
        gap: fc.oneof({ weight: 3, arbitrary: fc.constant(0) }, fc.nat(3)),
      }),
    },
    { weight: 4, arbitrary: fc.record({ type: kind('deliver'), peer, pick }) },
    {
      weight: 2,
      arbitrary: fc.record({ type: kind('repeat'), peer, pick, from: fc.nat(3), count: fc.nat(4) }),
    },
    {
      weight: 2,
      arbitrary: fc.record({ type: kind('sync'), peer, other: peer, limit: fc.integer({ min: 1, max: 9 }) }),
    },
    { weight: 1, arbitrary: fc.record({ type: kind('reload'), peer }) },
    { weight: 1, arbitrary: fc.record({ type: kind('adopt'), peer, other: peer }) },
    { weight: 1, arbitrary: fc.record({ type: kind('collect'), peer }) },
  );
  return fc.record({
    peerCount: fc.integer({ min: 2, max: peersMax }),
    steps: fc.array(steps, { maxLength: stepsMax, size: 'max' }),
  });
}
