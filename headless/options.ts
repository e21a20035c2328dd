/** The command line of `peerloom-peer`. */
import { decodeLinkFragment } from '../src/base/space-keys.ts';
import { signalingPath } from '../src/net/signaling.ts';

export const usage = `npx peerloom-peer --link URL --data DIR [options]

Keeps a copy of a space on this computer and gives it to whoever lacks it, so that people who are never online
together still meet. Whoever can read the link can read the space: keep it as you would keep a key.

  --link URL        the space's link, as the app's Share shows it; or in the environment as PEERLOOM_LINK,
                    where other users of this computer cannot read it
  --data DIR        the folder for its key and its copy; made when missing
  --name NAME       what people see it as (Always on)
  --signaling URL   a signaling server, such as wss://loom.example.org/signal, instead of the link's own;
                    may be repeated
  --vitals PORT     answers /healthz and /metrics on this port of 127.0.0.1`;

export interface PeerOptions {
  readonly secret: Uint8Array;
  readonly signalingUrls: readonly string[];
  readonly dataDir: string;
  readonly name: string;
  readonly vitalsPort: number | undefined;
}

export type ReadOptions =
  | { readonly ok: true; readonly value: PeerOptions }
  | { readonly ok: false; readonly reason: string }
  | { readonly ok: 'help' };

export function readOptions(
  args: readonly string[],
  env: Readonly<Record<string, string | undefined>>,
): ReadOptions {
  const refuse = (reason: string): ReadOptions => ({ ok: false, reason });
  const signalingUrls: string[] = [];
  let [link, dataDir, name, vitals] = [env.PEERLOOM_LINK ?? '', '', 'Always on', ''];
  const left = [...args];
  for (let flag = left.shift(); flag !== undefined; flag = left.shift()) {
    if (flag === '--help' || flag === '-h') return { ok: 'help' };
    const value = left.shift();
    if (value === undefined || value.startsWith('--')) return refuse(`${flag} needs something behind it.`);
    if (flag === '--link') link = value;
    else if (flag === '--data') dataDir = value;
    else if (flag === '--name') name = value;
    else if (flag === '--vitals') vitals = value;
    else if (flag === '--signaling') signalingUrls.push(value);
    else return refuse(`"${flag}" is not an option. Usage:\n\n${usage}`);
  }
  if (link === '' || dataDir === '') return refuse(`A link and a folder are needed. Usage:\n\n${usage}`);
  if (!URL.canParse(link)) return refuse('--link needs the whole link, beginning with https:// or http://.');
  const { protocol, host, hash } = new URL(link);
  const fragment = decodeLinkFragment(hash.slice(1));
  if (!/^https?:$/.test(protocol) || !fragment.ok)
    return refuse(
      `This is no link to a space${fragment.ok ? '' : ` (${fragment.reason})`}: copy it from Share.`,
    );
  for (const url of signalingUrls) {
    if (!URL.canParse(url) || !/^wss?:$/.test(new URL(url).protocol))
      return refuse(`--signaling needs an address such as wss://loom.example.org${signalingPath}.`);
  }
  if (vitals !== '' && (!/^[0-9]{1,5}$/.test(vitals) || Number(vitals) > 65535))
    return refuse('--vitals needs a port from 0 to 65535.');
  const own = `${protocol === 'https:' ? 'wss' : 'ws'}://${host}${signalingPath}`;
  return {
    ok: true,
    value: {
      secret: fragment.secret,
      signalingUrls: signalingUrls.length > 0 ? signalingUrls : [own],
      dataDir,
      name,
      vitalsPort: vitals === '' ? undefined : Number(vitals),
    },
  };
}
