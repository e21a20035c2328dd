/**
 * Two projects. `core`: whatever needs no browser, in Node. `browser`: the two adapters and the components, in
 * a real headless Chromium, because IndexedDB, WebRTC and focus are exactly what an imitation gets wrong.
 */
import { playwright } from '@vitest/browser-playwright';
import type { Plugin } from 'vite';
import { defineConfig } from 'vitest/config';
import { findChromium, launchArgs } from './scripts/chromium.mjs';
import { createSignalingServer, type SignalingServer } from './signaling-server/server.ts';
import { signalingPath } from './src/net/signaling.ts';

const IN_BROWSER = [
  'src/app/**/*.test.ts',
  'src/net/webrtc/**/*.test.ts',
  'src/storage/indexeddb/**/*.test.ts',
  // Whether the simulator does the same on another engine.
  'src/sim/in-chromium/**/*.test.ts',
];

const executablePath = findChromium();

/** The real signaling server behind the address that tests in the browser have, as in the app. */
function signaling(): Plugin {
  let server: Promise<SignalingServer> | undefined;
  return {
    name: 'peerloom-signaling',
    async config() {
      server ??= createSignalingServer({ distDir: 'dist', host: '127.0.0.1', port: 0 });
      const started = await server;
      // Asked for whichever project runs, and closed only where the browser's did.
      started.unref();
      const target = `ws://127.0.0.1:${String(started.port)}`;
      return { server: { proxy: { [signalingPath]: { target, ws: true } } } };
    },
    async closeBundle() {
      await (await server)?.close();
    },
  };
}

export default defineConfig({
  test: {
    projects: [
      {
        test: {
          name: 'core',
          environment: 'node',
          // Many tests play hundreds of worlds. On a busy machine that takes its time, which is no fault of theirs.
          testTimeout: 120_000,
          include: [
            'src/**/*.test.ts',
            'signaling-server/**/*.test.ts',
            'headless/**/*.test.ts',
            'scripts/**/*.test.{ts,mjs}',
            'bench/*/*.test.ts',
          ],
          exclude: IN_BROWSER,
        },
      },
      {
        plugins: [signaling()],
        // Named here, since a package that Vite finds only while tests run makes it reload the page under them.
        optimizeDeps: {
          include: [
            '@codemirror/commands',
            '@codemirror/language',
            '@codemirror/state',
            '@codemirror/view',
            '@lezer/common',
            '@lezer/highlight',
            '@lezer/markdown',
            '@noble/hashes/hmac.js',
            '@noble/hashes/sha2.js',
            'axe-core',
            'fast-check',
            'idb',
            'lib0/decoding',
            'lib0/encoding',
            'lit',
            'lit/decorators.js',
            'simple-peer/simplepeer.min.js',
            'y-protocols/awareness',
          ],
        },
        test: {
          name: 'browser',
          include: IN_BROWSER,
          // How long is waited for what must come: the same for all, and long, since machines are busy at times.
          testTimeout: 120_000,
          expect: { poll: { timeout: 15_000 } },
          browser: {
            enabled: true,
            headless: true,
            provider: playwright({
              launchOptions: {
                args: launchArgs(),
                ...(executablePath === undefined ? {} : { executablePath }),
              },
            }),
            instances: [{ browser: 'chromium' }],
            screenshotFailures: false,
          },
        },
      },
    ],
  },
});
