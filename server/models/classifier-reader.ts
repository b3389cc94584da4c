import { type HeadOptions, openHead, readHead } from './head-session.ts'
import { judgementOf } from './judgement.ts'
import type { Judge, Judgement, Parts, Reader } from './service.ts'

export interface ReaderOptions extends Pick<HeadOptions, 'service' | 'extra'> {
  readonly recipe: number
}

/** Open a trained classifier. @param where its files are, for errors. @throws {ModelError} */
export async function openClassifier(
  parts: Parts,
  dimension: number,
  options: ReaderOptions,
  where = `a new model of ${options.service}`,
): Promise<Judge> {
  const head = await openHead(parts.files, where, { ...options, dimension })
  const outputs =
    parts.thresholds.outOfScope === undefined ? (['probabilities'] as const) : (['probabilities', 'score'] as const)
  return {
    labels: parts.labels,
    async judge(text, vector, only) {
      const { probabilities, score } = await head.run<'probabilities' | 'score'>(text, vector, outputs)
      return judgementOf(probabilities, score?.[0] ?? 0, parts, only)
    },
    close: head.close,
  }
}

/** Check and load a version folder. @param reading what a judgement is called in the service. @throws {ModelError} */
export async function loadClassifier<R>(
  dir: string,
  options: ReaderOptions,
  reading: (judgement: Judgement) => R,
): Promise<Reader<R>> {
  const { manifest, files } = await readHead(dir, options.service, options.recipe)
  const { labels, thresholds, encoder } = manifest
  const judge = await openClassifier({ files, labels, thresholds }, encoder.dimension, options, dir)
  return { ...judge, manifest, read: async (text, vector) => reading(await judge.judge(text, vector)) }
}
