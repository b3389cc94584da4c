import { defineConfig } from 'vitest/config'

/** Checks that read a folder of outside data: `npm run acceptance -- DIR`. */
export default defineConfig({
  test: {
    include: ['test/acceptance/**/*.test.ts'],
    globalSetup: ['test/support/global-setup.ts'],
    testTimeout: 600_000,
    hookTimeout: 600_000,
    fileParallelism: false,
  },
})
