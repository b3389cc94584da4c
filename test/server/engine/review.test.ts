import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { encoderDir } from '../../../server/embedding/model-files.ts'
import { review } from '../../../server/engine/review.ts'
import { temporaryFolder } from '../../support/folder.ts'
import { modelsDir } from '../../support/models.ts'

const things = ['my card', 'the blue card', 'a debit card', 'his credit card', 'our joint card', 'her old card']
const texts: Readonly<Record<string, readonly string[]>> = {
  lost_card: things.flatMap((thing) => [`I lost ${thing} on the bus`, `${thing} is missing since yesterday`]),
  mortgage: things.flatMap((_, i) => [
    `what mortgage can I get for house ${i}`,
    `mortgage of ${i + 2} years on a flat`,
  ]),
  greeting: things.flatMap((_, i) => [`hello there ${i}`, `good morning ${i} and hi`]),
  oos: things.flatMap((_, i) => [`does it rain on planet ${i}`, `who won football match ${i}`]),
}

it('rows with the wrong label are found among the others, by file and row', async () => {
  const folder = temporaryFolder()
  const rows = Object.entries(texts).flatMap(([label, own]) => own.map((text) => ({ text, label })))
  const wrong = [
    { text: 'my bank card was lost in the park', label: 'mortgage' },
    { text: 'good morning and hello', label: 'lost_card' },
  ]
  const [right, mixed] = [join(folder, 'right.jsonl'), join(folder, 'mixed.jsonl')]
  writeFileSync(right, rows.map((row) => JSON.stringify(row)).join('\n'))
  writeFileSync(mixed, [rows[0], ...wrong].map((row) => JSON.stringify(row)).join('\n'))
  const task = { kind: 'review' as const, encoder: encoderDir(modelsDir()), train: [right, mixed], seed: 1 }
  const done = await review(task, () => undefined)
  expect(done).toMatchObject({ rows: 51, read: 39, labels: 3, duplicates: 1, labelConflicts: 0 })
  const found = done.suspects.map(({ file, row, label, instead }) => [file, row, label, instead])
  expect(found).toContainEqual([mixed, 2, 'mortgage', 'lost_card'])
  expect(found).toContainEqual([mixed, 3, 'lost_card', 'greeting'])
  expect(done.suspects.find(({ row }) => row === 2)?.text).toBe(wrong[0]?.text)
  expect(done.suspected).toBeLessThan(10)
  expect(done.confused).toContainEqual(expect.objectContaining({ gold: 'mortgage', said: 'lost_card' }))
  expect(done.accuracy).toBeGreaterThan(0.8)
  expect(done.overlapping).toHaveLength(3)
  expect(await review(task, () => undefined)).toEqual(done)
})

it('a row without a label is refused by file and line', async () => {
  const file = join(temporaryFolder(), 'rows.jsonl')
  writeFileSync(file, '{"text":"a","label":"x"}\n{"text":"b"}\n')
  const task = { kind: 'review' as const, encoder: encoderDir(modelsDir()), train: [file], seed: 1 }
  await expect(review(task, () => undefined)).rejects.toThrow('rows.jsonl:2 column label: is missing')
})
