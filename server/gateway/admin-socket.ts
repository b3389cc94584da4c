import { once } from 'node:events'
import { unlinkSync } from 'node:fs'
import { createConnection, createServer, type Server, type Socket } from 'node:net'
import { relative } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { z } from 'zod'
import { BursarError, type ErrorCode, messageOf, NotFoundError, SettingError, StorageError } from '../errors.ts'
import { readLines } from './lines.ts'

// One JSON object a line. Asked: {op, args}. Answered: any number of {progress}, then one {result} or {error:{code,message}}.

/** Ends the work of a request when the one who asked has gone (Ctrl-C). */
export type AdminRun = (
  op: string,
  args: unknown,
  onProgress: (progress: unknown) => void,
  signal: AbortSignal,
) => Promise<unknown>

export interface AdminServer {
  /** Take no more orders, end those under way by their signal, and resolve when they have returned or their time is up. */
  close(): Promise<void>
}

interface Caller {
  stop(): Promise<void>
}

const maxRequestBytes = 4 * 1024 * 1024
const maxReplyBytes = 256 * 1024 * 1024
/** Unread bytes above which progress is left out: it is only news. */
const progressCutBytes = 65_536
/** How long an order may go on after its signal when the server stops. */
const defaultEndMs = 5_000
/** How long a caller may take to read its last answer when the server stops. */
const lastWordMs = 1_000
/** sun_path of Linux, less its closing zero. */
const maxSocketPath = 107

const request = z.object({ op: z.string().min(1).max(64), args: z.unknown().optional() })
const reply = z.union([
  z.object({ progress: z.unknown() }),
  z.object({ error: z.object({ code: z.string(), message: z.string() }) }),
  z.object({ result: z.unknown() }),
])

/** An operation refused by the running server, with that server's code and reason. */
class AdminError extends BursarError {
  readonly code: ErrorCode
  constructor(code: ErrorCode, message: string) {
    super(message)
    this.code = code
  }
}

/**
 * Take orders from commands of this machine's same user. A socket file left by a killed server is replaced.
 * @throws {StorageError} if another server listens there; {SettingError} if the path is too long for a socket.
 */
export async function serveAdmin(
  path: string,
  run: AdminRun,
  { endWithinMs = defaultEndMs }: { endWithinMs?: number } = {},
): Promise<AdminServer> {
  const address = socketPath(path)
  if (await answers(address)) throw new StorageError(`another server already listens on ${path}: stop it first`)
  removeIfThere(address)
  const callers = new Map<Socket, Caller>()
  const server = createServer((socket) => {
    callers.set(socket, serveCaller(socket, run))
    socket.once('close', () => callers.delete(socket))
  })
  await bindPrivately(server, address, path)
  return {
    async close() {
      const closed = once(server, 'close')
      server.close() // removes the file
      const ended = Promise.all([...callers.values()].map((caller) => caller.stop()))
      const late = new AbortController()
      await Promise.race([ended, sleep(endWithinMs, undefined, { signal: late.signal }).catch(() => undefined)])
      late.abort()
      for (const socket of callers.keys()) socket.destroySoon()
      const cut = setTimeout(() => {
        for (const socket of callers.keys()) socket.destroy()
      }, lastWordMs)
      await closed
      clearTimeout(cut)
    },
  }
}

/**
 * Have the running server do something.
 * @returns what the operation gave back. @throws {NotFoundError} if no server listens at `path`; {AdminError} with the
 * server's reason if it refused or failed; {StorageError} if it went away before the end.
 */
export function callAdmin(
  path: string,
  op: string,
  args: unknown,
  onProgress: (progress: unknown) => void = () => undefined,
  signal?: AbortSignal,
): Promise<unknown> {
  return new Promise((resolve, reject) => {
    const socket = createConnection(socketPath(path))
    const finish = (settle: () => void): void => {
      signal?.removeEventListener('abort', onAbort)
      socket.destroy()
      settle()
    }
    const fail = (reason: Error) => finish(() => reject(reason))
    const onAbort = () => fail(new AdminError('usage', 'stopped'))
    signal?.addEventListener('abort', onAbort)
    if (signal?.aborted) onAbort()
    socket.once('connect', () => socket.write(`${JSON.stringify({ op, args })}\n`))
    socket.once('error', (cause: NodeJS.ErrnoException) => fail(isAbsent(cause) ? noServer(path) : lost(cause)))
    socket.once('close', () => fail(lost()))
    const onLine = (line: string): void => {
      const answer = parseReply(line)
      if (!answer) fail(new StorageError('the running server answered something else than this version expects'))
      else if ('progress' in answer) onProgress(answer.progress)
      // Cast: it is the server's own code.
      else if ('error' in answer) fail(new AdminError(answer.error.code as ErrorCode, answer.error.message))
      else finish(() => resolve(answer.result))
    }
    readLines(socket, maxReplyBytes, onLine, () => fail(new StorageError('the running server sent too long an answer')))
  })
}

