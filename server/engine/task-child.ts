import { BursarError, messageOf } from '../errors.ts'
import type { FromTask, OnProgress, Task } from './tasks.ts'

// The child side of a task: does one, reports, and ends with its parent.

/** A parent that is gone hears nothing: no reason to fall over, the disconnect ends this process. */
const tell = (message: FromTask): void => void process.send?.(message, undefined, undefined, () => undefined)
const onProgress: OnProgress = (share, what) => tell({ type: 'progress', share, what })

/** Each kind loads only the code that it needs: a change waits for the start of its task. */
async function run(task: Task) {
  switch (task.kind) {
    case 'snapshot':
      return (await import('./build-snapshot.ts')).buildSnapshot(task, onProgress)
    case 'delta':
      return (await import('./build-delta.ts')).buildDelta(task)
    case 'verify':
      return (await import('../retrieval/verify-snapshot.ts')).verifySnapshot(task)
    case 'train':
      return (await import('./train.ts')).train(task, onProgress)
    case 'predict':
      return (await import('./predict.ts')).predict(task, onProgress)
    case 'evaluate':
      return (await import('./evaluate.ts')).evaluate(task, onProgress)
    case 'review':
      return (await import('./review.ts')).review(task, onProgress)
    case 'compare':
      return (await import('./compare.ts')).compare(task, onProgress)
    case 'optimise':
      return (await import('./optimise.ts')).optimise(task, onProgress)
    case 'credit.score':
      return (await import('./credit.ts')).scoreCredit(task, onProgress)
    case 'credit.verify':
      return (await import('./credit.ts')).verifyCredit(task, onProgress)
    case 'credit.fairness':
      return (await import('./credit-reports.ts')).reportFairness(task, onProgress)
    case 'credit.stability':
      return (await import('./credit-reports.ts')).reportStability(task, onProgress)
    case 'credit.loan':
      return (await import('./credit.ts')).assessCredit(task)
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
