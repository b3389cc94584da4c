import { type About, bullets, figure, figuresTable, filesTable, inline, measuredOn } from './card-text.ts'
import type { TrainingFacts } from './manifest.ts'
import { riskCard } from './risk-card.ts'

export const cardFile = 'card.md'

const about: Readonly<Record<string, About>> = {
  intent: {
    purpose: 'Says what a customer’s message is about, or that it is about none of the known things.',
    limits: [
      'Reads one message, as it was said; what came before it is not known.',
      'A label that the training rows do not have is never given.',
    ],
  },
  sentiment: {
    purpose: 'Says how a customer’s message feels: positive, neutral, negative or urgent.',
    limits: [
      'Reads one message by its words; irony is often missed.',
      'Is no measure of a person: it decides how an answer is worded and whether a person is offered.',
    ],
  },
  rights: {
    purpose:
      'Says what a customer’s message invokes, any number: a dispute, a complaint, hardship, a person and others.',
    limits: [
      'Reads one message; its metrics are those of the head alone, without the wordings that it is joined with.',
      'What is said indirectly is missed more often than one time in five: no right may hang on it alone.',
    ],
  },
  sequence: {
    purpose: 'Gives a text one of the labels of its training rows, read word by word.',
    limits: ['A word that the training rows do not have is left out.'],
  },
  credit: {
    purpose: 'Says how probable the second of two classes is for a row of a table.',
    limits: [
      'Values that no training row held are refused unless they are accepted on purpose.',
      'Tells what went together in the training rows, not what causes what.',
    ],
  },
  regression: {
    purpose: 'Tells a number for a row of a table.',
    limits: ['Values that no training row held are refused unless they are accepted on purpose.'],
  },
  answerable: {
    purpose: 'Says which sentences of a passage answer a question, and how probable it is that they do.',
    limits: [
      'Learned against one index: documents of another kind than its questions were about are judged less well.',
      'A quote may be judged right that answers another question in nearly the same words.',
    ],
  },
}

/** What is known of a service; of a service that is not in the table only that it is one. */
export const aboutOf = (service: string): About => about[service] ?? { purpose: `The service ${service}.`, limits: [] }

/**
 * What a version is for and what it is worth, in Markdown; the sections of a model card (Mitchell et al., Model Cards for Model
 * Reporting, 2019). Number and date are left out: the same training gives the same card.
 */
export function modelCard(facts: TrainingFacts): string {
  const { service, task, recipe, seed, data, metrics, thresholds, parent } = facts
  const { purpose, limits } = aboutOf(service)
  if (facts.task === 'tabular-classification') return riskCard(facts, { purpose, limits })
  const least = Object.entries(thresholds).map(([name, value]) => `- ${inline(name)}: ${figure(value)}`)
  const labels = 'labels' in facts ? facts.labels : []
  return [
    `# ${service}`,
    purpose,
    `Task: ${task}. Recipe ${recipe}, seed ${seed}. ${madeFrom(facts)}`,
    ...(parent ? [`Made smaller from version ${parent.version}: ${parent.how}.`] : []),
    '## Data',
    filesTable(data.files),
    '## Figures',
    `${measuredOn(data.files)} Shares are from 0 to 1.`,
    figuresTable(metrics),
    ...(least.length > 0 ? ['## Thresholds', least.join('\n')] : []),
    ...(labels.length > 0 ? ['## Labels', listed(labels)] : []),
    '## Limits',
    bullets([...limits, 'Figures hold for rows like those that they were measured on.']),
  ]
    .join('\n\n')
    .concat('\n')
}

function madeFrom(facts: TrainingFacts): string {
  if ('columns' in facts)
    return `Made by ${inline(facts.method)} from ${facts.columns.length} columns, for ${inline(facts.target)}.`
  const temperature = `logits are divided by ${figure(facts.temperature)}`
  if (!('encoder' in facts)) return `Reads words without an encoder; ${temperature}.`
  return `Encoder ${facts.encoder.id.slice(0, 12)} with ${facts.encoder.dimension} dimensions; ${temperature}.`
}

const listed = (labels: readonly string[]): string =>
  `${labels.length}: ${labels.slice(0, mostLabels).map(inline).join(', ')}${labels.length > mostLabels ? ', …' : ''}`

const mostLabels = 100
