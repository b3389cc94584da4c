import { parse } from 'csv-parse/sync'
import fc from 'fast-check'
import { expect, it } from 'vitest'
import { csvRow } from '../../../server/text/csv-cells.ts'

it('writes rows that are read back as they were, and no cell that begins as a formula', () => {
  const cell = fc.oneof(
    fc.string({ unit: 'grapheme' }),
    fc.constantFrom('=1+1', '@x', '-2', '+3', '\t=1', '"', 'a,b', 'a\r\nb'),
  )
  fc.assert(
    fc.property(fc.array(cell, { minLength: 1, maxLength: 5 }), (cells) => {
      fc.pre(cells.some((one) => one !== ''))
      const [read = []] = parse(csvRow(cells), { relax_column_count: true }) as string[][]
      for (const [i, one] of read.entries()) {
        expect(one.replace(/^'/, '')).toBe((cells[i] ?? '').replace(/^'/, ''))
        expect(one).not.toMatch(/^[=+\-@\t\r]/)
      }
      expect(read).toHaveLength(cells.length)
    }),
  )
})
