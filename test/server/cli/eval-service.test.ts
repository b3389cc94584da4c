import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { pino } from 'pino'
import { describe, expect, it } from 'vitest'
import { evalServiceCommands } from '../../../server/cli/eval-service.ts'
import { readConfig } from '../../../server/config.ts'
import { ModelError } from '../../../server/errors.ts'
import { temporaryFolder } from '../../support/folder.ts'

/** Texts whose label is told by the order of two words. */
const rows = ['the', 'a', 'my', 'your', 'this'].flatMap((article) =>
  ['card', 'loan', 'fee'].flatMap((noun) => [
    { text: `up then down with ${article} ${noun}`, label: 'fall' },
    { text: `down then up with ${article} ${noun}`, label: 'rise' },
  ]),
)

describe('an evaluation of what is trained for it', () => {
  /** The folder that is named holds no encoder. */
  const run = (service: string) => {
    const dir = temporaryFolder()
    const file = join(dir, 'rows.jsonl')
    writeFileSync(file, rows.map((row) => `${JSON.stringify(row)}\n`).join(''))
    const config = readConfig({ BURSAR_ENCODER: dir, BURSAR_DATA: join(dir, 'data') })
    const quiet = () => undefined
    const perform = () => Promise.reject(new Error('no data directory is needed'))
    const context = { config, logger: pino({ level: 'silent' }), progress: quiet, announce: quiet, perform }
    const command = evalServiceCommands.find(({ name }) => name === `eval ${service}`)
    if (!command) throw new RangeError(`there is no eval ${service}`)
    const small = 'length=8,embedding=4,units=4,epochs=1,window=3'
    const way = service === 'sequence' ? { method: 'cnn-text', option: small } : {}
    return command.run(context, [], { train: file, test: file, seed: '1', ...way })
  }

  it('needs no encoder for a service that reads words', async () => {
    expect(await run('sequence')).toMatchObject({ json: { n: rows.length } })
  })

  it('needs one for a service that reads vectors', async () => {
    await expect(run('sentiment')).rejects.toThrow(ModelError)
  })
})
