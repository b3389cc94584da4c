import { UsageError } from '../errors.ts'
import { withIntervals } from '../evaluation/bootstrap.ts'
import { reliabilityBins, riskCoverage } from '../evaluation/calibration.ts'
import { calibrationPicture } from '../evaluation/calibration-picture.ts'
import { expectedCalibrationError } from '../evaluation/classification-metrics.ts'
import type { Command } from './command.ts'
import { textOf } from './command.ts'
import { readJudged } from './eval-files.ts'
import { openOutput } from './output-file.ts'

const halves = (rows: readonly { confidence: number; right: boolean }[]) =>
  [rows.map(({ confidence }) => confidence), rows.map(({ right }) => right)] as const

export const evalCalibrationCommand: Command = {
  name: 'eval calibration',
  args: '',
  summary: 'how far confidences can be trusted',
  options: [
    ['--input <file>', 'rows confidence (0 to 1), right (true or false)'],
    ['--svg <file>', 'draw reliability and risk against coverage'],
  ],
  async run(_, __, given) {
    const input = textOf(given, 'input')
    if (input === undefined) throw new UsageError('--input is needed')
    const svg = textOf(given, 'svg')
    const rows = await readJudged(input)
    const output = svg === undefined ? undefined : await openOutput(svg)
    const [confidences, right] = halves(rows)
    const figures = withIntervals(rows, (sample) => ({ ece: expectedCalibrationError(...halves(sample)) }))
    const [bins, risks] = [reliabilityBins(confidences, right), riskCoverage(confidences, right)]
    await output?.write(calibrationPicture(bins, risks, { ece: figures.ece, n: rows.length }))
    const lines = bins
      .filter(({ count }) => count > 0)
      .map(
        ({ low, high, count, confidence, accuracy }) =>
          `${low.toFixed(2)}–${high.toFixed(2)} ${String(count).padStart(6)} ${confidence.toFixed(3).padStart(10)} ${accuracy.toFixed(3).padStart(9)}`,
      )
    return {
      json: { n: rows.length, ...figures, bins, riskCoverage: risks },
      text: [`ece ${figures.ece.toFixed(4)}`, 'bin        count confidence     right', ...lines].join('\n'),
    }
  },
}
