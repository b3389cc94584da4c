import { existsSync } from 'node:fs'
import { checkCanaries } from '../embedding/canaries.ts'
import { loadEncoder } from '../embedding/encoder.ts'
import { messageOf } from '../errors.ts'
import { encoderOf } from '../operations/house.ts'
import type { Command, Context } from './command.ts'

interface Check {
  readonly name: string
  readonly ok: boolean
  readonly detail: string
}

const check = async (name: string, look: () => Promise<string>): Promise<Check> => {
  try {
    return { name, ok: true, detail: await look() }
  } catch (reason) {
    return { name, ok: false, detail: messageOf(reason) }
  }
}

async function encoderCheck({ config }: Context): Promise<string> {
  const encoder = await loadEncoder(encoderOf(config))
  try {
    await checkCanaries(encoder)
    const canaries = encoder.isOwn ? 'canaries right' : 'its canaries are kept with the data'
    return `${encoder.name}, ${encoder.dimension} dimensions, ${canaries}`
  } finally {
    await encoder.close()
  }
}

async function storeCheck({ config, perform }: Context): Promise<string> {
  if (!existsSync(config.dataDir)) return `${config.dataDir} does not exist yet`
  const status = (await perform('status', {})) as {
    passages: number
    generation: number
    engines: number
    heads: boolean
  }
  const { passages, generation, engines, heads } = status
  return `${passages} passages, generation ${generation}, ${engines} engines, heads ${heads ? 'trained' : 'missing: bursar serve trains them'}`
}

export const doctorCommand: Command = {
  name: 'doctor',
  args: '',
  summary: 'check the installation, the encoder and the data directory',
  options: [],
  async run(context) {
    const checks = [
      await check('node', async () => {
        const [major = 0] = process.versions.node.split('.').map(Number)
        if (major < 20) throw new Error(`Node ${process.versions.node} is too old: 20 or newer is needed`)
        return process.versions.node
      }),
      await check('encoder', () => encoderCheck(context)),
      await check('data', () => storeCheck(context)),
    ]
    const text = checks
      .map(({ name, ok, detail }) => `${ok ? 'ok    ' : 'FAILED'} ${name.padEnd(8)} ${detail}`)
      .join('\n')
    return { json: { checks }, text, exitCode: checks.every(({ ok }) => ok) ? 0 : 1 }
  },
}
