import { readFile } from 'node:fs/promises'
import { z } from 'zod'
import { InputError, messageOf } from '../errors.ts'

/** What was said before, oldest first. */
const conversation = z.array(z.object({ role: z.string(), text: z.string() }))

const row = z.object({
  id: z.string().min(1),
  text: z.string().min(1),
  conversation: conversation.optional(),
  answerable: z.boolean(),
  gold: z.array(z.object({ doc: z.string().min(1), text: z.string().min(1).optional() })).optional(),
  /** The day on which the question is asked; today if absent. */
  asOf: z.iso.date().optional(),
  kind: z.string().optional(),
})
/** A judged question: whether the documents answer it, and where. */
export type JudgedQuestion = z.infer<typeof row>

/** The customer's messages of a conversation, oldest first. */
export const customerTurns = (turns: z.infer<typeof conversation> = []): string[] =>
  turns.filter(({ role }) => role === 'customer' || role === 'user').map(({ text }) => text)

/** Read judged questions, one JSON object a line. @throws {InputError} naming file, line and field. */
export const readQuestions = (file: string): Promise<JudgedQuestion[]> => readRows(file, row)

const followUp = z.looseObject({ text: z.string().min(1), conversation })
/** Read messages with what was said before them, one JSON object a line; other fields are kept. @throws {InputError} */
export const readFollowUps = (file: string): Promise<z.infer<typeof followUp>[]> => readRows(file, followUp)

async function readRows<T>(file: string, schema: z.ZodType<T>): Promise<T[]> {
  const text = await readFile(file, 'utf8').catch((cause: unknown) => {
    throw new InputError({ file }, `cannot be read (${messageOf(cause)})`, { cause })
  })
  const lines = text.split('\n')
  const questions = lines.flatMap((line, i): T[] => {
    if (line.trim() === '') return []
    const place = { file, line: i + 1 }
    const parsed = schema.safeParse(parseJson(line, place))
    if (parsed.success) return [parsed.data]
    const issue = parsed.error.issues[0]
    throw new InputError({ ...place, column: issue?.path.join('.') ?? '' }, issue?.message ?? 'is not valid')
  })
  if (questions.length === 0) throw new InputError({ file }, 'has no questions')
  return questions
}

function parseJson(line: string, place: { file: string; line: number }): unknown {
  try {
    return JSON.parse(line)
  } catch (cause) {
    throw new InputError(place, 'is not JSON', { cause })
  }
}
