/** Dot product; for unit vectors this is the cosine. @throws {RangeError} if the lengths differ. */
export function dot(a: Float32Array, b: Float32Array): number {
  if (a.length !== b.length) throw new RangeError(`vectors of ${a.length} and ${b.length} dimensions do not multiply`)
  let sum = 0
  for (let i = 0; i < a.length; i++) sum += a[i]! * b[i]!
  return sum
}

/** Dot product of `a` with as many numbers of `matrix` from `offset` on; four sums, as one would wait for itself. */
export function dotAt(a: Float32Array, matrix: Int8Array, offset: number): number {
  let [w, x, y, z] = [0, 0, 0, 0]
  let i = 0
  for (; i + 3 < a.length; i += 4) {
    w += a[i]! * matrix[offset + i]!
    x += a[i + 1]! * matrix[offset + i + 1]!
    y += a[i + 2]! * matrix[offset + i + 2]!
    z += a[i + 3]! * matrix[offset + i + 3]!
  }
  for (; i < a.length; i++) w += a[i]! * matrix[offset + i]!
  return w + x + y + z
}

/** Dot product of `a` with as many numbers of `rows` from `offset` on. */
export function dotRow(a: Float64Array, rows: Float64Array, offset: number): number {
  let sum = 0
  for (let i = 0; i < a.length; i++) sum += a[i]! * rows[offset + i]!
  return sum
}

/** Scaled to length 1. @throws {RangeError} if it has no direction (all zero, or not finite). */
export function normalise(vector: Float32Array): Float32Array {
  const norm = Math.sqrt(dot(vector, vector))
  if (!(norm > 0 && Number.isFinite(norm))) throw new RangeError('a vector without direction cannot be normalised')
  return vector.map((value) => value / norm)
}

/** Little-endian float32 bytes, 4 per dimension. */
export function toBytes(vector: Float32Array): Buffer {
  return Buffer.from(vector.buffer, vector.byteOffset, vector.byteLength)
}

/** The vector in `bytes`, copied so that it does not pin a larger buffer. @throws {RangeError} unless 4 bytes per dimension. */
export function fromBytes(bytes: Uint8Array): Float32Array {
  if (bytes.byteLength % 4 !== 0) throw new RangeError(`${bytes.byteLength} bytes are not a float32 vector`)
  const copy = new Uint8Array(bytes)
  return new Float32Array(copy.buffer)
}
