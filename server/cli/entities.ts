import { InputError } from '../errors.ts'
import { entityKinds, messageEntities } from '../privacy/message-entities.ts'
import type { EntityOptions } from '../text/entities.ts'
import { createNameFinder } from '../text/product-names.ts'
import { type Command, dayOf, type Options, type Outcome, textOf } from './command.ts'
import { cell, type Row, readRows } from './eval-files.ts'
import { figuresByKind, readSpanCases, shownByKind, spanOptions } from './eval-spans.ts'
import { openOutput } from './output-file.ts'

/** Options of what reads entities. */
export const entityOptions = [
  ['--day <date>', 'day on which the texts were written, which "tomorrow" counts from; default: today'],
  ['--products <file>', 'catalogue whose products are looked for: rows with id and name, and perhaps aliases'],
] as const

export const evalEntitiesCommand: Command = {
  name: 'eval entities',
  args: '',
  summary: 'which of the amounts, dates, cards and other things in a labelled file are found',
  options: [...spanOptions, ...entityOptions],
  async run(_, __, given) {
    const options = await readOptions(given)
    const { cases, isLabelled, perItemMs } = await readSpanCases(given, entityKinds, (text) =>
      messageEntities(text, options),
    )
    if (!isLabelled)
      throw new InputError(
        { file: textOf(given, 'test') ?? '', column: textOf(given, 'spansColumn') ?? 'spans' },
        'is missing',
      )
    const kinds = figuresByKind(cases, entityKinds)
    return {
      json: { n: cases.length, kinds, perItemMs },
      text: [`n ${cases.length}`, ...shownByKind(kinds)].join('\n'),
    }
  },
}

/** `predict entities`: the rows of a file with what is named in them. Needs no data directory. */
export async function predictEntities(input: string, output: string, given: Options): Promise<Outcome> {
  const options = await readOptions(given)
  const file = await openOutput(output)
  const rows = await readRows(input)
  const column = textOf(given, 'textColumn') ?? 'text'
  const begun = performance.now()
  const read = rows.map((row) => ({ ...row.fields, entities: messageEntities(cell(input, row, column), options) }))
  const json = { n: rows.length, perItemMs: (performance.now() - begun) / rows.length }
  await file.write(read.map((row) => `${JSON.stringify(row)}\n`).join(''))
  return { json, text: `${json.n} lines, ${json.perItemMs.toFixed(3)} ms each` }
}

/** @throws {UsageError} for a day that there is none of. @throws {InputError} as {@link readRows}. */
async function readOptions(given: Options): Promise<EntityOptions> {
  const [day = new Date().toISOString().slice(0, 10), file] = [dayOf(given, 'day'), textOf(given, 'products')]
  if (file === undefined) return { day }
  const products = (await readRows(file)).map((row) => ({
    id: cell(file, row, 'id'),
    name: cell(file, row, 'name'),
    aliases: aliasesIn(file, row),
  }))
  return { day, products: createNameFinder(products) }
}

function aliasesIn(file: string, { fields, line }: Row): readonly string[] {
  const { aliases = [] } = fields
  if (Array.isArray(aliases) && aliases.every((alias) => typeof alias === 'string')) return aliases
  throw new InputError({ file, line, column: 'aliases' }, 'has to be a list of names')
}
