import { defineConfig } from 'vite'

/** Packages that bring a binary find it beside their own files. */
const native = ['better-sqlite3', 'hnswlib-node', 'onnxruntime-node']

/**
 * The server in a few files instead of the thousand of its packages, which took most of a start to find and to read.
 * All lie in one folder, so that a program finds the others beside itself, as it does among the sources.
 */
export default defineConfig({
  publicDir: false,
  build: {
    ssr: true,
    target: 'node20',
    minify: false,
    sourcemap: true,
    rolldownOptions: {
      input: {
        bursar: 'server/cli/index.ts',
        worker: 'server/engine/worker.ts',
        'task-child': 'server/engine/task-child.ts',
        'reader-child': 'server/ingestion/reader-child.ts',
      },
      output: { entryFileNames: '[name].js', chunkFileNames: '[name].js' },
    },
  },
  ssr: { noExternal: true, external: native },
})
