/** Phi, suspicion and local health, against the figures that others publish. */
import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { ReplicaId } from '../base/ids.ts';
import { LocalHealth } from './local-health.ts';
import { PhiAccrual, phiOf } from './phi-accrual.ts';
import { Suspicion, suspicionTimeoutMs } from './suspicion.ts';

const config = { windowMax: 100, deviationMinMs: 100, pauseMs: 800, firstIntervalMs: 1000, sampleBelow: 8 };

test('[MEM1] phi has the values of Pekko’s specification test: mean 1 s, deviation 100 ms', () => {
  const published = [
    [500, 0.1],
    [1000, 0.3],
    [1200, 1.6],
    [1400, 4.7],
    [1600, 10.8],
    [1700, 15.3],
  ] as const;
  for (const [elapsedMs, phi] of published)
    expect(Math.abs(phiOf(elapsedMs, 1000, 100) - phi)).toBeLessThanOrEqual(0.1);
});

test('[MEM1] phi is finite, at least 0, and never falls while nothing is heard', () => {
  const ms = fc.integer({ min: 0, max: 10_000_000 });
  fc.assert(
    fc.property(
      ms,
      ms,
      fc.integer({ min: 1, max: 60_000 }),
      fc.integer({ min: 1, max: 5000 }),
      (a, b, mean, deviation) => {
        const [sooner, later] = [
          phiOf(Math.min(a, b), mean, deviation),
          phiOf(Math.max(a, b), mean, deviation),
        ];
        expect(Number.isFinite(later)).toBe(true);
        expect(sooner).toBeGreaterThanOrEqual(0);
        expect(later).toBeGreaterThanOrEqual(sooner);
      },
    ),
  );
});

test('[MEM2] mean and deviation are those of the last intervals, as an obvious model has them', () => {
  fc.assert(
    fc.property(fc.array(fc.integer({ min: 1, max: 2500 }), { maxLength: 30 }), intervals => {
      const phi = new PhiAccrual({ ...config, windowMax: 8, sampleBelow: Infinity }, 0);
      let nowMs = 0;
      phi.heartbeat(nowMs);
      for (const interval of intervals) phi.heartbeat((nowMs += interval));
      const window = [750, 1250, ...intervals].slice(-8);
      const mean = window.reduce((sum, each) => sum + each, 0) / window.length;
      const variance = window.reduce((sum, each) => sum + (each - mean) ** 2, 0) / window.length;
      expect(phi.meanMs).toBeCloseTo(mean, 6);
      expect(phi.deviationMs).toBeCloseTo(Math.max(100, Math.sqrt(variance)), 3);
    }),
  );
});

test('[MEM2] a regular link is not condemned for its first late timer: the deviation has a floor', () => {
  const phi = new PhiAccrual(config, 0);
  for (let at = 0; at <= 120_000; at += 1000) phi.heartbeat(at);
  expect(phi.deviationMs).toBe(100);
  expect(phi.phi(121_700)).toBeLessThan(1);
  expect(phi.phi(122_400)).toBeGreaterThan(8);
});

test('[MEM2] an outage is no sample, and does not excuse the next one', () => {
  const phi = new PhiAccrual(config, 0);
  for (let at = 0; at <= 50_000; at += 1000) phi.heartbeat(at);
  phi.heartbeat(80_000);
  expect(phi.phi(82_500)).toBeGreaterThan(8);
});

test('[MEM3] waking up begins the window anew, and takes the moment for a sign of life', () => {
  const phi = new PhiAccrual(config, 0);
  for (let at = 0; at <= 50_000; at += 1000) phi.heartbeat(at);
  expect(phi.phi(3_650_000)).toBeGreaterThan(8);
  phi.reset(3_650_000);
  expect(phi.phi(3_650_250)).toBe(0);
  expect(phi.meanMs).toBe(1000);
  // The heartbeat that follows ends no interval that began before.
  phi.heartbeat(3_650_300);
  expect(phi.meanMs).toBe(1000);
});

test('[MEM20] a suspicion shrinks with confirmations as memberlist’s does: 2 s to 30 s, k = 3', () => {
  const remaining = (confirmations: number, elapsedMs: number) =>
    suspicionTimeoutMs(confirmations, { minMs: 2000, maxMs: 30_000, confirmationsWanted: 3 }) - elapsedMs;
  expect(remaining(0, 0)).toBe(30_000);
  expect(remaining(1, 2000)).toBe(14_000);
  expect(remaining(2, 3000)).toBeCloseTo(4810, -1);
  expect(remaining(3, 4000)).toBe(-2000);
});

test('[MEM21] nobody confirms twice, and the accuser does not confirm itself', () => {
  const [a, b, c, d, e] = ['a', 'b', 'c', 'd', 'e'] as unknown as ReplicaId[];
  const suspicion = new Suspicion(a as ReplicaId, { minMs: 2000, maxMs: 30_000, confirmationsWanted: 3 }, 0);
  const said = [a, b, b, a, c, d, e].map(who => suspicion.confirm(who as ReplicaId));
  expect(said).toEqual([false, true, false, false, true, true, false]);
  expect(suspicion.confirmations).toBe(3);
  expect(suspicion.remainingMs(500)).toBe(1500);
  expect(suspicion.remainingMs(500, 3)).toBe(5500);
});

test('[MEM20] where nobody can confirm, the time is fixed', () => {
  expect(suspicionTimeoutMs(0, { minMs: 5000, maxMs: 5000, confirmationsWanted: 0 })).toBe(5000);
});

test('[MEM10] whoever is slow gives others more time, and less again once it is well', () => {
  const health = new LocalHealth();
  for (let n = 0; n < 50; n++) health.ticked(1000);
  expect(health.stretch).toBe(3);
  for (let n = 0; n < 20; n++) health.worse();
  expect(health.stretch).toBe(9);
  for (let n = 0; n < 4 * 8; n++) health.ticked(250);
  expect(health.stretch).toBe(1);
});
