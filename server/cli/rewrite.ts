import { customerTurns, readFollowUps } from '../engine/golden.ts'
import { UsageError } from '../errors.ts'
import { standAloneOf } from '../text/follow-up.ts'
import { type Command, textOf } from './command.ts'
import { openOutput } from './output-file.ts'

export const rewriteCommand: Command = {
  name: 'rewrite',
  args: '',
  summary: 'make follow-ups of a JSONL file stand alone, as a chat looks them up',
  options: [
    ['--input <file>', 'lines with a text and the conversation before it'],
    ['--output <file>', 'the same lines with their rewrite'],
  ],
  async run(_, _words, given) {
    const [input, output] = [textOf(given, 'input'), textOf(given, 'output')]
    if (input === undefined || output === undefined) throw new UsageError('--input and --output are needed')
    const file = await openOutput(output)
    const rows = await readFollowUps(input)
    const begun = performance.now()
    const rewritten = rows.map((row) => ({
      ...row,
      rewrite: standAloneOf([...customerTurns(row.conversation), row.text]),
    }))
    const json = { n: rows.length, perItemMs: (performance.now() - begun) / rows.length }
    await file.write(rewritten.map((row) => `${JSON.stringify(row)}\n`).join(''))
    return { json, text: `${json.n} lines, ${json.perItemMs.toFixed(3)} ms each` }
  },
}
