import { spawnSync } from 'node:child_process'
import { existsSync, mkdirSync, renameSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { repository } from './demo.ts'

const isCi = process.env.CI === 'true'

interface Need {
  readonly skip: boolean
  readonly note: string
}

/**
 * What a test that needs a program is called, and whether it runs: where the program is missing the report names the command
 * that installs it, and in CI (`CI=true`) the test runs all the same and fails.
 */
export function needing(program: string, install: string): Need {
  return need(spawnSync(program, ['--version'], { stdio: 'ignore' }).status === 0, install)
}

/**
 * As {@link needing}, for a Python package. It is installed, with what it needs, into a folder of its own under
 * `node_modules/.cache`, as pip is configured on this machine, and found there again by the next run.
 * @param module what has to be importable. @param requirement as pip takes it. @returns also the folder, for PYTHONPATH.
 */
export function needingPython(module: string, requirement: string): Need & { readonly folder: string } {
  const folder = join(repository, 'node_modules/.cache/python', requirement.match(/\w+/g)?.join('-') ?? '')
  const isThere = () =>
    existsSync(folder) && run(['-c', `import ${module}`], { ...process.env, PYTHONPATH: folder }) === 0
  const install = ['-m', 'pip', 'install', '--quiet', '--target']
  if (!isThere()) {
    const temporary = `${folder}.${process.pid}.tmp` // so that no half installation is taken for a whole one
    mkdirSync(join(folder, '..'), { recursive: true })
    rmSync(folder, { recursive: true, force: true })
    const soon = isCi ? [] : ['--retries', '1', '--timeout', '20'] // without a network the other tests go on
    if (run([...install, temporary, ...soon, requirement]) === 0) renameSync(temporary, folder)
    rmSync(temporary, { recursive: true, force: true })
  }
  return { ...need(isThere(), `python3 ${install.join(' ')} ${folder} '${requirement}'`), folder }
}

const need = (isThere: boolean, install: string): Need => ({
  skip: !isThere && !isCi,
  note: isThere ? '' : ` (not run: ${install})`,
})

/** What Python complains of is of interest in CI alone. */
const run = (args: readonly string[], env = process.env): number | null =>
  spawnSync('python3', args, { env, stdio: ['ignore', 'ignore', isCi ? 'inherit' : 'ignore'] }).status
