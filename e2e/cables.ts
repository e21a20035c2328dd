/**
 * Real cables: each host is a network namespace with a browser in it, a veth pair is its cable, and a bridge is the switch
 * that the cables lead to. The test's own process, and the server, are at the switch.
 *
 *     namespace ana ── veth ──┐
 *                             ├── bridge 10.x.y.1 ── server
 *     namespace bo  ── veth ──┘
 */
import { spawnSync } from 'node:child_process';
import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { chromium, type Browser } from '@playwright/test';
import { findChromium, launchArgs } from '../scripts/chromium.mjs';

/** The words of a command as one types it; throws with what it said when it fails, or hangs: no test could be ended meanwhile. */
function sh(command: string): void {
  const [program = '', ...args] = command.split(' ');
  const { status, stderr, error } = spawnSync(program, args, { encoding: 'utf8', timeout: 20_000 });
  if (status !== 0) throw new Error(`${command}: ${error?.message ?? stderr.trim()}`);
}

/** The command that makes a device slow, with eight megabytes of queue in front of it. */
function slowness(device: string, mbit: number): string {
  return `tc qdisc add dev ${device} root tbf rate ${String(mbit)}mbit burst 16kb limit 8mb`;
}

/** Why there can be no cables here, or no `slow` ones; undefined when there can. */
export function whyNoCables(slow = false): string | undefined {
  if (process.platform !== 'linux' || process.getuid?.() !== 0)
    return 'network namespaces need root on Linux';
  const name = `plx${String(process.pid)}`;
  try {
    sh(`ip netns add ${name}`);
    sh(`ip netns exec ${name} ip link add plx type bridge`);
    if (slow) sh(`ip netns exec ${name} ${slowness('plx', 1)}`);
    return undefined;
  } catch (error) {
    return `no network namespaces here: ${error instanceof Error ? error.message : String(error)}`;
  } finally {
    spawnSync('ip', ['netns', 'del', name]);
  }
}

export class Host {
  readonly browser: Browser;
  readonly #namespace: string;
  readonly #inner: string;
  readonly #outer: string;
  readonly #bridge: string;
  readonly #address: string;

  constructor(
    browser: Browser,
    at: { namespace: string; inner: string; outer: string; bridge: string; address: string },
  ) {
    this.browser = browser;
    this.#namespace = at.namespace;
    this.#inner = at.inner;
    this.#outer = at.outer;
    this.#bridge = at.bridge;
    this.#address = at.address;
  }

  /** `host`: out of the machine, which sees it. `switch`: at the far end, where the machine cannot. */
  unplug(end: 'host' | 'switch'): void {
    sh(end === 'host' ? `ip link set ${this.#outer} down` : `ip link set ${this.#outer} nomaster`);
  }
  plugIn(): void {
    sh(`ip link set ${this.#outer} master ${this.#bridge}`);
    sh(`ip link set ${this.#outer} up`);
  }
  /**
   * From now on the cable carries `mbit` a second each way, and whatever is sent faster queues up before it, as before a modem that
   * was given more memory than is good for anybody.
   */
  slowDown(mbit: number): void {
    sh(`ip netns exec ${this.#namespace} ${slowness(this.#inner, mbit)}`);
    sh(slowness(this.#outer, mbit));
  }
  /** Another address, and a cable that was out for that long: nothing that was open before reaches it. */
  move(): void {
    const dot = this.#address.lastIndexOf('.') + 1;
    const net = this.#address.slice(0, dot);
    const next = `${net}${String(Number(this.#address.slice(dot)) + 100)}`;
    const within = `ip netns exec ${this.#namespace} ip`;
    this.unplug('host');
    sh(`${within} address flush dev ${this.#inner}`);
    sh(`${within} address add ${next}/24 dev ${this.#inner}`);
    this.plugIn();
    sh(`${within} route replace default via ${net}1`);
  }
}

export class Cables {
  /** Where the server is to be reached. */
  readonly address: string;
  readonly #bridge: string;
  readonly #subnet: string;
  readonly #folder = mkdtempSync(join(tmpdir(), 'peerloom-cables-'));
  readonly #namespaces: string[] = [];
  readonly #cables: string[] = [];
  readonly #hosts: Host[] = [];

  constructor() {
    const id = process.pid % 250;
    this.#subnet = `10.213.${String(id)}`;
    this.address = `${this.#subnet}.1`;
    this.#bridge = `plbr${String(id)}`;
    sh(`ip link add ${this.#bridge} type bridge`);
    sh(`ip address add ${this.address}/24 dev ${this.#bridge}`);
    sh(`ip link set ${this.#bridge} up`);
  }

  /** A browser on a host of its own. `origin`: what counts as secure there, since it is plain HTTP on no localhost. */
  async host(origin: string): Promise<Host> {
    const number = this.#namespaces.length + 2;
    const namespace = `${this.#bridge}-${String(number)}`;
    const address = `${this.#subnet}.${String(number)}`;
    const [inner, outer] = [`pli${String(number)}`, `plo${String(process.pid % 250)}x${String(number)}`];
    sh(`ip netns add ${namespace}`);
    this.#namespaces.push(namespace);
    sh(`ip link add ${outer} type veth peer name ${inner} netns ${namespace}`);
    this.#cables.push(outer);
    sh(`ip link set ${outer} master ${this.#bridge}`);
    sh(`ip link set ${outer} up`);
    const within = `ip netns exec ${namespace} ip`;
    sh(`${within} link set lo up`);
    sh(`${within} address add ${address}/24 dev ${inner}`);
    sh(`${within} link set ${inner} up`);
    // Without a way out Chromium gathers no candidate.
    sh(`${within} route add default via ${this.address}`);
    const wrapper = join(this.#folder, namespace);
    const program = findChromium() ?? chromium.executablePath();
    writeFileSync(wrapper, `#!/bin/sh\nexec ip netns exec ${namespace} ${program} "$@"\n`);
    chmodSync(wrapper, 0o700);
    const args = [
      ...launchArgs(),
      '--disable-features=WebRtcHideLocalIpsWithMdns',
      `--unsafely-treat-insecure-origin-as-secure=${origin}`,
    ];
    const browser = await chromium.launch({ executablePath: wrapper, args });
    const host = new Host(browser, { namespace, inner, outer, bridge: this.#bridge, address });
    this.#hosts.push(host);
    return host;
  }

  async close(): Promise<void> {
    for (const { browser } of this.#hosts) await browser.close();
    // A namespace takes its end of a cable along when it is gone, which may be later: the cable goes now, and its names are free.
    for (const outer of this.#cables) spawnSync('ip', ['link', 'del', outer]);
    for (const namespace of this.#namespaces) spawnSync('ip', ['netns', 'del', namespace]);
    spawnSync('ip', ['link', 'del', this.#bridge]);
    rmSync(this.#folder, { recursive: true, force: true });
  }
}
