import { describe, expect, it } from 'vitest'
import { InputError } from '../../../../server/errors.ts'
import { inputsBySchema, inputsOf, readTable } from '../../../../server/models/tabular/table.ts'
import { targetsOf, truthsOf } from '../../../../server/models/tabular/targets.ts'
import { fileOf } from './support.ts'

const none: ReadonlySet<string> = new Set()
const read = async (content: string | Uint8Array, name?: string) => readTable(fileOf(content, name))
/** The one line that a reader gets, without the folder. */
async function refusal(of: () => Promise<unknown>): Promise<string> {
  const reason = await of().then(
    () => undefined,
    (cause: unknown) => cause,
  )
  expect(reason).toBeInstanceOf(InputError)
  return reason instanceof InputError ? reason.message.replace(/^\S*\//, '') : ''
}
const inputs = async (content: string, categories = none, name?: string) =>
  inputsOf(await read(content, name), none, categories)

describe('reading a table', () => {
  it('tells numbers from categories, and keeps what is missing', async () => {
    const { rows, columns } = await inputs('age,city\n30,Riga\n,\n 4e1 ,Oslo\n')
    expect(rows).toBe(3)
    expect(columns).toEqual([
      { kind: 'number', name: 'age', values: Float32Array.of(30, Number.NaN, 40) },
      { kind: 'category', name: 'city', codes: Uint16Array.of(0, 1, 2), levels: ['Riga', '', 'Oslo'] },
    ])
  })

  it('takes numbers for names where it is told to', async () => {
    const { columns } = await inputs('district\n1\n2\n1\n', new Set(['district']))
    expect(columns).toEqual([
      { kind: 'category', name: 'district', codes: Uint16Array.of(0, 1, 0), levels: ['1', '2'] },
    ])
  })

  it('reads objects, whose fields may be missing at first or at all', async () => {
    const { columns } = await inputs('{"a":1}\n\n{"a":null,"b":true}\n{"b":false}', none, 'rows.jsonl')
    expect(columns).toEqual([
      { kind: 'number', name: 'a', values: Float32Array.of(1, Number.NaN, Number.NaN) },
      { kind: 'category', name: 'b', codes: Uint16Array.of(0, 1, 2), levels: ['', 'true', 'false'] },
    ])
  })

  it('reads quoted line ends, a byte order mark, tabs, and more rows than it reads at a time', async () => {
    const quoted = await read('\ufeffa,b\n1,"x\ny"\n2,z')
    expect([quoted.rows, [...quoted.columns.keys()], quoted.columns.get('b')!.levels]).toEqual([
      2,
      ['a', 'b'],
      ['x\ny', 'z'],
    ])
    const long = await read(
      `n\tt\n${Array.from({ length: 60_000 }, (_, i) => `${i}\té${i % 7}`).join('\n')}`,
      'rows.tsv',
    )
    expect([long.rows, long.source.rows, long.lines.at(-1)]).toEqual([60_000, 60_000, 60_001])
    expect(long.columns.get('n')!.numbers.every((value, i) => value === i)).toBe(true)
    expect(long.columns.get('t')!.levels).toHaveLength(7)
  })

  it('names file, line and column of what it cannot use', async () => {
    expect(await refusal(() => inputs('a\n1\n2\nx\n3'))).toMatch(/^rows.csv:4 column a: is not a number/)
    expect(await refusal(() => inputs('a\n1\n2\nNaN'))).toMatch(/^rows.csv:4 column a: is not a number/)
    expect(await refusal(() => inputs('a\n1\n2\n1e999'))).toMatch(/^rows.csv:4 column a: is not a number/)
    expect(await refusal(() => read('a,a\n1,2'))).toBe('rows.csv:1 column a: the header names this column twice')
    expect(await refusal(() => read('a,b\n1,2\n3'))).toMatch(/^rows.csv:3: the row has more or fewer cells/)
    expect(await refusal(() => read('a\n"1'))).toMatch(/^rows.csv:2: a quotation mark in this row is never closed/)
    expect(await refusal(() => read(Buffer.from('a\n1\n\xff\n', 'latin1')))).toBe('rows.csv:3: is not UTF-8')
    expect(await refusal(() => read('{"a":[1]}', 'rows.jsonl'))).toMatch(/^rows.jsonl:1 column a: is neither text/)
    expect(await refusal(() => read('[1]', 'rows.jsonl'))).toBe('rows.jsonl:1: is not a JSON object')
    expect(await refusal(() => read('a\n'))).toBe('rows.csv: has no rows')
    expect(await refusal(() => read('a\n1', 'rows.xls'))).toMatch(/has to end in/)
    expect(await refusal(() => readTable('/nowhere/rows.csv'))).toMatch(/cannot be read/)
    const names = Array.from({ length: 10_001 }, (_, i) => `n${i}`).join('\n')
    expect(await refusal(() => inputs(`a\n${names}`))).toMatch(/more than 10000 different texts.*--ignore a/)
  })

  it('refuses columns that are not there, and none that is left', async () => {
    const table = await read('a,b\n1,2')
    const refused = (left: string[], categories: string[]) =>
      refusal(async () => inputsOf(table, new Set(left), new Set(categories)))
    expect(await refused(['c'], [])).toBe('rows.csv column c: is not there')
    expect(await refused([], ['c'])).toBe('rows.csv column c: is not there')
    expect(await refused(['a', 'b'], [])).toBe('rows.csv: has no column left to learn from')
  })

  it('reads another file by what a model knows', async () => {
    const schema = [
      { kind: 'number' as const, name: 'a', low: 0, high: 1, fill: 0 },
      { kind: 'category' as const, name: 'b', levels: ['1'] },
    ]
    const by = async (content: string) => inputsBySchema(await read(content), schema)
    expect((await by('b,c,a\n1,x,\n')).columns).toEqual([
      { kind: 'number', name: 'a', values: Float32Array.of(Number.NaN) },
      { kind: 'category', name: 'b', codes: Uint16Array.of(0), levels: ['1'] },
    ])
    expect(await refusal(() => by('b\n1'))).toBe('rows.csv column a: is missing')
    expect(await refusal(() => by('a,b\nx,1'))).toBe('rows.csv:2 column a: is not a number')
  })
})

describe('the column to learn', () => {
  const targets = async (content: string, positive?: string) =>
    targetsOf(await read(content), 'y', 'tabular-classification', positive)

  it('is two classes, of which the later one counts as 1 unless another is named', async () => {
    expect(await targets('y\nno\nyes\nno')).toEqual({ targets: Float64Array.of(0, 1, 0), labels: ['no', 'yes'] })
    expect(await targets('y\nno\nyes\nno', 'no')).toEqual({ targets: Float64Array.of(1, 0, 1), labels: ['yes', 'no'] })
  })

  it('is refused where it is missing, or has another number of classes', async () => {
    expect(await refusal(() => targets('x\n1'))).toMatch(/^rows.csv column y: is missing/)
    expect(await refusal(() => targets('y\n1\n""\n0'))).toMatch(/^rows.csv:3 column y: is empty/)
    expect(await refusal(() => targets('y\n1\n1'))).toBe('rows.csv column y: has 1 classes, not two')
    expect(await refusal(() => targets('y\n1\n2\n3'))).toBe('rows.csv column y: has 3 classes, not two')
    expect(await refusal(() => targets('y\n1\n2', '3'))).toMatch(/has no class '3'/)
  })

  it('is numbers for a regression', async () => {
    const table = await read('y\n1.5\nx')
    expect(await refusal(async () => targetsOf(table, 'y', 'tabular-regression', undefined))).toBe(
      'rows.csv:3 column y: is not a number',
    )
  })

  it('has to be one of the known classes in a test', async () => {
    const table = await read('y\nno\nmaybe')
    expect(await refusal(async () => truthsOf(table, 'y', ['no', 'yes']))).toBe(
      "rows.csv:3 column y: is neither 'no' nor 'yes'",
    )
    // A test of one class only is no fault of its.
    expect(truthsOf(await read('y\nno'), 'y', ['no', 'yes'])).toEqual(Float64Array.of(0))
  })
})
