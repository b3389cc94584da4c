import { createInterface } from 'node:readline/promises'
import { Writable } from 'node:stream'
import { UsageError } from '../errors.ts'

/** More than any password that is accepted, in bytes. */
const maxBytes = 4_096

/**
 * A new password: the first line of standard input, or asked for twice on a terminal, where it is not shown. Never from the
 * arguments, which every user of the machine can list.
 * @throws {UsageError} if there is none, or the two differ.
 */
export async function readPassword(): Promise<string> {
  if (process.stdin.isTTY !== true) return readLine()
  const password = await ask('new password: ')
  if ((await ask('once more: ')) !== password) throw new UsageError('the two passwords differ: nothing was changed')
  return password
}

async function readLine(): Promise<string> {
  const chunks: Buffer[] = []
  let length = 0
  for await (const chunk of process.stdin) {
    const bytes = Buffer.from(chunk)
    chunks.push(bytes)
    length += bytes.length
    if (bytes.includes('\n') || length > maxBytes) break
  }
  const [line = ''] = Buffer.concat(chunks).toString('utf8').split(/\r?\n/, 1)
  if (line === '') throw new UsageError('the password is read from standard input, which is empty')
  return line
}

async function ask(question: string): Promise<string> {
  const nowhere = new Writable({ write: (_chunk, _encoding, done) => done() })
  const lines = createInterface({ input: process.stdin, output: nowhere, terminal: true })
  const stopped = new AbortController()
  lines.once('SIGINT', () => stopped.abort())
  process.stderr.write(question)
  try {
    return await lines.question('', { signal: stopped.signal })
  } catch (cause) {
    throw new UsageError('stopped: nothing was changed', { cause })
  } finally {
    lines.close()
    process.stderr.write('\n')
  }
}
