import { resolve } from 'node:path'
import type { ReviewDone } from '../engine/review-task.ts'
import { runTask } from '../engine/tasks.ts'
import { encoderOf } from '../operations/house.ts'
import { readCorpora } from '../operations/manifest.ts'
import { type Command, textOf } from './command.ts'
import { wholeOf } from './questions.ts'
import { corporaManifest, ensureEncoder } from './start-steps.ts'
import { columnOptions, columnsOf } from './text-columns.ts'

export const intentsReportCommand: Command = {
  name: 'intents report',
  args: '',
  summary: 'which intents are confused, overlap, or have rows with the wrong label, by models fitted without the row',
  options: [
    ['--train <file>', 'labelled rows; default: the shipped corpora. Several files: commas between them'],
    ['--seed <n>', 'seed of everything random', '1'],
    ...columnOptions.review,
  ],
  async run({ config, progress }, _, given) {
    const own = textOf(given, 'train')
    const files = own?.split(',').map((file) => resolve(file))
    const train = files ?? (await readCorpora(corporaManifest)).files('intent', 'train')
    const [columns, seed] = [columnsOf(given), wholeOf(given, 'seed', 1, 0, 2 ** 31 - 1)]
    await ensureEncoder(config, progress)
    const done = await runTask({ kind: 'review', encoder: encoderOf(config), train, seed, columns }, progress)
    return { json: done, text: shown(done) }
  },
}

function shown(done: ReviewDone): string {
  const { rows, read, labels, accuracy, worst, confused, overlapping, suspected, suspects } = done
  const { duplicates, labelConflicts } = done
  return [
    `${rows} rows of ${labels} intents, ${read} read by models fitted without them: ${accuracy.toFixed(4)} as labelled`,
    `the same text: ${duplicates} times more, ${labelConflicts} times under another label`,
    ...headed('most missed', worst, ({ label, n, recall, insteadOf }) => {
      const instead = insteadOf.map(({ said, n: times }) => `${said} ${times}`).join(', ')
      return `${label}: ${recall.toFixed(3)} of ${n}, else ${instead}`
    }),
    ...headed('most confused', confused, ({ gold, said, n, share }) => `${gold} as ${said}: ${n}, ${share.toFixed(3)}`),
    ...headed('overlapping', overlapping, ({ labels: [a, b], overlap }) => `${a}, ${b}: ${overlap.toFixed(3)}`),
    ...headed(
      `probably mislabelled, ${suspected} in all`,
      suspects,
      ({ file, row, text, label, instead, ...of }) =>
        `${file} row ${row}: ${label} ${of.ofLabel.toFixed(3)}, rather ${instead} ${of.ofInstead.toFixed(3)}: ${oneLine(text)}`,
    ),
  ].join('\n')
}

const headed = <T>(title: string, items: readonly T[], line: (item: T) => string): string[] =>
  items.length === 0 ? [] : ['', title, ...items.map((item) => `  ${line(item)}`)]
const oneLine = (text: string): string => text.replace(/\s+/g, ' ').slice(0, 100)
