import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { onTestFinished } from 'vitest'
import type { Job } from '../../../server/engine/jobs.ts'
import type { Generation } from '../../../server/engine/messages.ts'
import { createPool, type Pool, type PoolOptions } from '../../../server/engine/pool.ts'
import { createLogger } from '../../../server/logger.ts'
import { liveVersion, newestIndex } from '../../support/demo.ts'
import { testEncoderDir } from '../../support/models.ts'

/** Only the encoder: what engines serve before anything was ingested. */
export const encoderOnly = (): Generation => ({ number: 0, encoder: testEncoderDir() })

/** Everything that the demo bank's engines load, out of a copy of its data directory. */
export function demoGeneration(data: string): Generation {
  const head = (name: string): string => join(data, 'models', name, String(liveVersion(data, name)))
  const dirs = { intent: head('intent'), sentiment: head('sentiment'), answerable: head('answerable') }
  return { number: 1, encoder: testEncoderDir(), snapshot: newestIndex(data), heads: { ...dirs, toleratedError: 0.1 } }
}

/** A pool that is stopped with the test. */
export function openPool(generation: Generation, options: Partial<PoolOptions> = {}): Pool {
  const pool = createPool(generation, { size: 1, logger: createLogger('silent'), ...options })
  onTestFinished(() => pool.stop())
  return pool
}

export const embed = (text: string): Job & { kind: 'embed' } => ({
  kind: 'embed',
  passages: [{ heading: '', units: [text] }],
})
/** Work for an engine for some tenths of a second. */
export const slow = (): Job & { kind: 'embed' } => ({
  kind: 'embed',
  passages: Array.from({ length: 24 }, (_, i) => ({
    heading: `Part ${i}`,
    units: Array.from(
      { length: 12 },
      (_, j) => `Sentence ${j} of part ${i} tells what a customer pays for a payment abroad.`,
    ),
  })),
})
export const ask = (text: string, day = '2026-11-22'): Job & { kind: 'ask' } => ({
  ...{ kind: 'ask', text, scope: { role: 'customer', day }, k: 8 },
})

/** Neither running nor waiting to be collected by its parent. */
export function isGone(pid: number): boolean {
  const stat = `/proc/${pid}/stat`
  if (!existsSync(stat)) return true
  try {
    return readFileSync(stat, 'utf8').split(') ')[1]?.startsWith('Z') === true
  } catch {
    return true // it went in between
  }
}
