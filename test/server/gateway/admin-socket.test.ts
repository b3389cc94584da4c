import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { connect, createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { BusyError, NotFoundError, SettingError, StorageError } from '../../../server/errors.ts'
import { type AdminRun, type AdminServer, callAdmin, serveAdmin } from '../../../server/gateway/admin-socket.ts'

let dir: string
let path: string
let server: AdminServer | undefined
beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'admin-'))
  path = join(dir, 'admin.sock')
})
afterEach(async () => {
  await server?.close()
  server = undefined
  rmSync(dir, { recursive: true })
})
const serve = async (run: AdminRun) => {
  server = await serveAdmin(path, run)
}
const echo: AdminRun = async (op, args) => ({ op, args })

/** Write raw bytes, and read lines until the server hangs up or `count` lines are there. */
async function raw(bytes: string | Buffer, count: number): Promise<unknown[]> {
  const socket = connect(path)
  socket.write(bytes)
  let text = ''
  for await (const chunk of socket) {
    text += String(chunk)
    if (text.split('\n').length > count) break
  }
  return text
    .trim()
    .split('\n')
    .filter(Boolean)
    .map((line) => JSON.parse(line))
}

describe('an order', () => {
  it('gives a result', async () => {
    await serve(echo)
    expect(await callAdmin(path, 'ingest', { paths: ['a\nb', '费😀'] })).toEqual({
      op: 'ingest',
      args: { paths: ['a\nb', '费😀'] },
    })
  })

  it('gives null where there is nothing to give', async () => {
    await serve(async () => undefined)
    expect(await callAdmin(path, 'x', {})).toBeNull()
  })

  it('tells its progress on the way, in order', async () => {
    await serve(async (_op, _args, onProgress) => {
      for (let done = 0; done < 100; done++) onProgress({ done })
      return 'done'
    })
    const seen: unknown[] = []
    expect(await callAdmin(path, 'x', {}, (progress) => seen.push(progress))).toBe('done')
    expect(seen).toEqual(Array.from({ length: 100 }, (_, done) => ({ done })))
  })

  it('that is refused rejects with the server’s code and reason', async () => {
    await serve(async () => {
      throw new BusyError('an ingestion is under way')
    })
    await expect(callAdmin(path, 'x', {})).rejects.toMatchObject({ code: 'busy', message: 'an ingestion is under way' })
  })

  it('may bring back a lot', async () => {
    await serve(async () => 'x'.repeat(20_000_000))
    expect(await callAdmin(path, 'x', {})).toHaveLength(20_000_000)
  })

  it('is ended when the one who gave it has gone', async () => {
    let ended = false
    const begun = new AbortController()
    await serve(async (_op, _args, onProgress, signal) => {
      onProgress('begun')
      await once(signal, 'abort')
      ended = true
    })
    await expect(callAdmin(path, 'x', {}, () => begun.abort(), begun.signal)).rejects.toThrow('stopped')
    await server?.close()
    server = undefined
    expect(ended).toBe(true)
  })

  it('to nobody says that no server is there', async () => {
    await expect(callAdmin(path, 'x', {})).rejects.toBeInstanceOf(NotFoundError)
  })

  it('to a server that goes away says so', async () => {
    const other = createServer((socket) => socket.once('data', () => socket.destroy())).listen(path)
    await once(other, 'listening')
    await expect(callAdmin(path, 'x', {})).rejects.toThrow(/went away/)
    other.close()
  })

  it('to a server that stops is ended and answered, before the server has stopped', async () => {
    const begun = new AbortController()
    await serve(async (_op, _args, onProgress, signal) => {
      onProgress('begun')
      await once(signal, 'abort')
      throw new BusyError('stopped half-way, nothing is changed')
    })
    const told = callAdmin(path, 'x', {}, () => begun.abort()).catch((reason: unknown) => reason)
    await once(begun.signal, 'abort')
    await server?.close()
    server = undefined
    expect(await told).toMatchObject({ code: 'busy', message: 'stopped half-way, nothing is changed' })
  })

  it('that does not heed its signal holds up the end only so long', async () => {
    const begun = new AbortController()
    server = await serveAdmin(
      path,
      (_op, _args, onProgress) => {
        onProgress('begun')
        return new Promise(() => undefined)
      },
      { endWithinMs: 20 },
    )
    const told = callAdmin(path, 'x', {}, () => begun.abort()).catch((reason: unknown) => reason)
    await once(begun.signal, 'abort')
    await server.close()
    server = undefined
    expect(await told).toBeInstanceOf(StorageError)
  })

  it('to something else says so', async () => {
    const other = createServer((socket) => socket.end('HTTP/1.1 400 Bad Request\n')).listen(path)
    await once(other, 'listening')
    await expect(callAdmin(path, 'x', {})).rejects.toThrow(/something else/)
    other.close()
  })
})

