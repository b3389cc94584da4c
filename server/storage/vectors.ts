import { CorruptError } from '../errors.ts'

const scaleBytes = 4
const steps = 127

/**
 * Unit vectors as bytes: per vector a float32 scale (little-endian), then one signed byte per dimension, value = byte · scale.
 * A quarter of float32; the largest error per component is half a scale, which moves a cosine of 384 dimensions by < 0.01.
 * @param vectors count × dimension, finite.
 * @throws {RangeError} if the length is no multiple of the dimension or a component is not finite.
 */
export function quantise(vectors: Float32Array, dimension: number): Uint8Array {
  if (!(dimension > 0 && vectors.length % dimension === 0)) {
    throw new RangeError(`${vectors.length} components are no whole number of vectors of ${dimension} dimensions`)
  }
  const count = vectors.length / dimension
  const bytes = Buffer.alloc(count * (scaleBytes + dimension))
  // Buffer's own writing checks each byte, which takes most of the time of storing a long document.
  const signed = new Int8Array(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  for (let v = 0; v < count; v++) {
    const vector = vectors.subarray(v * dimension, (v + 1) * dimension)
    const at = v * (scaleBytes + dimension)
    // Rounded to float32 first, so that the bytes fit the scale that is read back.
    const scale = Math.fround(largest(vector) / steps)
    bytes.writeFloatLE(scale, at)
    if (scale > 0)
      for (let i = 0; i < dimension; i++)
        signed[at + scaleBytes + i] = Math.max(-steps, Math.min(steps, Math.round(vector[i]! / scale)))
  }
  return bytes
}

/** The vectors that {@link quantise} packed, count × dimension. @throws {CorruptError} if the bytes do not hold whole vectors. */
export function dequantise(bytes: Uint8Array, dimension: number): Float32Array {
  const stride = scaleBytes + dimension
  if (bytes.byteLength % stride !== 0) {
    throw new CorruptError(`${bytes.byteLength} bytes hold no whole number of vectors of ${dimension} dimensions`)
  }
  const count = bytes.byteLength / stride
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  const vectors = new Float32Array(count * dimension)
  for (let v = 0; v < count; v++) {
    const scale = view.getFloat32(v * stride, true)
    const from = v * stride + scaleBytes
    for (let i = 0; i < dimension; i++) vectors[v * dimension + i] = view.getInt8(from + i) * scale
  }
  return vectors
}

function largest(vector: Float32Array): number {
  let most = 0
  for (const value of vector) {
    if (!Number.isFinite(value)) throw new RangeError('a vector holds a component that is not finite')
    most = Math.max(most, Math.abs(value))
  }
  return most
}
