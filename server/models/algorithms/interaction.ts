import { createRandom, gaussian, shuffled } from '../../math/random.ts'
import { createAdam } from './adam.ts'
import { fitStandard, stackRows, standardise } from './features.ts'
import { createRankingLoss, type RankingBatch } from './ranking-loss.ts'

/** A question with what could be quoted for it. */
export interface RankedRows {
  /** The question's vector. */
  readonly question: Float32Array
  /** Per row what else is known of it; all as wide as each other. */
  readonly features: readonly Float32Array[]
  /** Per row its vector, as long as the question's. */
  readonly vectors: readonly Float32Array[]
  /** Per row 1 if it answers, 0 if not. */
  readonly right: readonly number[]
}

/** What the answer to a question looks like: direction = right · leftᵀ · question. */
export interface Interaction {
  /** Length of a vector. */
  readonly dimension: number
  /** Columns of both factors. */
  readonly rank: number
  /** dimension × rank, row-major. */
  readonly left: Float32Array
  readonly right: Float32Array
}

// Chosen by five-fold cross-validation on the training questions.
const rank = 32
const epochs = 30
const batchSize = 64
const rate = 0.02
/** The factors' share of the rate: they are many, and small. */
const factorShare = 0.3
const spread = 0.3
const l2 = { weights: 1e-3, factors: 5e-4 }

/**
 * Learn a bilinear match of question and row beside a linear model of the features: score = features · w + questionᵀ · left ·
 * rightᵀ · vector, by the likelihood that a right row comes first (listwise softmax). A cosine asks whether two texts say the
 * same; this learns which texts answer which questions. Deterministic for a seed.
 * Source: Wu et al., Learning Bilinear Model for Matching Queries and Documents (JMLR 2013); the loss of ListNet's top-one
 * probability (Cao et al., ICML 2007).
 * @param groups those without a right row teach nothing and are left out; without any the interaction is zero.
 */
export async function fitInteraction(groups: readonly RankedRows[], seed: number): Promise<Interaction> {
  const dimension = groups[0]?.question.length ?? 0
  const random = createRandom(seed)
  const left = Float32Array.from({ length: dimension * rank }, () => spread * gaussian(random))
  const right = new Float32Array(dimension * rank)
  const useful = standardised(groups.filter((group) => group.right.includes(1)))
  if (useful.length === 0) return { dimension, rank, left, right }
  const weights = new Float32Array(useful[0]!.features[0]!.length)
  const parameters = { left, right, weights }
  const loss = await createRankingLoss({ dimension, rank, columns: weights.length })
  const [weigh, turnLeft, turnRight] = [
    createAdam(weights, l2.weights),
    createAdam(left, l2.factors),
    createAdam(right, l2.factors),
  ]
  const batches = batchesOf(shuffled(useful, random))
  const total = epochs * batches.length
  let done = 0
  try {
    for (let epoch = 0; epoch < epochs; epoch++) {
      for (const batch of shuffled(batches, random)) {
        const gradient = await loss.gradient(batch, parameters)
        const now = rate * (1 - ++done / (total + 1))
        weigh(gradient.weights, now)
        turnLeft(gradient.left, now * factorShare)
        turnRight(gradient.right, now * factorShare)
      }
    }
  } finally {
    await loss.close()
  }
  return { dimension, rank, left, right }
}

/** The direction in which the answers to a question lie: its dot product with a row's vector is the row's match. */
export function directionOf({ dimension, rank, left, right }: Interaction, question: Float32Array): Float32Array {
  const middle = new Float64Array(rank)
  for (let i = 0; i < dimension; i++) {
    for (let k = 0; k < rank; k++) middle[k]! += question[i]! * left[i * rank + k]!
  }
  const direction = new Float32Array(dimension)
  for (let i = 0; i < dimension; i++) {
    let sum = 0
    for (let k = 0; k < rank; k++) sum += middle[k]! * right[i * rank + k]!
    direction[i] = sum
  }
  return direction
}

function standardised(groups: readonly RankedRows[]): RankedRows[] {
  if (groups.length === 0) return []
  const { columns, ...all } = stackRows(groups.flatMap(({ features }) => features))
  const { dense } = standardise({ columns, ...all }, fitStandard({ columns, ...all }))
  let row = 0
  return groups.map((group) => ({
    ...group,
    features: group.features.map(() => dense.subarray(row * columns, ++row * columns)),
  }))
}

/** Batches are made once: copying the vectors again in every epoch took longer than the products. */
function batchesOf(groups: readonly RankedRows[]): RankingBatch[] {
  const count = Math.ceil(groups.length / batchSize)
  return Array.from({ length: count }, (_, i) => batchOf(groups.slice(i * batchSize, (i + 1) * batchSize)))
}

/** Groups side by side, filled up with rows that are none to the length of the longest. */
function batchOf(groups: readonly RankedRows[]): RankingBatch {
  const [dimension, columns] = [groups[0]!.question.length, groups[0]!.features[0]!.length]
  const rows = Math.max(...groups.map(({ features }) => features.length))
  const cells = groups.length * rows
  const batch = {
    ...{ groups: groups.length, rows },
    questions: new Float32Array(groups.length * dimension),
    features: new Float32Array(cells * columns),
    vectors: new Float32Array(cells * dimension),
    right: new Float32Array(cells),
    present: new Float32Array(cells),
  }
  groups.forEach(({ question, features, vectors, right }, group) => {
    batch.questions.set(question, group * dimension)
    batch.right.set(right, group * rows)
    batch.present.fill(1, group * rows, group * rows + features.length)
    features.forEach((row, i) => {
      batch.features.set(row, (group * rows + i) * columns)
      batch.vectors.set(vectors[i]!, (group * rows + i) * dimension)
    })
  })
  return batch
}