describe('the socket', () => {
  it('is open to its owner only, and gone after the end', async () => {
    await serve(echo)
    expect(statSync(path).mode & 0o777).toBe(0o600)
    await server?.close()
    server = undefined
    expect(existsSync(path)).toBe(false)
  })

  it('takes the place of one that a killed server left', async () => {
    const child = spawn(process.execPath, [
      '-e',
      `require('net').createServer().listen(${JSON.stringify(path)}, () => console.log('up'))`,
    ])
    await once(child.stdout, 'data')
    child.kill('SIGKILL')
    await once(child, 'exit')
    expect(existsSync(path)).toBe(true)
    await expect(callAdmin(path, 'x', {})).rejects.toBeInstanceOf(NotFoundError)
    await serve(echo)
    expect(await callAdmin(path, 'x', 1)).toEqual({ op: 'x', args: 1 })
  })

  it('takes the place of a file that is no socket', async () => {
    writeFileSync(path, 'left over')
    await serve(echo)
    expect(await callAdmin(path, 'x', 1)).toEqual({ op: 'x', args: 1 })
  })

  it('does not push a living server aside', async () => {
    await serve(echo)
    await expect(serveAdmin(path, echo)).rejects.toBeInstanceOf(StorageError)
    expect(await callAdmin(path, 'x', 1)).toEqual({ op: 'x', args: 1 })
  })

  it('that cannot be made is one clear line', async () => {
    await expect(serveAdmin(join(dir, 'missing', 'admin.sock'), echo)).rejects.toThrow(/^cannot listen on .*missing/)
    const long = join(dir, 'x'.repeat(120), 'admin.sock')
    await expect(serveAdmin(long, echo)).rejects.toBeInstanceOf(SettingError)
    await expect(callAdmin(long, 'x', {})).rejects.toThrow(/too long for a socket/)
  })
})

describe('a caller who sends nonsense', () => {
  it.each(['nonsense', '[]', '7', '{"op":7}', '{"args":{}}', '{"op":""}'])(
    '%s is told what a request is',
    async (line) => {
      await serve(echo)
      expect(await raw(`${line}\n`, 1)).toMatchObject([{ error: { code: 'usage' } }])
      expect(await callAdmin(path, 'x', 1)).toEqual({ op: 'x', args: 1 })
    },
  )

  it('may ask again on the same connection, and is answered in order', async () => {
    await serve(echo)
    const answers = await raw('\n{"op":"a"}\nnonsense\n{"op":"b","args":1}\n', 3)
    expect(answers).toMatchObject([{ result: { op: 'a' } }, { error: {} }, { result: { op: 'b', args: 1 } }])
  })

  it('without an end is cut off', async () => {
    await serve(echo)
    const answers = await raw(Buffer.alloc(5 * 1024 * 1024, 0x61), 1)
    expect(answers).toMatchObject([{ error: { code: 'bad_setting' } }])
    expect(await callAdmin(path, 'x', 1)).toEqual({ op: 'x', args: 1 })
  })
})
