import { describe, expect, it } from 'vitest'
import {
  createMessage,
  join,
  writeBytes,
  writeFloat,
  writePackedVarints,
  writeText,
  writeVarint,
} from '../../../server/onnx/wire.ts'

const bytes = (write: (message: ReturnType<typeof createMessage>) => void) => {
  const message = createMessage()
  write(message)
  return Buffer.from(join(message)).toString('hex')
}

// The expected bytes are those of the format's own description, or of protoc.
describe('protobuf fields', () => {
  it('writes whole numbers as base-128 varints', () => {
    expect(bytes((m) => writeVarint(m, 1, 150))).toBe('089601')
    expect(bytes((m) => writeVarint(m, 1, 0))).toBe('0800')
    expect(bytes((m) => writeVarint(m, 16, 1))).toBe('800101')
    expect(bytes((m) => writeVarint(m, 1, 2 ** 40 + 1))).toBe('08818080808020')
    expect(bytes((m) => writeVarint(m, 1, Number.MAX_SAFE_INTEGER))).toBe('08ffffffffffffff0f')
    expect(bytes((m) => writeVarint(m, 1, -1))).toBe('08ffffffffffffffffff01')
    expect(bytes((m) => writeVarint(m, 1, -2))).toBe('08feffffffffffffffff01')
  })

  it('writes text, floats, packed lists and messages inside messages', () => {
    expect(bytes((m) => writeText(m, 2, 'testing'))).toBe('120774657374696e67')
    expect(bytes((m) => writeText(m, 2, '£'))).toBe('1202c2a3')
    expect(bytes((m) => writeFloat(m, 3, 1.5))).toBe('1d0000c03f')
    expect(bytes((m) => writePackedVarints(m, 4, [3, 270, 86942]))).toBe('2206038e029ea705')
    const inner = createMessage()
    writeVarint(inner, 1, 150)
    expect(bytes((m) => writeBytes(m, 3, inner))).toBe('1a03089601')
  })
})
