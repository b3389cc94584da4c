import { readdirSync, readFileSync } from 'node:fs'

const ticksPerSecond = 100

/** A process and all that it started, by pid. */
export function treeOf(pid: number): number[] {
  const parents = new Map<number, number>()
  for (const name of readdirSync('/proc')) {
    if (!/^\d+$/.test(name)) continue
    const stat = statOf(Number(name))
    if (stat) parents.set(Number(name), Number(stat[1]))
  }
  const inside = (child: number): boolean =>
    child === pid || (parents.has(child) && parents.get(child) !== 0 && inside(parents.get(child)!))
  return [...parents.keys()].filter(inside)
}

/** CPU time of the processes so far, user and system, in milliseconds. */
export function cpuMs(pids: readonly number[]): number {
  return pids.reduce((sum, pid) => {
    const stat = statOf(pid)
    return sum + (stat ? ((Number(stat[11]) + Number(stat[12])) * 1_000) / ticksPerSecond : 0)
  }, 0)
}

/** Proportional set size of the processes, in MiB: shared pages count once. */
export function pssMiB(pids: readonly number[]): number {
  return pids.reduce(
    (sum, pid) =>
      sum + Number(/^Pss:\s+(\d+)/m.exec(readFileSync(`/proc/${pid}/smaps_rollup`, 'utf8'))?.[1] ?? 0) / 1_024,
    0,
  )
}

/** Resident memory of one process, in KiB. */
export const rssKiB = (pid: number): number =>
  Number(/^VmRSS:\s+(\d+)/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1] ?? 0)

/** Fields of /proc/PID/stat behind the name, which may hold spaces; the first is the state. */
function statOf(pid: number): string[] | undefined {
  try {
    const text = readFileSync(`/proc/${pid}/stat`, 'utf8')
    return text.slice(text.lastIndexOf(')') + 2).split(' ')
  } catch {
    return undefined // it has ended meanwhile
  }
}
