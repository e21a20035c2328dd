/**
 * Other signaling servers, which pages use beside this one. A page must know them before it needs them, that is while
 * this server is dead and the page comes from its own cache: so they stand in the page, and its policy allows them.
 *
 * The cached page is renewed when the service worker's list names another revision of it. Hence the list that is handed out
 * names one for each set of servers: those who have the app installed are offered a new version when the set changes.
 */
import { createHash } from 'node:crypto';
import { signalingPath } from '../src/net/signaling.ts';

/** As index.html has it. */
const PLACE = /(<meta name="peerloom-signaling" content=")(")/;
/** As Workbox writes it into the list of the service worker. */
const REVISION = /(url:"index\.html",revision:"[0-9a-f]+)(")/;

/** `origins`: `wss://HOST[:PORT]` each. */
export class OtherServers {
  readonly origins: readonly string[];
  readonly #tag: string;

  constructor(origins: readonly string[]) {
    this.origins = origins;
    this.#tag = createHash('sha256').update(origins.join(' ')).digest('hex').slice(0, 8);
  }

  /** What distinguishes this file as it is handed out from the one on the disk; empty when nothing does. */
  tagOf(name: string): string {
    return this.origins.length > 0 && (name === 'index.html' || name === 'sw.js') ? this.#tag : '';
  }

  /** The file as it is handed out. */
  into(name: string, file: Buffer): Buffer {
    if (this.tagOf(name) === '') return file;
    const text = file.toString();
    const urls = this.origins.map(origin => origin + signalingPath).join(' ');
    return Buffer.from(
      name === 'index.html' ? text.replace(PLACE, `$1${urls}$2`) : text.replace(REVISION, `$1${this.#tag}$2`),
    );
  }
}
