import type { TrainingFacts } from './manifest.ts'

/** What a service is, for people who choose between versions. */
export interface About {
  readonly purpose: string
  readonly limits: readonly string[]
}

type Files = TrainingFacts['data']['files']

/** Names come from files of others: they must not make a table, a link or a tag of their own. */
export const inline = (text: string): string => text.replace(/\p{Cc}+/gu, ' ').replace(/[\\`*_{}[\]<>()#|!]/g, '\\$&')

/** Whole numbers as they are, shares with four digits. */
export const figure = (value: number): string => (Number.isInteger(value) ? String(value) : value.toFixed(4))

export const tableOf = (head: readonly string[], rows: readonly (readonly string[])[]): string =>
  [
    `| ${head.join(' | ')} |`,
    `|${head.map(() => '---|').join('')}`,
    ...rows.map((cells) => `| ${cells.join(' | ')} |`),
  ].join('\n')

/** The files that a version was made from. */
export const filesTable = (files: Files): string =>
  tableOf(
    ['file', 'use', 'rows', 'licence', 'sha256'],
    files.map(({ file, use = 'not said', rows, licence = 'not said', sha256 }) => [
      ...[inline(file), use, String(rows), inline(licence), sha256.slice(0, 12)],
    ]),
  )

export const figuresTable = (metrics: TrainingFacts['metrics']): string =>
  tableOf(
    ['metric', 'value'],
    Object.entries(metrics).map(([name, value]) => [inline(name), figure(value)]),
  )

export function measuredOn(files: Files): string {
  const rows = (use: string) => files.filter((one) => one.use === use).map(({ file }) => inline(file))
  const [test, validation] = [rows('test'), rows('validation')]
  if (validation.length > 0) return `Measured on ${validation.join(', ')}, which also calibrated it.`
  if (test.length > 0) return `Measured on ${test.join(', ')}, which it was not trained on.`
  return 'Measured on rows of the training files, each by a model that was fitted without it.'
}

export const bullets = (lines: readonly string[]): string => lines.map((line) => `- ${line}`).join('\n')
