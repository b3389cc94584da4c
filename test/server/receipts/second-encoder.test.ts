import { join } from 'node:path'
import { expect, it } from 'vitest'
import { readConfig } from '../../../server/config.ts'
import { createLogger } from '../../../server/logger.ts'
import { openHouse } from '../../../server/operations/house.ts'
import { createOperations } from '../../../server/operations/table.ts'
import type { Completed, DurableEvent, EphemeralEvent } from '../../../server/protocol/events.ts'
import { mintId } from '../../../server/protocol/ids.ts'
import type { Replayed } from '../../../server/receipts/replay.ts'
import { hashSecret } from '../../../server/storage/conversations.ts'
import { ownDirectory } from '../../../server/storage/ownership.ts'
import { newCommandId } from '../../support/client.ts'
import { copyDemo } from '../../support/demo.ts'
import { temporaryFolder } from '../../support/folder.ts'
import { modelsDir } from '../../support/models.ts'
import { twoLanguages } from '../../support/two-languages.ts'

const root = temporaryFolder()
const data = copyDemo(root)

/** Open the house with this second encoder or none, ask, replay what was asked before, and close it. */
async function visit(second: string | undefined, question: string | undefined, replayed: readonly string[]) {
  const settings = { BURSAR_MODELS: modelsDir(), BURSAR_ENGINES: '1', ...(second && { BURSAR_SECOND_ENCODER: second }) }
  const house = await openHouse(readConfig(settings, { dataDir: data }), createLogger('silent'), ownDirectory(data))
  try {
    const { run } = createOperations(house)
    const told = question === undefined ? undefined : await ask(house, question)
    const replays: Replayed[] = []
    for (const message of [...replayed, ...(told ? [told.mid] : [])])
      replays.push((await run('replay', { message }, () => undefined)) as Replayed) // what the operation returns
    return { mid: told?.mid ?? '', replays }
  } finally {
    await house.close()
  }
}

async function ask({ store, chat }: Awaited<ReturnType<typeof openHouse>>, text: string): Promise<Completed> {
  const { id } = await store.conversations.create({ id: mintId('c'), secretHash: hashSecret('s') })
  const told = new Promise<Completed>((resolve) => {
    chat.subscribe(id, (seen: DurableEvent | EphemeralEvent) =>
      seen.t === 'msg.completed' ? resolve(seen.d) : undefined,
    )
  })
  await chat.send(id, { id: newCommandId(), text })
  return told
}

it('answers are replayed with the encoders of then: none of a second that came later, and it where it is still there', {
  timeout: 180_000,
}, async () => {
  const second = await twoLanguages(join(root, 'second'))
  const whole = { equal: true, snapshot: 'stored', missing: [] }
  const before = await visit(undefined, '信用卡逾期费用是多少？', [])
  expect(before.replays).toMatchObject([whole])
  const both = await visit(second, '房贷可以提前还吗？', [before.mid])
  expect(both.replays).toMatchObject([whole, whole])
  const [old, late] = (await visit(undefined, undefined, [before.mid, both.mid])).replays
  expect(old).toMatchObject(whole)
  expect(late).toMatchObject({ snapshot: 'current', missing: [expect.stringMatching(/^second encoder [0-9a-f]{12}$/)] })
})
