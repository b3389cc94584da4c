import { writeSync } from 'node:fs'
import { mintId } from '../../../server/protocol/ids.ts'
import { createConversations } from '../../../server/storage/conversations.ts'
import { openDatabase } from '../../../server/storage/database.ts'
import { createUnitOfWork } from '../../../server/storage/group-commit.ts'

// Stores messages and writes an ack for each to standard output, as the server does to its sockets; with the store's
// `synchronous` setting as named.
const [dir, synchronous] = [process.argv[2]!, process.argv[3]!]
const db = await openDatabase({ dir })
db.writer?.exec(`pragma synchronous = ${synchronous}`)
const units = createUnitOfWork(db)
const conversations = createConversations(db, units)
const { id: conv } = await conversations.create({ id: mintId('c'), secretHash: '0'.repeat(64) })

async function send(): Promise<void> {
  const mid = mintId('m')
  await units.run((tx) =>
    conversations.append(
      tx,
      conv,
      [{ t: 'msg.created', d: { mid, by: 'customer', re: [], status: 'done', text: 'a message' } }],
      new Date().toISOString(),
    ),
  )
  writeSync(1, `${JSON.stringify({ t: 'ack', re: 'x', mid })}\n`)
}
for (let round = 0; round < 5; round++) await Promise.all([send(), send(), send()])
await units.close()
