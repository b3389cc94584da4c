import { driftBounds } from '../evaluation/score-drift.ts'
import { percentileOfSorted } from '../math/statistics.ts'
import { type About, bullets, figure, figuresTable, filesTable, inline, measuredOn, tableOf } from './card-text.ts'
import type { TrainingFacts } from './manifest.ts'

type RiskFacts = Extract<TrainingFacts, { readonly task: 'tabular-classification' }>

/** Shares of approved rows whose limits a card tells. */
const approvals = [0.5, 0.75, 0.9, 0.97]

/**
 * The card of a model that decides about people, in the order in which supervisors ask: purpose, data, method, limits and
 * monitoring (Board of Governors of the Federal Reserve System and OCC, Supervisory Guidance on Model Risk Management,
 * SR 11-7, 2011). All of it follows from the training; what a person has to add is named as such.
 */
export function riskCard(facts: RiskFacts, { purpose, limits }: About): string {
  const { service, data, metrics, target, labels, columns, method, recipe, seed } = facts
  const wanted = `the probability that ${inline(target)} is ${inline(labels[1])}, not ${inline(labels[0])}`
  return [
    `# ${service}`,
    '## Purpose',
    `${purpose} This version tells ${wanted}. What it is used for, by whom, and who owns it stands in the bank’s own inventory of models.`,
    '## Data',
    filesTable(data.files),
    `Inputs, as the training rows had them. What is not listed was not looked at.`,
    inputsTable(facts),
    '## Method',
    `Made by ${inline(method)} from ${columns.length} columns. Recipe ${recipe}, seed ${seed}: the same files, options and seed give the same model. Filling, features, model and calibration are one file, model.onnx, which is what scores.`,
    ...(facts.monotone ? [`Held to a sign: ${facts.monotone.map(signed).join('; ')}.`] : []),
    `${measuredOn(data.files)} Shares are from 0 to 1.`,
    figuresTable(metrics),
    '## Limits',
    bullets([...limits, ...limitsOf(facts)]),
    '## Monitoring',
    monitoring,
    ...thresholdsOf(facts),
  ]
    .join('\n\n')
    .concat('\n')
}

const signed = (text: string): string =>
  `the probability never ${text.endsWith('+') ? 'falls' : 'rises'} as ${inline(text.slice(0, -2))} rises`

function inputsTable({ columns, reference }: RiskFacts): string {
  const rows = columns.map((column, i): string[] => {
    const known = reference?.columns[i]
    const usual = known === undefined ? '' : inline(typeof known.value === 'number' ? figure(known.value) : known.value)
    if (column.kind === 'category') return [inline(column.name), `${column.levels.length} categories`, '', '', usual]
    const missing = known?.kind === 'number' ? figure(known.missing) : ''
    return [inline(column.name), `${figure(column.low)} to ${figure(column.high)}`, figure(column.fill), missing, usual]
  })
  return tableOf(['input', 'range', 'missing is read as', 'share missing', 'reference applicant'], rows)
}

function limitsOf({ reference, columns, method }: RiskFacts): string[] {
  const empty = columns.filter((_, i) => {
    const known = reference?.columns[i]
    return known?.kind === 'number' && known.missing > 0.1
  })
  return [
    'Figures hold for rows like those that they were measured on: applicants who were refused before are not among them, unless the file holds them.',
    'The target is what the file says; how it was made, and over which time, has to be told by who made it.',
    ...(empty.length > 0
      ? [
          `More than a tenth is missing of ${empty.map(({ name }) => inline(name)).join(', ')}: these rows are judged by less.`,
        ]
      : []),
    ...(method.startsWith('logistic') ? ['Joint effects of two inputs are not seen.'] : []),
  ]
}

const monitoring = bullets([
  `\`bursar credit stability --input F\` on each month’s rows, before outcomes are known: a population stability index from ${driftBounds.clear} to ${driftBounds.raise} is to be looked into, from ${driftBounds.raise} on the population is another one (Siddiqi 2006).`,
  '`bursar eval credit --model N --test F` when outcomes are known: an AUC below the interval of this version, or a calibration error above it, is a reason to train anew.',
  '`bursar eval fairness --test F --group COLUMN`: a group whose approval ratio lies below four fifths is to be explained or mended.',
  '`bursar credit verify`: reasons and changes hold, and no protected column is looked at.',
])

/** The limits that decisions are made at. */
function thresholdsOf({ reference }: RiskFacts): string[] {
  if (!reference) return []
  const rows = approvals.map((share) => [figure(share), figure(percentileOfSorted(reference.scores, share))])
  return [tableOf(['share approved', 'refused from this probability on'], rows)]
}
