import { mintId } from '../../../../server/protocol/ids.ts'
import { createConversations } from '../../../../server/storage/conversations.ts'
import { openDatabase } from '../../../../server/storage/database.ts'
import { createUnitOfWork } from '../../../../server/storage/group-commit.ts'

// Appends messages to the conversation for ever and prints the number of each one that is stored.
const [dir, conv] = [process.argv[2]!, process.argv[3]!]
const db = await openDatabase({ dir })
const units = createUnitOfWork(db)
const conversations = createConversations(db, units)

async function talk(): Promise<never> {
  for (;;) {
    const at = new Date().toISOString()
    const mid = mintId('m')
    const seq = await units.run(async (tx) => {
      const [event] = await conversations.append(
        tx,
        conv,
        [{ t: 'msg.created', d: { mid, by: 'customer', re: [], status: 'done', text: mid } }],
        at,
      )
      await conversations.addPending(tx, conv, mid, event!.seq, at)
      return event!.seq
    })
    process.stdout.write(`${seq} ${mid}\n`)
  }
}
await Promise.all([talk(), talk(), talk()])
