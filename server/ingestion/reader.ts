import { type ChildProcess, fork } from 'node:child_process'
import { extname } from 'node:path'
import { fileURLToPath } from 'node:url'
import { EngineLostError } from '../errors.ts'
import type { Signature } from '../storage/signatures.ts'
import type { NewVersion } from '../storage/types.ts'
import type { FoundFile } from './files.ts'
import type { FileRead, FromReader, ToReader } from './reader-messages.ts'

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

  /** One order at a time. @param what it is about, for the reason of a rejection. */
  function order(message: ToReader, what: string): Promise<FromReader> {
    const current = open()
    return new Promise<FromReader>((resolve) => {
      const finish = (answer: FromReader): void => {
        clearTimeout(timer)
        current.off('exit', lost)
        current.off('message', finish)
        resolve(answer)
      }
      let why = 'the reader died of it; does it need too much memory?'
      const lost = (): void => finish({ type: 'rejected', reason: `${what}: ${why}` })
      const timer = setTimeout(() => {
        why = `takes more than ${fileMs / 1_000} seconds to read`
        current.kill('SIGKILL')
      }, fileMs)
      current.once('exit', lost)
      current.once('message', finish)
      current.send(message, () => undefined)
    })
  }

  return {
    async read(file: FoundFile): Promise<FileRead> {
      const answer = await order({ type: 'read', file }, file.path)
      return answer.type === 'signed' ? { type: 'rejected', reason: `${file.path}: was not read` } : answer
    },
    /** Signatures of stored versions, in their order. @throws {EngineLostError} if the reader dies of them. */
    async sign(versions: readonly NewVersion[]): Promise<readonly Signature[]> {
      const answer = await order({ type: 'sign', versions }, versions.map(({ doc }) => doc).join(', '))
      if (answer.type === 'signed') return answer.signatures
      throw new EngineLostError(answer.type === 'rejected' ? answer.reason : 'stored documents were not signed')
    },
    close(): void {
      if (child?.connected) child.disconnect()
    },
  }
}
export type Reader = ReturnType<typeof createReader>
