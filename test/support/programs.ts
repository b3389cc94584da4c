import { spawnSync } from 'node:child_process'

/**
 * What a test that needs a program is called, and whether it runs: where the program is missing the report names the command
 * that installs it, and in CI (`CI=true`) the test runs all the same and fails.
 */
export function needing(program: string, install: string): { readonly skip: boolean; readonly note: string } {
  const isThere = spawnSync(program, ['--version'], { stdio: 'ignore' }).status === 0
  return { skip: !isThere && process.env.CI !== 'true', note: isThere ? '' : ` (not run: ${install})` }
}
