import { withIntervals } from '../evaluation/bootstrap.ts'
import { personalKinds, redact } from '../privacy/redact.ts'
import type { Command } from './command.ts'
import { figuresByKind, readSpanCases, shownByKind, spanOptions } from './eval-spans.ts'

export const evalPersonalDataCommand: Command = {
  name: 'eval personal-data',
  args: '',
  summary:
    'what of the personal data in a labelled file is masked, and what else is; without spans only what is masked',
  options: spanOptions,
  async run(_, __, given) {
    const { cases, perItemMs } = await readSpanCases(given, personalKinds, (text) => redact(text).spans)
    const figures = figuresByKind(cases, personalKinds)
    const masked = withIntervals(cases, (sample) => ({
      masked: sample.filter(({ found }) => found.length > 0).length / sample.length,
    }))
    return {
      json: { n: cases.length, ...masked, kinds: figures, perItemMs },
      text: [`n ${cases.length}, texts with anything masked ${masked.masked.toFixed(4)}`, ...shownByKind(figures)].join(
        '\n',
      ),
    }
  },
}
