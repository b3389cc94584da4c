import { readFile } from 'node:fs/promises'
import { z } from 'zod'
import { InputError, messageOf } from '../errors.ts'

const row = z.object({
  id: z.string().min(1),
  text: z.string().min(1),
  conversation: z.array(z.object({ role: z.string(), text: z.string() })).optional(),
  answerable: z.boolean(),
  gold: z.array(z.object({ doc: z.string().min(1), text: z.string().min(1).optional() })).optional(),
  /** The day on which the question is asked; today if absent. */
  asOf: z.iso.date().optional(),
  kind: z.string().optional(),
})
/** A judged question: whether the documents answer it, and where. */
export type JudgedQuestion = z.infer<typeof row>

/** Read judged questions, one JSON object a line. @throws {InputError} naming file, line and field. */
export async function readQuestions(file: string): Promise<JudgedQuestion[]> {
  const text = await readFile(file, 'utf8').catch((cause: unknown) => {
    throw new InputError({ file }, `cannot be read (${messageOf(cause)})`, { cause })
  })
  const lines = text.split('\n')
  const questions = lines.flatMap((line, i): JudgedQuestion[] => {
    if (line.trim() === '') return []
    const place = { file, line: i + 1 }
    const parsed = row.safeParse(parseJson(line, place))
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