const noServer = (path: string) => new NotFoundError(`no server listens on ${path}`)
const lost = (cause?: unknown) => new StorageError('the running server went away before it was done', { cause })
const isAbsent = ({ code }: NodeJS.ErrnoException): boolean => code === 'ENOENT' || code === 'ECONNREFUSED'

/** One caller's requests, one after the other. */
function serveCaller(socket: Socket, run: AdminRun): Caller {
  const gone = new AbortController()
  socket.once('close', () => gone.abort())
  socket.on('error', () => undefined) // 'close' follows
  let before = Promise.resolve()
  const send = (line: object): void => {
    if (!socket.destroyed) socket.write(`${JSON.stringify(line)}\n`)
  }
  const refuse = (reason: unknown): void => {
    const code = reason instanceof BursarError ? reason.code : 'internal'
    send({ error: { code, message: messageOf(reason) } })
  }
  const onProgress = (progress: unknown): void => {
    if (socket.writableLength <= progressCutBytes) send({ progress })
  }
  const serve = async (line: string): Promise<void> => {
    if (gone.signal.aborted) return
    try {
      const { op, args } = parseRequest(line)
      // null for nothing, as JSON has no undefined and a reply without `result` would not be one
      send({ result: (await run(op, args, onProgress, gone.signal)) ?? null })
    } catch (reason) {
      refuse(reason)
    }
  }
  const onLine = (line: string): void => {
    before = before.then(() => serve(line))
  }
  readLines(socket, maxRequestBytes, onLine, () => {
    refuse(new SettingError(`a request has to be at most ${maxRequestBytes} bytes`))
    socket.end()
  })
  return {
    stop() {
      gone.abort()
      return before
    },
  }
}

function parseRequest(line: string): { op: string; args: unknown } {
  const parsed = request.safeParse(parseJson(line))
  if (!parsed.success) throw new AdminError('usage', 'a request is one line of JSON: {"op", "args"}')
  return { op: parsed.data.op, args: parsed.data.args }
}

function parseReply(line: string): z.infer<typeof reply> | undefined {
  return reply.safeParse(parseJson(line)).data
}

function parseJson(line: string): unknown {
  try {
    return JSON.parse(line)
  } catch {
    return undefined
  }
}

/** The shorter of the absolute and the relative path: the kernel takes no more than 107 bytes. */
function socketPath(path: string): string {
  const here = relative(process.cwd(), path)
  const short = Buffer.byteLength(here) < Buffer.byteLength(path) ? here : path
  if (Buffer.byteLength(short) <= maxSocketPath) return short
  throw new SettingError(
    `${path} is too long for a socket (${maxSocketPath} bytes): use a data directory with a shorter path`,
  )
}

function answers(address: string): Promise<boolean> {
  return new Promise((resolve) => {
    const probe = createConnection(address)
    probe.once('connect', () => {
      probe.destroy()
      resolve(true)
    })
    probe.once('error', () => resolve(false))
  })
}

function removeIfThere(address: string): void {
  try {
    unlinkSync(address)
  } catch (reason) {
    if (!(reason instanceof Error && 'code' in reason && reason.code === 'ENOENT')) {
      throw new StorageError(`cannot replace ${address}: ${messageOf(reason)}`, { cause: reason })
    }
  }
}

function bindPrivately(server: Server, address: string, path: string): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', (cause) =>
      reject(new StorageError(`cannot listen on ${path}: ${messageOf(cause)}`, { cause })),
    )
    // The file is made within this call, with mode 0600: it is never open to others, not even for a moment.
    const mask = process.umask(0o177)
    try {
      server.listen(address, () => {
        server.removeAllListeners('error')
        resolve()
      })
    } finally {
      process.umask(mask)
    }
  })
}
