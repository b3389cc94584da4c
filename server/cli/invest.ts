import { dirname, join, resolve } from 'node:path'
import { InputError, UsageError } from '../errors.ts'
import { forecastMethods, scoreForecast } from '../invest/forecast-score.ts'
import { type Performance, performanceOf } from '../invest/performance.ts'
import { pricesIn } from '../invest/prices.ts'
import { type ForecastReport, forecastReport, mostValues } from '../invest/rolling-origin.ts'
import {
  type Questionnaire,
  readAnswers,
  readQuestionnaire,
  type Suitability,
  suitabilityOf,
  suits,
} from '../invest/suitability.ts'
import { type Command, flagOf, type Options, oneOf, textOf } from './command.ts'
import { readRows } from './eval-files.ts'
import { shownFigures } from './figures.ts'
import { wholeOf } from './questions.ts'
import { corporaManifest } from './start-steps.ts'

const usualQuestionnaire = join(dirname(corporaManifest), 'suitability', 'questionnaire.json')
const notAdvice = 'What was says nothing of what will be. This is no advice.'
const columnOptions = [
  ['--date-column <name>', 'column of the days', 'date'],
  ['--price-column <name>', 'column of the prices', 'close'],
] as const

async function seriesOf([file = '']: readonly string[], given: Options) {
  const columns = { day: textOf(given, 'dateColumn') ?? 'date', price: textOf(given, 'priceColumn') ?? 'close' }
  return pricesIn(file, await readRows(file), columns)
}

/** @throws {UsageError} for what is no number in the range. */
function numberOf(given: Options, name: string, [low, high]: readonly [number, number]): number | undefined {
  const text = textOf(given, name)
  if (text === undefined) return undefined
  const value = /^-?\d{1,6}(\.\d{1,9})?$/.test(text) ? Number(text) : Number.NaN
  if (value >= low && value <= high) return value
  throw new UsageError(`${flagOf(name)} is a number from ${low} to ${high}, not "${text}"`)
}

const analyse: Command = {
  name: 'invest analyse',
  args: '<file>',
  summary: 'what a price series was like: return, volatility, drawdown, Sharpe ratio, value at risk',
  options: [
    ...columnOptions,
    ['--risk-free <percent>', 'interest without risk, a year', '0'],
    ['--level <share>', 'of the value at risk', '0.95'],
    ['--periods <n>', 'prices a year, such as 252; default: as many as the file has'],
  ],
  async run(_, args, given) {
    const periods = numberOf(given, 'periods', [1, 1_000_000])
    const settings = {
      riskFree: (numberOf(given, 'riskFree', [-100, 100]) ?? 0) / 100,
      level: numberOf(given, 'level', [0.5, 0.9999]) ?? 0.95,
      ...(periods !== undefined && { periods }),
    }
    const json = performanceOf(await seriesOf(args, given), settings)
    return { json: { ...json, note: notAdvice }, text: shownPerformance(json) }
  },
}

function shownPerformance(told: Performance): string {
  const percent = (share: number | null): string =>
    share === null ? 'cannot be told' : `${(100 * share).toFixed(2)} %`
  const { maxDrawdown: fall, worst, best } = told
  return [
    `${told.prices} prices from ${told.from} to ${told.to}, ${told.periodsPerYear.toFixed(1)} a year`,
    `return              ${percent(told.totalReturn)}, a year ${percent(told.annualReturn)}`,
    `volatility a year   ${percent(told.volatility)}`,
    `Sharpe ratio        ${told.sharpe === null ? 'cannot be told' : told.sharpe.toFixed(3)}`,
    fall
      ? `largest fall        ${percent(fall.share)}, ${fall.peak} to ${fall.trough}, ${fall.recovered === null ? 'not recovered' : `recovered ${fall.recovered}`}`
      : 'largest fall        none',
    `value at risk       ${percent(told.valueAtRisk)} in a period; beyond it on average ${percent(told.expectedShortfall)}`,
    `worst and best      ${percent(worst.return)} on ${worst.day}, ${percent(best.return)} on ${best.day}`,
    notAdvice,
  ].join('\n')
}

const forecast: Command = {
  name: 'invest forecast',
  args: '<file>',
  summary: 'exponential smoothing beside the naive forecast, from rolling origins; silent unless it is better',
  options: [...columnOptions, ['--horizon <n>', 'steps ahead', '1']],
  async run(_, args, given) {
    const horizon = wholeOf(given, 'horizon', 1, 1, 250)
    const { prices } = await seriesOf(args, given)
    assertFew(args[0] ?? '', prices)
    const json = forecastReport(prices, horizon)
    if (!json)
      throw new InputError({ file: args[0] ?? '' }, `has too few prices to forecast ${horizon} steps from 20 origins`)
    return { json: { ...json, note: notAdvice }, text: shownForecast(json) }
  },
}

