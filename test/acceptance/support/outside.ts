import { appendFileSync, existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'

/** A file or folder of the folder that was named, and whether the checks on it run. */
export interface Outside {
  readonly path: string
  readonly skip: boolean
  /** For the name of the checks; empty where they run. */
  readonly note: string
}

/** Something of the folder that `npm run acceptance -- DIR` names. What is not there is reported as not run. */
export function outside(part: string): Outside {
  const dir = process.env.BURSAR_ACCEPTANCE
  if (dir === undefined) throw new Error('start these checks by npm run acceptance -- DIR')
  const path = join(dir, part)
  const skip = !existsSync(path)
  if (skip) take({ notRun: `${part} is not in ${dir}` })
  return { path, skip, note: skip ? ` (not run: ${part} is not there)` : '' }
}

/** Rows of a .jsonl file. */
export function rowsOf<Row>(file: string): Row[] {
  return readFileSync(file, 'utf8')
    .split('\n')
    .filter((line) => line !== '')
    .map((line): Row => JSON.parse(line)) // the set's SOURCE.md names the columns
}

/** Note a measured figure for the table that the run ends with. @param wanted the limit it was held against. */
export function figure(name: string, value: number, wanted = ''): void {
  take({ figure: name, value: Number.isInteger(value) ? String(value) : value.toFixed(4), wanted })
}

function take(note: object): void {
  const file = process.env.BURSAR_NOTES
  if (file !== undefined) appendFileSync(file, `${JSON.stringify(note)}\n`)
}
