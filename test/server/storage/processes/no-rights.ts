import { messageOf } from '../../../../server/errors.ts'
import { openDatabase } from '../../../../server/storage/database.ts'
import { ownDirectory } from '../../../../server/storage/ownership.ts'

// Opens a directory as a user who may only read it.
if (process.getuid?.() === 0) process.setuid?.(65_534)
const dir = process.argv[2]!
console.log(await openDatabase({ dir }).then(() => 'opened', messageOf))
try {
  ownDirectory(dir)
  console.log('owned')
} catch (reason) {
  console.log(messageOf(reason))
}
