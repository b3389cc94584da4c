import { writeFile } from 'node:fs/promises'
import { join, resolve } from 'node:path'
import type { Config } from '../config.ts'
import { InputError, UsageError } from '../errors.ts'
import type { evaluateAnswers } from '../operations/evaluate-answers.ts'
import { heads } from '../operations/generations.ts'
import type { Command, Context, Options } from './command.ts'
import { textOf } from './command.ts'
import { assertRunIds, readCorpusRows, readQrels, readQueryRows, usualTitle } from './eval-files.ts'
import { evaluateRetrieval, runLines } from './eval-retrieval.ts'
import { explainQuery, explanationText } from './explain-query.ts'
import { openOutput } from './output-file.ts'
import { withTemporaryHouse } from './perform.ts'
import { modeOf, wholeOf } from './questions.ts'
import { openReport } from './retrieval-report.ts'
import { ensureEncoder, trainHead } from './start-steps.ts'

type AnswerReport = Awaited<ReturnType<typeof evaluateAnswers>>

export const evalRetrievalCommand: Command = {
  name: 'eval retrieval',
  args: '',
  summary: 'index a corpus aside, run queries, score the ranking',
  options: [
    ['--corpus <file>', 'rows id, title?, text'],
    ['--queries <file>', 'rows id, text'],
    ['--qrels <file>', 'TSV query_id, doc_id, relevance'],
    ['--mode <mode>', 'hybrid, dense or keyword', 'hybrid'],
    ['--title-column <name>', 'column of the corpus that holds the title', usualTitle],
    ['--run <file>', 'write the ranking as a TREC run file'],
    ['--report <dir>', 'write an HTML page, compared with the report that is there'],
    ['--explain <id>', 'what was found for this query, beside what was expected'],
    ['--misspell <seed>', 'ask every query again with slips of the keyboard'],
  ],
  async run(context, _, given) {
    const [corpus, queries, qrels] = ['corpus', 'queries', 'qrels'].map((name) => required(textOf(given, name), name))
    const mode = modeOf(given)
    const inputs = {
      corpus: await readCorpusRows(corpus!, textOf(given, 'titleColumn') ?? usualTitle),
      queries: await readQueryRows(queries!),
      qrels: await readQrels(qrels!),
    }
    const [out, dir, explain] = [textOf(given, 'run'), textOf(given, 'report'), textOf(given, 'explain')]
    if (explain !== undefined && !inputs.queries.some(({ id }) => id === explain))
      throw new InputError({ file: queries!, column: 'id' }, `there is no query "${explain}"`)
    const output = out === undefined ? undefined : await openOutput(out)
    if (output) {
      assertRunIds(corpus!, inputs.corpus)
      assertRunIds(queries!, inputs.queries)
    }
    const report = dir === undefined ? undefined : await openReport(dir)
    const { config, logger, progress } = context
    await ensureEncoder(config, progress)
    const evaluation = await withTemporaryHouse(config, logger, (aside, dir) =>
      evaluateRetrieval(aside, dir, inputs, { mode, ...seedOf(given) }, progress),
    )
    const { figures, ranking, perQuery } = evaluation
    await output?.write(runLines(inputs.queries, ranking))
    await report?.write(inputs, evaluation, { corpus: corpus!, queries: queries!, qrels: qrels! }, mode)
    const shown = Object.entries({ ...figures, ...misspeltNames(figures) })
      .filter(([, value]) => typeof value === 'number')
      .map(([name, value]) => `${name.padEnd(20)} ${Number(value).toFixed(4)}`)
    if (explain === undefined) return { json: figures, text: shown.join('\n') }
    const explained = explainQuery(explain, inputs, ranking, perQuery)
    return { json: { ...figures, explain: explained }, text: [...shown, '', explanationText(explained)].join('\n') }
  },
}

const seedOf = (given: Options): { misspell?: number } =>
  textOf(given, 'misspell') === undefined ? {} : { misspell: wholeOf(given, 'misspell', 1, 0, 999_999_999) }

/** The figures of misspelt queries, each under a name of its own. */
const misspeltNames = (figures: object): Record<string, unknown> =>
  'misspelt' in figures
    ? Object.fromEntries(Object.entries(figures.misspelt ?? {}).map(([name, value]) => [`${name} misspelt`, value]))
    : {}

export const evalAnswersCommand: Command = {
  name: 'eval answers',
  args: '',
  summary: 'ask judged questions and score the answers',
  options: [
    ['--questions <file>', 'rows id, text, answerable, gold?'],
    ['--corpus <file>', 'rows id, title?, text, indexed aside; default: the documents of the data directory'],
    ['--tolerated-error <share>', 'with --corpus: share of answers that may be wrong, 0 to 1; default: the setting'],
    ['--output <file>', 'write what was answered, a line a question'],
  ],
  async run(context, _, given) {
    const questions = resolve(required(textOf(given, 'questions'), 'questions'))
    const corpus = textOf(given, 'corpus')
    const error = textOf(given, 'toleratedError')
    const aside = { ...context, config: withError(context.config, error) }
    if (corpus === undefined && error !== undefined)
      throw new UsageError('--tolerated-error needs --corpus; for the data directory set BURSAR_TOLERATED_ERROR')
    const out = textOf(given, 'output')
    const output = out === undefined ? undefined : await openOutput(out)
    const report =
      corpus === undefined
        ? ((await context.perform('eval.answers', { questions })) as AnswerReport)
        : await answersAside(aside, questions, corpus)
    await output?.write(report.rows.map((row) => `${JSON.stringify(row)}\n`).join(''))
    const shown = Object.entries(report.figures).filter(([, value]) => typeof value === 'number')
    return {
      json: report.figures,
      text: shown.map(([name, value]) => `${name.padEnd(20)} ${Number(value).toFixed(4)}`).join('\n'),
    }
  },
}

/** The settings with another tolerated error, if one is named. @throws {UsageError} */
function withError(config: Config, given: string | undefined): Config {
  if (given === undefined) return config
  const toleratedError = Number(given)
  if (given.trim() === '' || !(toleratedError >= 0 && toleratedError <= 1))
    throw new UsageError(`--tolerated-error has to be a number from 0 to 1, not "${given}"`)
  return { ...config, toleratedError }
}

/** The questions over a corpus of their own, with heads trained on the shipped corpora. */
async function answersAside(
  { config, logger, progress }: Context,
  questions: string,
  corpus: string,
): Promise<AnswerReport> {
  await ensureEncoder(config, progress)
  const rows = await readCorpusRows(corpus, usualTitle)
  return withTemporaryHouse(config, logger, async (aside, dir) => {
    for (const service of heads) await trainHead(aside, config, logger, service, progress)
    const file = join(dir, 'corpus.jsonl')
    await writeFile(file, rows.map((row) => `${JSON.stringify(row)}\n`).join(''))
    await aside.run('ingest', { paths: [file], collection: 'corpus', sync: false, unchecked: true }, progress)
    // The operation returns the report of this very evaluation.
    return (await aside.run('eval.answers', { questions }, progress)) as AnswerReport
  })
}

function required(value: string | undefined, name: string): string {
  if (value === undefined) throw new UsageError(`--${name} is needed`)
  return value
}
