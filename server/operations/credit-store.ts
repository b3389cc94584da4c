import { createReadStream } from 'node:fs'
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { readCreditSchema } from '../credit/schema.ts'
import { runTask } from '../engine/tasks.ts'
import { InputError, ModelError, UsageError } from '../errors.ts'
import { modelFile } from '../models/head-session.ts'
import { isTableManifest } from '../models/manifest.ts'
import type { Version } from '../models/registry.ts'
import type { StoredDecision } from '../storage/credit-decisions.ts'
import type { House } from './house.ts'
import type { Store } from './store.ts'

/** Of the house what credit decisions need. */
export interface CreditHouse extends Pick<House, 'units' | 'registry' | 'creditDesk'> {
  readonly store: Pick<Store, 'creditDecisions' | 'audit'>
}

/** The parts of a decision, in the order in which they are written. */
const parts = [
  ...(['decisionId', 'probability', 'band', 'premium', 'decision', 'reasons', 'imputed', 'counterfactual'] as const),
] as const
/** Decisions per transaction: chats wait no longer. */
const batch = 200
/** Characters of the name of an application. */
const longestRef = 200

export interface StoreRequest {
  readonly version: Version
  readonly approve: number
  /** What columns mean: file, or the usual one. */
  readonly schema: string | undefined
  /** Column that names the application. */
  readonly ref: string | undefined
  readonly actor: string
}

/** Names of the columns that a version looks at. @throws {UsageError} if one of them is called as a part of a decision is. */
export function columnsToStore({ manifest }: Version): string[] {
  const names = isTableManifest(manifest) ? manifest.columns.map(({ name }) => name) : []
  const odd = names.find((name) => [...parts, 'refused'].some((part) => part === name))
  if (odd === undefined) return names
  throw new UsageError(`--store: the column ${odd} has the name of a part of a decision`)
}

/**
 * Keep the decisions of a file that was just written, in parts; rows that were refused are none. The same decision is kept once.
 * @throws {InputError} naming the line without the application's name.
 */
export async function storeDecisions({ store, units }: CreditHouse, output: string, request: StoreRequest) {
  const { version, approve, schema, ref, actor } = request
  const names = columnsToStore(version)
  const meanings = JSON.stringify(readCreditSchema(schema))
  const counts = { stored: 0, known: 0 }
  const at = new Date().toISOString()
  const facts = { at, by: actor, version: version.version, model: modelOf(version), approve }
  const write = async (lines: readonly Line[]): Promise<void> => {
    const added = await units.run(async (tx) => {
      const sha256 = await store.creditDecisions.putSchema(tx, meanings)
      let count = 0
      for (const line of lines) {
        const own = { ...rowOf(line, names, output, ref), meanings: sha256, ...facts }
        if (await store.creditDecisions.add(tx, own)) count++
      }
      return count
    })
    counts.stored += added
    counts.known += lines.length - added
  }
  for await (const line of decidedLines(output)) refOf(line, output, ref) // all of them, before the first is kept
  const waiting: Line[] = []
  for await (const line of decidedLines(output)) {
    waiting.push(line)
    if (waiting.length === batch) await write(waiting.splice(0))
  }
  if (waiting.length > 0) await write(waiting)
  const detail = `version ${version.version}, ${counts.stored} decisions`
  await units.run((tx) => store.audit.append(tx, [{ actor, action: 'credit.store', subject: 'credit', detail }]))
  return counts
}

interface Line {
  readonly line: number
  readonly fields: Readonly<Record<string, unknown>>
}

async function* decidedLines(file: string): AsyncGenerator<Line> {
  let line = 0
  for await (const text of createInterface({ input: createReadStream(file), crlfDelay: Number.POSITIVE_INFINITY })) {
    line++
    const fields = JSON.parse(text) as Line['fields'] // the task has just written it
    if (!Array.isArray(fields.refused)) yield { line, fields }
  }
}

/** @throws {InputError} naming the line. */
function refOf({ line, fields }: Line, file: string, ref: string | undefined): string | undefined {
  if (ref === undefined) return undefined
  const name = fields[ref]
  if ((typeof name === 'string' && name !== '' && name.length <= longestRef) || typeof name === 'number')
    return String(name)
  throw new InputError({ file, line, column: ref }, `has to name the application, in at most ${longestRef} characters`)
}

function rowOf(one: Line, names: readonly string[], file: string, ref: string | undefined) {
  const { fields } = one
  const name = refOf(one, file, ref)
  return {
    id: String(fields.decisionId),
    ...(name !== undefined && { ref: name }),
    row: JSON.stringify(Object.fromEntries(names.map((column) => [column, fields[column]]))),
    decided: decidedOf(fields),
  }
}

const decidedOf = (fields: Line['fields']): string =>
  JSON.stringify(Object.fromEntries(parts.flatMap((part) => (part in fields ? [[part, fields[part]]] : []))))

export const modelOf = ({ manifest }: Version): string => manifest.files[modelFile]?.sha256 ?? ''

/**
 * Make a stored decision again, from its row, version, limit and schema.
 * @returns whether every character of it is the same. @throws {ModelError} if the model is not there any more, or another one.
 */
export async function replayDecision(
  { store, registry }: CreditHouse,
  one: StoredDecision,
): Promise<{ readonly identical: boolean; readonly now: unknown }> {
  const version = await registry.find('credit', one.version)
  if (modelOf(version) !== one.model)
    throw new ModelError(`version ${one.version} of credit is not the one that decided ${one.id}`)
  const dir = await mkdtemp(join(tmpdir(), 'bursar-replay-'))
  try {
    const file = (name: string): string => join(dir, name)
    await writeFile(file('schema.json'), (await store.creditDecisions.schema(one.meanings)) ?? '')
    await writeFile(file('row.jsonl'), `${one.row}\n`)
    const files = { input: file('row.jsonl'), output: file('out.jsonl'), schema: file('schema.json') }
    const task = { version: version.dir, artifactSha256: one.model, approve: one.approve }
    await runTask({ kind: 'credit.score', ...task, ...files })
    const again = decidedOf(JSON.parse(await readFile(files.output, 'utf8')) as Line['fields'])
    return { identical: again === one.decided, now: JSON.parse(again) as unknown }
  } finally {
    await rm(dir, { recursive: true, force: true })
  }
}
