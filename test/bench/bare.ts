import { fork } from 'node:child_process'
import { join } from 'node:path'

interface BareTimes {
  /** Per text, milliseconds. */
  readonly ms: readonly number[]
  /** CPU of the whole call, milliseconds. */
  readonly cpuMs: number
}

/** The bare loop in a process of its own, idle until it is asked. */
export async function startBare(dataDir: string) {
  const child = fork(join(import.meta.dirname, 'bare-process.ts'), [dataDir], { execArgv: ['--import', 'tsx'] })
  const next = <T>(): Promise<T> =>
    new Promise((resolve, reject) => {
      const ended = (code: number | null) => reject(new Error(`the bare process ended with ${code}`))
      child.once('exit', ended)
      child.once('message', (message: T) => {
        child.off('exit', ended)
        resolve(message)
      })
    })
  await next()
  return {
    run(texts: readonly string[]): Promise<BareTimes> {
      const answer = next<BareTimes>()
      child.send({ texts })
      return answer
    },
    stop: () => child.disconnect(),
  }
}
export type Bare = Awaited<ReturnType<typeof startBare>>
