import { afterAll, describe, expect, it } from 'vitest'
import { checkCanaries } from '../../../server/embedding/canaries.ts'
import { loadEncoder } from '../../../server/embedding/encoder.ts'
import { testEncoderDir } from '../../support/models.ts'

const encoder = await loadEncoder(testEncoderDir())
afterAll(() => encoder.close())

describe('canary texts', () => {
  it('have the vectors that they should have', async () => {
    await expect(checkCanaries(encoder)).resolves.toBeUndefined()
  })

  it('show an encoder that encodes something else', async () => {
    // Such as a tokenizer that loses the last token.
    const cut = (text: string) => encoder.encodeIds(encoder.tokenizer.encode(text, 256).subarray(0, -1))
    await expect(checkCanaries({ ...encoder, encode: cut })).rejects.toThrow(
      /cosine 0\.\d+, at least 0.999\); run `bursar/,
    )
  })

  it('are less strict with own smoothing vectors, and silent about other encoders', async () => {
    const shorter = (text: string) => encoder.encode(text.slice(0, 9))
    await expect(checkCanaries({ ...encoder, sha256: '0'.repeat(64), encode: shorter })).rejects.toThrow(
      /at least 0.98/,
    )
    await expect(checkCanaries({ ...encoder, name: '/models/other', encode: shorter })).resolves.toBeUndefined()
  })
})
