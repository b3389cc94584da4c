import { open, readFile, rename, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { z } from 'zod'
import { CorruptError, ModelError, messageOf } from '../errors.ts'
import { isMissing, sha256, syncFolder } from './version-folder.ts'

const checksum = z.string().regex(/^[0-9a-f]{64}$/)
const number = z.int().positive()

/** What was looked at before a version went live. */
const gateSchema = z.object({
  /** Earlier questions that both versions read, and those of them that the two read differently. */
  replayed: z.int().nonnegative(),
  changed: z.int().nonnegative(),
  /** The main metric of both, as held-out rows gave it, and the interval of the live one's. */
  metric: z
    .object({
      name: z.string(),
      champion: z.number(),
      challenger: z.number(),
      interval: z.tuple([z.number(), z.number()]).readonly(),
      isLower: z.boolean(),
    })
    .exactOptional(),
  /** It was made live although the metric is lower. */
  forced: z.boolean().exactOptional(),
})
export type GateResult = z.infer<typeof gateSchema>

const lineSchema = z.object({
  n: number,
  at: z.iso.datetime(),
  action: z.enum(['promote', 'rollback', 'retire']),
  /** The version that went live, or was retired. */
  version: number,
  /** What was live before; null if nothing was. */
  from: number.nullable(),
  /** Of the manifest that went live. */
  manifestSha256: checksum.exactOptional(),
  by: z.string(),
  reason: z.string().exactOptional(),
  gate: gateSchema.exactOptional(),
  /** SHA-256 of the line before, hexadecimal. */
  previous: checksum,
})

/** A line of the ledger, and its own SHA-256. */
export interface LedgerLine extends z.infer<typeof lineSchema> {
  readonly hash: string
}

/** Who does something, why, and what was looked at first. */
export interface Decision {
  readonly by: string
  readonly reason?: string
  readonly gate?: GateResult
}

/** A line that is to be written. */
export type LedgerEntry = Decision & Pick<LedgerLine, 'action' | 'version' | 'manifestSha256'>

/** What follows from all lines. */
export interface LedgerState {
  /** Versions that were live, the first one first; the last is live, the one before it is what a rollback returns to. */
  readonly live: readonly LedgerLine[]
  readonly retired: ReadonlySet<number>
}

const ledgerName = 'ledger.jsonl'
/** What named the live version before there was a ledger. */
const aliasName = 'champion.json'
const aliasSchema = z.object({ version: number, manifestSha256: checksum, since: z.iso.datetime() })
/** What the first line follows. */
const noHash = '0'.repeat(64)

/** Pure: a promotion puts a version on top of those before, a rollback takes those above it off. */
export function stateOf(lines: readonly LedgerLine[]): LedgerState {
  let live: LedgerLine[] = []
  const retired = new Set<number>()
  for (const line of lines) {
    if (line.action === 'retire') retired.add(line.version)
    else if (line.action === 'promote') live.push(line)
    else {
      const place = live.findLastIndex(({ version }, i) => version === line.version && i < live.length - 1)
      live = [...live.slice(0, Math.max(0, place)), line]
    }
  }
  return { live, retired }
}

/** The version that a rollback returns to: the last one before the live one that is another and not retired. */
export function previousOf({ live, retired }: LedgerState): number | undefined {
  const current = live.at(-1)?.version
  return live.findLast(({ version }) => version !== current && !retired.has(version))?.version
}

/**
 * All lines of a service's ledger, oldest first. A last line without its end was never promised to anybody and is left out.
 * @param dir the service's folder. @throws {CorruptError} naming file and line; {ModelError} if it cannot be read.
 */
export async function readLedger(dir: string, service: string): Promise<readonly LedgerLine[]> {
  const file = join(dir, ledgerName)
  const text = await begunIn(file)
  if (text !== undefined) return linesIn(text, file, service)
  const alias = await readAlias(join(dir, aliasName), service)
  if (!alias) return []
  const { version, manifestSha256, since } = alias
  const entry = { action: 'promote' as const, version, manifestSha256, by: 'unknown' }
  return [lineAfter([], { ...entry, reason: 'live before there was a ledger' }, since)]
}

/** Lines that retire a version, whether or not the lines around them are whole: of a damaged ledger, what still has to hold. */
export async function readRetirements(dir: string): Promise<readonly LedgerLine[]> {
  return retirementsIn((await begunIn(join(dir, ledgerName))) ?? '')
}

/**
 * Add a line and wait until it is on the disk. A ledger that is damaged is kept under another name, and a new one begun with
 * what it retired, so that something can go live again. Only one process may do so at a time, one call after the other.
 * @throws {ModelError} if it cannot be written; then the ledger is as it was.
 */
export async function appendToLedger(
  dir: string,
  service: string,
  entry: LedgerEntry,
  at: string,
): Promise<LedgerLine> {
  const file = join(dir, ledgerName)
  const text = await begunIn(file)
  const known = await readLedger(dir, service).catch((reason: unknown) => {
    if (reason instanceof CorruptError) return undefined
    throw reason
  })
  const before = known ?? retirementsIn(text ?? '')
  const line = lineAfter(before, entry, at)
  if (known && text !== undefined) {
    await write(file, Buffer.byteLength(text.slice(0, text.lastIndexOf('\n') + 1)), stored([line]))
  } else {
    if (text !== undefined) await begin(`${file}.damaged-${at.replaceAll(/[^\d]/g, '')}`, await readFile(file))
    await begin(file, stored([...before, line])) // lines of before there was a file among them
  }
  await syncFolder(dir)
  return line
}

const stored = (lines: readonly LedgerLine[]): string => lines.map((line) => `${textOfLine(line)}\n`).join('')

const unwritten = (file: string, cause: unknown): ModelError =>
  new ModelError(`${file} cannot be written (${messageOf(cause)}): free space or fix its folder`, { cause })

/** Write a file that was not there, or was damaged, as a whole: what is in its place stays until all of it is on the disk. */
async function begin(file: string, content: string | Uint8Array): Promise<void> {
  const temporary = `${file}.new`
  try {
    const handle = await open(temporary, 'w', 0o600)
    try {
      await handle.writeFile(content)
      await handle.sync()
    } finally {
      await handle.close()
    }
    await rename(temporary, file)
  } catch (cause) {
    await rm(temporary, { force: true }).catch(() => undefined) // the next one writes over it
    throw unwritten(file, cause)
  }
}

/** Write at the end of what is whole, all of it or nothing. */
async function write(file: string, whole: number, text: string): Promise<void> {
  const handle = await open(file, 'a', 0o600).catch((cause: unknown) => {
    throw unwritten(file, cause)
  })
  try {
    await handle.truncate(whole)
    await handle.appendFile(text)
    await handle.sync()
  } catch (cause) {
    await handle.truncate(whole).catch(() => undefined) // half a line would be left out by whoever reads
    throw unwritten(file, cause)
  } finally {
    await handle.close()
  }
}

function lineAfter(known: readonly LedgerLine[], entry: LedgerEntry, at: string): LedgerLine {
  const from = stateOf(known).live.at(-1)?.version ?? null
  const line = { n: known.length + 1, at, ...entry, from, previous: known.at(-1)?.hash ?? noHash }
  return { ...line, hash: sha256(Buffer.from(textOfLine(line))) }
}

/** In one order, so that the checksum of a line is that of its text. */
function textOfLine(line: Omit<LedgerLine, 'hash'>): string {
  const { n, at, action, version, from, manifestSha256, by, reason, gate, previous } = line
  return JSON.stringify({ n, at, action, version, from, manifestSha256, by, reason, gate, previous })
}

function linesIn(text: string, file: string, service: string): LedgerLine[] {
  const known: LedgerLine[] = []
  for (const [i, line] of text.split('\n').slice(0, -1).entries()) {
    const content = parsed(line)
    const fits = content?.n === i + 1 && content.previous === (known.at(-1)?.hash ?? noHash)
    if (!content || !fits)
      throw new CorruptError(
        `${file}:${i + 1} is damaged or was altered: make a new live version with: ${again(service)}`,
      )
    known.push({ ...content, hash: sha256(Buffer.from(line)) })
  }
  return known
}

/** In an order of their own, each version once. */
function retirementsIn(text: string): LedgerLine[] {
  const known: LedgerLine[] = []
  for (const line of text.split('\n').slice(0, -1)) {
    const { action, version, by, reason, at } = parsed(line) ?? {}
    if (action !== 'retire' || version === undefined || by === undefined || at === undefined) continue
    if (known.some((one) => one.version === version)) continue
    known.push(lineAfter(known, { action, version, by, ...(reason !== undefined && { reason }) }, at))
  }
  return known
}

const again = (service: string): string => `bursar train ${service}`

function parsed(line: string): z.infer<typeof lineSchema> | undefined {
  try {
    return lineSchema.safeParse(JSON.parse(line)).data
  } catch {
    return undefined
  }
}

/** What stands in a ledger. One without a whole line, as a full disk or a kill leaves it behind, was not begun. */
async function begunIn(file: string): Promise<string | undefined> {
  const text = await textOf(file)
  return text?.includes('\n') ? text : undefined
}

async function textOf(file: string): Promise<string | undefined> {
  return readFile(file, 'utf8').catch((cause: unknown) => {
    if (isMissing(cause)) return undefined
    throw new ModelError(`${file} cannot be read (${messageOf(cause)})`, { cause })
  })
}

async function readAlias(file: string, service: string): Promise<z.infer<typeof aliasSchema> | undefined> {
  const text = await textOf(file)
  if (text === undefined) return undefined
  try {
    return aliasSchema.parse(JSON.parse(text))
  } catch (cause) {
    throw new CorruptError(`${file} is damaged: make a new live version with: ${again(service)}`, { cause })
  }
}
