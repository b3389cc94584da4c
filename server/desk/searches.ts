import type { Draft } from '../chat/compose.ts'
import type { Alternative, Responder } from '../chat/responder.ts'
import { standAlone } from '../chat/responder.ts'
import type { SearchJob, SearchResult } from '../engine/jobs.ts'
import { NotFoundError } from '../errors.ts'
import type { FoundPassage, Suggestion } from '../protocol/agent-events.ts'
import type { SearchFilters } from '../protocol/agent-messages.ts'
import type { Conversations } from '../storage/conversations.ts'
import type { IsoDate, StoredMessage, StoredPassage } from '../storage/types.ts'
import { marksIn } from './marks.ts'

export interface SearchParts {
  readonly search: (job: SearchJob) => Promise<SearchResult>
  readonly readable: (
    ids: readonly number[],
    day: IsoDate,
    role: 'agent' | 'customer',
  ) => Promise<readonly StoredPassage[]>
  readonly responder: Pick<Responder, 'suggest'>
  readonly conversations: Pick<Conversations, 'find' | 'messages'>
  readonly today: () => IsoDate
}

/** Collection whose documents are what staff say often, for staff alone. */
const cannedCollection = 'canned'
const shown = 20
/** Looked at where what is found is narrowed afterwards. */
const lookedAt = 200
const cannedShown = 8
/** Of a conversation's end, to find what is to be answered and what it refers to. */
const recentMessages = 20
const drafts = 3

/** What a suggestion is made of. */
export interface Suggested {
  readonly drafts: Suggestion[]
  readonly intent?: Draft['intent']
  readonly sentiment?: Draft['sentiment']
}

/** What staff look up: policy text, what is usually said, and what might be answered. */
export function createDeskSearches({ search, readable, responder, conversations, today }: SearchParts) {
  async function passages(q: string, filters: SearchFilters, k: number): Promise<FoundPassage[]> {
    const { collection, asOf, audience, product, region } = filters
    const scope = { role: 'agent', day: asOf ?? today(), ...(collection !== undefined && { collection }) } as const
    const isNarrowed = audience !== undefined || product !== undefined || region !== undefined
    const job = { kind: 'search', text: q, scope, k: isNarrowed ? lookedAt : k, mode: 'hybrid' } as const
    const ranked = (await search(job)).passages
    const ids = ranked.map(({ id }) => id)
    const byId = new Map((await readable(ids, scope.day, 'agent')).map((passage) => [passage.id, passage]))
    return ranked
      .flatMap(({ id, score }) => {
        const passage = byId.get(id)
        return passage ? [foundOf(passage, score, q)] : []
      })
      .filter(
        (found) =>
          (audience === undefined || found.audience === audience) &&
          (product === undefined || found.product === product) &&
          (region === undefined || found.region === region),
      )
      .slice(0, k)
  }

  return {
    search: async (q: string, filters: SearchFilters = {}): Promise<{ passages: FoundPassage[] }> => ({
      passages: await passages(q, filters, shown),
    }),

    canned: async (q: string): Promise<{ replies: FoundPassage[] }> => ({
      replies: await passages(q, { collection: cannedCollection }, cannedShown),
    }),

    /** Up to three answers to the customer's last words, out of what the customer may read, the likeliest first. @throws {NotFoundError} */
    async suggest(conv: string): Promise<Suggested> {
      if (!(await conversations.find(conv))) throw new NotFoundError('no such conversation')
      const { messages } = await conversations.messages(conv, { limit: recentMessages })
      const { text, before } = lastWords(messages)
      if (text === '') return { drafts: [] }
      const { alternatives, intent, sentiment } = await responder.suggest(
        standAlone(text, 'customer', today(), before),
        drafts,
      )
      return { drafts: alternatives.map(suggestionOf), intent, sentiment }
    },
  }
}

const suggestionOf = ({ draft: { text, parts, cites }, probability }: Alternative): Suggestion => ({
  ...{ text, parts, cites },
  probability,
})

/** Kinds of answers that leave a subject to follow up. */
const subjects: ReadonlySet<string> = new Set(['answer', 'clarify', 'abstain', 'recommend'])

/** The customer's last words, and the question that was last answered, which a follow-up refers to. */
function lastWords(messages: readonly StoredMessage[]): { text: string; before: string | undefined } {
  const own = messages.filter(({ by }) => by === 'customer')
  const last = own.at(-1)
  const answered = messages.findLast(
    ({ completed, re }) => completed && subjects.has(completed.kind) && !re.includes(last?.mid ?? ''),
  )
  const before = own.findLast(({ mid }) => answered?.re.includes(mid))
  return { text: last?.text ?? '', before: before?.text }
}

function foundOf({ version, start, end, heading }: StoredPassage, score: number, q: string): FoundPassage {
  const { doc, ver, title, audience, from, until, product, region, url } = version
  const text = version.text.slice(start, end)
  const where = { doc, ver, title, heading, audience, product, region, url, from, until }
  return { ...where, text, score, marks: marksIn(text, q) }
}
