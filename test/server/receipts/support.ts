import { afterAll, beforeAll } from 'vitest'
import { readConfig } from '../../../server/config.ts'
import { createLogger } from '../../../server/logger.ts'
import { type House, openHouse } from '../../../server/operations/house.ts'
import { createOperations } from '../../../server/operations/table.ts'
import type { Completed, DurableEvent, EphemeralEvent } from '../../../server/protocol/events.ts'
import { mintId } from '../../../server/protocol/ids.ts'
import { hashSecret } from '../../../server/storage/conversations.ts'
import { ownDirectory } from '../../../server/storage/ownership.ts'
import { newCommandId } from '../../support/client.ts'
import { copyDemo } from '../../support/demo.ts'
import { temporaryFolder } from '../../support/folder.ts'
import { modelsDir } from '../../support/models.ts'

type Event = DurableEvent | EphemeralEvent

/** The demo bank's house with real engines over a real store, one for all tests of the file. */
export function shareHouse() {
  let house: House
  let run: ReturnType<typeof createOperations>['run']
  beforeAll(async () => {
    const data = copyDemo(temporaryFolder())
    const settings = { BURSAR_MODELS: modelsDir(), BURSAR_ENGINES: '1', BURSAR_KEPT_INDEXES: '1' }
    house = await openHouse(readConfig(settings, { dataDir: data }), createLogger('silent'), ownDirectory(data))
    run = createOperations(house).run
  })
  afterAll(() => house.close())

  const converse = async (): Promise<string> => {
    const { id } = await house.store.conversations.create({ id: mintId('c'), secretHash: hashSecret('s') })
    return id
  }
  /** Resolves with the next answer of the conversation, once it is stored. */
  const answered = (conv: string): Promise<Completed> =>
    new Promise((resolve) => {
      const end = house.chat.subscribe(conv, (seen: Event) => {
        if (seen.t !== 'msg.completed') return
        end()
        resolve(seen.d)
      })
    })
  const ask = async (conv: string, text: string): Promise<Completed> => {
    const told = answered(conv)
    await house.chat.send(conv, { id: newCommandId(), text })
    return told
  }
  return {
    house: () => house,
    ...{ converse, answered, ask },
    /** What an operation gives back, as a command gets it: over JSON. */
    perform: async (
      name: string,
      args: object,
      onProgress: () => void = () => undefined,
      signal?: AbortSignal,
    ): Promise<unknown> => JSON.parse(JSON.stringify(await run(name, args, onProgress, signal))),
  }
}
