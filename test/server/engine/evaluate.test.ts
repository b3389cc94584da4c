import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { beforeAll, describe, expect, it } from 'vitest'
import { compare } from '../../../server/engine/compare.ts'
import { evaluate } from '../../../server/engine/evaluate.ts'
import { predict } from '../../../server/engine/predict.ts'
import type { TextColumns, TrainDone } from '../../../server/engine/tasks.ts'
import { train } from '../../../server/engine/train.ts'
import { InputError, messageOf } from '../../../server/errors.ts'
import { temporaryFolder } from '../../support/folder.ts'
import { testEncoderDir } from '../../support/models.ts'

const dir = temporaryFolder()
const encoder = testEncoderDir()
const quiet = () => undefined
const file = (name: string, content: string): string => {
  writeFileSync(join(dir, name), content)
  return join(dir, name)
}
const said: Readonly<Record<string, readonly string[]>> = {
  lost_card: [
    'I lost my card',
    'my card is gone',
    'where is my card, I cannot find it',
    'card fell out of my pocket',
    'missing card',
  ],
  opening_hours: [
    'when do you open',
    'are you open on Saturday',
    'closing time today',
    'opening times please',
    'is the branch open',
  ],
}
const rows = Object.entries(said).flatMap(([label, texts]) => texts.map((text) => ({ text, label })))
const jsonl = (list: readonly object[]) => list.map((row) => `${JSON.stringify(row)}\n`).join('')
const trainFile = file(
  'train.csv',
  `utterance,topic\n${rows.map(({ text, label }) => `"${text}",${label}`).join('\n')}\n`,
)
const columns: TextColumns = { textColumn: 'utterance', labelColumn: 'topic' }
const testRows = [
  { utterance: 'my bank card has vanished', topic: 'lost_card' },
  { utterance: 'how late are you open', topic: 'opening_hours' },
  { utterance: 'may I bring my dog', topic: 'dogs' },
]
const testFile = file('test.jsonl', jsonl(testRows))
const evaluated = (test: string, more: TextColumns = columns, from = trainFile, service = 'intent') =>
  evaluate({ kind: 'evaluate', service, encoder, model: { train: [from], seed: 1 }, test, columns: more }, quiet)

let version: TrainDone

beforeAll(async () => {
  const task = { kind: 'train' as const, service: 'intent', encoder, registry: join(dir, 'models') }
  version = await train({ ...task, train: [trainFile], test: [], validation: [], seed: 1, columns }, quiet)
})

describe('scoring a service on files', () => {
  it('gives every figure with an interval; a label that was never taught is missed', async () => {
    const { figures, perItemMs, groups } = await evaluated(testFile)
    expect(figures).toMatchObject({ n: 3, accuracy: 2 / 3 })
    for (const name of ['accuracy', 'macroF1', 'ece']) {
      const [low, high] = figures[`${name}_ci`] as [number, number]
      expect(low).toBeLessThanOrEqual(high)
    }
    expect(perItemMs).toBeGreaterThan(0)
    expect(groups).toBeUndefined()
  })

  it('scores a registered version alike', async () => {
    const task = { kind: 'evaluate' as const, service: 'intent', encoder, model: { version: version.dir } }
    const { figures } = await evaluate({ ...task, test: testFile, columns }, quiet)
    expect(figures).toEqual((await evaluated(testFile)).figures)
  })

  it('trains a model a group and reports each and all', async () => {
    const both = ['north', 'south'].flatMap((bot) =>
      rows.map(({ text, label }) => ({ text, label: `${bot}_${label}`, bot })),
    )
    const grouped = file('groups.jsonl', jsonl(both))
    const { figures, groups } = await evaluated(grouped, { groupColumn: 'bot' }, grouped)
    expect(Object.keys(groups!)).toEqual(['north', 'south'])
    expect(groups).toMatchObject({ north: { n: 10, accuracy: 1 }, south: { n: 10, accuracy: 1 } })
    expect(figures).toMatchObject({ n: 20, accuracy: 1 })
    const odd = file('odd.jsonl', jsonl([{ text: 'x', label: 'a', bot: 'east' }]))
    await expect(evaluated(odd, { groupColumn: 'bot' }, grouped)).rejects.toThrow(/odd\.jsonl: has a group 'east'/)
  })

  it('knows strangers by the label that is named', async () => {
    const test = file(
      'strange.jsonl',
      jsonl([...testRows.slice(0, 2), { utterance: 'sing me a song about whales', topic: 'none' }]),
    )
    const { figures } = await evaluated(test, { ...columns, oosLabel: 'none' })
    expect(Object.keys(figures)).toEqual(expect.arrayContaining(['inScopeAccuracy', 'oosRecall', 'oosAuroc_ci']))
  })

  it('takes one label for every row, and chooses among labels', async () => {
    const bare = file('bare.jsonl', jsonl([{ utterance: 'how late are you open' }]))
    const given = { textColumn: 'utterance', labelValue: 'opening_hours' }
    expect(
      (
        await evaluate(
          { kind: 'evaluate', service: 'intent', encoder, model: { version: version.dir }, test: bare, columns: given },
          quiet,
        )
      ).figures,
    ).toMatchObject({ accuracy: 1 })
    expect((await evaluated(testFile, { ...columns, only: ['lost_card'] })).figures.accuracy).toBeCloseTo(1 / 3)
  })

  it('reads a text of a megabyte', async () => {
    const long = file('long.jsonl', jsonl([{ utterance: 'my card is gone. '.repeat(60_000), topic: 'lost_card' }]))
    expect((await evaluated(long)).figures).toMatchObject({ n: 1, accuracy: 1 })
  })

  it.each([
    [
      'a test without a known label',
      'other.jsonl',
      jsonl([{ utterance: 'x', topic: 'cats' }]),
      columns,
      /other\.jsonl: has no label that the intent model knows/,
    ],
    [
      'a wrong column',
      'wrong.jsonl',
      jsonl([{ text: 'x', topic: 'lost_card' }]),
      columns,
      /wrong\.jsonl:1 column utterance: is missing/,
    ],
    [
      'an empty text',
      'blank.jsonl',
      jsonl([{ utterance: ' ', topic: 'lost_card' }]),
      columns,
      /blank\.jsonl:1 column utterance: is empty/,
    ],
    [
      'an unknown label to choose',
      'good.jsonl',
      jsonl(testRows),
      { ...columns, only: ['lost_card', 'x'] },
      /--labels: the model knows no label 'x'/,
    ],
    [
      'no list of labels',
      'lists.jsonl',
      jsonl([{ utterance: 'x', topic: 'lost_card' }]),
      { textColumn: 'utterance', labelsColumn: 'topic' },
      /lists\.jsonl:1 column topic: is not a list of labels/,
    ],
  ])('refuses in one line: %s', async (_, name, content, given, message) => {
    const refused = evaluated(file(name, content), given)
    await expect(refused).rejects.toThrow(InputError)
    expect(messageOf(await refused.catch((reason: unknown) => reason))).toMatch(message)
  })

  it('refuses to learn from a single label, or moods that are none', async () => {
    const single = file('single.jsonl', jsonl(rows.slice(0, 5)))
    await expect(evaluated(single, {}, single)).rejects.toThrow(/at least two labels are needed, not 1/)
    await expect(evaluated(single, {}, single, 'sentiment')).rejects.toThrow(/'lost_card' is none of positive/)
    await expect(evaluated(single, {}, single, 'weather')).rejects.toThrow(
      /weather does not label texts: intent, sentiment/,
    )
  })
})

