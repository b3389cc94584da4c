/** What a conversation's row tells of the staff. */
export interface DeskColumns {
  /** User name of the person who has it; null unless `owner` is `agent`. */
  agent: string | null
  /** Since when, why and how urgently it waits for a person, the lowest number first; null unless `owner` is `queue`. */
  queuedAt: string | null
  queueReason: string | null
  queuePriority: number | null
}

/** What staff write for each other; customers never see it. */
export interface NotesTable {
  conv: string
  at: string
  nid: string
  /** User name. */
  by: string
  text: string
}
