import { NotFoundError } from '../errors.ts'
import type { ShownCase } from '../protocol/events.ts'
import { snapshotMessages } from '../protocol/limits.ts'
import type { Cases, StoredCase } from '../storage/cases.ts'
import type { Conversations } from '../storage/conversations.ts'
import type { DeskTable } from '../storage/desk.ts'

/** The log of a conversation as clients read it. */
export function createChatReads(
  conversations: Conversations,
  cases: Pick<Cases, 'ofConversation'>,
  desk: Pick<DeskTable, 'agentOf'>,
) {
  async function found(conv: string) {
    const conversation = await conversations.find(conv)
    if (!conversation) throw new NotFoundError('no such conversation')
    return conversation
  }
  return {
    open: async (conv: string) => {
      const { epoch, head } = await found(conv)
      return { epoch, head }
    },
    replay: conversations.events,
    messages: conversations.messages,
    /** Read again if an event came in between, so that the messages are those of `head` and of no later one. */
    async snapshot(conv: string) {
      for (;;) {
        const { head, owner, state } = await found(conv)
        const { messages, more } = await conversations.messages(conv, { limit: snapshotMessages })
        const read = await conversations.readMarks(conv)
        const shown = (await cases.ofConversation(conv)).map(shownCase)
        const agent = owner === 'agent' ? await desk.agentOf(conv) : undefined
        const all = { head, owner, state, messages, more, read, cases: shown, ...(agent && { agent }) }
        if ((await found(conv)).head === head) return all
      }
    },
  }
}

/** What a customer may see of a case. */
const shownCase = ({ id, type, ref, status, due }: StoredCase): ShownCase => ({ case: id, type, ref, status, due })
