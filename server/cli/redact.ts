import { redact } from '../privacy/redact.ts'
import type { Command } from './command.ts'

export const redactCommand: Command = {
  name: 'redact',
  args: '',
  summary: 'mask personal data: standard input to standard output, one line in, one line out',
  options: [],
  async run({ announce }) {
    for await (const line of linesOf(process.stdin)) {
      const { text, spans } = redact(line)
      announce({ spans }, text)
      if (process.stdout.errored) break // nobody reads on, as behind `head`
    }
    return undefined
  },
}

/** Lines end at LF alone: a CR, which may stand anywhere in a text, belongs to its line. */
async function* linesOf(input: NodeJS.ReadStream): AsyncGenerator<string> {
  let open = ''
  for await (const chunk of input.setEncoding('utf8')) {
    const [first = '', ...more] = String(chunk).split('\n')
    open += first
    for (const next of more) {
      yield open
      open = next
    }
  }
  if (open !== '') yield open
}
