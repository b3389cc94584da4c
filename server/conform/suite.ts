import { spawn } from 'node:child_process'
import { NotFoundError } from '../errors.ts'
import { answers } from './cases/answers.ts'
import { commands } from './cases/commands.ts'
import { deskCases } from './cases/desk.ts'
import { deskRights } from './cases/desk-rights.ts'
import { flow } from './cases/flow.ts'
import { frames } from './cases/frames.ts'
import { hellos } from './cases/hello.ts'
import { origins } from './cases/origins.ts'
import { restarts } from './cases/restart.ts'
import { resumes } from './cases/resume.ts'
import { tickets } from './cases/tickets.ts'
import { NonConformity } from './check.ts'
import type { Case } from './kit.ts'
import type { StaffLogins } from './logins.ts'
import { createWorld, type World } from './world.ts'

const groups: Readonly<Record<string, readonly Case[]>> = {
  ...{
    tickets,
    origins,
    hello: hellos,
    frames,
    commands,
    answers,
    resume: resumes,
    flow,
    desk: [...deskCases, ...deskRights],
  },
}
/** Names that a run can be narrowed to. */
export const groupNames: readonly string[] = [...Object.keys(groups), 'restart']

export interface Result {
  readonly group: string
  readonly name: string
  readonly outcome: 'passed' | 'failed' | 'not run'
  /** Why it was not run, or what was expected and what came. */
  readonly detail?: string
  readonly tookMs: number
}

export interface SuiteOptions {
  readonly url: string
  /** Sent as Origin; none by default. */
  readonly origin?: string | undefined
  /** Shell command that kills the server, starts it again and ends when it is ready. */
  readonly restart?: string | undefined
  /** People who may work at the desk; without them its cases are not run. */
  readonly staff?: StaffLogins | undefined
  /** Only this group. */
  readonly only?: string | undefined
  /** Only cases with this name. */
  readonly named?: string | undefined
  /** Longest wait for what should come at once; 10 s by default. */
  readonly patienceMs?: number
  readonly onResult?: (result: Result) => void
}

/** Cases that run side by side; those that wait for timers come on top. */
const lanes = 4
/** No case takes longer. */
const caseMs = 90_000

/** Run the cases. @throws {NotFoundError} if nothing answers at the address, {NonConformity} if it gives no way in. */
export async function runSuite(options: SuiteOptions): Promise<Result[]> {
  const { url, origin, restart, staff, only, named, patienceMs = 10_000, onResult } = options
  const world = createWorld(url, origin, patienceMs, staff)
  const { perMin } = await limitsOf(world)
  const results: Result[] = []
  const note = (result: Result): void => {
    results.push(result)
    onResult?.(result)
  }
  const wanted = Object.entries(groups)
    .filter(([group]) => only === undefined || only === group)
    .flatMap(([group, cases]) => cases.map((one) => ({ group, one })))
    .filter(({ one }) => named === undefined || named === one.name)
  const run = async ({ group, one }: (typeof wanted)[number]): Promise<void> => {
    const missing = lackOf(one, perMin, staff !== undefined)
    const came = missing
      ? ({ outcome: 'not run', detail: missing, tookMs: 0 } as const)
      : await tried(() => one.run(world))
    note({ group, name: one.name, ...came })
  }
  const slow = Promise.all(wanted.filter(({ one }) => one.isSlow).map(run))
  const quick = wanted.filter(({ one }) => !one.isSlow)
  await Promise.all(
    Array.from({ length: lanes }, async () => {
      for (let next = quick.shift(); next; next = quick.shift()) await run(next)
    }),
  )
  await slow
  const isWanted =
    (only ?? 'restart') === 'restart' && (named === undefined || restarts.some(({ name }) => name === named))
  if (isWanted) await runRestarts(world, restart, note)
  return results
}

/** Why the case says nothing about this server. */
function lackOf({ needs }: Case, perMin: number, hasStaff: boolean): string | undefined {
  if (needs === 'staff' && !hasStaff) return 'no --staff file'
  if (needs === 'limit' && perMin === 0) return 'the server limits no rates'
  if (needs === 'no limit' && perMin > 0) return 'the server limits rates'
  return undefined
}

/** @throws {NotFoundError} if nothing answers there, {NonConformity} if it gives no way in. */
async function limitsOf(world: World): Promise<{ perMin: number }> {
  await world.http('HEAD', '/').catch((cause: unknown) => {
    throw new NotFoundError(`no server answers at ${world.url}`, { cause })
  })
  const { line, welcome } = await world.join()
  line.close()
  return welcome.limits
}

/** All are prepared, the server is restarted once, and all are looked at. */
async function runRestarts(world: World, command: string | undefined, note: (result: Result) => void): Promise<void> {
  const group = 'restart'
  if (command === undefined) {
    for (const { name } of restarts)
      note({ group, name, outcome: 'not run', detail: 'no --restart command', tookMs: 0 })
    return
  }
  const prepared = await Promise.all(
    restarts.map(async ({ name, prepare }) => {
      let after: ((later: World) => Promise<void>) | undefined
      const before = await tried(async () => {
        after = await prepare(world)
      })
      return { name, before, after: () => after }
    }),
  )
  const broken = await tried(() => shell(command))
  for (const { name, before, after } of prepared) {
    const look = broken.outcome === 'passed' ? after() : undefined
    const failed = before.outcome === 'passed' ? broken : before
    note({ group, name, ...(look ? await tried(() => look(world)) : failed) })
  }
}

async function tried(work: () => Promise<void>): Promise<Omit<Result, 'group' | 'name'>> {
  const begun = performance.now()
  let timer: NodeJS.Timeout | undefined
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new NonConformity(`an end within ${caseMs} ms`, 'none')), caseMs)
  })
  try {
    await Promise.race([work(), late])
    return { outcome: 'passed', tookMs: performance.now() - begun }
  } catch (reason) {
    return {
      outcome: 'failed',
      detail: reason instanceof Error ? reason.message : String(reason),
      tookMs: performance.now() - begun,
    }
  } finally {
    clearTimeout(timer)
  }
}

function shell(command: string): Promise<void> {
  return new Promise((resolve, reject) => {
    const child = spawn(command, { shell: true, stdio: ['ignore', 'ignore', 'inherit'] })
    child.once('error', reject)
    child.once('exit', (code) => (code === 0 ? resolve() : reject(new Error(`the restart command ended with ${code}`))))
  })
}
