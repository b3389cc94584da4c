import { ModelError } from '../../errors.ts'
import { sequenceFigures, sequencesRight } from '../../evaluation/label-figures.ts'
import { modelFile } from '../head-session.ts'
import { judgementOf } from '../judgement.ts'
import type { SequenceManifest } from '../manifest.ts'
import type { Judge, Judgement, ModelService, Parts } from '../service.ts'
import { readVersion } from '../version-folder.ts'
import { sequenceMethods } from './sequence-options.ts'
import { openSequence } from './sequence-session.ts'
import { trainSequence } from './sequence-training.ts'

const [name, recipe] = ['sequence', 1] as const

/** Classifiers of texts that read them word by word: LSTM, simple recurrent, convolutional. */
export const sequenceService: ModelService<Judgement, SequenceManifest> = {
  name,
  task: 'classification',
  recipe,
  embeds: false,
  methods: sequenceMethods,
  thresholds: {},
  train: trainSequence,
  open: (parts) => openModel(parts, 'a new model'),
  async load(dir) {
    const { manifest, files } = await readVersion(dir, name)
    if (manifest.task !== 'sequence-classification' || manifest.recipe !== recipe)
      throw new ModelError(`${dir} was made by another release: make a new version with: bursar train ${name}`)
    const { labels, thresholds } = manifest
    const judge = await openModel({ files, labels, thresholds }, `${dir}/${modelFile}`)
    return { ...judge, manifest, read: judge.judge }
  },
  figures: sequenceFigures,
  right: sequencesRight,
}

async function openModel(parts: Parts, where: string): Promise<Judge> {
  const session = await openSequence(parts.files.get(modelFile)!, where)
  return {
    labels: parts.labels,
    async judge(text, _, only) {
      return judgementOf((await session.run(text)).probabilities, 0, parts, only)
    },
    close: session.close,
  }
}
