/** `npx peerloom-peer`: an always-on replica until it is told to stop. */
import process from 'node:process';
import { endNodeWebRtc } from '../src/net/node-webrtc/node-platform.ts';
import { AlwaysOn } from './always-on.ts';
import { StoreBusy } from './level-store.ts';
import { readOptions, usage } from './options.ts';
import { serveVitals, type Vitals } from './vitals.ts';

const say = (line: string): void => {
  process.stdout.write(`${line}\n`);
};
const fail = (line: string): void => {
  process.stderr.write(`${line}\n`);
  process.exitCode = 1;
};

async function main(): Promise<void> {
  const read = readOptions(process.argv.slice(2), process.env);
  if (read.ok === 'help') {
    say(usage);
    return;
  }
  if (!read.ok) {
    fail(read.reason);
    return;
  }
  const { vitalsPort, dataDir } = read.value;
  let peer: AlwaysOn;
  try {
    peer = await AlwaysOn.open(read.value);
  } catch (error) {
    fail(
      error instanceof StoreBusy
        ? `Another process has this space open in ${dataDir}.`
        : `Could not open ${dataDir}: ${error instanceof Error ? error.message : String(error)}`,
    );
    return;
  }
  let vitals: Vitals | undefined;
  try {
    if (vitalsPort !== undefined) vitals = await serveVitals(peer, vitalsPort);
  } catch (error) {
    fail(`No vitals on port ${vitalsPort}: ${error instanceof Error ? error.message : String(error)}`);
  }
  say(`Peerloom's always-on replica ${peer.replica.replicaId.slice(0, 8)} keeps its copy in ${dataDir}.`);
  if (vitals !== undefined) say(`Vitals: http://127.0.0.1:${vitals.port}/healthz and /metrics`);
  if (peer.store.putAside > 0)
    say('What it kept before could not be read and was put aside; it is read again from others.');
  const stop = async (): Promise<void> => {
    await vitals?.close();
    const { unkept } = peer;
    await peer.close();
    endNodeWebRtc();
    if (peer.unkept > 0) fail(`${unkept} batches could not be kept; others have them.`);
    process.exit();
  };
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => void stop());
}

await main();
