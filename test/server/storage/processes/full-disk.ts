import { messageOf, StorageError } from '../../../../server/errors.ts'
import { openDatabase } from '../../../../server/storage/database.ts'
import { createUnitOfWork } from '../../../../server/storage/group-commit.ts'
import { createMeta } from '../../../../server/storage/meta.ts'

// Runs where files may not grow beyond a limit: stores until the disk refuses, then reads and stores something small.
const db = await openDatabase({ dir: process.argv[2]! })
const units = createUnitOfWork(db)
const meta = createMeta(db)
let stored = 0
for (let refused: unknown; refused === undefined; ) {
  await units
    .run((tx) => meta.set(tx, `key ${stored}`, 'x'.repeat(200_000)))
    .then(
      () => stored++,
      (reason: unknown) => {
        refused = reason
        const kind = reason instanceof StorageError ? 'StorageError' : 'other'
        console.log(JSON.stringify({ stored, kind, message: messageOf(reason) }))
      },
    )
}
let kept = 0
while ((await meta.get(`key ${kept}`)) !== undefined) kept++
const again = await units.run((tx) => meta.set(tx, 'small', 'y')).then(() => 'stored', messageOf)
console.log(JSON.stringify({ kept, again }))