describe('labelling a file', () => {
  const output = join(dir, 'out.jsonl')
  const labelled = (input: string, given: TextColumns = columns) =>
    predict({ kind: 'predict', service: 'intent', encoder, version: version.dir, input, output, columns: given }, quiet)

  it('reads tables as well as lines, and keeps what was there', async () => {
    const table = file('in.tsv', 'id\tutterance\n7\tmy card is missing\n8\twhen do you close\n')
    expect(await labelled(table)).toMatchObject({ n: 2 })
    const lines = readFileSync(output, 'utf8')
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line))
    expect(lines).toMatchObject([
      { id: '7', utterance: 'my card is missing', label: 'lost_card', scores: { lost_card: expect.any(Number) } },
      { id: '8', label: 'opening_hours', confidence: expect.any(Number) },
    ])
  })

  it('writes nothing when a row is bad or a label unknown', async () => {
    writeFileSync(output, 'before')
    const bad = file('bad.jsonl', `${jsonl(testRows)}{"utterance":7}\n`)
    await expect(labelled(bad)).rejects.toThrow(/bad\.jsonl:4 column utterance: is not text/)
    await expect(labelled(testFile, { ...columns, only: ['moon'] })).rejects.toThrow(/knows no label 'moon'/)
    expect(readFileSync(output, 'utf8')).toBe('before')
  })
})

it('scores and compares rights from lists or single labels, each by itself', async () => {
  const invoking = ['I want to complain', 'I wish to make a complaint', 'this is a complaint', 'complaint about staff']
  const asking = ['let me speak to a person', 'human please', 'get me an agent', 'transfer me to your staff']
  const plain = ['what is the fee', 'how do I open an account', 'where is the branch', 'which card is free']
  const listed = [
    ...invoking.map((text) => ({ text, labels: ['complaint'] })),
    ...asking.map((text) => ({ text, labels: ['human'] })),
    ...plain.map((text) => ({ text, labels: [] })),
  ]
  const single = [
    { text: 'I have to make a complaint', label: 'complaint' },
    { text: 'may I speak to a person', label: 'human' },
    { text: 'what does the card cost', label: 'none' },
  ]
  const from = file('rights.jsonl', jsonl(listed))
  const { figures, kinds } = await evaluated(file('single.jsonl', jsonl(single)), {}, from, 'rights')
  expect(figures).toMatchObject({ n: 3, recall: 1, falseAlarmRate: expect.any(Number), microRecall: 1 })
  expect(Object.keys(kinds ?? {})).toEqual(['complaint', 'human'])
  expect(kinds?.complaint).toMatchObject({ recall: 1, recall_ci: [1, 1] })
  const none = await evaluated(file('none.jsonl', jsonl(single.slice(2))), {}, from, 'rights')
  expect(Object.keys(none.figures)).not.toContain('recall')
  // Two versions are compared on the same files by the same figures.
  const task = { kind: 'train' as const, service: 'rights', encoder, registry: join(dir, 'models'), train: [from] }
  const made = await train({ ...task, test: [], validation: [], seed: 1 }, quiet)
  // What the interval of its F1 score needs: eight pairs are true, and as many or more are true or said.
  expect(made.metrics.pairs).toBeGreaterThanOrEqual(8)
  const compared = (test: string) =>
    compare({ kind: 'compare', service: 'rights', encoder, versions: [made.dir, made.dir], test }, quiet)
  const { perItemMs: _, figures: alone } = await evaluated(from, {}, from, 'rights')
  const { n, ...own } = alone
  expect(await compared(from)).toMatchObject({ n, a: own, b: own, onlyA: 0, onlyB: 0, p: 1, different: 0 })
  expect((await compared(join(dir, 'single.jsonl'))).a).toMatchObject({ recall: 1 })
  expect((await compared(join(dir, 'none.jsonl'))).a).not.toHaveProperty('recall')
})
