import type { IndexStats, IndexVerified } from '../operations/index-operations.ts'
import type { Command } from './command.ts'

const share = (value: number | undefined): string => (value === undefined ? '–' : value.toFixed(4))

function textOf(stats: IndexStats): string {
  const { passages, generation, delta, collections, encoder, second, search, recall, sha256, bytes, behind } = stats
  const lines = recall.map(
    (one) =>
      `  ${`${(100 * one.share).toFixed(0)} %`.padStart(5)} ${String(one.passages).padStart(9)} ${share(one.sampled)} ${share(one.questions)}`,
  )
  return [
    `${passages} passages of ${collections.join(', ')}, generation ${generation}, ${(bytes / 1e6).toFixed(1)} MB`,
    ...(delta ? [`changed since by delta ${delta.number}: ${delta.added} added, ${delta.removed} removed`] : []),
    `encoder ${encoder}`,
    ...(second === undefined ? [] : [`second encoder ${second}`]),
    `search by ${search === 'scan' ? 'an exact scan' : 'a graph'}, recall@10 at least ${share(stats['annRecall@10'])}`,
    ...(lines.length > 0 ? ['  share  passages sampled questions', ...lines] : []),
    `sha256 ${sha256}`,
    ...(behind ? ['older than the documents: bursar index rebuild'] : []),
  ].join('\n')
}

export const indexStatsCommand: Command = {
  name: 'index stats',
  args: '',
  summary: 'the index in force and the recall measured when it was built',
  options: [],
  async run({ perform }) {
    const json = (await perform('index.stats', {})) as IndexStats // what the operation returns
    return { json, text: textOf(json) }
  },
}

export const indexVerifyCommand: Command = {
  name: 'index verify',
  args: '',
  summary: 'read every file again and measure recall against exact search',
  options: [],
  async run({ perform }) {
    const json = (await perform('index.verify', {})) as IndexVerified // what the operation returns
    const { repaired } = json
    if (repaired === undefined) return { json, text: `whole\n${textOf(json)}` }
    return { json, text: `was damaged, and was built anew: ${repaired}\n${textOf(json)}`, exitCode: 1 }
  },
}

export const indexRebuildCommand: Command = {
  name: 'index rebuild',
  args: '',
  summary: 'build the index anew from the stored documents, and switch to it',
  options: [],
  async run({ perform }) {
    const json = (await perform('index.rebuild', {})) as IndexStats // what the operation returns
    return { json, text: textOf(json) }
  },
}
