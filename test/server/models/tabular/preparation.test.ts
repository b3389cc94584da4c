import { describe, expect, it } from 'vitest'
import { completeRows, fitPreparation, prepare } from '../../../../server/models/tabular/preparation.ts'
import type { Table } from '../../../../server/models/tabular/table.ts'

const none = Number.NaN
const number = (name: string, values: readonly number[]) => ({
  kind: 'number' as const,
  name,
  values: Float32Array.from(values),
})
const table = (...columns: Table['columns']): Table => ({
  rows: columns[0]!.kind === 'number' ? columns[0]!.values.length : columns[0]!.codes.length,
  columns,
})

describe('preparing columns', () => {
  it('fills what is missing by the policy', () => {
    const ages = table(number('age', [1, 1, 5, 9, 20, none]))
    const filled = (policy: Parameters<typeof fitPreparation>[1]) => prepare(fitPreparation(ages, policy), ages)
    expect(filled('median').plain[0]![5]).toBe(5)
    expect(filled('mode').plain[0]![5]).toBe(1)
    expect(filled('median').names).toEqual(['age'])
    const { names, plain } = filled('indicator')
    expect(names).toEqual(['age', 'age is missing'])
    expect([...plain[1]!]).toEqual([0, 0, 0, 0, 0, 1])
    expect([...completeRows(ages)]).toEqual([0, 1, 2, 3, 4])
  })

  it('standardises, by the training rows only', () => {
    const values = Array.from({ length: 101 }, (_, i) => i - 50)
    const preparation = fitPreparation(table(number('x', values)), 'median')
    const [scaled] = prepare(preparation, table(number('x', values))).scaled()
    const mean = scaled!.reduce((a, b) => a + b, 0) / 101
    expect(mean).toBeCloseTo(0, 5)
    expect(scaled!.reduce((sum, value) => sum + value * value, 0) / 101).toBeCloseTo(1, 4)
    const [other] = prepare(preparation, table(number('x', [10]))).scaled()
    expect(other![0]).toBeCloseTo(10 / Math.sqrt(850), 5)
  })

  it('takes skewed numbers as logarithms, and draws outliers in', () => {
    const skewed = Array.from({ length: 2_000 }, (_, i) => Math.exp(i / 200))
    const [prepared] = fitPreparation(table(number('x', [...skewed, 1e9])), 'median').columns
    expect(prepared).toMatchObject({ log: true, high: 1e9 })
    expect(prepared?.kind === 'number' && prepared.clip[1]).toBeLessThan(1e5)
    const [even] = fitPreparation(
      table(
        number(
          'x',
          skewed.map((value) => -value),
        ),
      ),
      'median',
    ).columns
    expect(even).toMatchObject({ log: false })
  })

  it('gives frequent categories a feature each, and the rest none', () => {
    const levels = ['b', 'a', '', 'rare']
    const codes = Uint16Array.from([...Array(20).fill(0), ...Array(9).fill(1), ...Array(7).fill(2), 3])
    const regions = table({ kind: 'category', name: 'region', codes, levels })
    const preparation = fitPreparation(regions, 'median')
    const other = { kind: 'category' as const, name: 'region', codes: Uint16Array.of(0, 1), levels: ['new', 'a'] }
    const { names, plain } = prepare(preparation, table(other))
    expect(names).toEqual(['region = ', 'region = a', 'region = b'])
    expect(plain.map((one) => [...one])).toEqual([
      [0, 0],
      [0, 1],
      [0, 0],
    ])
  })

  it('lives with columns that say nothing', () => {
    const empty = table(number('none', [none, none]), number('same', [7, 7]))
    const prepared = prepare(fitPreparation(empty, 'indicator'), empty)
    for (const column of prepared.scaled()) expect([...column]).toEqual([0, 0])
  })
})
