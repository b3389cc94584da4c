import { join } from 'node:path'
import { defineConfig } from 'vitest/config'

const children = join(import.meta.dirname, 'test/support/children.mjs')

export default defineConfig({
  test: {
    include: ['test/**/*.test.ts'],
    exclude: ['test/acceptance/**', 'node_modules/**'],
    globalSetup: ['test/support/global-setup.ts'],
    testTimeout: 60_000,
    hookTimeout: 120_000,
    maxWorkers: 2,
    env: { NODE_OPTIONS: `--import ${children}`, BURSAR_LOG_LEVEL: 'silent' },
  },
})
