import { createInterface } from 'node:readline'
import { redact } from '../privacy/redact.ts'
import type { Command } from './command.ts'

export const redactCommand: Command = {
  name: 'redact',
  args: '',
  summary: 'mask personal data: standard input to standard output, one line in, one line out',
  options: [],
  async run({ announce }) {
    for await (const line of createInterface({ input: process.stdin })) {
      const { text, spans } = redact(line)
      announce({ spans }, text)
    }
    return undefined
  },
}
