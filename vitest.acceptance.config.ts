import { defineConfig } from 'vitest/config'

/** Checks that read a folder of outside data, one after the other: `npm run acceptance -- DIR`. */
export default defineConfig({
  test: {
    include: ['test/acceptance/**/*.test.ts'],
    globalSetup: ['test/support/global-setup.ts'],
    reporters: ['verbose'],
    testTimeout: 300_000,
    hookTimeout: 300_000,
    fileParallelism: false,
  },
})
