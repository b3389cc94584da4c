import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll } from 'vitest'

const folders: string[] = []

/** A new empty folder that is gone after the test file. */
export function temporaryFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'bursar-test-'))
  folders.push(folder)
  return folder
}

// Every test file gets its own copy of this module, so this runs once per file, after its last test.
afterAll(() => {
  for (const folder of folders) rmSync(folder, { recursive: true, force: true })
})
