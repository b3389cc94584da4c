import { UsageError } from '../errors.ts'
import type { AuditRow } from '../storage/audit.ts'
import type { VersionSummary } from '../storage/types.ts'
import type { DiffLine } from '../text/line-diff.ts'
import { type Command, type Options, reasonOf, reasonOption, textOf } from './command.ts'

/** A version's number, or undefined. @throws {UsageError} */
function versionOf(given: Options, name: string): number | undefined {
  const text = textOf(given, name)
  if (text === undefined) return undefined
  if (!/^[1-9]\d{0,8}$/.test(text)) throw new UsageError(`--${name} has to be the number of a version, not "${text}"`)
  return Number(text)
}

const history: Command = {
  name: 'documents history',
  args: '<document>',
  summary: 'versions of a document, and who brought, published or removed them',
  options: [],
  async run({ perform }, [doc = '']) {
    const json = (await perform('documents.history', { doc })) as {
      current: number | null
      versions: VersionSummary[]
      audit: AuditRow[]
    }
    const versions = json.versions.map(({ ver, at, title, draftBy }) => {
      const state = draftBy !== undefined ? `draft by ${draftBy}` : ver === json.current ? 'current' : ''
      return [`${doc}@${ver}`, at, title, state].filter(Boolean).join('  ')
    })
    const log = json.audit.map(({ at, actor, action, detail = '', reason }) =>
      [at, actor, action, detail, reason === undefined ? '' : `“${reason}”`].filter(Boolean).join('  '),
    )
    return { json, text: [...versions, ...log].join('\n') }
  },
}

const signs = { same: ' ', removed: '-', added: '+' } as const

const diff: Command = {
  name: 'documents diff',
  args: '<document>',
  summary: 'what changed between two versions; the last two unless they are named',
  options: [
    ['--from <version>', 'the older one'],
    ['--to <version>', 'the newer one'],
  ],
  async run({ perform }, [doc = ''], given) {
    const [from, to] = [versionOf(given, 'from'), versionOf(given, 'to')]
    const request = { doc, ...(from !== undefined && { from }), ...(to !== undefined && { to }) }
    const json = (await perform('documents.diff', request)) as {
      from: number
      to: number
      facts: { fact: string; from: string | null; to: string | null }[]
      lines: DiffLine[]
    }
    const facts = json.facts.map(({ fact, from: old, to: fresh }) => `${fact}: ${old ?? 'none'} → ${fresh ?? 'none'}`)
    const lines = json.lines.filter(({ kind }) => kind !== 'same').map(({ kind, text }) => `${signs[kind]} ${text}`)
    const body = [...facts, ...lines].join('\n') || 'nothing differs'
    return { json, text: `${doc}@${json.from} → ${doc}@${json.to}\n${body}` }
  },
}

const drafts: Command = {
  name: 'documents drafts',
  args: '',
  summary: 'versions, removals and a catalogue that wait for a second person',
  options: [['--collection <name>', 'only this collection']],
  async run({ perform }, _, given) {
    const collection = textOf(given, 'collection')
    const json = (await perform('documents.drafts', collection ? { collection } : {})) as {
      drafts: VersionSummary[]
      proposals: { subject: string; ver?: number; by: string; at: string }[]
    }
    const lines = json.drafts.map(({ doc, ver, at, draftBy, title }) => `${doc}@${ver}  ${at}  ${draftBy}  ${title}`)
    const proposed = json.proposals.map(
      ({ subject, ver, by, at }) =>
        `${subject}  ${at}  ${by}  ${ver === undefined ? 'to be replaced' : 'to be removed'}`,
    )
    return { json, text: [...lines, ...proposed].join('\n') || 'nothing waits to be published' }
  },
}

/** What these operations return. */
const asObject = async (done: Promise<unknown>): Promise<object> => (await done) as object

const publish: Command = {
  name: 'documents publish',
  args: '<document>',
  summary: 'make a draft, DOC@VERSION, the current version; confirm the removal of DOC, or the catalogue',
  options: [reasonOption],
  async run({ perform }, [name = ''], given) {
    const [, doc, ver] = /^(.+)@([1-9]\d{0,8})$/.exec(name) ?? []
    if (name === 'catalogue')
      return { json: await asObject(perform('products.publish', reasonOf(given))), text: 'the catalogue is published' }
    if (name.includes('/') && doc === undefined)
      return {
        json: await asObject(perform('documents.confirm', { doc: name, ...reasonOf(given) })),
        text: `${name} is removed`,
      }
    if (doc === undefined) throw new UsageError('name what documents drafts prints: DOC@VERSION, DOC or catalogue')
    const json = (await perform('documents.publish', { doc, ver: Number(ver), ...reasonOf(given) })) as object
    return { json, text: `${name} is published` }
  },
}

const remove: Command = {
  name: 'documents remove',
  args: '<document>',
  summary: 'take a document out of search; its versions stay for citations',
  options: [reasonOption],
  async run({ perform }, [doc = ''], given) {
    const json = (await perform('documents.remove', { doc, ...reasonOf(given) })) as { removed: number }
    return {
      json,
      text: json.removed > 0 ? `${doc} is removed` : `${doc} is removed when somebody else publishes that`,
    }
  },
}

/** `bursar documents` for the life of a version. */
export const versionCommands: readonly Command[] = [history, diff, drafts, publish, remove]