function shownForecast({ horizon, origins, methods, chosen, beatsNaive, forecast: next }: ForecastReport): string {
  return [
    `${horizon} steps ahead from ${origins} origins; chosen on those before: ${chosen}`,
    ...methods.map(
      ({ method, mae, mase, lessNaive, lessNaive_ci: [low, high] }) =>
        `  ${method.padEnd(7)} mae ${mae.toPrecision(5)}  mase ${mase === null ? '–' : mase.toFixed(3)}  less naive ${lessNaive.toPrecision(3)} (${low.toPrecision(3)} to ${high.toPrecision(3)})`,
    ),
    ...(beatsNaive ? [] : [`${chosen} is not surely better than naive: no forecast`]),
    ...(next ?? []).map(
      ({ step, value, low, high }) =>
        `  step ${step}: ${value.toPrecision(6)} (four in five: ${low.toPrecision(6)} to ${high.toPrecision(6)})`,
    ),
    notAdvice,
  ].join('\n')
}

/** @throws {InputError} */
function assertFew(file: string, prices: readonly number[]): void {
  if (prices.length > mostValues)
    throw new InputError({ file }, `has ${prices.length} prices, more than the ${mostValues} that can be forecast`)
}

/** `bursar eval forecast`. */
export const evalForecastCommand: Command = {
  name: 'eval forecast',
  args: '',
  summary: 'score a forecast of prices that follow others, from rolling origins, beside the naive one',
  options: [
    ['--train <file>', 'prices so far'],
    ['--test <file>', 'prices that follow them'],
    ['--method <name>', `one of ${forecastMethods.join(', ')}`, 'select'],
    ['--horizon <n>', 'steps ahead', '1'],
    ...columnOptions,
  ],
  async run(_, __, given) {
    const [train, test] = [textOf(given, 'train'), textOf(given, 'test')]
    if (train === undefined || test === undefined) throw new UsageError('--train and --test are needed')
    const method = oneOf(given, 'method', forecastMethods) ?? 'select'
    const horizon = wholeOf(given, 'horizon', 1, 1, 250)
    const [known, later] = [await seriesOf([train], given), await seriesOf([test], given)]
    assertFew(test, [...known.prices, ...later.prices])
    if (later.days[0]! <= known.days.at(-1)!)
      throw new InputError({ file: test }, `begins on ${later.days[0]}, not after the last day of ${train}`)
    const score = scoreForecast({ train: known.prices, test: later.prices }, { horizon, method })
    if (!score)
      throw new InputError({ file: train }, `has too few prices, or none that change, to score ${horizon} steps ahead`)
    const { method: chosen, ...figures } = score
    return { json: score, text: [`method ${chosen}`, ...shownFigures(figures)].join('\n') }
  },
}

const suitability: Command = {
  name: 'invest suitability',
  args: '',
  summary: 'the risk class that answers of a questionnaire come to, and whether a product of a class suits',
  options: [
    ['--answers <file>', 'JSON: the id of the chosen answer by the id of the question'],
    ['--questionnaire <file>', 'questions and scoring, as JSON; default: those of the corpora'],
    ['--product-class <n>', 'class of a product; 1 unless it surely suits'],
  ],
  async run(_, __, given) {
    const answers = textOf(given, 'answers')
    if (answers === undefined) throw new UsageError('--answers is needed')
    const product = given.productClass === undefined ? undefined : wholeOf(given, 'productClass', 1, 1, 9)
    const questionnaire = readQuestionnaire(resolve(textOf(given, 'questionnaire') ?? usualQuestionnaire))
    const told = suitabilityOf(questionnaire, readAnswers(resolve(answers), questionnaire))
    const verdict = product === undefined ? undefined : suits(told, product)
    return {
      json: { ...told, ...(verdict !== undefined && { productClass: product, suits: verdict }) },
      text: shownSuitability(told, questionnaire, verdict),
      exitCode: verdict === undefined || verdict === true ? 0 : 1,
    }
  },
}

function shownSuitability(
  { riskClass, name, least, most, parts, caps, open }: Suitability,
  { classes }: Questionnaire,
  verdict: boolean | 'unknown' | undefined,
): string {
  const head =
    riskClass === null
      ? `class ${least} to ${most}: questions are open`
      : `class ${riskClass}, ${name}: ${classes[riskClass - 1]?.text}`
  return [
    head,
    ...parts.map(
      (part) =>
        `  ${part.id.padEnd(12)} ${part.points} points, class ${part.least === part.most ? part.most : `${part.least} to ${part.most}`}`,
    ),
    ...caps.map(({ question, answer, cap }) => `  ${question}: ${answer} leaves class ${cap} at most`),
    ...open.map((one) => `  open: ${one.text} (${one.id})`),
    ...(verdict === undefined
      ? []
      : [`the product ${verdict === 'unknown' ? 'may or may not suit' : verdict ? 'suits' : 'does not suit'}`]),
  ].join('\n')
}

/** `bursar invest`. */
export const investCommands: readonly Command[] = [analyse, forecast, suitability]
