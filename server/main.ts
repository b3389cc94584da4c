import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { Registry } from 'prom-client'
import type { Config } from './config.ts'
import type { OnProgress } from './engine/tasks.ts'
import { BusyError, messageOf } from './errors.ts'
import { type AdminServer, serveAdmin } from './gateway/admin-socket.ts'
import { type Gateway, listen } from './gateway/listen.ts'
import type { Ports } from './gateway/ports.ts'
import type { Logger } from './logger.ts'
import { createDocumentPort } from './operations/document-port.ts'
import { type House, openHouse } from './operations/house.ts'
import { createInferencePort } from './operations/inference-port.ts'
import { createOperations } from './operations/table.ts'
import { mintId, mintSecret } from './protocol/ids.ts'
import { hashSecret } from './storage/conversations.ts'
import { ownDirectory } from './storage/ownership.ts'

/** The program without a network: a data directory, owned, and what can be done with it. */
export async function compose(
  config: Config,
  logger: Logger,
  ownership = ownDirectory(config.dataDir),
  metrics = new Registry(),
) {
  const house = await openHouse(config, logger, ownership, metrics)
  return { house, run: createOperations(house).run, close: house.close }
}
export type Composition = Awaited<ReturnType<typeof compose>>

/** Where commands for a data directory go while a server owns it. */
export const adminSocket = (dataDir: string): string => join(dataDir, 'admin.sock')

/** What a start goes through, in this order, and how those who ask meanwhile are told. */
const steps = {
  encoder: 'fetching and building the encoder',
  engines: 'starting the engines',
  documents: 'ingesting documents',
  heads: 'training the models',
} as const

export interface Server {
  readonly url: string
  /** Say what the start is at. */
  begin(step: keyof typeof steps): void
  /** The program, in the data directory that the server owns. */
  compose(): Promise<Composition>
  /** Answer chats and commands, by the program composed before. */
  open(composition: Composition): Promise<void>
  /** Stop in order: no new turns, then who answers them, then where they are stored. */
  close(): Promise<void>
}

/**
 * Own the data directory and take the port and the admin socket, before any long work. Until `open`, probes are answered, and
 * chats and commands are told that the server is starting. @param port 0 picks a free one.
 * @throws {SettingError} or {@link StorageError} in one line if the directory, the port or the admin socket is taken.
 */
export async function startServer(
  config: Config,
  logger: Logger,
  { port, host }: { port: number; host: string },
): Promise<Server> {
  const ownership = ownDirectory(config.dataDir)
  const metrics = new Registry()
  let step: keyof typeof steps = 'encoder'
  let gateway: Gateway | undefined
  let admin: AdminServer | undefined
  let composed: Composition | undefined
  let run: Composition['run'] = async () => {
    throw new BusyError(`the server is starting (${steps[step]}): try again when it is ready`)
  }
  let pruning: NodeJS.Timeout | undefined
  let tidying: NodeJS.Timeout | undefined

  async function close(): Promise<void> {
    clearInterval(pruning)
    clearInterval(tidying)
    // First: take no new turns and commands, and let open ones finish, side by side as both may take seconds.
    await Promise.all([gateway?.close(), admin?.close()])
    await composed?.close() // last: those turns still wrote to the store
    ownership.release()
  }
  try {
    gateway = await listen({ ...gatewayOptions(config, logger), port, host, metrics, awaited: () => step })
    admin = await serveAdmin(adminSocket(config.dataDir), (op, args, onProgress, signal) => {
      const report: OnProgress = (share, what) => onProgress({ share, what })
      return run(op, args, report, signal)
    })
  } catch (reason) {
    await close()
    throw reason
  }
  const { url, open } = gateway
  return {
    url,
    begin(next) {
      step = next
    },
    async compose() {
      composed = await compose(config, logger, ownership, metrics)
      return composed
    },
    async open(composition) {
      const { house } = composition
      const left = await house.chat.goOn() // before anybody can add to it: what is new then comes behind what is old
      open(portsOf(house))
      run = composition.run
      pruning = setInterval(() => void prune(house).then(() => watch(house)), pruneEveryMs)
      tidying = setInterval(() => void tidyDesk(house), tidyEveryMs)
      void watch(house)
      logger.info({ url, engines: config.engines, takenUp: left }, 'ready')
    },
    close,
  }
}

function gatewayOptions(config: Config, log: Logger) {
  const { origins, trustedProxies, ratePerMinute, addressRatePerMinute } = config
  const clientDir = fileURLToPath(new URL('../client', import.meta.url))
  return {
    ...{ origins, trustedProxies, ratePerMinute, addressRatePerMinute, log },
    clientDir: existsSync(clientDir) ? clientDir : undefined,
  }
}

const pruneEveryMs = 3_600_000
/** How often it is looked whether somebody of the staff has gone and left customers waiting. */
const tidyEveryMs = 10_000
/** Clients may resend a command for a day; its receipt is kept for two. */
const receiptsKeptMs = 172_800_000

/** Drop receipts that no client can ask for any more, and old figures. A failure waits for the next time. */
async function prune({ units, store, monitor, logger }: House): Promise<void> {
  const before = new Date(Date.now() - receiptsKeptMs).toISOString()
  await units
    .run((tx) => store.conversations.pruneReceipts(tx, before))
    .then(monitor.tidy)
    .catch((reason: unknown) => logger.warn({ reason: messageOf(reason) }, 'receipts and figures were not pruned'))
}

/** Look whether the live models drift, and which cases are nearly due. A failure waits for the next time. */
async function watch({ alarmWatch, caseDesk, logger }: House): Promise<void> {
  const failed = (what: string) => (reason: unknown) => logger.warn({ reason: messageOf(reason) }, what)
  await alarmWatch.check().catch(failed('the models were not looked at'))
  await caseDesk.watch().catch(failed('the cases were not looked at'))
}

/** Put back in the queue what was left by those who are gone, and note what was said. A failure waits for the next time. */
async function tidyDesk({ staffDesk, history, logger }: House): Promise<void> {
  await staffDesk
    .tidy()
    .then((count) => count > 0 && logger.info({ count }, 'conversations of absent staff wait again'))
    .catch((reason: unknown) => logger.warn({ reason: messageOf(reason) }, 'the desk was not looked at'))
  await history
    .catchUp()
    .catch((reason: unknown) => logger.warn({ reason: messageOf(reason) }, 'conversations were not noted'))
}

/** The house as the gateway sees it. */
function portsOf(house: House): Ports {
  const { chat, store, pool, access, modelMeter } = house
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
    documents: createDocumentPort(house),
    access: {
      signIn: access.sessions.signIn,
      signOut: access.sessions.signOut,
      ofSession: access.sessions.principal,
      ofKey: access.keys.principal,
      onChange: access.onChange,
    },
    inference: createInferencePort(pool, modelMeter),
    cases: house.caseDesk,
    credit: house.creditDesk,
    desk: house.staffDesk,
    history: house.history,
    audit: store.audit.list,
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
