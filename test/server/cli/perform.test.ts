import { join } from 'node:path'
import { expect, it, onTestFinished } from 'vitest'
import { perform } from '../../../server/cli/perform.ts'
import { readConfig } from '../../../server/config.ts'
import { serveAdmin } from '../../../server/gateway/admin-socket.ts'
import { createLogger } from '../../../server/logger.ts'
import { adminSocket } from '../../../server/main.ts'
import { ownDirectory } from '../../../server/storage/ownership.ts'
import { temporaryFolder } from '../../support/folder.ts'

const search = (dataDir: string) =>
  perform(readConfig({}, { dataDir }), createLogger('silent'), 'search', { query: 'fee' }, () => undefined)

it('a command that comes while a server takes its directory waits for the server', async () => {
  const dataDir = join(temporaryFolder(), 'data')
  onTestFinished(ownDirectory(dataDir).release)
  const asked = search(dataDir) // connects to nothing: the socket is made below
  const admin = await serveAdmin(adminSocket(dataDir), async (op) => `${op} answered`)
  onTestFinished(admin.close)
  expect(await asked).toBe('search answered')
})

it('any other owner is named', async () => {
  const dataDir = join(temporaryFolder(), 'data')
  onTestFinished(ownDirectory(dataDir).release)
  await expect(search(dataDir)).rejects.toThrow(`data directory ${dataDir} is in use by process ${process.pid}`)
})
