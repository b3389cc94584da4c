// npm run acceptance -- DIR [options of vitest]: vitest takes a path for a filter, so the folder goes to the tests by
// environment. Prints what was measured, and what was not run, when the tests are done.
import { spawnSync } from 'node:child_process'
import { existsSync, mkdtempSync, readFileSync, rmSync, statSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'

const parts = ['data', 'encoder', 'acceptance']
const root = resolve(import.meta.dirname, '../..')

function refuse(why) {
  process.stderr.write(`acceptance: ${why}\n`)
  process.exit(2)
}

/** The folder that was named, as an absolute path. npm runs scripts in the repository and keeps where the user was. */
function folderOf(given) {
  if (given === undefined || given.startsWith('-'))
    refuse('name the folder that holds data/, encoder/ and acceptance/: npm run acceptance -- DIR')
  const dir = resolve(process.env.INIT_CWD ?? '.', given)
  if (!existsSync(dir) || !statSync(dir).isDirectory()) refuse(`${dir} is not a folder`)
  if (!parts.some((part) => existsSync(join(dir, part))))
    refuse(`${dir} holds none of ${parts.map((part) => `${part}/`).join(', ')}: is it the right folder?`)
  return dir
}

function printNotes(file) {
  const notes = existsSync(file)
    ? readFileSync(file, 'utf8')
        .trim()
        .split('\n')
        .filter(Boolean)
        .map((line) => JSON.parse(line))
    : []
  const figures = notes.filter(({ figure }) => figure !== undefined)
  const width = Math.max(0, ...figures.map(({ figure }) => figure.length))
  for (const { figure, value, wanted } of figures)
    process.stdout.write(
      `${figure.padEnd(width)}  ${String(value).padStart(9)}  ${wanted ?? ''}`.trimEnd().concat('\n'),
    )
  for (const missing of new Set(notes.flatMap(({ notRun }) => notRun ?? [])))
    process.stdout.write(`not run: ${missing}\n`)
}

const [given, ...options] = process.argv.slice(2)
const dir = folderOf(given)
const notes = mkdtempSync(join(tmpdir(), 'bursar-acceptance-'))
const { status } = spawnSync(
  process.execPath,
  [join(root, 'node_modules/vitest/vitest.mjs'), 'run', '--config', 'vitest.acceptance.config.ts', ...options],
  {
    cwd: root,
    stdio: 'inherit',
    env: { ...process.env, BURSAR_ACCEPTANCE: dir, BURSAR_NOTES: join(notes, 'notes.jsonl') },
  },
)
printNotes(join(notes, 'notes.jsonl'))
rmSync(notes, { recursive: true, force: true })
process.exit(status ?? 1)
