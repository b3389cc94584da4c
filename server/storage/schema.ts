import type { Generated } from 'kysely'
import type { DurableType, owners } from '../protocol/events.ts'
import type { Audience, BlockKind, JobKind, JobState } from './kinds.ts'
import type { CaseEvidenceTable, CasesTable } from './schema-cases.ts'
import type { CreditDecisionsTable, CreditOverridesTable, CreditSchemasTable } from './schema-credit.ts'
import type { CustomerEventsTable, CustomersTable } from './schema-customers.ts'
import type { DeskColumns, NotesTable } from './schema-desk.ts'
import type { SpokenTable, SpokenTermsTable, SummariesTable, SummaryIntentsTable } from './schema-history.ts'
import type { AlarmsTable, LateLabelsTable, ModelFiguresTable } from './schema-monitor.ts'
import type {
  HeldTable,
  MarksTable,
  ProposalsTable,
  ReleasedTable,
  SketchesTable,
  StatementsTable,
  UnsignedTable,
} from './schema-review.ts'

// Times are ISO 8601 in UTC with milliseconds, days are ISO 8601 days; both sort as text. JSON is kept as text.

interface MigrationsTable {
  number: number
  name: string
  at: string
}

interface MetaTable {
  key: string
  value: string
}

interface ConversationsTable extends DeskColumns {
  id: string
  /** SHA-256 of the conversation's secret, hexadecimal. */
  secretHash: string
  epoch: string
  /** The last sequence number of the conversation's log; 0 before the first event. */
  head: number
  owner: (typeof owners)[number]
  state: 'open' | 'closed'
  createdAt: string
  readCustomer: number
  readAgent: number
  /** The last event that looking back knows of. */
  noted: Generated<number>
}

/** The log of each conversation: the truth that every transcript, snapshot and replay is made of. */
interface EventsTable {
  conv: string
  seq: number
  type: DurableType
  /** The message that the event is about, if it is about one. */
  mid: string | null
  at: string
  content: string
}

/** Commands that had an effect, so that a resend has none. */
interface CommandsTable {
  conv: string
  id: string
  bodyHash: string
  mid: string | null
  seq: number | null
  at: string
}

/** Customer messages that no bot message answers yet. */
interface PendingTable {
  conv: string
  seq: number
  mid: string
  at: string
}

interface FeedbackTable {
  conv: string
  mid: string
  value: number
  comment: string | null
  at: string
}

interface InteractionsTable {
  id: Generated<number>
  conv: string
  product: string
  kind: string
  at: string
}

/** One row per document that was ever stored; `current` is null once it is removed. */
interface DocumentsTable {
  doc: string
  current: number | null
}

interface VersionsTable {
  id: Generated<number>
  doc: string
  ver: number
  collection: string
  title: string
  text: string
  audience: Audience
  validFrom: string | null
  validUntil: string | null
  product: string | null
  region: string | null
  url: string | null
  contentHash: string
  at: string
  /** Who brought a version that is not published yet; null for one that is. */
  draftBy: string | null
}

interface PassagesTable {
  id: Generated<number>
  version: number
  position: number
  kind: BlockKind
  heading: string
  start: number
  end: number
  units: string
  lang: string
  hash: string
  /** Id of the encoder that made the vectors. */
  encoder: string
  /** float32, little-endian. */
  vector: Uint8Array
  /** Quantised, see vectors.ts. */
  unitVectors: Uint8Array
}

/** The product catalogue, in its own order. */
interface ProductsTable {
  id: string
  position: number
  /** A {@link Product} as JSON. */
  data: string
}

/** Who may sign in. Users are disabled, never removed: the audit log names them. */
interface UsersTable {
  name: string
  /** JSON list of roles. */
  roles: string
  /** PHC string of scrypt. */
  passwordHash: string
  createdAt: string
  disabledAt: string | null
  /** Name that customers see; null: the user name. */
  shownAs: string | null
}

interface SessionsTable {
  /** SHA-256 of the session's token, hexadecimal. */
  hash: string
  user: string
  createdAt: string
  seenAt: string
}

interface KeysTable {
  /** Start of the key, for people. */
  id: string
  name: string
  /** SHA-256 of the whole key, hexadecimal. */
  hash: string
  /** JSON list of permissions. */
  scopes: string
  createdBy: string
  createdAt: string
  expiresAt: string
  revokedAt: string | null
  /** Name of the user whose program it is for. */
  owner: string | null
  /** Most texts for models in a day (UTC); null for no bound. */
  textsPerDay: number | null
}

/** Sums over the requests of one actor to one model on one day (UTC). */
interface ModelUsageTable {
  actor: string
  day: string
  model: string
  requests: number
  texts: number
  computeMs: number
}

/** Append-only by triggers; each row holds the hash of the row before. */
interface AuditTable {
  seq: number
  at: string
  actor: string
  action: string
  subject: string
  reason: string | null
  detail: string | null
  previous: string
  hash: string
}

interface JobsTable {
  id: string
  kind: JobKind
  state: JobState
  actor: string
  at: string
  finishedAt: string | null
  outcome: string | null
}

/** Why each answer of the bot is what it is. */
interface ReceiptsTable {
  id: Generated<number>
  conv: string
  /** The answer. */
  mid: string
  seq: number
  at: string
  /** The bank's day that was answered for, and the index that was searched; null where nothing was read. */
  day: string | null
  generation: number | null
  /** The changes over that index; null where there were none. */
  delta: number | null
  /** Kind of the answer, if the question stayed unanswered for want of a text. */
  gap: string | null
  /** A {@link Receipt} as JSON. */
  content: string
}

/** Which answers cite which version of a document. */
interface CitedTable {
  doc: string
  ver: number
  conv: string
  /** Of the answer's `msg.completed`. */
  seq: number
}

/** Keyed by content, as a passage's vectors depend on nothing else. */
interface SecondVectorsTable {
  encoder: string
  /** As in `passages`. */
  hash: string
  vector: Uint8Array
  unitVectors: Uint8Array
}

/** Every table by name, for Kysely. */
export interface Schema {
  products: ProductsTable
  held: HeldTable
  released: ReleasedTable
  migrations: MigrationsTable
  meta: MetaTable
  conversations: ConversationsTable
  events: EventsTable
  commands: CommandsTable
  pending: PendingTable
  feedback: FeedbackTable
  interactions: InteractionsTable
  documents: DocumentsTable
  versions: VersionsTable
  passages: PassagesTable
  secondVectors: SecondVectorsTable
  users: UsersTable
  sessions: SessionsTable
  keys: KeysTable
  modelUsage: ModelUsageTable
  modelFigures: ModelFiguresTable
  alarms: AlarmsTable
  lateLabels: LateLabelsTable
  audit: AuditTable
  jobs: JobsTable
  receipts: ReceiptsTable
  cited: CitedTable
  cases: CasesTable
  caseEvidence: CaseEvidenceTable
  creditDecisions: CreditDecisionsTable
  creditSchemas: CreditSchemasTable
  creditOverrides: CreditOverridesTable
  notes: NotesTable
  customers: CustomersTable
  customerEvents: CustomerEventsTable
  summaries: SummariesTable
  summaryIntents: SummaryIntentsTable
  spoken: SpokenTable
  spokenTerms: SpokenTermsTable
  statements: StatementsTable
  marks: MarksTable
  sketches: SketchesTable
  unsigned: UnsignedTable
  proposals: ProposalsTable
}
