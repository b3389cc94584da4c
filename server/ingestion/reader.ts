import { type ChildProcess, fork } from 'node:child_process'
import { extname } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { FoundFile } from './files.ts'
import type { FromReader, ToReader } from './reader-messages.ts'

const script = fileURLToPath(new URL(`./reader-child${extname(import.meta.url)}`, import.meta.url))
/** A file that takes longer is given up. */
const fileMs = 60_000
/** Heap of the child in MiB; a file that needs more is given up. */
const heapMiB = 1_024

/**
 * A supervised reader process. A file that kills it, or makes it hang, is rejected; the next file gets a new process.
 * @param start what every new process is told first.
 */
export function createReader(start: Extract<ToReader, { type: 'start' }>) {
  let child: ChildProcess | undefined

  function open(): ChildProcess {
    if (child?.connected) return child
    child = fork(script, [], {
      serialization: 'advanced',
      stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
      execArgv: [...process.execArgv, `--max-old-space-size=${heapMiB}`],
    })
    child.send(start)
    return child
  }

  return {
    read(file: FoundFile): Promise<FromReader> {
      const current = open()
      return new Promise<FromReader>((resolve) => {
        const finish = (answer: FromReader): void => {
          clearTimeout(timer)
          current.off('exit', lost)
          current.off('message', finish)
          resolve(answer)
        }
        let why = 'the reader died of it; does it need too much memory?'
        const lost = (): void => finish({ type: 'rejected', reason: `${file.path}: ${why}` })
        const timer = setTimeout(() => {
          why = `takes more than ${fileMs / 1_000} seconds to read`
          current.kill('SIGKILL')
        }, fileMs)
        current.once('exit', lost)
        current.once('message', finish)
        current.send({ type: 'read', file } satisfies ToReader, () => undefined)
      })
    },
    close(): void {
      if (child?.connected) child.disconnect()
    },
  }
}
