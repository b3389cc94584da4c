import { z } from 'zod'
import { InputError, messageOf } from '../errors.ts'
import { readOwnFile } from '../text/own-file.ts'

const id = z.string().regex(/^[a-z][a-z0-9-]{0,39}$/, { error: 'has to be small letters, digits and hyphens' })
const text = z.string().min(1).max(300)
const points = z.int().min(0).max(100)
const answer = z.strictObject({
  ...{ id, text, points },
  /** Highest class that this answer leaves open, whatever the points. */
  cap: z.int().min(1).max(9).exactOptional(),
})
const questionnaireSchema = z.strictObject({
  name: text,
  /** From the lowest risk up; the first is class 1. */
  classes: z
    .array(z.strictObject({ name: text, text }))
    .min(2)
    .max(9),
  /** Each is scored by itself, as means make up for no knowledge. `from`: least points of class 1, 2 … */
  parts: z
    .array(z.strictObject({ id, name: text, from: z.array(points).min(2) }))
    .min(1)
    .max(10),
  questions: z
    .array(z.strictObject({ id, part: id, text, answers: z.array(answer).min(2).max(10) }))
    .min(1)
    .max(100),
})
export type Questionnaire = z.infer<typeof questionnaireSchema>
type Question = Questionnaire['questions'][number]
type Answer = Question['answers'][number]

/** @throws {InputError} naming the file and the field: also for what can never be scored. */
export function readQuestionnaire(file: string): Questionnaire {
  try {
    const read = readOwnFile(file, questionnaireSchema)
    assertScorable(read)
    return read
  } catch (cause) {
    throw new InputError({ file }, messageOf(cause), { cause })
  }
}

function assertScorable({ classes, parts, questions }: Questionnaire): void {
  const once = (where: string, ids: readonly string[]): void => {
    const twice = ids.find((one, i) => ids.indexOf(one) !== i)
    if (twice !== undefined) throw new Error(`${where}: ${twice} is there twice`)
  }
  once(
    'parts',
    parts.map((part) => part.id),
  )
  once(
    'questions',
    questions.map((question) => question.id),
  )
  for (const { id: part, from } of parts) {
    const rises = from.every((value, i) => (i === 0 ? value === 0 : value > from[i - 1]!))
    if (from.length !== classes.length || !rises)
      throw new Error(`parts.${part}.from: has to rise from 0, a number for each of ${classes.length} classes`)
    if (!questions.some((question) => question.part === part)) throw new Error(`parts.${part}: has no question`)
  }
  for (const { id: question, part, answers } of questions) {
    if (!parts.some((known) => known.id === part)) throw new Error(`questions.${question}: there is no part ${part}`)
    once(
      `questions.${question}`,
      answers.map((one) => one.id),
    )
    if (answers.some(({ cap = 1 }) => cap > classes.length))
      throw new Error(`questions.${question}: a cap is above the highest class`)
  }
}

const answersSchema = z.record(z.string(), z.string())

/** Answers by question. @throws {InputError} naming what is no question or none of its answers. */
export function readAnswers(file: string, { questions }: Questionnaire): ReadonlyMap<string, Answer> {
  try {
    const given = Object.entries(readOwnFile(file, answersSchema))
    return new Map(
      given.map(([name, chosen]) => {
        const question = questions.find((one) => one.id === name)
        if (!question) throw new Error(`${name}: there is no such question`)
        const found = question.answers.find((one) => one.id === chosen)
        if (!found) throw new Error(`${name}: is one of ${question.answers.map((one) => one.id).join(', ')}`)
        return [name, found]
      }),
    )
  } catch (cause) {
    throw new InputError({ file }, messageOf(cause), { cause })
  }
}

export interface Suitability {
  /** Class that is certain; null while questions that would decide are open. */
  readonly riskClass: number | null
  readonly name: string | null
  /** Lowest and highest class that open questions leave; equal when the class is certain. */
  readonly least: number
  readonly most: number
  /** Points of the answers so far, and the classes that they leave the part. */
  readonly parts: readonly {
    readonly id: string
    readonly points: number
    readonly least: number
    readonly most: number
  }[]
  /** Answers that hold the class down by themselves. */
  readonly caps: readonly { readonly question: string; readonly answer: string; readonly cap: number }[]
  readonly open: readonly { readonly id: string; readonly text: string }[]
}

/**
 * The risk class: the lowest of the parts' classes by points, and of the caps of single answers. Open questions are counted with
 * every answer they might get, so a class is told when it is certain, and never guessed.
 */
export function suitabilityOf(
  { classes, parts, questions }: Questionnaire,
  answers: ReadonlyMap<string, Answer>,
): Suitability {
  const rated = parts.map((part) =>
    rate(
      part,
      questions.filter((one) => one.part === part.id),
      answers,
    ),
  )
  const caps = questions.flatMap(({ id: question }) => {
    const given = answers.get(question)
    return given?.cap === undefined ? [] : [{ question, answer: given.id, cap: given.cap }]
  })
  const open = questions.filter((one) => !answers.has(one.id))
  const openCaps = open.map((one) => one.answers.map(({ cap = classes.length }) => cap))
  const capped = caps.map(({ cap }) => cap)
  const most = Math.min(...rated.map((part) => part.most), ...capped, ...openCaps.map((some) => Math.max(...some)))
  const least = Math.min(...rated.map((part) => part.least), ...capped, ...openCaps.flat())
  return {
    ...{ riskClass: least === most ? most : null, name: least === most ? classes[most - 1]!.name : null },
    ...{ least, most, parts: rated, caps },
    open: open.map((one) => ({ id: one.id, text: one.text })),
  }
}

function rate(
  { id: part, from }: Questionnaire['parts'][number],
  questions: readonly Question[],
  answers: ReadonlyMap<string, Answer>,
): Suitability['parts'][number] {
  const sum = (open: (points: readonly number[]) => number): number =>
    questions.reduce(
      (all, one) => all + (answers.get(one.id)?.points ?? open(one.answers.map((option) => option.points))),
      0,
    )
  const classOf = (value: number): number => from.filter((least) => value >= least).length
  const [low, high] = [sum((all) => Math.min(...all)), sum((all) => Math.max(...all))]
  return { id: part, points: sum(() => 0), least: classOf(low), most: classOf(high) }
}

/** Whether a product of a class suits: neither yes nor no while open questions decide. */
export function suits({ least, most }: Pick<Suitability, 'least' | 'most'>, productClass: number): boolean | 'unknown' {
  if (productClass <= least) return true
  return productClass > most ? false : 'unknown'
}
