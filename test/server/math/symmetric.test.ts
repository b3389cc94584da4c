import { expect, it } from 'vitest'
import { createRandom } from '../../../server/math/random.ts'
import { factorise, inverseOf, solveFactorised } from '../../../server/math/symmetric.ts'

/** B·Bᵀ + I of a random B. */
function positiveDefinite(n: number): Float64Array {
  const random = createRandom(n)
  const b = Float64Array.from({ length: n * n }, () => random() - 0.5)
  return Float64Array.from({ length: n * n }, (_, at) => {
    const [i, j] = [Math.floor(at / n), at % n]
    let sum = Number(i === j)
    for (let k = 0; k < n; k++) sum += b[i * n + k]! * b[j * n + k]!
    return sum
  })
}

it.each([1, 2, 7, 40])('the inverse of a matrix of %i rows times the matrix is the identity', (n) => {
  const a = positiveDefinite(n)
  const inverse = inverseOf(a.slice(), n)
  for (let i = 0; i < n; i++) {
    for (let j = 0; j < n; j++) {
      let sum = 0
      for (let k = 0; k < n; k++) sum += a[i * n + k]! * inverse[k * n + j]!
      expect(sum).toBeCloseTo(Number(i === j), 9)
    }
  }
})

it('a system is solved', () => {
  const [a, x] = [positiveDefinite(5), [1, -2, 3, 0.5, 4]]
  const b = Float64Array.from({ length: 5 }, (_, i) => x.reduce((sum, value, j) => sum + a[i * 5 + j]! * value, 0))
  factorise(a, 5)
  solveFactorised(a, 5, b)
  expect(Array.from(b, (value) => Math.round(value * 1e9) / 1e9)).toEqual(x)
})

it('a matrix that is not positive definite is refused', () => {
  expect(() => factorise(Float64Array.of(1, 2, 2, 1), 2)).toThrow('not positive definite')
})
