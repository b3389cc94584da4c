import { createRandom } from '../../server/math/random.ts'
import { normalise } from '../../server/math/vectors.ts'

/** `count` unit vectors around a few centres, as texts lie; the same for the same seed. */
export function unitVectors(count: number, dimension: number, seed = 1): Float32Array[] {
  const random = createRandom(seed)
  const spread = () => random() + random() + random() - 1.5
  const centres = Array.from({ length: 12 }, () => Float32Array.from({ length: dimension }, spread))
  return Array.from({ length: count }, () => {
    const centre = centres[Math.floor(random() * centres.length)]!
    return normalise(centre.map((value) => value + 0.8 * spread()))
  })
}
