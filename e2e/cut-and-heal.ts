/** Two who write one page are cut off from each other, write on, and are joined again. */
import { expect, test } from './test.ts';
import { allEqual, healingBeatsMax, type Writer } from './writer.ts';

export interface Cut {
  readonly ana: Writer;
  readonly bo: Writer;
  off(): Promise<void> | void;
  on(): Promise<void> | void;
  /** How long it stays off: until Bo sees Ana so. */
  readonly until: 'silent' | 'gone';
}

/** They have written `Together.` before. */
export async function cutAndHeal({ ana, bo, off, on, until }: Cut): Promise<void> {
  await off();
  await ana.append(' Written by Ana.');
  await bo.append(' Written by Bo.');
  // Since a while nothing has come from her: what she wrote would be here.
  await expect.poll(() => bo.peerStates()).toEqual([until]);
  expect(await bo.text()).not.toContain('Written by Ana.');
  expect(await ana.text()).not.toContain('Written by Bo.');
  await Promise.all([ana.countBeats(), bo.countBeats()]);
  await on();
  const beats = await Promise.all([ana.beatsUntil('Written by Bo.'), bo.beatsUntil('Written by Ana.')]);
  test.info().annotations.push({ type: 'healed', description: `after ${beats.join(' and ')} beats` });
  await ana.connectedTo(1);
  await bo.connectedTo(1);
  await allEqual([ana, bo], text => text.length === 'Together. Written by Ana. Written by Bo.'.length);
  expect(Math.max(...beats)).toBeLessThanOrEqual(healingBeatsMax);
}
