import type { Permission } from '../access/permissions.ts'
import type {
  AgentEvent,
  AgentSnapshot,
  DeskQueue,
  FoundPassage,
  ShownDeskItem,
  Suggestion,
} from '../protocol/agent-events.ts'
import type { SearchFilters } from '../protocol/agent-messages.ts'
import type { Ack, EphemeralEvent } from '../protocol/events.ts'
import type { ConversationReport } from '../protocol/reports.ts'

// What the gateway needs of the desk; as ports.ts.

/** A member of staff, as the desk knows them. */
export interface Staff {
  readonly id: string
  readonly name: string
  readonly permissions: ReadonlySet<Permission>
}

/** What staff do, by socket. `id` as in the chat’s port. Who may not gets a ProtocolError `forbidden`. */
export interface DeskPort {
  readonly staff: { find(id: string): Promise<Staff | undefined> }
  /** A socket of theirs is open. @returns the function to call when it is closed. */
  arrived(id: string): () => void
  /** Hears the queue whenever it changes. @returns the function that ends it. */
  watch(watcher: (frame: DeskQueue) => void): () => void
  /** For a customer who waits: their place. */
  turn(conv: string): Promise<EphemeralEvent | undefined>
  list(who: Staff): Promise<{ items: ShownDeskItem[]; mine: ShownDeskItem[]; waiting: number }>
  /** What only staff see of a conversation. @throws NotFoundError */
  inside(conv: string): Promise<Pick<AgentSnapshot['d'], 'notes'>>
  /** Hears what only staff hear of a conversation. @returns the function that ends it. */
  follow(conv: string, listener: (event: AgentEvent) => void): () => void
  claim(who: Staff, conv: string, id: string): Promise<Ack>
  release(who: Staff, conv: string, id: string, to: 'bot' | 'queue'): Promise<Ack>
  transfer(who: Staff, conv: string, id: string, to: string): Promise<Ack>
  close(who: Staff, conv: string, id: string, reason: string): Promise<Ack>
  send(who: Staff, conv: string, id: string, text: string): Promise<Ack>
  read(who: Staff, conv: string, id: string, upto: number): Promise<Ack>
  note(who: Staff, conv: string, id: string, text: string): Promise<Ack>
  closeCase(who: Staff, conv: string, id: string, of: { readonly case: string; readonly reason: string }): Promise<Ack>
  typing(who: Staff, conv: string, on: boolean): Promise<void>
  draft(who: Staff, conv: string, text: string): void
  suggest(conv: string): Promise<{ drafts: Suggestion[] }>
  search(q: string, filters?: SearchFilters): Promise<{ passages: FoundPassage[] }>
  canned(q: string): Promise<{ replies: FoundPassage[] }>
}

/** Looking back over conversations. */
export interface HistoryPort {
  list(
    filter: { readonly [N in 'q' | 'intent' | 'agent' | 'reason' | 'from' | 'until']?: string | undefined },
    limit: number,
    after?: { readonly startedAt: string; readonly conv: string },
  ): Promise<{
    readonly conversations: object[]
    readonly next?: { readonly startedAt: string; readonly conv: string }
  }>
  report(from: string, until: string): Promise<ConversationReport>
}
