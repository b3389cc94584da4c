import { describe, expect, it } from 'vitest'
import { readSafetensors } from '../../../server/embedding/safetensors.ts'
import { ModelError } from '../../../server/errors.ts'
import { headerOf, safetensorsOf } from '../../support/tiny-bert.ts'

const good = safetensorsOf({
  first: { shape: [2, 2], data: Float32Array.of(1, 2, 3, 4) },
  second: { shape: [3], data: Float32Array.of(5, 6, 7) },
})
const read = (bytes: Uint8Array) => readSafetensors(bytes, 'w.safetensors')
const withHeader = (header: unknown, data = Buffer.alloc(16)) => Buffer.concat([headerOf(JSON.stringify(header)), data])
const entry = (fields: object) => withHeader({ w: { dtype: 'F32', shape: [4], data_offsets: [0, 16], ...fields } })

describe('reading safetensors', () => {
  it('gives the tensors by name', () => {
    const weights = read(good)
    expect(weights.names).toEqual(['first', 'second'])
    expect(weights.float32('first', [2, 2])).toEqual(Float32Array.of(1, 2, 3, 4))
    expect(weights.float32('second', [3])).toEqual(Float32Array.of(5, 6, 7))
  })

  it('reads from bytes at any offset', () => {
    const shifted = new Uint8Array(good.length + 1)
    shifted.set(good, 1)
    expect(read(shifted.subarray(1)).float32('second', [3])).toEqual(Float32Array.of(5, 6, 7))
  })

  it('refuses a tensor that is missing, or of another shape or type', () => {
    expect(() => read(good).float32('third', [3])).toThrow(/w.safetensors: the tensor third is missing/)
    expect(() => read(good).float32('second', [4])).toThrow(/second is F32 \[3\], expected F32 \[4\]/)
    const halves = entry({ dtype: 'F16', shape: [8] })
    expect(() => read(halves).float32('w', [8])).toThrow(/w is F16/)
  })

  it.each([
    ['nothing', Buffer.alloc(0)],
    ['five bytes', Buffer.alloc(5)],
    ['a header longer than the file', Buffer.concat([Buffer.from('ff00000000000000', 'hex'), Buffer.alloc(9)])],
    ['a header of 2⁶⁴ − 1 bytes', Buffer.concat([Buffer.alloc(8, 0xff), Buffer.alloc(100)])],
    ['a header that is not UTF-8', Buffer.concat([Buffer.from('0200000000000000', 'hex'), Buffer.from([0xc3, 0x28])])],
    ['a header that is not JSON', headerOf('{"w": ')],
    ['a header that is a list', headerOf('[1, 2]')],
    ['an entry without offsets', withHeader({ w: { dtype: 'F32', shape: [4] } })],
    ['an unknown type', entry({ dtype: 'F33' })],
    ['a type named like a property of every object', entry({ dtype: 'constructor' })],
    ['offsets behind the end', entry({ data_offsets: [16, 32] })],
    ['offsets the wrong way round', entry({ data_offsets: [16, 0] })],
    ['a negative offset', entry({ data_offsets: [-16, 0] })],
    ['a fractional offset', entry({ data_offsets: [0.5, 16.5] })],
    ['a shape that does not fit', entry({ shape: [5] })],
    ['a shape that overflows', entry({ shape: Array.from({ length: 40 }, () => 2 ** 31) })],
    ['a negative shape', entry({ shape: [-2, -2] })],
    ['a file that lost its tail', good.subarray(0, good.length - 1)],
  ])('refuses %s', (_, bytes) => {
    expect(() => read(bytes)).toThrow(ModelError)
    expect(() => read(bytes)).toThrow(/^w\.safetensors: [^\n]+$/)
  })
})
