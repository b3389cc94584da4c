/**
 * The Cholesky factor L of a symmetric positive definite matrix, A = L·Lᵀ, in place of its lower half.
 * Source: Golub & Van Loan, Matrix Computations (2013), section 4.2. Only the lower half of `a` is read.
 * @param a [n, n], row-major. @throws {RangeError} if it is not positive definite.
 */
export function factorise(a: Float64Array, n: number): void {
  for (let i = 0; i < n; i++) {
    for (let j = 0; j <= i; j++) {
      const [row, other] = [i * n, j * n]
      let sum = a[row + j]!
      for (let k = 0; k < j; k++) sum -= a[row + k]! * a[other + k]!
      if (i !== j) a[row + j] = sum / a[other + j]!
      else if (sum > 0) a[row + i] = Math.sqrt(sum)
      else throw new RangeError('the matrix is not positive definite')
    }
  }
}

/** Solve L·Lᵀ·x = b. @param l as {@link factorise} leaves it. @param b becomes x. */
export function solveFactorised(l: Float64Array, n: number, b: Float64Array): void {
  for (let i = 0; i < n; i++) {
    let sum = b[i]!
    for (let k = 0; k < i; k++) sum -= l[i * n + k]! * b[k]!
    b[i] = sum / l[i * n + i]!
  }
  for (let i = n - 1; i >= 0; i--) {
    const x = b[i]! / l[i * n + i]!
    b[i] = x
    for (let k = 0; k < i; k++) b[k]! -= l[i * n + k]! * x
  }
}

/** The inverse of a symmetric positive definite matrix [n, n], all of it: A⁻¹ = L⁻ᵀ·L⁻¹. `a` is used up. @throws {RangeError} */
export function inverseOf(a: Float64Array, n: number): Float64Array {
  factorise(a, n)
  const below = invertLower(a, n)
  const inverse = new Float64Array(n * n)
  for (let k = 0; k < n; k++) {
    const row = below.subarray(k * n, k * n + k + 1)
    for (let i = 0; i <= k; i++) {
      const [factor, to] = [row[i]!, i * n]
      for (let j = 0; j <= i; j++) inverse[to + j]! += factor * row[j]!
    }
  }
  for (let i = 0; i < n; i++) for (let j = 0; j < i; j++) inverse[j * n + i] = inverse[i * n + j]!
  return inverse
}

/** The inverse of a lower triangle, row after row. */
function invertLower(l: Float64Array, n: number): Float64Array {
  const inverse = new Float64Array(n * n)
  for (let i = 0; i < n; i++) {
    const row = inverse.subarray(i * n, i * n + i + 1)
    const scale = 1 / l[i * n + i]!
    for (let k = 0; k < i; k++) {
      const [factor, from] = [-scale * l[i * n + k]!, k * n]
      for (let j = 0; j <= k; j++) row[j]! += factor * inverse[from + j]!
    }
    row[i] = scale
  }
  return inverse
}
