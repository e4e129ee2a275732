import { fileURLToPath } from 'node:url';

import react from '@vitejs/plugin-react';
import { defineConfig } from 'vitest/config';

const backend = process.env.NINEFOLD_URL ?? 'http://127.0.0.1:8000';

export default defineConfig({
  plugins: [react()],
  resolve: {
    // vtk.js reads XML poly data through xmlbuilder2, which needs Node's own modules. Nothing here reads such files.
    alias: { xmlbuilder2: fileURLToPath(new URL('./src/viewer/xmlbuilder2.ts', import.meta.url)) },
  },
  worker: { format: 'es' },
  // The server compares Origin with Host, so the address of this page is passed on as it is.
  server: { proxy: { '/api': { target: backend, changeOrigin: false } } },
  build: { target: 'es2022', chunkSizeWarningLimit: 4000 },
  test: {
    environment: 'jsdom',
    include: ['src/**/*.test.{ts,tsx}'],
    setupFiles: ['src/testing/setup.ts'],
    // Outside of a bundle this package would load its part for Node instead of the one that ships.
    alias: { 'tus-js-client': 'tus-js-client/lib.esm/browser/index.js' },
    server: { deps: { inline: ['tus-js-client'] } },
  },
});
