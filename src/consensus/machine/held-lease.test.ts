import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { Clock } from '../../base/ports.ts';
import { FencedResource, HeldLease } from './held-lease.ts';

class HandClock implements Clock {
  mono = 0;
  wall = 1_800_000_000_000;
  monotonicMs(): number {
    return this.mono;
  }
  wallMs(): number {
    return this.wall;
  }
  pass(ms: number): void {
    this.mono += ms;
    this.wall += ms;
  }
}
function held(ttlMs = 1000): { clock: HandClock; lease: HeldLease } {
  const clock = new HandClock();
  const lease = new HeldLease(clock, ttlMs);
  lease.granted(lease.ask());
  return { clock, lease };
}

test('[MACH22] a holder counts from before it asked, and takes off what its clock may run slow', () => {
  const { clock, lease } = held();
  clock.pass(989);
  expect(lease.leftMs).toBe(1);
  clock.pass(1);
  expect(lease.holds).toBe(false);

  const slow = new HandClock();
  const late = new HeldLease(slow, 1000);
  const asked = late.ask();
  slow.pass(700);
  late.granted(asked);
  expect(late.leftMs).toBe(290);
});

test('[MACH22] before it is granted it holds nothing, and what is lost stays lost', () => {
  const clock = new HandClock();
  const lease = new HeldLease(clock, 1000);
  expect(lease.holds).toBe(false);
  const { clock: other, lease: mine } = held();
  other.pass(2000);
  expect(mine.holds).toBe(false);
  mine.granted(mine.ask());
  expect(mine.holds).toBe(false);
});

test('[MACH22] a jump between wall and monotonic time ends a lease, whichever of them moved', () => {
  for (const jump of [-501, 501, 3_600_000]) {
    const { clock, lease } = held(10_000);
    clock.pass(100);
    clock.wall += jump;
    expect(lease.holds).toBe(false);
    clock.wall -= jump;
    expect(lease.holds).toBe(false);
  }
  const { clock, lease } = held(10_000);
  clock.wall += 499;
  expect(lease.holds).toBe(true);
});

test('[MACH22] holders on clocks that drift within bounds stop before the machine goes on', () => {
  fc.assert(
    fc.property(
      fc.integer({ min: -5, max: 5 }),
      fc.integer({ min: -5, max: 5 }),
      fc.nat(3000),
      fc.integer({ min: 1000, max: 60_000 }),
      (holderPermille, leaderPermille, appliedAfterMs, ttlMs) => {
        const clock = new HandClock();
        const lease = new HeldLease(clock, ttlMs);
        const asked = lease.ask();
        // The machine counts on the leader's clock from when it applied.
        const endsAtMs = appliedAfterMs + (ttlMs * 1000) / (1000 + leaderPermille);
        clock.pass((endsAtMs * (1000 + holderPermille)) / 1000);
        lease.granted(asked);
        expect(lease.holds).toBe(false);
      },
    ),
  );
});

test('[MACH23] a resource takes no token below the highest it has seen', () => {
  const resource = new FencedResource();
  expect([3, 3, 7, 3, 7, 8].map(token => resource.admits(token))).toEqual([
    true,
    true,
    true,
    false,
    true,
    true,
  ]);
});
