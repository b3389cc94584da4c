import { defineConfig } from 'vitest/config'

export default defineConfig({
  test: {
    include: ['test/**/*.test.ts'],
    exclude: ['test/acceptance/**', 'node_modules/**'],
    globalSetup: ['test/support/global-setup.ts'],
    testTimeout: 60_000,
    hookTimeout: 120_000,
    maxWorkers: 2,
    // Engines and readers are child processes: in tests they start from the TypeScript sources.
    env: { NODE_OPTIONS: '--import tsx', BURSAR_LOG_LEVEL: 'silent' },
  },
})
