import { onTestFinished } from 'vitest'
import { readConfig } from '../../../server/config.ts'
import { createLogger } from '../../../server/logger.ts'
import { openHouse } from '../../../server/operations/house.ts'
import type { DurableEvent, EphemeralEvent } from '../../../server/protocol/events.ts'
import { mintId } from '../../../server/protocol/ids.ts'
import { hashSecret } from '../../../server/storage/conversations.ts'
import { ownDirectory } from '../../../server/storage/ownership.ts'
import { newCommandId } from '../../support/client.ts'
import { copyDemo } from '../../support/demo.ts'
import { temporaryFolder } from '../../support/folder.ts'
import { modelsDir } from '../../support/models.ts'

type Event = DurableEvent | EphemeralEvent

/** The demo bank's house, with real engines over a real store. */
export async function open(data = copyDemo(temporaryFolder())) {
  const config = readConfig({ BURSAR_MODELS: modelsDir(), BURSAR_ENGINES: '1' }, { dataDir: data })
  const house = await openHouse(config, createLogger('silent'), ownDirectory(data))
  let isOpen = true
  const close = async (): Promise<void> => {
    if (isOpen) await house.close()
    isOpen = false
  }
  onTestFinished(close)
  const { chat } = house
  const converse = async (): Promise<string> => {
    const { id } = await house.store.conversations.create({ id: mintId('c'), secretHash: hashSecret('s') })
    return id
  }
  /** Resolves with the first event that `pick` accepts, from now on. */
  const event = <E extends Event>(conv: string, pick: (event: Event) => event is E): Promise<E> =>
    new Promise((resolve) => {
      const end = chat.subscribe(conv, (seen) => {
        if (!pick(seen)) return
        end()
        resolve(seen)
      })
    })
  const ask = async (conv: string, text: string) => {
    const told = event(conv, (seen) => seen.t === 'msg.completed')
    await chat.send(conv, { id: newCommandId(), text })
    return (await told).d
  }
  return { ...{ house, chat, data, close, converse, event, ask }, log: (conv: string) => chat.replay(conv, 0, 1_000) }
}

/** The reference that an answer tells. */
export const refOf = ({ parts }: { readonly parts: readonly object[] }): string | undefined =>
  parts.flatMap((part) => ('slots' in part ? [(part.slots as { ref?: string }).ref] : [])).find(Boolean) // a template’s part
