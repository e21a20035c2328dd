/**
 * Status that cannot lie: for a minute the links of one of three tabs are cut and joined at random while all write, and at every
 * sampled frame its pill, its People and its network view say what this test has done and which copies it has seen.
 */
import { SeededRandom } from '../src/base/random.ts';
import { AppServer } from './server.ts';
import { expect, test } from './test.ts';
import { threeTogether } from './three.ts';
import { framesPerS, pull, watch, watchedOf, type Frame, type Watched } from './watched.ts';
import { allEqual } from './writer.ts';

const runMs = 60_000;
/** A lever is answered at once; the screen gathers for a quarter of a second, and some machines are slow. */
const settledFrames = 2 * framesPerS;
/** The silence that is shown, an interval of heartbeats, and what is gathered. */
const suspectedFrames = 8 * framesPerS;
/** A link that was given up is dialled anew. */
const healedFrames = 12 * framesPerS;
/** How much older than the frame a claim of copies may be: status is gathered, and a dip that lasts a blink is not shown. */
const claimAgeMs = 1500;

interface Judged {
  readonly frame: Frame;
  /** Of each lever: whether it is on, and for how many frames it has been so. */
  readonly levers: ReadonlyMap<string, { readonly on: boolean; readonly frames: number }>;
}

function judged(watched: readonly Watched[], names: readonly string[]): Judged[] {
  const levers = new Map(['tab', ...names].map(name => [name, { on: true, frames: 0 }]));
  const all: Judged[] = [];
  for (const one of watched) {
    if (one.type === 'action') levers.set(one.what, { on: one.on, frames: 0 });
    else {
      for (const [name, { on, frames }] of levers) levers.set(name, { on, frames: frames + 1 });
      all.push({ frame: one, levers: new Map(levers) });
    }
  }
  return all;
}

/** How many frames each kind of claim was held against, so that none of them was held against nothing. */
class Tally {
  readonly counts = new Map<string, number>();
  readonly lies: string[] = [];
  hold(kind: string, claim: boolean, lie: () => string): void {
    this.counts.set(kind, (this.counts.get(kind) ?? 0) + 1);
    if (!claim) this.lies.push(`${kind}: ${lie()}`);
  }
}

