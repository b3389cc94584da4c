import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { Registry } from 'prom-client'
import { type Config, today } from './config.ts'
import type { OnProgress } from './engine/tasks.ts'
import { messageOf } from './errors.ts'
import { serveAdmin } from './gateway/admin-socket.ts'
import { listen } from './gateway/listen.ts'
import type { Ports } from './gateway/ports.ts'
import type { Logger } from './logger.ts'
import { type House, openHouse } from './operations/house.ts'
import { createOperations } from './operations/table.ts'
import { mintId, mintSecret } from './protocol/ids.ts'
import { hashSecret } from './storage/conversations.ts'
import { visibleTo } from './storage/types.ts'

/** The program without a network: a data directory, owned, and what can be done with it. */
export async function compose(config: Config, logger: Logger) {
  const house = await openHouse(config, logger)
  return { house, run: createOperations(house).run, close: house.close }
}
export type Composition = Awaited<ReturnType<typeof compose>>

/** Where commands for a data directory go while a server owns it. */
export const adminSocket = (dataDir: string): string => join(dataDir, 'admin.sock')

export interface Server {
  readonly url: string
  /** Stop in order: no new turns, then who answers them, then where they are stored. */
  close(): Promise<void>
}

/**
 * Listen for chats and commands. @param port 0 picks a free one.
 * @throws {SettingError} or {@link StorageError} in one line if the port or the admin socket is taken.
 */
export async function serve(
  { house, run, close }: Composition,
  { port, host }: { port: number; host: string },
): Promise<Server> {
  const { config, logger, chat } = house
  const metrics = new Registry()
  const clientDir = fileURLToPath(new URL('../client', import.meta.url))
  const left = await chat.goOn() // before anybody can add to it: what is new then comes behind what is old
  const gateway = await listen({
    ...portsOf(house),
    ...{ port, host, metrics, log: logger },
    origins: config.origins,
    trustedProxies: config.trustedProxies,
    ratePerMinute: config.ratePerMinute,
    addressRatePerMinute: config.addressRatePerMinute,
    clientDir: existsSync(clientDir) ? clientDir : undefined,
  })
  const admin = await serveAdmin(adminSocket(config.dataDir), (op, args, onProgress) => {
    const report: OnProgress = (share, what) => onProgress({ share, what })
    return run(op, args, report)
  }).catch(async (reason: unknown) => {
    await gateway.close()
    throw reason
  })
  const pruning = setInterval(() => void pruneReceipts(house), pruneEveryMs)
  logger.info({ url: gateway.url, engines: config.engines, takenUp: left }, 'ready')
  return {
    url: gateway.url,
    async close() {
      clearInterval(pruning)
      // First: take no new turns and commands, and let open ones finish, side by side as both may take seconds.
      await Promise.all([gateway.close(), admin.close()])
      await close() // last: those turns still wrote to the store
    },
  }
}

const pruneEveryMs = 3_600_000
/** Clients may resend a command for a day; its receipt is kept for two. */
const receiptsKeptMs = 172_800_000

/** Drop receipts that no client can ask for any more. A failure waits for the next time. */
async function pruneReceipts({ units, store, logger }: House): Promise<void> {
  const before = new Date(Date.now() - receiptsKeptMs).toISOString()
  await units
    .run((tx) => store.conversations.pruneReceipts(tx, before))
    .catch((reason: unknown) => logger.warn({ reason: messageOf(reason) }, 'receipts were not pruned'))
}

/** The house as the gateway sees it. */
function portsOf({ chat, store, pool, config }: House): Ports {
  return {
    chat,
    conversations: {
      async create() {
        const [conv, secret] = [mintId('c'), mintSecret()]
        await store.conversations.create({ id: conv, secretHash: hashSecret(secret) })
        return { conv, secret }
      },
      admits: store.conversations.secretMatches,
    },
    documents: {
      async text(doc, ver, role) {
        const found = await store.documents.version(doc, ver)
        if (!found || !visibleTo(role).includes(found.audience)) return undefined
        // What has become agents' own is so with all that it said before.
        const latest = await store.documents.current(doc)
        if (latest && !visibleTo(role).includes(latest.audience)) return undefined
        // A text that is not yet in force is nobody's but the bank's.
        if (role === 'customer' && (found.from ?? '') > today(config.timeZone)) return undefined
        return { text: found.text, title: found.title }
      },
    },
    readiness: () => {
      const waiting = [
        ...(pool.ready === 0 ? ['engines'] : []),
        ...(pool.generation.snapshot === undefined ? ['documents'] : []),
        ...(pool.generation.heads === undefined ? ['heads'] : []),
      ]
      return { ready: waiting.length === 0, waiting }
    },
  }
}
