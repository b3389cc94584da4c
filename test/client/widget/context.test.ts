import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { contextOf } from '../../../client/widget/context.ts'
import { citation } from '../support/fixtures.ts'

const text = 'Fees\n\nOne. Two. Three.\n\nShops\tCash\nA\t1\nB\t2\n\nLast.'
const written = (of: string, quotes: readonly string[]): string | undefined =>
  contextOf(of, citation(1, of, quotes))
    ?.map((stretch) => (stretch.marked ? `[${stretch.text}]` : stretch.text))
    .join('')

describe('a quotation in its document', () => {
  it('stands in its own paragraph', () => {
    expect(written(text, ['Two.'])).toBe('One. [Two.] Three.')
    expect(written(text, ['Fees'])).toBe('[Fees]')
    expect(written(text, ['Last.'])).toBe('[Last.]')
  })
  it('shows the table around its rows', () => {
    expect(written(text, ['Shops\tCash', 'B\t2'])).toBe('[Shops\tCash]\nA\t1\n[B\t2]')
  })
  it('is cut where a paragraph is long', () => {
    const long = `${'a '.repeat(400)}HERE${' b'.repeat(400)}`
    const shown = written(long, ['HERE']) ?? ''
    expect(shown).toMatch(/^… .*\[HERE\].* …$/)
    expect(shown.length).toBeLessThan(600)
  })
  it('is not shown in a text that does not hold it', () => {
    expect(contextOf('another text altogether', citation(1, text, ['Two.']))).toBeUndefined()
  })
  it('holds exactly the quoted words as marked, wherever they stand', () => {
    fc.assert(
      fc.property(fc.string({ minLength: 1, maxLength: 900 }), fc.nat(), fc.nat(), (of, a, b) => {
        const start = a % of.length
        const end = start + 1 + (b % (of.length - start))
        const quote = of.slice(start, end)
        const stretches = contextOf(of, { spans: [[start, end]], quote }) ?? []
        expect(stretches.filter(({ marked }) => marked).map((stretch) => stretch.text)).toEqual([quote])
      }),
    )
  })
})
