/** Builds the page that the typing suite puts beside Peerloom: y-webrtc under Peerloom's own editor. */
import { fileURLToPath } from 'node:url';
import { defineConfig } from 'vite';

const at = (path: string): string => fileURLToPath(new URL(path, import.meta.url));

export default defineConfig({
  root: at('typing/pages'),
  base: './',
  build: {
    target: 'es2022',
    outDir: at('typing/dist'),
    emptyOutDir: true,
    modulePreload: { polyfill: false },
    reportCompressedSize: false,
    // The bundle's size is no measure here.
    chunkSizeWarningLimit: 5000,
  },
  resolve: {
    // One copy of CodeMirror, Peerloom's: y-codemirror.next has its own beside it, and extensions made with one
    // are refused by the other.
    alias: [{ find: /^@codemirror\/([a-z]+)$/, replacement: `${at('../node_modules')}/@codemirror/$1` }],
  },
});
