import { describe, expect, it } from 'vitest'
import { createRandom } from '../../../server/math/random.ts'
import { createVectorSpace } from '../../../server/math/vector-space.ts'

const random = createRandom(11)

describe('long vectors', () => {
  it.each([1, 15, 16, 17, 8_191, 8_192, 8_193, 20_001])(
    'of %i numbers multiply and add as plain arithmetic does',
    (size) => {
      const space = createVectorSpace(size, 3)
      const [a, b, untouched] = [space.create(), space.create(), space.create()]
      for (let i = 0; i < size; i++) {
        a[i] = random() - 0.5
        b[i] = random() - 0.5
      }
      const plain = a.reduce((sum, value, i) => sum + value * b[i]!, 0)
      expect(space.inner(a, b)).toBeCloseTo(plain, 3)
      const wanted = a.map((value, i) => value + Math.fround(-0.3) * b[i]!)
      space.addScaled(a, b, -0.3)
      for (const i of [0, size >> 1, size - 1]) expect(a[i]).toBeCloseTo(wanted[i]!, 6)
      expect(untouched.every((value) => value === 0)).toBe(true)
    },
  )

  it('are as many as there is room for', () => {
    const space = createVectorSpace(4, 1)
    space.create()
    expect(() => space.create()).toThrow(/all 1 vectors are taken/)
  })
})
