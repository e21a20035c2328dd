/**
 * Builds the app. Whatever Vite would write inline (small images as data:, the module preload polyfill) stays
 * out, because the page is served under a strict content security policy.
 */
import { defineConfig } from 'vite';
import { VitePWA } from 'vite-plugin-pwa';

/** The paper of the light theme; the page overrides it with a `theme-color` per colour scheme. */
const PAPER = '#fbf9f4';

export default defineConfig({
  build: {
    target: ['es2022', 'chrome120', 'firefox121', 'safari17'],
    sourcemap: false,
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    reportCompressedSize: false,
    rolldownOptions: {
      output: {
        // The budget in .size-limit.json goes by this name: whichever chunk carries CodeMirror is the editor.
        chunkFileNames: chunk =>
          chunk.moduleIds.some(id => id.includes('/@codemirror/'))
            ? 'assets/editor-[hash].js'
            : // Versions of texts are the document engine's, which shares them with a page's history.
              chunk.moduleIds.some(id => id.endsWith('/src/crdt/text/versions.ts'))
              ? 'assets/document-engine-[hash].js'
              : 'assets/[name]-[hash].js',
      },
    },
  },
  worker: { format: 'es' },
  plugins: [
    VitePWA({
      strategies: 'generateSW',
      registerType: 'prompt',
      // main.ts registers /sw.js itself, through a Trusted Types policy that a generated script would not have.
      injectRegister: null,
      manifest: {
        id: '/',
        name: 'Peerloom',
        short_name: 'Peerloom',
        description: "A shared workspace that lives only on its members' devices.",
        start_url: '/',
        scope: '/',
        display: 'standalone',
        theme_color: PAPER,
        background_color: PAPER,
        icons: [
          { src: '/icon-192.png', sizes: '192x192', type: 'image/png' },
          { src: '/icon-512.png', sizes: '512x512', type: 'image/png' },
          { src: '/icon-maskable-512.png', sizes: '512x512', type: 'image/png', purpose: 'maskable' },
        ],
      },
      workbox: {
        // One file: a second one would be fetched by importScripts, which Trusted Types forbids.
        inlineWorkboxRuntime: true,
        skipWaiting: false,
        clientsClaim: true,
        cleanupOutdatedCaches: true,
        sourcemap: false,
        globPatterns: ['**/*.{js,css,html,svg,png}', '**/*-latin-*.woff2'],
        navigateFallback: '/index.html',
        navigateFallbackDenylist: [/^\/(?:signal|healthz|readyz|metrics)$/],
        runtimeCaching: [
          {
            // Letters beyond Latin: kept the first time someone writes them, not by everyone at installation.
            urlPattern: /\/assets\/[^/]+\.woff2$/,
            handler: 'CacheFirst',
            options: { cacheName: 'fonts', expiration: { maxEntries: 40 } },
          },
        ],
      },
    }),
  ],
});
