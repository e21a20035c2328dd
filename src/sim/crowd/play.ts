/**
 * A drawn world of a crowd: three to a dozen members on good or bad roads, who crash, reload, leave, sleep, are throttled, cut off from one another
 * and parted into halves. Then everything is mended, and within a while everyone must believe what is true: who is there, who is not, and nothing
 * else. The ledger looks on all the while.
 */
import type { Crypto } from '../../base/ports.ts';
import { SeededRandom } from '../../base/random.ts';
import { wakeAfterMs } from '../../membership/config.ts';
import { Crowd, throttledTickMs, type CrowdNode } from './crowd.ts';
import { CrowdLedger, CrowdViolation } from './ledger.ts';

/** After everything is mended: the longest suspicion, stretched by those whose health is worst, and some rounds to tell. */
const settleMs = 180_000;
/** Nobody who is up and well takes longer to see a crash, once nothing else befalls anybody. */
const playedMs = [40_000, 120_000] as const;

export interface PlayedCrowd {
  readonly falseDeaths: number;
  readonly suspicions: number;
  readonly nowMs: number;
}

export function playCrowd(seed: number, crypto: Crypto): PlayedCrowd {
  return new DrawnCrowd(seed, crypto).play();
}

class DrawnCrowd {
  readonly #random: SeededRandom;
  readonly #crowd: Crowd;
  readonly #ledger: CrowdLedger;
  readonly #mending = new Set<() => void>();

  constructor(seed: number, crypto: Crypto) {
    const random = new SeededRandom(`crowd ${String(seed)}`);
    this.#random = random;
    const loss = random.below(2) === 0 ? 0 : random.fraction() * 0.3;
    const latencyMs = (
      [
        [1, 5],
        [5, 60],
        [20, 200],
      ] as const
    )[random.below(3)] ?? [5, 60];
    this.#crowd = new Crowd({ seed, crypto, latencyMs, loss, traced: true, meeting: true });
    this.#ledger = new CrowdLedger(this.#crowd);
    const count = random.below(3) === 0 ? 9 + random.below(6) : 2 + random.below(6);
    for (let n = 0; n < count; n++) {
      const node = this.#crowd.add();
      if (random.below(4) === 0) node.tickMs = throttledTickMs;
    }
  }

  play(): PlayedCrowd {
    for (const node of this.#crowd.nodes) {
      this.#start(node);
      this.#crowd.run(this.#crowd.nowMs + this.#random.below(2000));
    }
    const [least, most] = playedMs;
    const endMs = this.#crowd.nowMs + least + this.#random.below(most - least);
    const everyMs = 2000 + this.#random.below(12_000);
    while (this.#crowd.nowMs < endMs) {
      this.#crowd.run(this.#crowd.nowMs + this.#random.below(2 * everyMs));
      this.#befall();
    }
    for (const mend of [...this.#mending]) mend();
    this.#crowd.loss = 0;
    const settled = this.#crowd.run(this.#crowd.nowMs + settleMs, () => this.#disagreement() === undefined);
    const wrong = this.#disagreement();
    if (!settled && wrong !== undefined) throw new CrowdViolation('unsettled', this.#crowd.nowMs, wrong);
    // And it stays so.
    this.#crowd.run(this.#crowd.nowMs + 10_000);
    const later = this.#disagreement();
    if (later !== undefined) throw new CrowdViolation('unsettled', this.#crowd.nowMs, later);
    const { falseDeaths, suspicions } = this.#ledger;
    return { falseDeaths, suspicions, nowMs: this.#crowd.nowMs };
  }

  #pick<T>(of: readonly T[]): T | undefined {
    return of.length === 0 ? undefined : of[this.#random.below(of.length)];
  }

  #start(node: CrowdNode): void {
    this.#ledger.started(node);
    this.#crowd.start(node, []);
  }

  #befall(): void {
    const node = this.#pick(this.#crowd.up.filter(({ frozen }) => !frozen));
    if (node === undefined) {
      this.#restartOne();
      return;
    }
    switch (this.#random.below(8)) {
      case 0:
      case 1:
        this.#crowd.crash(node);
        return;
      case 2:
        this.#crowd.leave(node);
        return;
      case 3:
        // A reload, with its farewell or without.
        if (this.#random.below(2) === 0) this.#crowd.crash(node);
        else this.#crowd.leave(node);
        this.#crowd.run(this.#crowd.nowMs + this.#random.below(3000));
        this.#start(node);
        return;
      case 4:
        this.#freeze(node);
        return;
      case 5:
        this.#cutSome(
          node,
          this.#crowd.nodes.filter(() => this.#random.below(3) === 0),
        );
        return;
      case 6:
        this.#part();
        return;
      default:
        this.#restartOne();
    }
  }

  #restartOne(): void {
    const down = this.#pick(this.#crowd.nodes.filter(({ isUp }) => !isUp));
    if (down !== undefined) this.#start(down);
  }

  #for(ms: number, end: () => void): void {
    const mend = (): void => {
      if (this.#mending.delete(mend)) end();
    };
    this.#mending.add(mend);
    this.#crowd.at(this.#crowd.nowMs + ms, mend);
  }

  #freeze(node: CrowdNode): void {
    const { session } = node;
    this.#ledger.hinders(node, true);
    this.#crowd.freeze(node);
    const frozenMs = this.#crowd.nowMs;
    this.#for(500 + this.#random.below(20_000), () => {
      if (this.#crowd.nowMs - frozenMs >= wakeAfterMs) this.#ledger.woke(node);
      if (node.session === session) this.#crowd.thaw(node);
      this.#ledger.hinders(node, false);
    });
  }

  #cutSome(node: CrowdNode, others: readonly CrowdNode[]): void {
    const cut = others.filter(other => other !== node);
    for (const other of cut) this.#crowd.cut(node, other);
    // Whoever is cut off from a few only is heard by the rest: no reason to take it for dead, unless there is no rest.
    const hindered = cut.length > 1 || this.#crowd.up.length <= 3 ? [node, ...cut] : [];
    for (const each of hindered) this.#ledger.hinders(each, true);
    this.#for(1000 + this.#random.below(30_000), () => {
      for (const other of cut) this.#crowd.mend(node, other);
      for (const each of hindered) this.#ledger.hinders(each, false);
    });
  }

  #part(): void {
    const half = this.#crowd.nodes.filter(() => this.#random.below(2) === 0);
    const rest = this.#crowd.nodes.filter(node => !half.includes(node));
    for (const a of half) for (const b of rest) this.#crowd.cut(a, b);
    for (const node of this.#crowd.nodes) this.#ledger.hinders(node, true);
    this.#for(1000 + this.#random.below(40_000), () => {
      for (const a of half) for (const b of rest) this.#crowd.mend(a, b);
      for (const node of this.#crowd.nodes) this.#ledger.hinders(node, false);
    });
  }

  /** Who believes something else than what is so. */
  #disagreement(): string | undefined {
    const up = this.#crowd.up;
    for (const { index, membership } of up) {
      for (const { index: other, replicaId, isUp } of this.#crowd.nodes) {
        const state = membership?.member(replicaId)?.state;
        const believed = state === 'alive' || state === 'suspect';
        if (believed !== isUp || state === 'suspect')
          return `${String(index)} believes ${String(other)}, who is ${isUp ? 'up' : 'down'}, to be ${state ?? 'nobody'}`;
      }
    }
    return undefined;
  }
}
