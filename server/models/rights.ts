import { InputError } from '../errors.ts'
import { kindFigures, listsRight, rightFigures } from '../evaluation/label-figures.ts'
import { rightsWording } from '../text/rights.ts'
import { type Right, rights } from '../text/rights-kinds.ts'
import { trainClassifier } from './classifier.ts'
import { loadClassifier, openClassifier } from './classifier-reader.ts'
import type { ClassifierSpec } from './classifier-spec.ts'
import type { Example, Judge, Judgement, Metrics, ModelService, TrainRequest } from './service.ts'
import { gateLabel, gateScore } from './several.ts'

/** What a message invokes. */
export interface RightsReading {
  /** In the order of {@link rights}; none for most messages. */
  readonly rights: readonly Right[]
  /** Probability of the likeliest, 0 to 1. */
  readonly confidence: number
}

/** How a message is put, see `rightsWording`: features beside the sentence vector. */
const manners = ['general', 'supposed', 'settled', 'own'] as const
/** Weight of a manner beside a unit vector. */
const mannerWeight = 0.4

function extra(text: string): number[] {
  const wording = rightsWording(text)
  return manners.map((manner) => (wording[manner] ? mannerWeight : 0))
}

/** Share of texts that invoke nothing and may be taken for one that does; below the 5 % that are allowed, as new texts are harder. */
const falseAlarms = 0.04
/**
 * Below the gate by so many log odds a wording alone still counts; further below, the sentence as a whole says something else.
 * Chosen on `c.train.jsonl`, read by a head that had not seen it (docs/models.md).
 */
const wordingReach = 4
const options = { service: 'rights', recipe: 1, extra }
const spec: ClassifierSpec = {
  extra,
  extraNames: manners,
  strengths: [100],
  remembers: false,
  gate: { label: gateLabel, falseAlarms },
  figures: rightFigures,
}

/**
 * Rights that a message invokes, any number: the wordings of `text/rights-words.ts`, joined with a logistic regression for each
 * right and one for any over sentence vector, manner and n-grams. Its own metrics are those of the regressions alone.
 */
export const rightsService: ModelService<RightsReading> = {
  name: options.service,
  task: 'classification',
  recipe: options.recipe,
  embeds: true,
  methods: [],
  thresholds: { recall: 0.5 },
  several: { column: 'labels', none: 'none' },
  async train(request) {
    assertRights(request)
    return trainClassifier({ ...request, examples: request.examples.map(withGate) }, spec)
  },
  open: async (parts, dimension) => withWordings(await openClassifier(parts, dimension, options), parts.thresholds),
  async load(dir) {
    const reader = await loadClassifier(dir, options, readingOf)
    const judge = withWordings(reader, reader.manifest.thresholds)
    return { ...reader, ...judge, read: async (text, vector) => readingOf(await judge.judge(text, vector)) }
  },
  figures: rightFigures,
  right: listsRight,
  kindFigures,
}

/** That a message invokes anything at all is learnt as one label more. */
const withGate = (example: Example): Example => {
  const { labels = [] } = example
  return { ...example, labels: labels.length > 0 ? [...labels, gateLabel] : [] }
}

function assertRights({ examples }: TrainRequest): void {
  for (const label of examples.flatMap(({ labels = [] }) => labels)) {
    if (!rights.some((right) => right === label))
      throw new InputError({ file: 'training examples' }, `label '${label}' is none of ${rights.join(', ')}`)
  }
}

/** What the head says, and what stands in so many words. */
function withWordings(judge: Judge, { gate = 0, several = 1 }: Metrics): Judge {
  const { labels } = judge
  const place = labels.indexOf(gateLabel)
  return {
    labels,
    close: () => judge.close(),
    async judge(text, vector, only) {
      const judged = await judge.judge(text, vector, only)
      const told = [...rightsWording(text).told].filter((right) => only?.has(right) ?? true)
      const { probabilities, confidence } = judged
      const score = gateScore(probabilities[place] ?? 0, confidence)
      if (told.length === 0 || score < gate - wordingReach) return judged
      const isGiven = (label: string, k: number): boolean =>
        told.some((right) => right === label) || (k !== place && probabilities[k]! >= several)
      const given = labels.filter(isGiven)
      // A head that was trained on other rights may not know what the words say.
      return { ...judged, labels: [...given, ...told.filter((right) => !given.includes(right))] }
    },
  }
}

const readingOf = ({ labels, confidence }: Judgement): RightsReading => ({
  rights: rights.filter((right) => labels.includes(right)),
  confidence,
})