test('pill, People and network view say at every frame of a minute of random cuts what was done', async ({
  browser,
}) => {
  test.setTimeout(400_000);
  const server = await AppServer.start();
  try {
    const { writers, ana } = await threeTogether(browser, server.url);
    for (const { page } of writers) {
      await page.getByRole('button', { name: 'Network view', exact: true }).click();
      await expect(page.getByRole('region', { name: 'Network view' })).toBeVisible();
    }
    await expect(ana.pill).toContainText('on 3 of 3 devices');
    await Promise.all(writers.map(watch));

    const random = new SeededRandom(Number(process.env.PEERLOOM_SEED ?? 9));
    const state = new Map([
      ['tab', true],
      ['Bo', true],
      ['Cleo', true],
    ]);
    const levers = [...state.keys()];
    const untilMs = Date.now() + runMs;
    let steps = 0;
    for (; Date.now() < untilMs; steps++) {
      const step = steps;
      const what = levers[random.below(levers.length)] ?? 'tab';
      const on = state.get(what) === false;
      state.set(what, on);
      await pull(ana, what, on);
      await (writers[random.below(3)] ?? ana).append(` <${String(step)}>`);
      // Long enough for silences to show and for links to be given up, now and then.
      await ana.page.waitForTimeout(1000 + random.below(step % 3 === 2 ? 9000 : 3000));
    }
    for (const [what, on] of state) if (!on) await pull(ana, what, true);
    await allEqual(writers, text =>
      Array.from({ length: steps }, (_, n) => `<${String(n)}>`).every(one => text.includes(one)),
    );
    await ana.page.waitForTimeout((1000 * (healedFrames + 3 * framesPerS)) / framesPerS);

    const id = await ana.replicaId();
    const [anas, bos, cleos] = await Promise.all(writers.map(watchedOf));
    if (anas === undefined || bos === undefined || cleos === undefined) throw new Error('nobody');
    const seen = new Map([
      ['Bo', bos],
      ['Cleo', cleos],
    ]);
    const framesOf = (watched: readonly Watched[]) => watched.filter(one => one.type === 'frame');
    /** How much of Ana's log this page's disk had by then. */
    const heldBy = (watched: readonly Watched[], atMs: number): number =>
      framesOf(watched).findLast(frame => frame.atMs <= atMs)?.durable[id] ?? 0;
    const tally = new Tally();

    for (const { frame, levers } of judged(anas, ['Bo', 'Cleo'])) {
      const tab = levers.get('tab');
      if (tab === undefined) continue;
      const at = JSON.stringify(frame);
      if (tab.frames > settledFrames) {
        tally.hold(
          tab.on ? 'the tab is on' : 'the tab is off',
          frame.pill.startsWith('Offline') !== tab.on,
          () => at,
        );
      }
      for (const name of ['Bo', 'Cleo']) {
        const lever = levers.get(name);
        const [line, words] = [frame.people[name] ?? '', frame.links[name] ?? ''];
        if (lever === undefined || words === '') continue;
        // The same value on both, at every frame: no grace.
        const cut = words === 'Cut here';
        if (words !== 'Tab is off')
          tally.hold('People and the network view agree', line.startsWith('Link off') === cut, () => at);
        if (Math.min(lever.frames, tab.frames) <= settledFrames) continue;
        if (!tab.on) tally.hold('every link of a tab that is off', words === 'Tab is off', () => at);
        else if (!lever.on) tally.hold('a link that is cut', cut, () => at);
        else {
          tally.hold('a link that is not cut', !cut, () => at);
          if (Math.min(lever.frames, tab.frames) > healedFrames)
            tally.hold('a link that has healed', words === 'Connected' && line.startsWith('Here'), () => at);
        }
      }
      const claimed = /on (\d+) of 3 devices/.exec(frame.pill);
      if (claimed === null) continue;
      const sentMs = frame.atMs - claimAgeMs;
      const count = heldBy(anas, sentMs);
      const holding = 1 + [...seen.values()].filter(watched => heldBy(watched, frame.atMs) >= count).length;
      tally.hold('copies that are claimed', Number(claimed[1]) <= holding, () => `${String(holding)} ${at}`);
    }
    // Whoever is cut off sees it without being told.
    for (const [name, watched] of seen) {
      const levers = judged(anas, ['Bo', 'Cleo']);
      for (const frame of framesOf(watched)) {
        const then = levers.findLast(one => one.frame.atMs <= frame.atMs)?.levers;
        const next = levers.find(one => one.frame.atMs > frame.atMs)?.levers;
        const [tab, lever] = [then?.get('tab'), then?.get(name)];
        if (tab === undefined || lever === undefined) continue;
        // A lever that moves between two of Ana's frames may have moved before this one.
        if (next?.get('tab')?.on !== tab.on || next.get(name)?.on !== lever.on) continue;
        const offFor = Math.max(tab.on ? 0 : tab.frames, lever.on ? 0 : lever.frames);
        if (offFor > suspectedFrames)
          tally.hold('whoever is cut off', /^(Silent|No link)/.test(frame.links.Ana ?? ''), () =>
            JSON.stringify(frame),
          );
      }
    }

    test.info().annotations.push({ type: 'frames', description: JSON.stringify([...tally.counts]) });
    expect(tally.lies.slice(0, 3)).toEqual([]);
    for (const kind of [
      'the tab is on',
      'the tab is off',
      'People and the network view agree',
      'every link of a tab that is off',
      'a link that is cut',
      'a link that is not cut',
      'a link that has healed',
      'copies that are claimed',
      'whoever is cut off',
    ])
      expect(tally.counts.get(kind) ?? 0, kind).toBeGreaterThan(0);
    expect(writers.flatMap(writer => writer.errors)).toEqual([]);
  } finally {
    await server.stop();
  }
});
