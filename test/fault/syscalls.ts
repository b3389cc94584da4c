import { readFileSync } from 'node:fs'

/** What a process wrote and synced, in order; from `strace -y -xx -e trace=…`. */
export interface Call {
  readonly name: string
  /** File, or `socket:[…]`, `pipe:[…]`. */
  readonly target: string
  /** Bytes written, as latin-1. */
  readonly data: string
  readonly result: number
}

export const strace = (output: string): string[] => [
  ...['strace', '-D', '-y', '-xx', '-s', '8192', '-o', output],
  ...['-e', 'trace=fdatasync,fsync,pwrite64,write,writev,sendto,sendmsg'],
]

const unhex = (text: string): string =>
  text.replace(/\\x([0-9a-f]{2})/g, (_, hex: string) => String.fromCharCode(Number.parseInt(hex, 16)))

/** The calls of a trace; a trace that is still being written may end in half a line. */
export function readTrace(file: string): Call[] {
  return readFileSync(file, 'latin1')
    .split('\n')
    .flatMap((line) => {
      const [, name, target, rest, result] = /^(\w+)\(\d+<([^>]*)>(.*)\)\s+= (-?\d+)/.exec(line) ?? []
      if (name === undefined || target === undefined || rest === undefined) return []
      const data = [...rest.matchAll(/"([^"]*)"/g)].map(([, text = '']) => text).join('')
      return [{ name, target: unhex(target), data: unhex(data), result: Number(result) }]
    })
}

const isLogWrite = ({ name, target }: Call): boolean => name === 'pwrite64' && target.endsWith('-wal')
const isLogSync = ({ name, target, result }: Call): boolean =>
  (name === 'fdatasync' || name === 'fsync') && target.endsWith('-wal') && result === 0
const frameHeaderBytes = 24
/** The header of a log frame that ends a transaction names the size of the file after it; else that field is 0. */
const endsTransaction = (call: Call): boolean =>
  isLogWrite(call) && call.data.length === frameHeaderBytes && call.data.slice(4, 8) !== '\0\0\0\0'

/** Message ids that a call acknowledges; frames from the server are not masked, and never compressed. */
const acked = ({ name, target, data }: Call): string[] =>
  name !== 'pwrite64' && /^(socket|pipe|TCP)/.test(target)
    ? [...data.matchAll(/\{"t":"ack","re":"\w+","mid":"(m_[\w-]+)"/g)].map(([, mid = '']) => mid)
    : []

/**
 * Check that every ack left after a completed sync of the log that holds the end of its message's transaction.
 * @returns how many acks there were, and the ids of those that came too early.
 */
export function earlyAcks(calls: readonly Call[]): { readonly acks: number; readonly early: string[] } {
  const early: string[] = []
  let acks = 0
  for (const [at, call] of calls.entries()) {
    for (const mid of acked(call)) {
      acks++
      if (!isSynced(calls.slice(0, at), mid)) early.push(mid)
    }
  }
  return { acks, early }
}

function isSynced(before: readonly Call[], mid: string): boolean {
  const row = before.findIndex((call) => isLogWrite(call) && call.data.includes(mid))
  if (row < 0) return false
  // A frame is its header and then its page: the row may lie in the very frame that ends the transaction.
  const end = before.findIndex((call, i) => i >= row - 1 && endsTransaction(call))
  return end >= 0 && before.findIndex((call, i) => i > end + 1 && isLogSync(call)) > 0
}
