/** A device, the nodes (tabs) on it, and what may be done to them. What runs on a node is a `Process`. */
import { utf8 } from '../base/bytes.ts';
import type { Crypto } from '../base/ports.ts';
import type { SeededRandom } from '../base/random.ts';
import type { Lane } from '../net/transport.ts';
import type { StoredSpace } from '../storage/store.ts';
import type { Ending } from './checker.ts';
import { DeviceClock } from './device-clock.ts';
import { Disk } from './disk.ts';

/** One running program. Made anew at each start; whatever outlives it is on the device's disk. */
export interface Process {
  readonly alive: boolean;
  /** Four times a second, or as its throttle allows. */
  tick(): void;
  stop(ending: Ending): void;
  setOnline(online: boolean): void;
}

export interface DeviceKeys {
  readonly deviceKey: Uint8Array;
  readonly sealingKey: Uint8Array;
}

/** Looks like an X25519 key: a number below 2^255. */
export function sealingKeyOf(hash: Uint8Array): Uint8Array {
  const key = hash.slice();
  key[31] = (key[31] ?? 0) & 0x7f;
  return key;
}

export class Device {
  readonly index: number;
  readonly disk = new Disk();
  readonly clock: DeviceClock;
  readonly random: SeededRandom;
  keys: DeviceKeys;
  /** Counts power cuts and wipes: what was being written then never gets there. */
  epoch = 0;
  /**
   * What processes that are gone had begun to write: each takes effect, or does not. Whoever reads comes after them, as a transaction of
   * IndexedDB that reads waits for those that write, and one whose page is gone is over.
   */
  readonly orphaned = new Set<() => void>();
  /** By how many faults it sleeps. */
  sleeps = 0;
  /** A record of it was damaged: its replicas may know less than they were told is kept, until others tell them. */
  damaged = false;
  readonly #crypto: Crypto;
  #generation = 0;

  constructor(index: number, crypto: Crypto, random: SeededRandom, now: () => number) {
    this.index = index;
    this.#crypto = crypto;
    this.random = random;
    this.clock = new DeviceClock(now);
    this.keys = this.#newKeys();
  }

  /** What a process that opens reads. */
  load(): StoredSpace {
    for (const settle of this.orphaned) settle();
    return this.disk.load();
  }

  #newKeys(): DeviceKeys {
    const name = `${String(this.index)}.${String(this.#generation++)}`;
    return {
      deviceKey: this.#crypto.sha256(utf8(`device ${name}`)),
      sealingKey: sealingKeyOf(this.#crypto.sha256(utf8(`sealing ${name}`))),
    };
  }

  /** Everything is gone, the keys too: whoever comes back is another device. */
  wipe(): void {
    this.disk.wipe();
    this.keys = this.#newKeys();
    this.epoch++;
  }
}

export class Node {
  readonly index: number;
  readonly device: Device;
  readonly slot: number;
  readonly random: SeededRandom;
  process: Process | undefined;
  /** Counts starts. */
  session = 0;
  /** By how many faults it is frozen. */
  freezes = 0;
  /** Timers run at whole multiples of this, as in a hidden tab; 0 is no throttle. */
  throttleMs = 0;
  online = true;
  /** Held down by how many faults: it starts again when the last one ends. */
  downs = 0;
  readonly #inbox: (() => void)[] = [];

  constructor(index: number, device: Device, slot: number, random: SeededRandom) {
    this.index = index;
    this.device = device;
    this.slot = slot;
    this.random = random;
  }

  get isAwake(): boolean {
    return this.freezes === 0 && this.device.sleeps === 0;
  }

  /** A sleeping machine's network card loses datagrams; the reliable channel's other end sends again. */
  whenAwake(run: () => void, lane: Lane = 'data'): void {
    if (this.isAwake && this.#inbox.length === 0) run();
    else if (lane === 'data' || this.device.sleeps === 0) this.#inbox.push(run);
  }

  /** Lets in what has gathered. */
  resume(): void {
    while (this.isAwake) {
      const run = this.#inbox.shift();
      if (run === undefined) return;
      run();
    }
  }

  forget(): void {
    this.#inbox.length = 0;
  }

  /** When a timer that is due at `atMs` fires. */
  timerAt(atMs: number): number {
    if (this.throttleMs === 0) return atMs;
    return Math.ceil(atMs / this.throttleMs) * this.throttleMs;
  }
}
