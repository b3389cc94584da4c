import { describe, expect, it } from 'vitest'
import { quantiseChannels, quantiseRows, transpose } from '../../../server/embedding/quantise.ts'

describe('quantising', () => {
  it('gives each row of a table its own scale', () => {
    const { values, scales } = quantiseRows(Float32Array.of(1, -2, 0.5, 0, 0, 0, 254, 127, -254), 3)
    expect(scales).toEqual(Float32Array.of(2 / 127, 1, 2))
    expect(values).toEqual(Int8Array.of(64, -127, 32, 0, 0, 0, 127, 64, -127))
  })

  it('gives each output of a matrix its own scale, seven bits, and turns it round', () => {
    const { values, scales } = quantiseChannels(Float32Array.of(64, -32, 1, 0.5, 0, 0), 3, 2)
    expect(scales).toEqual(Float32Array.of(1, 1 / 64, 1))
    expect(values).toEqual(Int8Array.of(64, 64, 0, -32, 32, 0))
  })

  it('rounds halves to the even neighbour, as NumPy does', () => {
    const { values } = quantiseChannels(Float32Array.of(64, 0.5, 1.5, 2.5, -0.5, -1.5, -2.5), 1, 7)
    expect(values).toEqual(Int8Array.of(64, 0, 2, 2, 0, -2, -2))
  })

  it('transposes', () => {
    expect(transpose(Float32Array.of(1, 2, 3, 4, 5, 6), 2, 3)).toEqual(Float32Array.of(1, 4, 2, 5, 3, 6))
  })
})
