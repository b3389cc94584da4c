import { BursarError, messageOf } from '../errors.ts'
import { verifySnapshot } from '../retrieval/verify-snapshot.ts'
import { buildSnapshot } from './build-snapshot.ts'
import { predict } from './predict.ts'
import type { FromTask, OnProgress, Task } from './tasks.ts'
import { train } from './train.ts'

// The child side of a task: does one, reports, and ends with its parent.

/** A parent that is gone hears nothing: no reason to fall over, the disconnect ends this process. */
const tell = (message: FromTask): void => void process.send?.(message, undefined, undefined, () => undefined)
const onProgress: OnProgress = (share, what) => tell({ type: 'progress', share, what })

async function run(task: Task) {
  switch (task.kind) {
    case 'snapshot':
      return buildSnapshot(task, onProgress)
    case 'verify':
      return verifySnapshot(task)
    case 'train':
      return train(task, onProgress)
    case 'predict':
      return predict(task, onProgress)
  }
}

process.once('message', (task: Task) => {
  run(task).then(
    (result) => tell({ type: 'done', result }),
    (reason) =>
      tell({
        type: 'failed',
        code: reason instanceof BursarError ? reason.code : 'internal',
        message: messageOf(reason),
      }),
  )
})
process.on('disconnect', () => process.exit(0))
process.on('SIGINT', () => undefined)
